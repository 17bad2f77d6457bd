#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets our peer and another one talk Oblivious HTTP, both ways round: ohttp_exchange.py OURS NAME COMMAND...

A peer is a program that answers every line with `ok HEX` (`-` for nothing) or `error WORDS`:
  kems                                      the KEMs that it has, two bytes each
  config KEM AEAD IKM                       a body of application/ohttp-keys; the key is DeriveKeyPair(IKM), its id 7
  request FORM KEYS CHUNKS                  an encapsulated request; FORM is whole or chunked
  answer SIZES RESPONSE                     after request: the plaintext of its response, read in pieces of SIZES
  open FORM KEM AEAD IKM SIZES REQUEST      the plaintext of a request
  respond CHUNKS                            after open: an encapsulated response
  bhttp known|stream MESSAGE                the Binary HTTP message in that framing
CHUNKS are separated by commas and the last is the final one; the last of SIZES repeats.
"""
import random
import subprocess
import sys

X25519, P256, XWING = "0020", "0010", "647a"
AES128, AES256, CHACHA = "0001", "0002", "0003"


class Peer:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"FAILED: {self.name} ended at `{words[0]}`")
        kind, _, rest = line.rstrip("\n").partition(" ")
        if kind not in ("ok", "error"):
            raise SystemExit(f"FAILED: {self.name} answered {line!r}")
        return kind == "ok", "" if rest == "-" else rest

    def must(self, *words):
        good, rest = self.ask(*words)
        if not good:
            raise SystemExit(f"FAILED: {self.name}: {words[0]}: {rest}")
        return rest

    def refuses(self, *words):
        good, _ = self.ask(*words)
        if good:
            raise SystemExit(f"FAILED: {self.name} accepted a damaged message at `{words[0]}`")


class Exchange:
    """Messages, cut and damaged at random, but the same in every run."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.done = 0
        self.refused = 0

    def sizes(self):
        return ",".join(str(self.random.choice([1, 2, 7, 60, 500, 20000])) for _ in range(4))

    def chunks(self, form):
        if form == "whole":
            return [self.random.randbytes(self.random.choice([1, 40, 5000]))]
        inner = [self.random.randbytes(self.random.choice([1, 2, 47, 48, 64, 900, 16384]))
                 for _ in range(self.random.choice([0, 1, 2, 5, 300 if self.random.random() < 0.1 else 3]))]
        return inner + [self.random.randbytes(self.random.choice([0, 0, 1, 300]))]

    def run(self, client, gateway, form, kem, aead):
        ikm = self.random.randbytes(32).hex()
        keys = gateway.must("config", kem, aead, ikm)
        if client.must("config", kem, aead, ikm) != keys:
            raise SystemExit(f"FAILED: {client.name} and {gateway.name} derive other keys")
        question, reply = self.chunks(form), self.chunks(form)
        as_words = lambda parts: ",".join(part.hex() or "-" for part in parts)

        request = client.must("request", form, keys, as_words(question))
        plain = gateway.must("open", form, kem, aead, ikm, self.sizes(), request)
        response = gateway.must("respond", as_words(reply))
        back = client.must("answer", self.sizes(), response)
        if plain != b"".join(question).hex() or back != b"".join(reply).hex():
            raise SystemExit(f"FAILED: {client.name} to {gateway.name}, {form} {kem} {aead}: other plaintext")
        self.done += 1
        self.damage(client, gateway, form, kem, aead, ikm, keys)

    def damage(self, client, gateway, form, kem, aead, ikm, keys):
        """A cut or changed stream is an error at our side; the peers' own strictness is not our affair."""
        request = bytes.fromhex(client.must("request", form, keys, "61,62,63" if form == "chunked" else "616263"))
        if gateway.name == "ours":
            for bad in self.damaged(request):
                gateway.refuses("open", form, kem, aead, ikm, self.sizes(), bad.hex() or "-")
                self.refused += 1
            return
        for kind in range(4):
            request = client.must("request", form, keys, "61,62,63" if form == "chunked" else "616263")
            gateway.must("open", form, kem, aead, ikm, "1000", request)
            response = bytes.fromhex(gateway.must("respond", "78,79,7a" if form == "chunked" else "78797a"))
            client.refuses("answer", self.sizes(), self.damaged(response)[kind].hex() or "-")
            self.refused += 1

    def damaged(self, stream):
        at = self.random.randrange(len(stream))
        flipped = stream[:at] + bytes([stream[at] ^ 1 << self.random.randrange(8)]) + stream[at + 1:]
        return [stream[:-1], stream[:at], stream + b"\0", flipped]


def bhttp(ours, other, turns, rng):
    """Either side reads what the other wrote, in both framings."""
    def vector(data):
        return bytes([0x40 | len(data) >> 8, len(data) & 255]) + data

    def fields(count):
        return b"".join(vector(b"x-%d" % i) + vector(rng.choice([b"", b"a b", b"\xe9", b"v" * 200])) for i in range(count))

    for _ in range(turns):
        content = vector(rng.randbytes(rng.choice([0, 1, 3000])))
        if rng.random() < 0.5:
            start = b"\0" + vector(b"POST") + vector(b"https") + vector(rng.choice([b"", b"node.example"])) + vector(b"/v1/x")
        else:
            start = b"\1" + b"".join(b"\x40\x67" + vector(fields(2)) for _ in range(rng.choice([0, 1, 3]))) + b"\x40\xc8"
        message = (start + vector(fields(rng.choice([0, 1, 5]))) + content + vector(fields(rng.choice([0, 2])))).hex()
        known = ours.must("bhttp", "known", message)
        for first, second in ((ours, other), (other, ours)):
            for framing in ("stream", "known"):
                again = second.must("bhttp", "known", first.must("bhttp", framing, message))
                if ours.must("bhttp", "known", again) != known:
                    raise SystemExit(f"FAILED: Binary HTTP, {first.name} to {second.name}, {framing}: other message")


def plan(other):
    """What a peer can do. The ohttp crate 0.8.0 has no AES-256-GCM, and its chunked client panics on ChaCha20-Poly1305."""
    for form in ("whole", "chunked"):
        for aead in (AES128, AES256, CHACHA):
            if other == "rust" and aead == AES256:
                continue
            yield form, aead, True
            yield form, aead, not (other == "rust" and form == "chunked" and aead == CHACHA)


def main():
    ours, name, command = Peer("ours", [sys.argv[1]]), sys.argv[2], sys.argv[3:]
    other = Peer(name, command)
    kems = [k for k in (X25519, P256, XWING) if all(k in (p.must("kems")[i:i + 4] for i in (0, 4, 8)) for p in (ours, other))]
    exchange = Exchange(20261125)
    for kem in kems:
        for turn, (form, aead, possible) in enumerate(plan(name)):
            client, gateway = (ours, other) if turn % 2 == 0 else (other, ours)
            for _ in range(8 if possible else 0):
                exchange.run(client, gateway, form, kem, aead)
    if name == "rust":
        bhttp(ours, other, 100, exchange.random)
    if XWING not in kems:
        print(f"SKIPPED: X-Wing: {'ours' if XWING not in ours.must('kems') else name} has no ML-KEM")
    print(f"{name}: {exchange.done} exchanges over KEMs {', '.join(kems)}, {exchange.refused} damaged streams refused")


if __name__ == "__main__":
    main()
