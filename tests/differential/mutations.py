# SPDX-License-Identifier: Apache-2.0
"""Cases made from good ones by changing one thing: flipped, cut, extended, swapped, from elsewhere, at another time.

Every function takes a source of chance, a case and all the good ones, and gives a case, or None where it has nothing to
change. The kind of the change is the first word of the name.
"""
import json
import re
import struct

import evidence

P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
CHAINS = ("tcb_info_chain", "qe_identity_chain")
JSONS = ("tcb_info", "qe_identity")
CRLS = ("root_crl", "pck_crl")
NOW = evidence.seconds("2026-11-26T00:00:00Z")


def flip_bit(rng, data, start=0, end=None):
    at = rng.randrange(start, len(data) if end is None else end)
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:], at


def put(data, at, new):
    return data[:at] + new + data[at + len(new):]


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


class Layout:
    """Where the parts of a good quote are."""

    def __init__(self, quote):
        self.version = number(quote, 0, 2)
        self.body = 48 if self.version == 4 else 54
        self.size_at = self.body + (584 if self.version == 4 else number(quote, 50, 4))
        self.signature = self.size_at + 4
        self.key = self.signature + 64
        self.outer = self.key + 64
        self.qe_report = self.outer + 6
        self.qe_signature = self.qe_report + 384
        self.auth = self.qe_signature + 64
        self.inner = self.auth + 2 + number(quote, self.auth, 2)
        self.chain = self.inner + 6
        self.end = self.chain + number(quote, self.inner + 2, 4)

    def parts(self, quote):
        marks = [("header", 0), ("body", self.body), ("size", self.size_at), ("signature", self.signature),
                 ("key", self.key), ("certification", self.outer), ("qe_report", self.qe_report),
                 ("qe_signature", self.qe_signature), ("auth", self.auth), ("certification2", self.inner),
                 ("chain", self.chain), ("end", self.end)]
        out = {name: (start, end) for (name, start), (_, end) in zip(marks, marks[1:])}
        if len(quote) > self.end:
            out["padding"] = (self.end, len(quote))
        return out


def flip_quote(rng, case, _):
    quote = case.fields["quote"]
    part, (start, end) = rng.choice(sorted(Layout(quote).parts(quote).items()))
    changed, at = flip_bit(rng, quote, start, end)
    return case.but(f"flip-{part} {at} of {case.name}", quote=changed)


def cut_quote(rng, case, _):
    quote, layout = case.fields["quote"], Layout(case.fields["quote"])
    size = rng.choice([0, 1, 47, layout.body, layout.signature, layout.chain, layout.end - 1, rng.randrange(layout.end)])
    return case.but(f"cut {size} of {case.name}", quote=quote[:size])


def extend_quote(rng, case, _):
    quote = case.fields["quote"][:Layout(case.fields["quote"]).end]
    kind = rng.choice(["zero", "bytes", "itself", "zeros-then-one"])
    tail = {"zero": bytes(rng.choice([1, 70, 3000])), "bytes": rng.randbytes(rng.choice([1, 39])), "itself": quote,
            "zeros-then-one": bytes(64) + b"\1"}[kind]
    return case.but(f"extend-{kind} {len(tail)} of {case.name}", quote=quote + tail)


def stretch(rng, case, _):
    """Bytes inside the quote that its lengths count, behind everything that is signed."""
    quote, layout = case.fields["quote"], Layout(case.fields["quote"])
    extra = rng.choice([bytes(1), bytes(8), b"\n", b"\n\n \n", b"\r\n", b"x", b"# a comment\n"])
    which = rng.choice(["all", "inner", "outer"])
    quote = quote[:layout.end] + extra
    grow = lambda data, at: put(data, at, struct.pack("<I", number(data, at, 4) + len(extra)))
    quote = grow(quote, layout.size_at)
    if which != "outer":
        quote = grow(quote, layout.outer + 2)
    if which == "all":
        quote = grow(quote, layout.inner + 2)
    return case.but(f"stretch-{which} {extra!r} of {case.name}", quote=quote)


def with_chain(case, name, chain):
    """Another PEM chain in the quote, every length right."""
    quote, layout = case.fields["quote"], Layout(case.fields["quote"])
    sized = lambda data, at, size: put(data, at, struct.pack("<I", size))
    quote = sized(quote[:layout.chain], layout.inner + 2, len(chain)) + chain
    quote = sized(quote, layout.outer + 2, len(quote) - layout.qe_report)
    return case.but(name, quote=sized(quote, layout.size_at, len(quote) - layout.signature))


def rearranged(rng, certificates, other):
    leaf, above = certificates[0], certificates[1:]
    return rng.choice([
        ("no-root", certificates[:-1]), ("leaf-only", [leaf]), ("no-leaf", above), ("reversed", certificates[::-1]),
        ("twice", certificates * 2), ("root-twice", certificates + certificates[-1:]), ("none", []),
        ("others-leaf", [other[0], *above]), ("others", other), ("another-behind", [*certificates, other[0]]),
        ("another-before", [other[0], *certificates]), ("root-as-leaf", [certificates[-1], *certificates]),
    ])


