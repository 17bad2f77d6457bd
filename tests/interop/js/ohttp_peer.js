// SPDX-License-Identifier: Apache-2.0
// Oblivious HTTP on npm hpke and node's crypto, written from the standards (RFC 9458, draft-ietf-ohai-chunked-ohttp-08)
// and not from our code, behind the line protocol of tests/interop/ohttp_exchange.py.
import crypto from "node:crypto";
import readline from "node:readline";
import { CipherSuite } from "hpke";
import * as noble from "@panva/hpke-noble";

const KEY_ID = 7;
const KDF = 1;
const KEMS = {
  0x0010: { make: noble.KEM_DHKEM_P256_HKDF_SHA256, npk: 65, nenc: 65 },
  0x0020: { make: noble.KEM_DHKEM_X25519_HKDF_SHA256, npk: 32, nenc: 32 },
  0x647a: { make: noble.KEM_MLKEM768_X25519, npk: 1216, nenc: 1120 },
};
const AEADS = {
  1: { make: noble.AEAD_AES_128_GCM, node: "aes-128-gcm", nk: 16 },
  2: { make: noble.AEAD_AES_256_GCM, node: "aes-256-gcm", nk: 32 },
  3: { make: noble.AEAD_ChaCha20Poly1305, node: "chacha20-poly1305", nk: 32 },
};
const LABELS = {
  whole: ["message/bhttp request", "message/bhttp response"],
  chunked: ["message/bhttp chunked request", "message/bhttp chunked response"],
};
const MAX_CHUNK = 16384;
const EMPTY = Buffer.alloc(0);
const FINAL = Buffer.from("final");

const unhex = (text) => (text === "-" ? EMPTY : Buffer.from(text, "hex"));
const u16 = (value) => Buffer.from([value >> 8, value & 255]);
const suiteOf = (kem, aead) => new CipherSuite(KEMS[kem].make, noble.KDF_HKDF_SHA256, AEADS[aead].make);
const headerOf = (kem, aead) => Buffer.concat([Buffer.from([KEY_ID]), u16(kem), u16(KDF), u16(aead)]);
const infoOf = (form, header) => Buffer.concat([Buffer.from(LABELS[form][0]), Buffer.from([0]), header]);

function varint(value) {
  if (value < 64) return Buffer.from([value]);
  if (value < 16384) return u16(value | 0x4000);
  const out = Buffer.alloc(4);
  out.writeUInt32BE((value | 0x80000000) >>> 0);
  return out;
}

// Cuts a stream into sealed chunks; the last one is final and reaches to the end.
function cut(stream) {
  const out = [];
  for (let at = 0; ; ) {
    const size = 1 << (stream[at] >> 6);
    if (!(at + size <= stream.length)) throw new Error("truncated");
    let length = stream[at] & 63;
    for (let i = 1; i < size; ++i) length = length * 256 + stream[at + i];
    at += size;
    if (length === 0) return [...out, { sealed: stream.subarray(at), aad: FINAL }];
    if (length > MAX_CHUNK + 16 || at + length > stream.length) throw new Error("truncated");
    out.push({ sealed: stream.subarray(at, at + length), aad: EMPTY });
    at += length;
  }
}

async function sealAll(form, chunks, seal) {
  if (form === "whole") return seal(chunks[0], EMPTY);
  const out = [];
  for (const [i, chunk] of chunks.entries()) {
    const last = i + 1 === chunks.length;
    const sealed = await seal(chunk, last ? FINAL : EMPTY);
    out.push(varint(last ? 0 : sealed.length), sealed);
  }
  return Buffer.concat(out);
}

async function openAll(form, stream, open) {
  if (form === "whole") return open(stream, EMPTY);
  const out = [];
  for (const { sealed, aad } of cut(stream)) {
    const plain = await open(sealed, aad);
    if (plain.length === 0 && aad !== FINAL) throw new Error("empty chunk");
    out.push(plain);
  }
  return Buffer.concat(out);
}

