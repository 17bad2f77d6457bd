# SPDX-License-Identifier: Apache-2.0
"""How a verifier is asked: cases on its standard input, one line an answer on its standard output.

A case is a number of fields, and each field its length and its bytes; numbers are 32 bits, big-endian. The fields:
  kind | UNIX time | repetitions | evidence | what goes with it
  tdx: quote | TCB info, its issuer chain | QE identity, its issuer chain | root CRL | PCK CRL, its issuer chain
  snp: report | VCEK or VLEK | ASK or ASVK | ARK | CRL
Times and counts are decimal; answers of Intel's service are as received, chains PEM, the rest DER; empty: there is none.
An answer is `accept` or `reject`, status, reason, nanoseconds of CPU time; tabs between them.
"""
import os
import struct
import subprocess
from typing import NamedTuple

TDX_FIELDS = ("quote", "tcb_info", "tcb_info_chain", "qe_identity", "qe_identity_chain", "root_crl", "pck_crl",
              "pck_crl_chain")
SNP_FIELDS = ("report", "leaf", "issuer", "ark", "crl")


class Case(NamedTuple):
    name: str
    kind: str  # tdx or snp
    time: int
    fields: dict

    def but(self, name, time=None, **fields):
        """The same with other fields."""
        return self._replace(name=name, time=self.time if time is None else time, fields={**self.fields, **fields})

    def encode(self, kind=None, repeat=1):
        names = TDX_FIELDS if self.kind == "tdx" else SNP_FIELDS
        parts = [(kind or self.kind).encode(), str(self.time).encode(), str(repeat).encode()]
        parts += [bytes(self.fields.get(name, b"")) for name in names]
        return struct.pack(">I", len(parts)) + b"".join(struct.pack(">I", len(part)) + part for part in parts)


class Answer(NamedTuple):
    accepted: bool
    status: str
    reason: str
    nanoseconds: int


class Peer:
    """One verifier, a process of its own."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, "GOMAXPROCS": "1"})

    def ask(self, case, kind=None, repeat=1):
        try:
            self.process.stdin.write(case.encode(kind, repeat))
            self.process.stdin.flush()
            line = self.process.stdout.readline().decode()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"FAILED: {self.name} ended at {case.name}")
        word, status, reason, nanoseconds = line.rstrip("\n").split("\t")
        if word not in ("accept", "reject"):
            raise SystemExit(f"FAILED: {self.name} answered {line!r}")
        return Answer(word == "accept", status, reason, int(nanoseconds))

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit(f"FAILED: {self.name} ended badly")
