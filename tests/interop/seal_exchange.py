# SPDX-License-Identifier: Apache-2.0
"""Our seal and seal_peer.py, both ways round: seal_exchange.py OUR_PEER [SEED]

Every suite, one to three candidates, each of them answering; records, chunks, lengths and pieces cut at random, but the
same in every run; and what is damaged on the way must be refused by both.
"""
import random
import sys

from ohttp_exchange import Peer
from seal_peer import (AEADS, COMPLETE, DATA, END, ENGINE_FAILED, LIMIT, MAX_CHUNK, P256, PADDING, X25519, Client,
                       Common, Direction, Node, NodeKey, Reader, Refused, end_of_answer, key_id, key_pair,
                       read_chunks, read_reduced, record, reduce, write_chunk)


def check(good, what):
    if not good:
        raise SystemExit(f"FAILED: {what}")


def hexed(data):
    return data.hex() or "-"


def damage(rng, stream, start):
    """(name, stream) for each way to spoil a stream whose chunks begin at `start`."""
    reader = Reader(stream, "5.1")
    head = reader.take(start)
    chunks = list(read_chunks(reader))
    join = lambda parts: head + b"".join(write_chunk(*part) for part in parts)
    yield "nothing", b""
    yield "last byte missing", stream[:-1]
    yield "cut", stream[:rng.randrange(len(stream))]
    yield "cut before the final chunk", join(chunks[:-1])
    yield "final chunk empty", join(chunks[:-1]) + b"\0"
    yield "a byte more", stream + b"\0"
    size = len(stream)
    for part, first, last in (("head", 0, start), ("chunks", start, size), ("tag", size - 16, size)):
        at = rng.randrange(first, last)
        yield f"flip in the {part}", stream[:at] + bytes([stream[at] ^ 1 << rng.randrange(8)]) + stream[at + 1:]
    yield "chunk twice", join(chunks[:1] + chunks)
    yield "first chunk dropped", join(chunks[1:])
    yield "reordered", join([chunks[1], chunks[0]] + chunks[2:])
    yield "another made final", join(chunks[:-2] + [(chunks[-2][0], True)])
    yield "final made another", join(chunks[:-1] + [(chunks[-1][0], False)])
    yield "chunk too long", head + write_chunk(bytes(MAX_CHUNK + 17), False)
    yield "final chunk too long", head + b"\0" + bytes(MAX_CHUNK + 17)
    yield "length of 2^62-1", head + b"\xff" * 8
    yield "chunk shorter than a tag", head + write_chunk(bytes(15), False)


def damage_header(rng, stream, start):
    """The same for a reduced header of three candidates."""
    at = 43 + 1  # count and index are at 42 and 43
    yield "index", stream[:43] + bytes([stream[43] ^ 1]) + stream[at:]
    yield "index too high", stream[:43] + b"\3" + stream[at:]
    yield "count 0", stream[:42] + b"\0" + stream[43:]
    yield "count 9", stream[:42] + b"\x09" + stream[43:]
    yield "one fewer", stream[:42] + b"\2" + stream[43:start - 32] + stream[start:]
    yield "one more", stream[:42] + b"\4" + stream[43:start] + bytes(32) + stream[start:]
    hashes = stream[start - 32:start] + stream[start - 64:start - 32]
    yield "others swapped", stream[:start - 64] + hashes + stream[start:]
    for offset, name in ((0, "form"), (1, "version"), (2, "kem"), (4, "kdf"), (6, "aead"), (40, "cell mode")):
        width = 2 if name in ("kem", "kdf", "aead") else 1
        yield f"another {name}", stream[:offset] + b"\x7f" * width + stream[offset + width:]
    yield "padded", stream[:41] + b"\1" + stream[42:]
    yield "mode asked", stream[:40] + bytes([(stream[40] + 1) % 3]) + stream[41:]


