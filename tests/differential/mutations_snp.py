# SPDX-License-Identifier: Apache-2.0
"""What mutations.py is, for SEV-SNP reports."""
import struct

import evidence
from mutations import flip_bit, negated, other_time, put

P384_ORDER = int("ffffffffffffffffffffffffffffffffffffffffffffffff"
                 "c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)
# SNP-ABI: the report, and the two halves of its signature, little-endian, 72 bytes each of which 48 count.
PARTS = {"version": (0x00, 0x04), "policy": (0x08, 0x10), "vmpl": (0x30, 0x34), "algo": (0x34, 0x38),
         "current_tcb": (0x38, 0x40), "platform_info": (0x40, 0x48), "key_info": (0x48, 0x4c), "reserved": (0x4c, 0x50),
         "report_data": (0x50, 0x90), "measurement": (0x90, 0xc0), "keys": (0xc0, 0x180), "reported_tcb": (0x180, 0x188),
         "cpuid": (0x188, 0x18b), "chip_id": (0x1a0, 0x1e0), "committed_tcb": (0x1e0, 0x1e8), "build": (0x1e8, 0x1f0),
         "launch_tcb": (0x1f0, 0x1f8), "tail": (0x1f8, 0x2a0), "r": (0x2a0, 0x2d0), "r_pad": (0x2d0, 0x2e8),
         "s": (0x2e8, 0x318), "s_pad": (0x318, 0x330), "unsigned": (0x330, 0x4a0)}
R, S, HALF = 0x2a0, 0x2e8, 48


def flip_report(rng, case, _):
    part = rng.choice(sorted(PARTS))
    changed, at = flip_bit(rng, case.fields["report"], *PARTS[part])
    return case.but(f"flip-{part} {at} of {case.name}", report=changed)


def resize_report(rng, case, _):
    report = case.fields["report"]
    how, changed = rng.choice([
        ("empty", b""), ("cut-one", report[:-1]), ("cut-signature", report[:R]), ("cut-half", report[:600]),
        ("extend-zero", report + b"\0"), ("extend-zeros", report + bytes(2912)), ("extend-one", report + b"\1"),
        ("extend-itself", report * 2), ("before-zero", b"\0" + report), ("before-header", struct.pack("<II", 0, 1184) + bytes(24) + report),
    ])
    return case.but(f"{how} of {case.name}", report=changed)


def other_half(rng, case, _):
    report = case.fields["report"]
    how, changed = rng.choice([
        ("other-half-s", put(report, S, negated(report[S:S + HALF], P384_ORDER, "little"))),
        ("other-half-r", put(report, R, negated(report[R:R + HALF], P384_ORDER, "little"))),
        ("r-and-s", put(put(report, R, report[S:S + HALF]), S, report[R:R + HALF])),
        ("r-plus-order", put(report, R, (int.from_bytes(report[R:R + HALF], "little") + P384_ORDER).to_bytes(72, "little"))),
        ("s-plus-order", put(report, S, (int.from_bytes(report[S:S + HALF], "little") + P384_ORDER).to_bytes(72, "little"))),
        ("s-zero", put(report, S, bytes(HALF))), ("r-zero", put(report, R, bytes(HALF))),
        ("big-endian", put(put(report, R, report[R:R + HALF][::-1]), S, report[S:S + HALF][::-1])),
    ])
    return case.but(f"{how} of {case.name}", report=changed)


def swap_parts(rng, case, good):
    other = rng.choice(good).fields["report"]
    part = rng.choice(sorted(PARTS))
    start, end = PARTS[part]
    changed = put(case.fields["report"], start, other[start:end])
    return None if changed == case.fields["report"] else case.but(f"swap-{part} of {case.name}", report=changed)


def flip_certificate(rng, case, _):
    field = rng.choice(["leaf", "leaf", "leaf", "issuer", "ark", "crl"])
    changed, at = flip_bit(rng, case.fields[field])
    return case.but(f"flip-{field} {at} of {case.name}", **{field: changed})


def resize_certificate(rng, case, _):
    field = rng.choice(["leaf", "issuer", "crl"])
    data = case.fields[field]
    how, changed = rng.choice([("extend-zero", data + b"\0"), ("extend-itself", data * 2), ("cut-one", data[:-1]),
                               ("empty", b""), ("cut-half", data[:len(data) // 2]), ("pem", evidence.to_pem(data))])
    return case.but(f"{field}-{how} of {case.name}", **{field: changed})


def other_certificate(rng, case, good):
    product = rng.choice(["milan", "genoa", "turin_vcek", "milan_vlek", "genoa_vlek", "turin_vlek"])
    bundle = f"roots/amd/ask_ark_{product}.pem"
    other = rng.choice(good).fields
    how, fields = rng.choice([
        ("leaf", {"leaf": other["leaf"]}), ("issuer", {"issuer": evidence.certificate(bundle)}),
        ("ark", {"ark": evidence.certificate(bundle, 1)}), ("ark-as-issuer", {"issuer": case.fields["ark"]}),
        ("leaf-as-issuer", {"issuer": case.fields["leaf"]}), ("issuer-as-leaf", {"leaf": case.fields["issuer"]}),
        ("swapped", {"leaf": case.fields["issuer"], "issuer": case.fields["leaf"]}),
        ("crl", {"crl": other["crl"]}), ("report", {"report": other["report"]}),
        ("intels", {"issuer": evidence.from_pem(evidence.load("roots/intel/sgx_root_ca.pem").decode())[0]}),
    ])
    if all(case.fields[name] == value for name, value in fields.items()):
        return None
    return case.but(f"other-{how} {product} for {case.name}", **fields)


SNP = [(flip_report, 34), (resize_report, 7), (other_half, 8), (swap_parts, 12), (flip_certificate, 16),
       (resize_certificate, 7), (other_certificate, 9), (other_time, 7)]
