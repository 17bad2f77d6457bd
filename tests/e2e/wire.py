# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 by hand: what is sent and what came, byte for byte."""

import contextlib
import socket
import ssl


class Answer:
    """One HTTP answer as it came: `whole` when its framing ended as it should."""

    def __init__(self, raw):
        self.raw = raw
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if raw else 0  # 0: closed without a word
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
        self.fields = [(name.lower(), value) for name, value in self.fields]
        self.body, self.whole = rest, bool(raw)
        if self.field("transfer-encoding") == "chunked":
            self.body, self.whole, _ = unchunk(rest)
        elif self.field("content-length") is not None:
            self.whole = len(rest) == int(self.field("content-length"))

    def field(self, name):
        return next((value for key, value in self.fields if key == name), None)


def unchunk(raw):
    """(content, ended, rest) of a chunked message."""
    out, at = b"", 0
    while True:
        end = raw.find(b"\r\n", at)
        if end < 0:
            return out, False, b""
        size = int(raw[at:end].split(b";")[0], 16)
        piece = raw[end + 2:end + 2 + size]
        if size == 0:
            return out, raw[end + 2:end + 4] == b"\r\n", raw[end + 4:]
        out += piece
        at = end + 2 + size + 2
        if len(piece) < size:
            return out, False, b""


def connect(address, seconds=10, tls=False, source=None):
    """A connection to a port of loopback or, for a path, to a UNIX socket; `source` is the address that we come from."""
    if isinstance(address, str):
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(seconds)
        stream.connect(address)
        return stream
    stream = socket.create_connection(address, seconds, source and (source, 0))
    if not tls:
        return stream
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(stream)


def read_to_end(stream):
    raw = b""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):  # a TLS read may have to write
        while piece := stream.recv(65536):
            raw += piece
    return raw


def exchange(address, raw, **how):
    """Sends bytes, and reads until the other side ends: the answer."""
    with connect(address, **how) as stream:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            stream.sendall(raw)
        return Answer(read_to_end(stream))


def request(method, path, fields=(), body=b"", chunked=False):
    """The bytes of a request that asks for no second one on its connection."""
    lines = [f"{method} {path} HTTP/1.1", "host: relay.example", *(f"{name}: {value}" for name, value in fields),
             "connection: close"]
    if chunked:
        lines.append("transfer-encoding: chunked")
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in ([body] if body else [])) + b"0\r\n\r\n"
    elif body or method == "POST":
        lines.append(f"content-length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def http(address, method, path, fields=(), body=b"", chunked=False, **how):
    return exchange(address, request(method, path, fields, body, chunked), **how)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def can_connect(address):
    with contextlib.suppress(OSError):
        socket.create_connection(address, 1).close()
        return True
    return False
