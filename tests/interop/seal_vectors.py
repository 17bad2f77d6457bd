# SPDX-License-Identifier: Apache-2.0
"""seal_peer.py replays the vectors of docs/protocol/seal.md section 8: seal_vectors.py FILE"""
import json
import sys

from pyhpke import KEMKey, KEMKeyPair

import seal_peer as seal
from seal_peer import H, X25519, Client, Common, Direction, Node, NodeKey, Reader, Refused, hpke, key_pair


def check(good, what):
    if not good:
        raise SystemExit(f"FAILED: {what}")


class Case:
    """One exchange; its fields by name, bytes for hexadecimal."""

    def __init__(self, test):
        self.test = test
        self.common = Common(test["kem"], test["aead"], self["snapshot"], test["cell_mode"], test["size_class"])
        self.keys = [key_pair(self.common.kem, bytes.fromhex(one["ikm"])) for one in test["candidates"]]

    def __getitem__(self, name):
        return bytes.fromhex(self.test[name])

    def candidate(self, index, name):
        return bytes.fromhex(self.test["candidates"][index][name])

    def ephemeral(self, index):
        kem, drawn = hpke(self.common.kem, 1).kem, self.candidate(index, "ephemeral")
        if self.common.kem != X25519:
            return kem.derive_key_pair(drawn)
        private = kem.deserialize_private_key(drawn)
        return KEMKeyPair(private, KEMKey.from_pyca_cryptography_key(private.raw.public_key()))

    def client(self):
        places = range(len(self.keys))
        client = Client(self.common, [(self.keys[i][1], self.candidate(i, "statement_name")) for i in places],
                        self["secret"], [self.ephemeral(i) for i in places])
        request = client.seal(plaintexts(self.test))
        return client, request

    def node(self, index, statement=None, snapshot=None):
        private, public = self.keys[index]
        statement = statement or self.candidate(index, "statement_name")
        key = NodeKey(self.common.kem, private, (self.common.aead,), statement)
        return Node({seal.key_id(self.common.kem, public): key}, [snapshot or self["snapshot"]])


def plaintexts(test):
    return [bytes.fromhex(chunk["plaintext"]) for chunk in test["chunks"]]


def sealed_chunks(test):
    return [(bytes.fromhex(chunk["sealed"]), i + 1 == len(test["chunks"])) for i, chunk in enumerate(test["chunks"])]


def exchange(case):
    test, name = case.test, case.test["name"]
    client, request = case.client()
    check(case.common.bytes() == case["common"], f"{name}: common")
    check(client.header_hash == case["header_hash"], f"{name}: header_hash")
    check((client.keys.key, client.keys.nonce) == (case["request_key"], case["request_nonce"]), f"{name}: request keys")
    check(client.chunks == sealed_chunks(test), f"{name}: chunks")
    check(request == case["request"] and request.startswith(case["header"]), f"{name}: request")
    check(seal.transcript_of(client.header_hash, client.chunks) == case["transcript"], f"{name}: transcript")
    for i, entry in enumerate(client.entries):
        place = f"{name}: candidate {i}"
        check(case.keys[i][1] == case.candidate(i, "public_key"), f"{place}: public_key")
        check((entry.key_id, entry.enc, entry.wrapped, H(entry.bytes()), client.response_secrets[i]) == tuple(
            case.candidate(i, field) for field in ("key_id", "enc", "wrapped", "entry_hash", "response_secret")), place)
        reduced = seal.reduce(request, i)
        check(reduced.startswith(case.candidate(i, "reduced_header")), f"{place}: reduced_header")
        check(case.node(i).open(reduced).data == case["data"], f"{place}: data")
    for answer in test["answers"]:
        index, nonce = answer["candidate"], bytes.fromhex(answer["nonce"])
        opened = case.node(index).open(seal.reduce(request, index))
        check((opened.transcript + nonce).hex() == answer["salt"], f"{name}: salt")
        keys = Direction(b"response", case.common.aead, opened.transcript + nonce, opened.response_secret)
        check((keys.key.hex(), keys.nonce.hex()) == (answer["response_key"], answer["response_nonce"]), f"{name}: keys")
        wire = opened.answer(plaintexts(answer), nonce)
        check(wire.hex() == answer["answer"], f"{name}: answer")
        got = client.open(wire)
        check((got.candidate, got.outcome, got.cell_mode, got.receipt.hex())
              == (index, answer["outcome"], answer["cell_mode"], answer["receipt"]), f"{name}: answer read")


def refusal(case, test):
    names = ("header", "request", "answer", "statement_name")
    field = {name: bytes.fromhex(test[name]) for name in names if name in test}
    try:
        if test["side"] == "gateway":
            seal.read_full(Reader(field["header"], "3.3"))
        elif test["side"] == "node":
            case.node(1, field.get("statement_name"), bytes(32)).open(field["request"])
        else:
            case.client()[0].open(field["answer"])
    except Refused as refused:
        check("seal-" + refused.paragraph == test["paragraph"], f"{test['side']}, {test['name']}: refused by {refused}")
        return
    raise SystemExit(f"FAILED: {test['side']}, {test['name']}: accepted")


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        vectors = json.load(file)
    cases = [Case(test) for test in vectors["exchanges"]]
    for case in cases:
        exchange(case)
    for test in vectors["refusals"]:
        refusal(cases[0], test)
    check(cases and vectors["refusals"], "nothing to replay")
    print(f"{len(cases)} exchanges, {len(vectors['refusals'])} refusals")


if __name__ == "__main__":
    main()
