# SPDX-License-Identifier: Apache-2.0
"""The seal (docs/protocol/seal.md, sections 1 to 8) written a second time, from the document alone.

Whole messages in memory, no X-Wing; strict: what the document has refused raises Refused with its paragraph.
"""
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from pyhpke import AEADId, CipherSuite, KDFId, KEMId

P256, X25519, KDF = 0x0010, 0x0020, 0x0001
LABEL = b"openpcc seal v1 "
KEMS = {P256: 65, X25519: 32}  # Npk, which is Nenc
AEADS = {1: (AESGCM, 16), 2: (AESGCM, 32), 3: (ChaCha20Poly1305, 32)}  # and Nk
MAX_CANDIDATES, MAX_HEADER, MAX_CHUNK, TAG = 8, 16384, 16384, 16
PADDING, DATA, END = 0, 1, 2
COMPLETE, ENGINE_FAILED, LIMIT = 0, 1, 2


class Refused(Exception):
    def __init__(self, paragraph, why):
        super().__init__(f"seal-{paragraph}: {why}")
        self.paragraph = paragraph


def need(good, paragraph, why):
    if not good:
        raise Refused(paragraph, why)


# 1. Notation

def H(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def vec8(data):
    return bytes([len(data)]) + data


def vec16(data):
    return struct.pack(">H", len(data)) + data


def extract(salt, ikm):
    return hmac.digest(salt, ikm, "sha256")


def expand(prk, info, length):
    need(length <= 32, "1.2", "one block is enough for every key here")
    return hmac.digest(prk, info + b"\x01", "sha256")[:length]


def varint(value):
    for bits, size in ((6, 1), (14, 2), (30, 4), (62, 8)):
        if value < 1 << bits:
            return (value | (size.bit_length() - 1) << (8 * size - 2)).to_bytes(size, "big")
    raise ValueError("too large for a varint")


class Reader:
    def __init__(self, data, paragraph):
        self.data, self.at, self.paragraph = data, 0, paragraph

    def take(self, size):
        need(len(self.data) - self.at >= size, self.paragraph, "cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def vector(self):
        return self.take(self.number(2))

    def varint(self):
        first = self.number(1)
        return int.from_bytes(bytes([first & 0x3F]) + self.take((1 << (first >> 6)) - 1), "big")

    def rest(self):
        return self.take(len(self.data) - self.at)

    def end(self):
        need(self.at == len(self.data), self.paragraph, "something follows")


# 2. Keys

def key_pair(kem, ikm):
    """DeriveKeyPair; HPKE's private key and the serialised public one."""
    pair = hpke(kem, 1).kem.derive_key_pair(ikm)
    return pair.private_key, pair.public_key.to_public_bytes()


def hpke(kem, aead):
    return CipherSuite.new(KEMId(kem), KDFId(KDF), AEADId(aead))


def public_key(kem, data):
    need(len(data) == KEMS[kem], "2.1", "the public key has another length")
    try:
        return hpke(kem, 1).kem.deserialize_public_key(data)
    except Exception as error:
        raise Refused("2.1", "a public key that its KEM does not allow") from error


def key_id(kem, public):
    return H(vec8(LABEL + b"key id"), struct.pack(">H", kem), vec16(public))[:16]


def read_key_config(data):
    reader = Reader(data, "2.1")
    kem, public = reader.number(2), reader.vector()
    suites = Reader(reader.vector(), "2.1")
    reader.end()
    need(kem in KEMS and 4 <= len(suites.data) <= 64, "2.1", "another KEM, or no suites")
    public_key(kem, public)
    aeads = []
    while suites.at < len(suites.data):
        kdf, aead = suites.number(2), suites.number(2)
        need(kdf == KDF and aead in AEADS, "2.1", "a suite that does not exist")
        aeads.append(aead)
    return kem, public, aeads


def choose(configs):
    """The KEM and the AEAD that every candidate offers; configs has a list for each: what it publishes."""
    for kem in (X25519, P256):
        for aead in (2, 3, 1):
            if all(any(k == kem and aead in aeads for k, _, aeads in candidate) for candidate in configs):
                return kem, aead
    raise Refused("2.4", "the candidates have no suite in common")


# 3. Headers

@dataclass
class Common:
    kem: int
    aead: int
    snapshot: bytes = bytes(32)
    cell_mode: int = 0
    size_class: int = 0

    def bytes(self):
        return struct.pack(">BHHH32sBB", 1, self.kem, KDF, self.aead, self.snapshot, self.cell_mode, self.size_class)


def read_common(reader):
    need(reader.number(1) == 1, "3.1", "another version")
    kem, kdf, aead = reader.number(2), reader.number(2), reader.number(2)
    need(kem in KEMS and kdf == KDF and aead in AEADS, "3.1", "a suite that does not exist")
    common = Common(kem, aead, reader.take(32), reader.number(1), reader.number(1))
    need(common.cell_mode <= 2, "3.1", "another cell mode")
    return common


@dataclass
class Entry:
    key_id: bytes
    enc: bytes
    wrapped: bytes

    def bytes(self):
        return self.key_id + vec16(self.enc) + vec16(self.wrapped)


def read_entry(reader, kem):
    entry = Entry(reader.take(16), reader.vector(), reader.vector())
    need(len(entry.enc) == KEMS[kem] and len(entry.wrapped) == 48, "3.2", "another length")
    return entry


def read_count(reader):
    count = reader.number(1)
    need(1 <= count <= MAX_CANDIDATES, "1.5", "no candidates, or too many")
    return count


def read_full(reader):
    need(reader.number(1) == 1, "3.3", "not a full header")
    common = read_common(reader)
    entries = [read_entry(reader, common.kem) for _ in range(read_count(reader))]
    need(len({entry.key_id for entry in entries}) == len(entries), "3.3", "two entries for one key")
    return common, entries


def read_reduced(reader):
    need(reader.number(1) == 2, "3.4", "not a reduced header")
    common, count, index = read_common(reader), read_count(reader), reader.number(1)
    need(index < count, "3.4", "no such index")
    entry = read_entry(reader, common.kem)
    return common, index, entry, [reader.take(32) for _ in range(count - 1)]


def reduce(request, index):
    """What a gateway does with a request: the chunks stay as they are."""
    reader = Reader(request, "3.3")
    common, entries = read_full(reader)
    others = b"".join(H(entry.bytes()) for i, entry in enumerate(entries) if i != index)
    return (b"\x02" + common.bytes() + bytes([len(entries), index]) + entries[index].bytes() + others
            + reader.rest())


def header_hash(common, hashes):
    return H(vec8(LABEL + b"header"), common.bytes(), bytes([len(hashes)]), *hashes)


# 5. Streams

class Direction:
    """The keys of one direction, and the number of the next chunk."""

    def __init__(self, name, aead, salt, secret):
        cipher, size = AEADS[aead]
        prk, info = extract(salt, secret), struct.pack(">H", aead)
        self.key = expand(prk, vec8(LABEL + name + b" key") + info, size)
        self.nonce = expand(prk, vec8(LABEL + name + b" nonce") + info, 12)
        self.cipher, self.next = cipher(self.key), 0

    def _nonce(self):
        value = int.from_bytes(self.nonce, "big") ^ self.next
        return value.to_bytes(12, "big")

    def seal(self, plain, final):
        sealed = self.cipher.encrypt(self._nonce(), plain, b"final" if final else b"")
        self.next += 1
        return sealed

    def open(self, sealed, final):
        try:
            plain = self.cipher.decrypt(self._nonce(), sealed, b"final" if final else b"")
        except (InvalidTag, ValueError) as error:
            raise Refused("5.3", "a chunk that does not open") from error
        self.next += 1
        return plain


def read_chunks(reader):
    """(sealed, final) for each chunk as it comes; the carrier ends where the reader does."""
    final = False
    while not final:
        size = reader.varint()
        final = size == 0
        if final:
            size = len(reader.data) - reader.at
        need(size <= MAX_CHUNK + TAG, "1.5", "a chunk that is too long")
        yield reader.take(size), final


def write_chunk(sealed, final):
    return varint(0 if final else len(sealed)) + sealed


def transcript_of(hash_of_header, chunks):
    """chunks: (sealed, final)."""
    covered = [bytes([final]) + struct.pack(">I", len(sealed)) + sealed for sealed, final in chunks]
    return H(vec8(LABEL + b"transcript"), hash_of_header, *covered)


# 6. Records

def record(kind, body=b""):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def end_of_answer(outcome=COMPLETE, cell_mode=0, receipt=b""):
    return record(END, bytes([outcome, cell_mode]) + vec16(receipt))


def read_records(plain, final):
    """The data of a chunk, and the body of its end record (None but in the final chunk)."""
    need(len(plain) > 0, "6.1", "a chunk without a record")
    reader, data, end = Reader(plain, "6.1"), b"", None
    while reader.at < len(plain):
        need(end is None, "6.3", "something after the end record")
        kind, body = reader.number(1), reader.take(reader.number(3))
        need(kind in (PADDING, DATA, END), "6.2", "another type of record")
        if kind == PADDING:
            need(not any(body), "6.2", "padding that is not zero")
        elif kind == DATA:
            need(len(body) > 0, "6.2", "data without a byte")
            data += body
        else:
            need(final, "6.3", "an end record before the final chunk")
            end = body
    need(not final or end is not None, "6.3", "a final chunk without its end record")
    return data, end


# The client

@dataclass
class Answer:
    candidate: int
    data: bytes
    outcome: int
    cell_mode: int
    receipt: bytes


class Client:
    """One request: candidates are (public key, statement name)."""

    def __init__(self, common, candidates, secret=None, ephemerals=None):
        need(1 <= len(candidates) <= MAX_CANDIDATES, "1.5", "no candidates, or too many")
        self.common, self.secret = common, secret or os.urandom(32)
        self.entries, self.response_secrets = [], []
        for i, (public, statement) in enumerate(candidates):
            enc, context = hpke(common.kem, common.aead).create_sender_context(
                public_key(common.kem, public), info=vec8(LABEL + b"wrap") + common.bytes() + statement,
                eks=ephemerals[i] if ephemerals else None)
            self.entries.append(Entry(key_id(common.kem, public), enc, context.seal(self.secret)))
            self.response_secrets.append(context.export(LABEL + b"response", 32))
        need(len({entry.key_id for entry in self.entries}) == len(self.entries), "3.3", "two entries for one key")
        self.header_hash = header_hash(common, [H(entry.bytes()) for entry in self.entries])
        self.keys = Direction(b"request", common.aead, self.header_hash, self.secret)
        self.chunks = []

    def seal(self, plains):
        """The request; the last of the plaintexts is the final chunk's."""
        self.chunks = [(self.keys.seal(plain, i + 1 == len(plains)), i + 1 == len(plains))
                       for i, plain in enumerate(plains)]
        header = b"\x01" + self.common.bytes() + bytes([len(self.entries)])
        return (header + b"".join(entry.bytes() for entry in self.entries)
                + b"".join(write_chunk(*chunk) for chunk in self.chunks))

    def open(self, answer):
        reader = Reader(answer, "7.4")
        salt = transcript_of(self.header_hash, self.chunks) + reader.take(32)
        candidates = [Direction(b"response", self.common.aead, salt, secret) for secret in self.response_secrets]
        data, end, chosen = b"", None, None
        for sealed, final in read_chunks(reader):
            if chosen is None:
                chosen, plain = self._first(candidates, sealed, final)
            else:
                plain = candidates[chosen].open(sealed, final)
            more, end = read_records(plain, final)
            data += more
        body = Reader(end, "6.4")
        outcome, cell_mode, receipt = body.number(1), body.number(1), body.vector()
        body.end()
        need(outcome <= LIMIT and cell_mode <= 2, "6.4", "another outcome or cell mode")
        return Answer(chosen, data, outcome, cell_mode, receipt)

    @staticmethod
    def _first(candidates, sealed, final):
        for i, keys in enumerate(candidates):
            try:
                return i, keys.open(sealed, final)
            except Refused:
                continue
        raise Refused("5.5", "no candidate made this answer for this request")


# The node

@dataclass
class NodeKey:
    kem: int
    private: object
    aeads: tuple
    statement: bytes
    seen: set = field(default_factory=set)


@dataclass
class Request:
    common: Common
    data: bytes
    transcript: bytes
    response_secret: bytes

    def answer(self, plains, nonce=None):
        nonce = nonce or os.urandom(32)
        keys = Direction(b"response", self.common.aead, self.transcript + nonce, self.response_secret)
        last = len(plains) - 1
        return nonce + b"".join(write_chunk(keys.seal(plain, i == last), i == last) for i, plain in enumerate(plains))


class Node:
    """keys: by key id."""

    def __init__(self, keys, snapshots=(bytes(32),), room=1 << 16):
        self.keys, self.snapshots, self.room = keys, snapshots, room

    def open(self, request):
        reader = Reader(request, "3.4")
        common, index, entry, others = read_reduced(reader)
        need(reader.at <= MAX_HEADER, "1.5", "a header that is too long")
        need(common.snapshot in self.snapshots, "3.1", "a snapshot that was not seen cosigned")
        key = self.keys.get(entry.key_id)
        need(key is not None, "7.1", "a key that is gone")
        need(key.kem == common.kem and common.aead in key.aeads, "2.4", "a suite that this key does not have")
        need(entry.enc not in key.seen, "4.2", "a request seen before")
        need(len(key.seen) < self.room, "4.2", "no room to remember the request")
        key.seen.add(entry.enc)
        try:
            context = hpke(common.kem, common.aead).create_recipient_context(
                entry.enc, key.private, info=vec8(LABEL + b"wrap") + common.bytes() + key.statement)
            secret = context.open(entry.wrapped)
        except Exception as error:
            raise Refused("4.1", "a wrap that does not open") from error
        hashes = others[:index] + [H(entry.bytes())] + others[index:]
        hash_of_header = header_hash(common, hashes)
        keys = Direction(b"request", common.aead, hash_of_header, secret)
        reader.paragraph = "5.1"
        chunks, data, end = [], b"", None
        for sealed, final in read_chunks(reader):
            more, end = read_records(keys.open(sealed, final), final)
            chunks.append((sealed, final))
            data += more
        need(end == b"", "6.4", "a request whose end record has a body")
        return Request(common, data, transcript_of(hash_of_header, chunks), context.export(LABEL + b"response", 32))
