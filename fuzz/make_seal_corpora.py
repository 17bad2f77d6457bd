#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renews seal_fixed.hpp and the corpora of the seal, JSON, chunks, gateway keys and configuration files:
fuzz/make_seal_corpora.py, from tests/vectors/seal/vectors.json."""
import json
import pathlib
import re
import struct

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = json.loads((HERE.parent / "tests/vectors/seal/vectors.json").read_text("ascii"))
BASE = VECTORS["exchanges"][0]


def corpus(name, cases):
    folder = HERE / "corpus" / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for case, data in cases.items():
        (folder / re.sub("[^a-z0-9^]+", "-", case.lower()).strip("-")).write_bytes(data)


def unhex(text):
    return bytes.fromhex(text)


# The seal

def fixed():
    candidates = BASE["candidates"]
    answer = BASE["answers"][1]
    data = b"".join(chunk_data(unhex(chunk["plaintext"])) for chunk in answer["chunks"])
    stream = BASE["request"][len(BASE["header"]):]

    def text(name, value):
        lines = [f'"{value[i:i + 110]}"' for i in range(0, len(value), 110)]
        head = f"inline constexpr std::string_view {name} ="
        if len(lines) == 1 and len(head + lines[0]) < 119:
            return f"{head} {lines[0]};\n"
        return head + "".join(f"\n    {line}" for line in lines) + ";\n"

    def texts(name, values):
        return f"inline constexpr std::string_view {name}[] = {{\n" + "".join(f'    "{v}",\n' for v in values) + "};\n"

    (HERE / "seal_fixed.hpp").write_text(
        "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n\n#include <string_view>\n\n"
        "// From tests/vectors/seal/vectors.json, by make_seal_corpora.py.\nnamespace openpcc::seal::fixed {\n\n"
        + texts("kIkm", [one["ikm"] for one in candidates])
        + texts("kStatement", [one["statement_name"] for one in candidates])
        + text("kDrawn", BASE["secret"] + "".join(one["ephemeral"] for one in candidates))
        + text("kReducedHeader", candidates[1]["reduced_header"]) + text("kRequestStream", stream)
        + text("kRequestData", BASE["data"]) + text("kTranscript", BASE["transcript"])
        + text("kResponseSecret", candidates[1]["response_secret"]) + text("kAnswer", answer["answer"])
        + text("kAnswerData", data.hex()) + "\n}  // namespace openpcc::seal::fixed\n", "ascii")


def records(plain):
    while plain:
        size = int.from_bytes(plain[1:4], "big")
        yield plain[0], plain[4:4 + size]
        plain = plain[4 + size:]


def chunk_data(plain):
    return b"".join(body for kind, body in records(plain) if kind == 1)


def config_of(exchange, aeads):
    public = unhex(exchange["candidates"][0]["public_key"])
    suites = b"".join(struct.pack(">HH", 1, aead) for aead in aeads)
    return struct.pack(">HH", exchange["kem"], len(public)) + public + struct.pack(">H", len(suites)) + suites


def seal_header():
    cases = {"empty": b"", "config-x25519": config_of(BASE, [2, 3]), "config-without-suites": config_of(BASE, []),
             "config-unknown-aead": config_of(BASE, [2, 9]), "config-p256": config_of(VECTORS["exchanges"][3], [1])}
    for exchange in VECTORS["exchanges"][:6]:
        cases["full-" + exchange["name"]] = unhex(exchange["header"])
        cases["reduced-" + exchange["name"]] = unhex(exchange["candidates"][-1]["reduced_header"]) + b"rest"
    head = unhex(BASE["header"])
    cases["longer-than-a-header-can-be"] = head[:59] + b"\xff\xff" + bytes(17000)
    for refusal in VECTORS["refusals"]:
        if refusal["side"] == "gateway":
            cases["refused-" + refusal["name"]] = unhex(refusal["header"])
    corpus("seal_header", cases)


def plaintexts(*chunks):
    """As seal_streams.hpp reads them; the last is final."""
    out = b"\2"
    for i, chunk in enumerate(chunks):
        final = i + 1 == len(chunks)
        if len(chunk) > 255:
            chunk += bytes(-len(chunk) % 64)
            out += bytes([2 | final, len(chunk) // 64]) + chunk
        else:
            out += bytes([final, len(chunk)]) + chunk
    return out


def record(kind, body=b""):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def seal_records(end):
    """Bodies of chunks; both directions."""
    a = record(1, b"a")
    return {
        "records-good": plaintexts(a, record(0), a + a, record(0, bytes(9)) + a, end),
        "records-one-chunk": plaintexts(a + end), "records-only-end": plaintexts(end),
        "records-large": plaintexts(record(1, b"x" * 9000) + record(0, bytes(200)), end),
        "records-empty-chunk": plaintexts(b"", end), "records-empty-final-chunk": plaintexts(a, b""),
        "records-no-final-chunk": plaintexts(a, a)[:-6], "records-no-end": plaintexts(a, a),
        "records-early-end": plaintexts(end, end), "records-two-ends": plaintexts(end + end),
        "records-data-after-end": plaintexts(end + a), "records-padding-after-end": plaintexts(end + record(0)),
        "records-padding-not-zero": plaintexts(record(0, b"\0\1"), end),
        "records-empty-data": plaintexts(record(1), end), "records-unknown-type": plaintexts(record(3), end),
        "records-longer-than-chunk": plaintexts(b"\1\0\0\2a", end),
        "records-head-cut": plaintexts(b"\1\0\0", end), "records-length-2^24": plaintexts(b"\1\xff\xff\xff", end),
    }


CHANGES = {
    "changes-none": b"", "changes-swap": b"\0\0\1", "changes-swap-and-back": b"\0\0\1\0\0\1",
    "changes-drop-first": b"\1\0\0", "changes-drop-final": b"\1\3\0", "changes-twice": b"\2\0\0",
    "changes-flip": b"\3\1\5\x80",
    "changes-flip-and-back": b"\3\1\5\x80\3\1\5\x80", "changes-other-final": b"\4\1\0", "changes-no-final": b"\4\3\0",
    "changes-shorter-chunk": b"\5\2\x0f", "changes-cut": b"\6\0\1", "changes-cut-much": b"\6\0\x60",
    "changes-more": b"\7\0\1", "changes-cut-and-fill": b"\6\0\1\7\0\1",
}


def spoiled(side, field):
    """The vectors' refusals that need no keys: those of section 6 are made with them."""
    for refusal in VECTORS["refusals"]:
        if refusal["side"] == side and not refusal["paragraph"].startswith("seal-6"):
            yield "raw-" + refusal["name"], b"\0" + unhex(refusal[field])