def bad_plains(end, bad_ends):
    """(name, the paragraph that refuses it, plaintexts); `end` is a good end record, `bad_ends` are bad bodies."""
    yield "empty chunk", "6.1", [b"", end]
    yield "empty final chunk", "6.1", [b""]
    yield "record longer than its chunk", "6.1", [b"\1\0\0\2a", end]
    yield "record head cut", "6.1", [b"\1\0\0", end]
    yield "record across chunks", "6.1", [b"\1\0\0\2a", b"b" + end]
    yield "empty data", "6.2", [record(DATA), end]
    yield "unknown type", "6.2", [record(3), end]
    yield "padding not zero", "6.2", [record(PADDING, b"\0\1"), end]
    yield "no end record", "6.3", [record(DATA, b"a")]
    yield "end too early", "6.3", [end, end]
    yield "two ends", "6.3", [end + end]
    yield "data after the end", "6.3", [end + record(DATA, b"a")]
    for body in bad_ends:
        yield f"end record {body.hex()}", "6.4", [record(DATA, b"a"), record(END, body)]


BAD_REQUEST_ENDS = (b"\0", b"\0\0\0\0")
BAD_ANSWER_ENDS = (b"", b"\0\0\0", b"\3\0\0\0", b"\0\3\0\0", b"\0\0\0\1", b"\0\0\0\0\0")


OUTCOMES = (COMPLETE, ENGINE_FAILED, LIMIT)


