// SPDX-License-Identifier: Apache-2.0
//! The dcap-qvl crate (ring) behind the protocol of tests/differential/protocol.py: cases on standard input, one line
//! an answer on standard output.
use std::io::{BufReader, ErrorKind, Read, Write};

use dcap_qvl::{verify::ring::verify, QuoteCollateralV3};
use serde::Deserialize;
use serde_json::value::RawValue;

type Error = Box<dyn std::error::Error>;

/// An answer of Intel's service: the signed value byte for byte, and its signature.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, alias = "tcbInfo", alias = "enclaveIdentity")]
    value: &'a RawValue,
    signature: String,
}

fn answer(body: &[u8]) -> Result<(String, Vec<u8>), Error> {
    let answer: Answer = serde_json::from_slice(body)?;
    Ok((answer.value.get().to_string(), hex::decode(answer.signature)?))
}

fn collateral(fields: &[Vec<u8>]) -> Result<QuoteCollateralV3, Error> {
    let (tcb_info, tcb_info_signature) = answer(&fields[0])?;
    let (qe_identity, qe_identity_signature) = answer(&fields[2])?;
    Ok(QuoteCollateralV3 {
        pck_crl_issuer_chain: String::from_utf8(fields[6].clone())?,
        root_ca_crl: fields[4].clone(),
        pck_crl: fields[5].clone(),
        tcb_info_issuer_chain: String::from_utf8(fields[1].clone())?,
        tcb_info,
        tcb_info_signature,
        qe_identity_issuer_chain: String::from_utf8(fields[3].clone())?,
        qe_identity,
        qe_identity_signature,
        pck_certificate_chain: None,
    })
}

fn cpu_nanoseconds() -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists and `now` is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// What is between the answers of Intel's service and the verdict, as often as asked.
fn judge(fields: &[Vec<u8>]) -> (Result<String, String>, i64) {
    let number = |field: &[u8]| std::str::from_utf8(field).ok().and_then(|text| text.parse::<u64>().ok());
    let (now, repeat) = (number(&fields[1]).expect("a time"), number(&fields[2]).expect("a count"));
    if fields[0] != b"tdx" {
        return (Err(format!("no such kind: {}", String::from_utf8_lossy(&fields[0]))), 0);
    }
    let once = || -> Result<String, String> {
        let collateral = collateral(&fields[4..]).map_err(|error| format!("collateral: {error}"))?;
        let report = verify(&fields[3], &collateral, now).map_err(|error| format!("{error:#}"))?;
        Ok(report.status)
    };
    let start = cpu_nanoseconds();
    let mut result = once();
    for _ in 1..repeat {
        result = once();
    }
    (result, cpu_nanoseconds() - start)
}

fn read_number(from: &mut impl Read) -> std::io::Result<usize> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes) as usize)
}

fn read_case(from: &mut impl Read) -> std::io::Result<Option<Vec<Vec<u8>>>> {
    let count = match read_number(from) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    };
    let mut fields = Vec::new();
    for _ in 0..count {
        let mut field = vec![0; read_number(from)?];
        from.read_exact(&mut field)?;
        fields.push(field);
    }
    Ok(Some(fields))
}

fn main() -> Result<(), Error> {
    let mut input = BufReader::new(std::io::stdin());
    while let Some(fields) = read_case(&mut input)? {
        let (result, nanoseconds) = judge(&fields);
        let line = |text: &str| text.replace(['\n', '\t'], " ");
        match result {
            Ok(status) => println!("accept\t{}\t\t{nanoseconds}", line(&status)),
            Err(reason) => println!("reject\t\t{}\t{nanoseconds}", line(&reason)),
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}