def stretched(stream):
    """The same chunks, lengths in eight bytes."""
    out = b""
    while stream[0] != 0:
        size, used = (stream[0], 1) if stream[0] < 64 else (int.from_bytes(stream[:2], "big") & 0x3fff, 2)
        out += (size | 3 << 62).to_bytes(8, "big") + stream[used:used + size]
        stream = stream[used + size:]
    return out + (3 << 62).to_bytes(8, "big") + stream[1:]


def seal_streams():
    changes = {name: b"\1" + steps for name, steps in CHANGES.items()}
    stream = unhex(BASE["request"][len(BASE["header"]):])
    head = unhex(BASE["candidates"][1]["reduced_header"])
    corpus("seal_request", {
        "empty": b"", "raw-good": b"\0" + head + stream, "raw-long-lengths": b"\0" + head + stretched(stream),
        "raw-to-another": b"\0" + unhex(BASE["candidates"][0]["reduced_header"]) + stream,
        **dict(spoiled("node", "request")), **changes, **seal_records(record(2)),
        "records-end-with-a-body": plaintexts(record(1, b"a"), record(2, b"\0"))})
    answer = unhex(BASE["answers"][1]["answer"])
    corpus("seal_response", {
        "empty": b"", "raw-good": b"\0" + answer, "raw-long-lengths": b"\0" + answer[:32] + stretched(answer[32:]),
        **dict(spoiled("client", "answer")), **changes, **seal_records(record(2, bytes(4))),
        **{f"records-end-{name}": plaintexts(record(1, b"a"), record(2, body)) for name, body in {
            "empty": b"", "outcome-2": b"\2\2\0\1x", "outcome-3": b"\3\0\0\0", "mode-3": b"\0\3\0\0",
            "receipt-cut": b"\0\0\0\1", "trailing": bytes(5)}.items()}})


# The others

def chunk_cutter():
    def chunks(*parts, most=20):
        return bytes([most]) + b"".join(bytes([len(part)]) + part for part in parts[:-1]) + b"\0" + parts[-1]

    corpus("chunk_cutter", {
        "empty": b"", "nothing-after-limit": b"\x14", "final-only": chunks(b""), "final-with-bytes": chunks(b"abc"),
        "three-chunks": chunks(b"a", b"bcd", bytes(20), b"end"), "longest": chunks(bytes(20), bytes(20)),
        "one-too-long": chunks(bytes(21), b""), "final-too-long": chunks(b"a", bytes(21)), "no-final": b"\x14\1a\2bc",
        "cut-chunk": b"\x14\5ab", "cut-length": b"\x14\1a\x40", "two-byte-length": b"\x14\x40\2ab\0",
        "eight-byte-lengths": b"\x14\xc0\0\0\0\0\0\0\1a\xc0\0\0\0\0\0\0\0end", "length-2^62-1": b"\x14" + b"\xff" * 8,
        "limit-0": b"\0\0", "limit-0-and-a-chunk": b"\0\1a\0", "zero-in-two-bytes": b"\x14\x40\0rest"})


