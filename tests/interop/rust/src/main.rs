// SPDX-License-Identifier: Apache-2.0
//! The ohttp and bhttp crates behind the line protocol of tests/interop/ohttp_exchange.py: one command a line on
//! standard input, one answer a line on standard output.
use std::{
    cell::RefCell,
    io::{BufRead, Cursor, Write},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use futures::{executor::block_on, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use ohttp::{
    hpke::{Aead, Kdf, Kem},
    ClientRequest, KeyConfig, Server, SymmetricSuite,
};

type Answer = Result<Vec<u8>, Box<dyn std::error::Error>>;
/// What is left to do after a request: to open, or to make, its answer.
type Next = Box<dyn FnOnce(&[&str]) -> Answer>;

const KEY_ID: u8 = 7;

/// Gives a stream in reads of the sizes asked for; the last size repeats.
struct Pieces {
    data: Vec<u8>,
    sizes: Vec<usize>,
    at: usize,
    turn: usize,
}

impl Pieces {
    fn new(sizes: &str, data: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let sizes = sizes.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { data: unhex(data)?, sizes, at: 0, turn: 0 })
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut [u8]) -> Poll<std::io::Result<usize>> {
        let size = self.sizes[self.turn.min(self.sizes.len() - 1)].max(1);
        let count = size.min(out.len()).min(self.data.len() - self.at);
        out[..count].copy_from_slice(&self.data[self.at..self.at + count]);
        self.at += count;
        self.turn += 1;
        Poll::Ready(Ok(count))
    }
}

/// Bytes that a stream writes and its maker reads.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl AsyncWrite for Shared {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, hex::FromHexError> {
    if text == "-" { Ok(Vec::new()) } else { hex::decode(text) }
}

fn config(kem: &str, aead: &str, ikm: &str) -> Result<KeyConfig, Box<dyn std::error::Error>> {
    let kem = Kem::try_from(u16::from_str_radix(kem, 16)?)?;
    let aead = Aead::try_from(u16::from_str_radix(aead, 16)?)?;
    let suites = vec![SymmetricSuite::new(Kdf::HkdfSha256, aead)];
    Ok(KeyConfig::derive(KEY_ID, kem, suites, &unhex(ikm)?)?)
}

/// Writes chunks; the crate's final chunk is always empty, so one that is not goes before it.
fn write_chunks(mut to: impl AsyncWrite + Unpin, chunks: &str) -> Result<(), Box<dyn std::error::Error>> {
    for chunk in chunks.split(',').filter(|chunk| *chunk != "-") {
        block_on(to.write_all(&unhex(chunk)?))?;
    }
    Ok(block_on(to.close())?)
}

fn read_all(mut from: impl AsyncRead + Unpin) -> Answer {
    let mut out = Vec::new();
    block_on(from.read_to_end(&mut out))?;
    Ok(out)
}

fn request(form: &str, keys: &str, chunks: &str) -> Result<(Vec<u8>, Next), Box<dyn std::error::Error>> {
    let client = ClientRequest::from_encoded_config_list(&unhex(keys)?)?;
    if form == "whole" {
        let (message, answer) = client.encapsulate(&unhex(chunks)?)?;
        return Ok((message, Box::new(move |args| Ok(answer.decapsulate(&unhex(args[1])?)?))));
    }
    let sent = Shared::default();
    let mut stream = client.encapsulate_stream(sent.clone())?;
    write_chunks(&mut stream, chunks)?;
    let message = sent.0.borrow().clone();
    Ok((message, Box::new(move |args| read_all(stream.response(Pieces::new(args[0], args[1])?)?))))
}

fn open(args: &[&str]) -> Result<(Vec<u8>, Next), Box<dyn std::error::Error>> {
    let server = Server::new(config(args[1], args[2], args[3])?)?;
    if args[0] == "whole" {
        let (plain, answer) = server.decapsulate(&unhex(args[5])?)?;
        return Ok((plain, Box::new(move |args| Ok(answer.encapsulate(&unhex(args[0])?)?))));
    }
    let mut stream = server.decapsulate_stream(Pieces::new(args[4], args[5])?);
    let plain = read_all(&mut stream)?;
    let respond: Next = Box::new(move |args| {
        let sent = Shared::default();
        write_chunks(stream.response(sent.clone())?, args[0])?;
        let message = sent.0.borrow().clone();
        Ok(message)
    });
    Ok((plain, respond))
}

/// Reads a message in either framing and writes it in the one asked for.
fn rewrite(framing: &str, message: &str) -> Answer {
    let mode = if framing == "known" { bhttp::Mode::KnownLength } else { bhttp::Mode::IndeterminateLength };
    let mut out = Vec::new();
    bhttp::Message::read_bhttp(&mut Cursor::new(unhex(message)?))?.write_bhttp(mode, &mut out)?;
    Ok(out)
}

fn run(line: &str, next: &mut Option<Next>) -> Answer {
    let words: Vec<&str> = line.split(' ').collect();
    let args = &words[1..];
    let step = match words[0] {
        "kems" => return Ok(vec![0x00, 0x10, 0x00, 0x20, 0x64, 0x7a]),
        "config" => return Ok(KeyConfig::encode_list(&[Own(config(args[0], args[1], args[2])?)])?),
        "bhttp" => return rewrite(args[0], args[1]),
        "answer" | "respond" => return next.take().ok_or("out of order")?(args),
        "request" => request(args[0], args[1], args[2])?,
        "open" => open(args)?,
        _ => return Err("no such command".into()),
    };
    *next = Some(step.1);
    Ok(step.0)
}

/// `encode_list` wants something that lends a configuration.
struct Own(KeyConfig);
impl AsRef<KeyConfig> for Own {
    fn as_ref(&self) -> &KeyConfig {
        &self.0
    }
}

fn main() {
    ohttp::init();
    let mut next = None;
    for line in std::io::stdin().lock().lines() {
        let answer = match run(&line.expect("standard input is text"), &mut next) {
            Ok(bytes) if bytes.is_empty() => "ok -".to_string(),
            Ok(bytes) => format!("ok {}", hex::encode(bytes)),
            Err(error) => format!("error {error}"),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("standard output is open");
    }
}