class Run:
    def __init__(self, ours, seed):
        self.ours, self.rng, self.exchanges, self.refused = ours, random.Random(seed), 0, 0

    def statement(self):
        return self.rng.randbytes(32)

    def sizes(self):
        return ",".join(str(self.rng.choice([1, 2, 7, 60, 500, 20000])) for _ in range(5))

    def body(self):
        size = self.rng.choice([0, 1, 40, 5000, MAX_CHUNK - 4, MAX_CHUNK - 3, 100000])
        return self.rng.randbytes(size)

    def plains(self, data, end):
        """The plaintexts of chunks that carry the data, cut anyhow, with padding, and end with `end`."""
        chunks, chunk = [], b""
        while data or self.rng.random() < 0.3:
            room = MAX_CHUNK - len(chunk) - 4
            if room < 100 or chunk and self.rng.random() < 0.3:
                chunks, chunk = chunks + [chunk], b""
                continue
            if self.rng.random() < 0.2 or not data:
                chunk += record(PADDING, bytes(min(room, self.rng.choice([0, 1, 300, MAX_CHUNK]))))
                continue
            size = min(room, len(data), self.rng.choice([1, 100, 4000, MAX_CHUNK]))
            chunk, data = chunk + record(DATA, data[:size]), data[size:]
        return chunks + ([chunk, end] if len(chunk) + len(end) > MAX_CHUNK else [chunk + end])

    def pieces(self, data):
        """The same for our side, which makes the records itself."""
        out = []
        while data or self.rng.random() < 0.3:
            if self.rng.random() < 0.3 or not data:
                out.append(f"p{self.rng.choice([0, 1, 300, MAX_CHUNK - 4])}")
                continue
            size = self.rng.choice([1, 100, 4000, 50000])
            out, data = out + ["d" + data[:size].hex()], data[size:]
        return ",".join(out) or "-"

    def stretch(self, stream, start):
        """The same stream with lengths in longer forms than needed."""
        reader, out = Reader(stream, "5.1"), []
        out.append(reader.take(start))
        for sealed, final in read_chunks(reader):
            size = self.rng.choice([4, 8])
            length = 0 if final else len(sealed)
            out.append((length | (2 if size == 4 else 3) << (8 * size - 2)).to_bytes(size, "big") + sealed)
        return b"".join(out)

    def must(self, *words):
        return self.ours.must(*words).split(" ")

    # One exchange each way

    def nodes(self, kem, count):
        keys = []
        for _ in range(count):
            ikm = self.rng.randbytes(32)
            private, public = key_pair(kem, ikm)
            check(self.must("key", f"{kem:04x}", ikm.hex()) == [public.hex(), key_id(kem, public).hex()], "keys")
            keys.append((ikm, private, public, self.statement()))
        return keys

    def client(self, common, keys):
        return Client(common, [(public, statement) for _, _, public, statement in keys])

    def our_client(self, common, keys, pieces, last):
        wire = self.must("request", f"{common.kem:04x}", f"{common.aead:04x}", str(common.cell_mode),
                         str(common.size_class), ",".join(key[2].hex() for key in keys),
                         ",".join(key[3].hex() for key in keys), pieces, hexed(last))
        return bytes.fromhex(wire[0])

    def node(self, common, key):
        _, private, public, statement = key
        return Node({key_id(common.kem, public): NodeKey(common.kem, private, (common.aead,), statement)})

    def our_open(self, common, key, request, statement=None, refuse=False):
        words = ("open", f"{common.kem:04x}", key[0].hex(), (statement or key[3]).hex(), self.sizes(), hexed(request))
        return self.ours.refuses(*words) if refuse else bytes.fromhex(self.must(*words)[0].replace("-", ""))

    def our_answer(self, data, outcome, mode, receipt):
        return bytes.fromhex(self.must("respond", str(outcome), str(mode), hexed(receipt), self.pieces(data))[0])

    def their_client(self, common, keys):
        """Python client, our node."""
        client, data = self.client(common, keys), self.body()
        request = self.stretch_request(client.seal(self.plains(data, record(END))))
        for i, key in enumerate(keys):
            reduced = reduce(request, i)
            check(self.must("reduce", str(i), request.hex()) == [reduced.hex()], "the gateways reduce differently")
            check(self.our_open(common, key, reduced) == data, "our node reads something else")
            reply, receipt, outcome = self.body(), self.rng.randbytes(9), self.rng.choice(OUTCOMES)
            answer = client.open(self.our_answer(reply, outcome, common.cell_mode, receipt))
            check((answer.candidate, answer.data, answer.outcome, answer.cell_mode, answer.receipt)
                  == (i, reply, outcome, common.cell_mode, receipt), "they read another answer")
            self.exchanges += 1

    def stretch_request(self, request):
        if self.rng.random() < 0.5:
            return request
        return self.stretch(request, len(request) - len(reduce(request, 0)) + self.start(reduce(request, 0)))

    @staticmethod
    def start(reduced):
        reader = Reader(reduced, "3.4")
        read_reduced(reader)
        return reader.at

    def our_request(self, common, keys):
        """Our client, Python node."""
        for i, key in enumerate(keys):
            data, last = self.body(), self.body()
            request = reduce(self.our_client(common, keys, self.pieces(data), last), i)
            node = self.node(common, key)
            opened = node.open(request)
            check(opened.data == data + last, "their node reads something else")
            self.refuses(lambda: node.open(request), "4.2", "repeated request")
            reply, receipt, outcome = self.body(), self.rng.randbytes(9), self.rng.choice(OUTCOMES)
            answer = opened.answer(self.plains(reply, end_of_answer(outcome, common.cell_mode, receipt)))
            if self.rng.random() < 0.5:
                answer = self.stretch(answer, 32)
            got = self.must("answer", self.sizes(), answer.hex())
            check(got == [str(i), str(outcome), str(common.cell_mode), hexed(receipt), hexed(reply)],
                  "we read another answer")
            self.exchanges += 1

    # What must not be accepted

    def refuses(self, act, paragraph, name):
        try:
            act()
        except Refused as refused:
            check(paragraph is None or refused.paragraph == paragraph, f"{name}: refused by {refused}, not {paragraph}")
            self.refused += 1
            return
        raise SystemExit(f"FAILED: their side accepts: {name}")

    def damaged_requests(self, common, keys):
        plains = [record(DATA, b"one"), record(DATA, b"three"), record(PADDING, bytes(9)),
                  record(DATA, b"x") + record(END)]
        good = reduce(self.client(common, keys).seal(plains), 1)
        start = self.start(good)
        check(self.our_open(common, keys[1], good) == b"onethreex", "the good request")
        for name, bad in [*damage(self.rng, good, start), *damage_header(self.rng, good, start)]:
            self.our_open(common, keys[1], bad, refuse=True)
            self.refuses(lambda: self.node(common, keys[1]).open(bad), None, name)
            self.refused += 1
        for key, statement in ((keys[1], self.statement()), (keys[1], keys[0][3]), (keys[0], None)):
            self.our_open(common, key, good, statement, refuse=True)
            self.refuses(lambda: self.node(common, (*key[:3], statement or key[3])).open(good), None, "another node")
        for name, paragraph, bad in bad_plains(record(END), BAD_REQUEST_ENDS):
            request = reduce(self.client(common, keys).seal(bad), 1)
            self.our_open(common, keys[1], request, refuse=True)
            self.refuses(lambda: self.node(common, keys[1]).open(request), paragraph, name)

    def damaged_answers(self, common, keys):
        def ask():
            return self.node(common, keys[1]).open(reduce(self.our_client(common, keys, "d61", b"b"), 1))

        def send(answer):
            self.ours.refuses("answer", self.sizes(), hexed(answer))
            self.refused += 1

        plains = [record(DATA, b"one"), record(DATA, b"three"), record(PADDING, bytes(9)), end_of_answer()]
        count = len(list(damage(self.rng, ask().answer(plains), 32)))
        for i in range(count):
            send(list(damage(self.rng, ask().answer(plains), 32))[i][1])
        for _, _, bad in bad_plains(end_of_answer(), BAD_ANSWER_ENDS):
            send(ask().answer(bad))
        earlier = ask()
        ask()
        send(earlier.answer(plains))
        # The same on their side.
        client = self.client(common, keys)
        request = reduce(client.seal([record(DATA, b"a"), record(END)]), 1)
        opened = self.node(common, keys[1]).open(request)
        for name, bad in damage(self.rng, opened.answer(plains), 32):
            self.refuses(lambda: client.open(bad), None, name)
        for name, paragraph, bad in bad_plains(end_of_answer(), BAD_ANSWER_ENDS):
            self.refuses(lambda: client.open(opened.answer(bad)), paragraph, name)
        stranger = self.client(common, keys)
        stranger.seal([record(DATA, b"a"), record(END)])
        self.refuses(lambda: stranger.open(opened.answer(plains)), "5.5", "the answer to another request")

    def forged(self, common, keys):
        """seal-9.3: candidate 1 makes another request under the shared keys and sends it to candidate 0."""
        client = self.client(common, keys)
        request = reduce(client.seal([record(DATA, b"a"), record(END)]), 0)
        head = request[:self.start(request)]
        forger = Direction(b"request", common.aead, client.header_hash, client.secret)
        other = head + write_chunk(forger.seal(record(DATA, b"b") + record(END), True), True)
        check(self.our_open(common, keys[0], other) == b"b", "nobody can tell but the client")
        answer = self.our_answer(b"here it is", COMPLETE, 0, b"")
        self.refuses(lambda: client.open(answer), "5.5", "an answer to a forged request")


def main():
    run = Run(Peer("ours", [sys.argv[1]]), sys.argv[2] if len(sys.argv) > 2 else "20261125")
    for kem in (X25519, P256):
        for aead in AEADS:
            for count in (1, 2, 3):
                for _ in range(3):
                    common = Common(kem, aead, cell_mode=run.rng.randrange(3), size_class=run.rng.randrange(256))
                    keys = run.nodes(kem, count)
                    run.their_client(common, keys)
                    run.our_request(common, keys)
            run.damaged_requests(common, keys)
            run.damaged_answers(common, keys)
            run.forged(common, keys)
    print(f"{run.exchanges} exchanges, {run.refused} refusals")


if __name__ == "__main__":
    main()