def json_texts():
    deep = lambda count: b"[" * count + b"]" * count
    corpus("json", {
        "empty": b"", "null": b"null", "spaces": b" \t\r\n{ } \n",
        "numbers": b"[0,-0,1e5,1E+400,-1.5e-7,18446744073709551616,9223372036854775807,-9223372036854775808,0.1000]",
        "strings": rb'["","\u0000\n\"\\\/","\ud83d\ude00","\u00e9"]', "utf-8": '{"é":"😀","":[]}'.encode(),
        "object": b'{"a":{"b":[true,false,null,{"c":1}]},"d":""}',
        "member-twice": b'{"a":1,"a":2}', "member-twice-escaped": rb'{"a":1,"\u0061":2}', "depth-32": deep(32),
        "depth-33": deep(33), "something-after": b"{} x", "two-values": b"1 2", "comma-after": b"[1,]",
        "comment": b"/**/1",
        "not-utf-8": b'"\xff"', "lone-surrogate": rb'"\ud800"', "control-in-string": b'"\x01"',
        "cut-string": b'"abc', "cut-object": b'{"a":', "leading-zero": b"01", "nan": b"NaN", "plus": b"+1",
        "byte-order-mark": b"\xef\xbb\xbf1", "overlong-utf-8": b'"\xc0\x80"',
        "chat": b'{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}'})


def gateway_keys():
    config = b"\1" + b"\0\x20" + b"\x09" + bytes(31) + struct.pack(">H", 4) + struct.pack(">HH", 1, 2)
    now = 1800000000

    def content(first, last, configs):
        return b"\2" + struct.pack(">QQH", first, last, len(configs)) + configs

    one = struct.pack(">H", len(config)) + config
    corpus("gateway_keys", {
        "raw-empty": b"\0", "raw-short": b"\0\0\5abc", "raw-no-content": b"\0\0\0" + bytes(64), "changes-none": b"\1",
        "changes-signature": b"\1\x80\1", "changes-content": b"\1\x05\x80", "changes-and-back": b"\1\x05\x80\x05\x80",
        "changes-longer": b"\1\xc0", "changes-cut": b"\1\x10", "content-good": content(now, now + 9, one),
        "content-two-keys": content(now, now + 9, one + one.replace(b"\1\0\x20", b"\2\0\x20", 1)),
        "content-same-id-twice": content(now, now + 9, one + one),
        "content-expired": content(now - 900, now - 800, one),
        "content-skewed": content(now + 100, now + 200, one), "content-later": content(now + 900, now + 1000, one),
        "content-no-keys": content(now, now + 9, b""), "content-ends-before": content(now + 9, now, one),
        "content-end-of-time": content(0, 2**64 - 1, one), "content-trailing": content(now, now + 9, one) + b"x",
        "content-unknown-kem": content(now, now + 9, one.replace(b"\1\0\x20", b"\1\0\x21", 1)), "content-empty": b"\2"})


def config():
    good = ('name = "node"\nmodels = ["a", "b"]\nlisten = "http://127.0.0.1:8080"\n[engine]\nkind = "sim"\n[limits]\n'
            'body = 10\n[gateway]\nnodes = ["unix:/run/x"]\n[tls]\nkey = "key.pem"\ncert = "/abs/cert.pem"\n')
    corpus("config", {name: text.encode() for name, text in {
        "empty": "", "good": good, "unknown-key": good + "kye = 1\n", "unknown-table": good + "[engin]\nkind = 1\n",
        "unknown-empty-table": good + "[engin]\n", "quoted-dotted-key": '"engine.kind" = "x"\n' + good,
        "number-as-text": good.replace("10", '"10"'), "number-too-high": good.replace("10", "99999999"),
        "float": good.replace("10", "1.5"), "text-as-number": good.replace('"node"', "5"),
        "text-as-table": good.replace('name = "node"\n', "") + "[name]\nx = 1\n", "not-toml": "{",
        "list-of-mixed": good.replace('"b"', "1"), "list-empty": good.replace('["a", "b"]', "[]"),
        "key-twice": 'name = "b"\n' + good, "bad-endpoint": good.replace("127.0.0.1:8080", "127.0.0.1:99999"),
        "inline-tables": 'name = "n"\nengine = { kind = "x", note = "y" }\n',
        "array-of-tables": "[[engine]]\nkind = 1\n",
        "dates": "name = 1979-05-27T07:32:00Z\n", "multi-line": 'name = """a\nb"""\n',
        "deep": "a = " + "[" * 300 + "]" * 300, "dotted": 'engine.kind = "x"\nlimits.body = 5\n',
        "escapes": 'name = "\\u0000\\n"\n'}.items()})
    (HERE / "corpus/config/not-utf-8").write_bytes(b'name = "\xff"\n')


def main():
    fixed()
    seal_header()
    seal_streams()
    chunk_cutter()
    json_texts()
    gateway_keys()
    config()


if __name__ == "__main__":
    main()