def written(rng, pem):
    return rng.choice([
        ("crlf", pem.replace(b"\n", b"\r\n")), ("text-before", b"Intel\n" + pem), ("text-behind", pem + b"Intel\n"),
        ("nul-behind", pem.rstrip(b"\0") + b"\0"), ("nul-behind", pem.rstrip(b"\0") + b"\0"),
        ("nuls-behind", pem + bytes(4)), ("no-line-feed", pem.rstrip(b"\n\0")),
        ("blank-lines", pem.replace(b"-----BEGIN", b"\n\n-----BEGIN")), ("one-line", one_line(pem)),
        ("trusted-label", pem.replace(b"CERTIFICATE-----", b"TRUSTED CERTIFICATE-----")),
        ("header", pem.replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----\nComment: none\n\n", 1)),
    ])


def one_line(pem):
    return re.sub(rb"(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])", b"", pem)


def pck_chain(rng, case, good):
    quote, layout = case.fields["quote"], Layout(case.fields["quote"])
    pem = quote[layout.chain:layout.end]
    if rng.random() < 0.4:
        how, changed = written(rng, pem)
    else:
        other = rng.choice(good).fields["quote"]
        there = Layout(other)
        certificates = lambda part: evidence.from_pem(part.decode("latin-1"))
        how, ders = rearranged(rng, certificates(pem), certificates(other[there.chain:there.end]))
        changed = evidence.to_pem(*ders)
    return with_chain(case, f"pck-chain-{how} of {case.name}", changed)


def issuer_chain(rng, case, good):
    field = rng.choice(CHAINS)
    pem = case.fields[field]
    if rng.random() < 0.4:
        how, changed = written(rng, pem)
    else:
        certificates = evidence.from_pem(pem.decode())
        other = evidence.from_pem(rng.choice(good).fields["pck_crl_chain"].decode())
        how, ders = rearranged(rng, certificates, other)
        changed = evidence.to_pem(*ders)
    return case.but(f"issuer-chain-{how} {field} of {case.name}", **{field: changed})


def negated(raw, order, byteorder):
    """The other half of a signature that is as good: n - s."""
    return (order - int.from_bytes(raw, byteorder)).to_bytes(len(raw), byteorder)


def der_integer(value):
    body = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(body)]) + body


def negated_der(der):
    """A certificate or list whose own ECDSA signature (P-256, the last element) is the other half."""
    for start in range(len(der) - 75, len(der) - 66):
        if der[start] == 0x03 and der[start + 1] == len(der) - start - 2 and der[start + 2:start + 4] == b"\0\x30":
            r_size = der[start + 6]
            r = int.from_bytes(der[start + 7:start + 7 + r_size], "big")
            s = int.from_bytes(der[start + 9 + r_size:], "big")
            inner = der_integer(r) + der_integer(P256_ORDER - s)
            bits = b"\0\x30" + bytes([len(inner)]) + inner
            body = der[4:start] + b"\x03" + bytes([len(bits)]) + bits
            return b"\x30\x82" + struct.pack(">H", len(body)) + body
    return None


def other_half(rng, case, _):
    what = rng.choice(["signature", "qe_signature", "tcb_info", "qe_identity", "certificate", "root_crl", "pck_crl"])
    name = f"other-half-{what} of {case.name}"
    if what in ("signature", "qe_signature"):
        at = getattr(Layout(case.fields["quote"]), what) + 32
        quote = case.fields["quote"]
        return case.but(name, quote=put(quote, at, negated(quote[at:at + 32], P256_ORDER, "big")))
    if what in JSONS:
        value = json.loads(case.fields[what])["signature"]
        changed = value[:64] + negated(bytes.fromhex(value[64:]), P256_ORDER, "big").hex()
        return case.but(name, **{what: case.fields[what].replace(value.encode(), changed.encode())})
    if what == "certificate":
        layout = Layout(case.fields["quote"])
        ders = evidence.from_pem(case.fields["quote"][layout.chain:layout.end].decode("latin-1"))
        changed = negated_der(ders[0])
        return changed and with_chain(case, name, evidence.to_pem(changed, *ders[1:]))
    changed = negated_der(case.fields[what])
    return changed and case.but(name, **{what: changed})


def swap_parts(rng, case, good):
    quote, layout = case.fields["quote"], Layout(case.fields["quote"])
    how = rng.choice(["r-and-s", "signatures", "body", "signature", "key", "qe_report", "qe_signature", "auth"])
    if how == "r-and-s":
        at = layout.signature
        changed = put(quote, at, quote[at + 32:at + 64] + quote[at:at + 32])
    elif how == "signatures":
        one, two = layout.signature, layout.qe_signature
        changed = put(put(quote, one, quote[two:two + 64]), two, quote[one:one + 64])
    else:
        other = rng.choice(good).fields["quote"]
        part, there = layout.parts(quote)[how], Layout(other).parts(other)[how]
        if part[1] - part[0] != there[1] - there[0]:
            return None
        changed = put(quote, part[0], other[there[0]:there[1]])
        if changed == quote:
            return None
    return case.but(f"swap-{how} of {case.name}", quote=changed)


