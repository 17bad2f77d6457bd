# SPDX-License-Identifier: Apache-2.0
"""Stands on the way between two hops: records requests as they came, and passes, answers, holds or cuts them."""

import contextlib
import select
import socket
import threading

import wire


class Request:
    def __init__(self, head, content, framed):
        self.head = head  # bytes, with the blank line
        self.content = content  # without framing
        self.framed = framed  # as it came
        self.answer = b""  # as it was passed back
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = first.split(" ")
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if line]
        self.fields = [(name.lower(), value) for name, value in self.fields]

    def field(self, name):
        return next((value for key, value in self.fields if key == name), None)

    @property
    def raw(self):
        """As it came, but asking for no second request on its connection, so that the answer ends with it."""
        return self.head[:-2] + b"connection: close\r\n\r\n" + self.framed


def read_request(stream, pending):
    """(request, what came after it), or (None, b"") at the end."""
    while b"\r\n\r\n" not in pending:
        piece = stream.recv(65536)
        if not piece:
            return None, b""
        pending += piece
    head, _, rest = pending.partition(b"\r\n\r\n")
    found = Request(head + b"\r\n\r\n", b"", b"")
    chunked = found.field("transfer-encoding") is not None
    length = int(found.field("content-length") or 0)
    while True:
        content, ended, after = wire.unchunk(rest) if chunked else (rest[:length], len(rest) >= length, rest[length:])
        if ended:
            return Request(found.head, content, rest[:len(rest) - len(after)]), after
        piece = stream.recv(65536)
        if not piece:
            return None, b""
        rest += piece


class Server:
    """A thread per connection on a port of loopback."""

    def __init__(self, port=0):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.requests, self.connections = [], 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        with stream, contextlib.suppress(OSError):
            self.serve(stream)

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Tap(Server):
    """on_request(request) may give bytes to answer with, or None to pass the request on; it may wait. cut(request) may
    give how many bytes of the answer are passed before both sides are closed."""

    def __init__(self, upstream, on_request=None, cut=None):
        self.upstream, self.on_request, self.cut = upstream, on_request, cut
        super().__init__()

    def serve(self, stream):
        pending = b""
        while True:
            found, pending = read_request(stream, pending)
            if found is None:
                return
            self.requests.append(found)
            answer = self.on_request(found) if self.on_request else None
            if answer is not None:
                stream.sendall(answer)
                continue
            self._pass(found, stream)
            return  # the answer says that the connection ends

    def _pass(self, found, stream):
        limit = self.cut(found) if self.cut else None
        with wire.connect(self.upstream, 30) as up:
            up.sendall(found.raw)
            while limit is None or limit > 0:
                ready, _, _ = select.select([up, stream], [], [], 60)
                if stream in ready:  # the caller is gone: so are we
                    return
                piece = up.recv(65536)
                if not piece:
                    return
                piece = piece[:limit]
                found.answer += piece
                stream.sendall(piece)
                limit = None if limit is None else limit - len(piece)


class Recorder(Server):
    """A far end that keeps what came, and answers as it is told: answer(request, stream)."""

    def __init__(self, answer):
        self.answer = answer
        super().__init__()

    def serve(self, stream):
        pending = b""
        while True:
            found, pending = read_request(stream, pending)
            if found is None:
                return
            self.requests.append(found)
            if self.answer(found, stream) is False:
                return