// The answer's cipher, with node's HKDF and AEAD: a nonce counts up from the derived one.
async function answerCipher(form, context, aead, enc, rn) {
  const { node, nk } = AEADS[aead];
  const secret = await context.Export(Buffer.from(LABELS[form][1]), Math.max(12, nk));
  const derive = (label, size) => Buffer.from(crypto.hkdfSync("sha256", secret, Buffer.concat([enc, rn]), label, size));
  const key = derive("key", nk);
  const base = derive("nonce", 12);
  let counter = 0;
  const next = () => {
    const nonce = Buffer.from(base);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ counter++) >>> 0, 8);
    return nonce;
  };
  return {
    seal(plain, aad) {
      const cipher = crypto.createCipheriv(node, key, next(), { authTagLength: 16 });
      cipher.setAAD(aad, { plaintextLength: plain.length });
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, aad) {
      if (sealed.length < 16) throw new Error("short");
      const cipher = crypto.createDecipheriv(node, key, next(), { authTagLength: 16 });
      cipher.setAAD(aad, { plaintextLength: sealed.length - 16 });
      cipher.setAuthTag(sealed.subarray(-16));
      return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    },
  };
}

let next;
const commands = {
  kems: () => Buffer.concat(Object.keys(KEMS).map((kem) => u16(Number(kem)))),
  async config(kem, aead, ikm) {
    [kem, aead] = [parseInt(kem, 16), parseInt(aead, 16)];
    const suite = suiteOf(kem, aead);
    const pk = await suite.SerializePublicKey((await suite.DeriveKeyPair(unhex(ikm))).publicKey);
    const entry = Buffer.concat([Buffer.from([KEY_ID]), u16(kem), pk, u16(4), u16(KDF), u16(aead)]);
    return Buffer.concat([u16(entry.length), entry]);
  },
  async request(form, keys, chunks) {
    const entry = unhex(keys).subarray(2);
    const kem = entry.readUInt16BE(1);
    const npk = KEMS[kem].npk;
    const aead = entry.readUInt16BE(3 + npk + 4);
    const suite = suiteOf(kem, aead);
    const header = headerOf(kem, aead);
    const to = await suite.DeserializePublicKey(entry.subarray(3, 3 + npk));
    const { encapsulatedSecret: enc, ctx } = await suite.SetupSender(to, { info: infoOf(form, header) });
    const sealed = await sealAll(form, chunks.split(",").map(unhex), (plain, aad) => ctx.Seal(plain, aad));
    next = async (_, message) => {
      const size = Math.max(12, AEADS[aead].nk);
      const stream = unhex(message);
      if (stream.length < size) throw new Error("truncated");
      const cipher = await answerCipher(form, ctx, aead, enc, stream.subarray(0, size));
      return openAll(form, stream.subarray(size), cipher.open);
    };
    return Buffer.concat([header, enc, sealed]);
  },
  async open(form, kem, aead, ikm, _, message) {
    [kem, aead] = [parseInt(kem, 16), parseInt(aead, 16)];
    const suite = suiteOf(kem, aead);
    const stream = unhex(message);
    const header = headerOf(kem, aead);
    const start = 7 + KEMS[kem].nenc;
    if (stream.length < start || !stream.subarray(0, 7).equals(header)) throw new Error("header");
    const enc = stream.subarray(7, start);
    const ctx = await suite.SetupRecipient(await suite.DeriveKeyPair(unhex(ikm)), enc, { info: infoOf(form, header) });
    const plain = await openAll(form, stream.subarray(start), (sealed, aad) => ctx.Open(sealed, aad));
    next = async (chunks) => {
      const rn = crypto.randomBytes(Math.max(12, AEADS[aead].nk));
      const cipher = await answerCipher(form, ctx, aead, enc, rn);
      return Buffer.concat([rn, await sealAll(form, chunks.split(",").map(unhex), cipher.seal)]);
    };
    return plain;
  },
  answer: (...args) => next(...args),
  respond: (...args) => next(...args),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, ...args] = line.split(" ");
  try {
    console.log(`ok ${Buffer.from(await commands[command](...args)).toString("hex") || "-"}`);
  } catch (error) {
    console.log(`error ${error.message.split("\n")[0] || error.name}`);
  }
}