def flip_collateral(rng, case, _):
    field = rng.choice(JSONS + JSONS + CHAINS + CRLS)
    changed, at = flip_bit(rng, case.fields[field])
    return case.but(f"flip-{field} {at} of {case.name}", **{field: changed})


def rewrite_json(rng, case, _):
    field = rng.choice(JSONS)
    text = case.fields[field].decode()
    member, value = ("tcbInfo" if field == "tcb_info" else "enclaveIdentity"), json.loads(text)
    inner = text[text.index(":") + 1:text.rindex(',"signature"')]
    signature = value["signature"]
    how, changed = rng.choice([
        ("space-around", f'{{ "{member}" : {inner} , "signature" : "{signature}" }}'),
        ("signature-first", f'{{"signature":"{signature}","{member}":{inner}}}'),
        ("upper-case", text.replace(signature, signature.upper())),
        ("one-more-member", f'{{"{member}":{inner},"signature":"{signature}","more":1}}'),
        ("member-twice", f'{{"{member}":{inner},"{member}":{inner.replace("OutOfDate", "UpToDate")},"signature":"{signature}"}}'),
        ("member-twice-first", f'{{"{member}":{inner.replace("OutOfDate", "UpToDate")},"{member}":{inner},"signature":"{signature}"}}'),
        ("signature-twice", f'{{"{member}":{inner},"signature":"{signature}","signature":"{"0" * 128}"}}'),
        ("line-feed", text + "\n"), ("text-behind", text + "{}"), ("byte-order-mark", "\ufeff" + text),
        ("space-inside", f'{{"{member}":{inner.replace(",", ", ", 1)},"signature":"{signature}"}}'),
        ("bare", inner), ("short-signature", text.replace(signature, signature[:126])),
        ("long-signature", text.replace(signature, signature + "00")),
        ("status", text.replace("OutOfDate", "UpToDate")), ("list", f"[{text}]"),
        ("case", text.replace(member, member[0].upper() + member[1:])),
    ])
    return case.but(f"json-{how} {field} of {case.name}", **{field: changed.encode()})


def other_collateral(rng, case, _):
    how = rng.choice(["set", "set-at-its-time", "missing", "swapped-jsons", "one-part", "one-part"])
    issued = rng.choice(sorted(evidence.TIMES))
    other = evidence.collateral(issued)
    if how == "set":
        return case.but(f"collateral-{how} {issued} for {case.name}", **other)
    if how == "set-at-its-time":
        when = evidence.seconds(evidence.TIMES[issued] + "T00:00:00Z")
        return case.but(f"collateral-{how} {issued} for {case.name}", time=when, **other)
    if how == "missing":
        field = rng.choice(JSONS + CHAINS + CRLS)
        return case.but(f"collateral-{how} {field} for {case.name}", **{field: b""})
    if how == "one-part":
        field = rng.choice(JSONS + CHAINS + CRLS)
        return case.but(f"collateral-{how} {field} of {issued} for {case.name}", **{field: other[field]})
    one, two = JSONS
    return case.but(f"collateral-{how} for {case.name}", **{one: case.fields[two], two: case.fields[one]})


def other_time(rng, case, _):
    how = rng.choice(["now", "far", "near", "bound", "bound", "bound"])
    when = {"now": NOW, "far": case.time + rng.choice([-1, 1]) * rng.randrange(30, 3000) * 86400,
            "near": case.time + rng.choice([-1, 1]) * rng.randrange(1, 30) * 86400}.get(how)
    if how == "bound":
        if case.kind == "snp":
            return None
        field = rng.choice(JSONS)
        content = next(iter(json.loads(case.fields[field]).values()))
        which, by = rng.choice(["issueDate", "nextUpdate"]), rng.choice([-1, 0, 1])
        when, how = evidence.seconds(content[which]) + by, f"bound {field}.{which}{by:+d}"
    return case.but(f"time-{how} of {case.name}", time=when)


TDX = [(flip_quote, 26), (cut_quote, 4), (extend_quote, 5), (stretch, 5), (pck_chain, 12), (issuer_chain, 8),
       (other_half, 7), (swap_parts, 8), (flip_collateral, 12), (rewrite_json, 12), (other_collateral, 10),
       (other_time, 12)]


def make(rng, table, good, count):
    """`count` changed cases, none of them twice, and none that is what it was."""
    functions, weights = zip(*table)
    out, names = [], set()
    while len(out) < count:
        base = rng.choice(good)
        case = rng.choices(functions, weights)[0](rng, base, good)
        if case and case.name not in names and (case.time, case.fields) != (base.time, base.fields):
            names.add(case.name)
            out.append(case)
    return out
