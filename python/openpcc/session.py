# SPDX-License-Identifier: Apache-2.0
"""Asking verified nodes."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from ctypes import byref, c_int, c_void_p, create_string_buffer
from types import TracebackType
from typing import Any

from openpcc import _library, errors
from openpcc.verdict import Verdict

# A call into the library keeps a thread from handling Ctrl-C, so that long waits are taken in slices.
_SLICE_MS = 200
_GOOD = (0, errors.AGAIN)
_PIECE = 64 * 1024
_SHOWN = 64 * 1024  # of the API's own refusal


class _Handle:
    """An object of the library that threads use at once: freed when it was closed and nobody is in a call with it."""

    def __init__(self, handle: c_void_p, stop: str, free: str) -> None:
        self._handle, self._stop, self._free = handle, stop, free
        self._lock = threading.Lock()
        self._users, self._closed = 0, False

    def use(self, call: Callable[[c_void_p], Any]) -> Any:
        with self._lock:
            if self._closed:
                raise errors.Cancelled("net.cancelled", "it is closed")
            self._users += 1
        try:
            return call(self._handle)
        finally:
            with self._lock:
                self._users -= 1
                last = self._closed and self._users == 0
            if last:
                _library.call(self._free, self._handle)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            last = self._users == 0
            if not last:  # under the lock: the last user frees it
                _library.call(self._stop, self._handle)
        if last:
            _library.call(self._free, self._handle)


def _within(timeout: float | None, step: Callable[[int], int]) -> int:
    """Repeats a step, which gets a wait in milliseconds, as long as it says AGAIN."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        left = _SLICE_MS if end is None else max(0, min(_SLICE_MS, int((end - time.monotonic()) * 1000)))
        status = step(left)
        if abs(status) != errors.AGAIN:
            return status
        if end is not None and time.monotonic() >= end:
            raise TimeoutError("nothing came in time")


class Answer:
    """An answer as it comes: an iterator of bytes, decrypted and made by a verified node for this request. It ends at the
    answer's authenticated end alone; whatever is missing raises."""

    def __init__(self, handle: c_void_p, timeout: float | None) -> None:
        self._handle = _Handle(handle, "stream_cancel", "stream_free")
        self._timeout = timeout
        self._buffer = create_string_buffer(_PIECE)
        self._answered_by = ""

    @property
    def status(self) -> int:
        """The HTTP status; waits for the head of the answer."""
        found = c_int()

        def step(wait: int) -> int:
            return int(self._handle.use(lambda stream: _library.attempt("stream_head", stream, wait, byref(found), good=_GOOD)))

        _within(self._timeout, step)
        return found.value

    @property
    def answered_by(self) -> str:
        """The statement's name of the node that has answered; empty before the end."""
        return self._answered_by

    def _read(self) -> bytes:
        piece = b""

        def step(wait: int) -> int:
            nonlocal piece

            def take(stream: c_void_p) -> int:
                nonlocal piece
                error = c_void_p()
                size = int(_library.call("stream_read", stream, self._buffer, _PIECE, wait, byref(error)))
                if size < 0 and size != -errors.AGAIN:
                    _library.fail(-size, error)
                if size == 0:
                    self._answered_by = _library.text("stream_answered_by", stream).decode()
                piece = self._buffer.raw[:size] if size > 0 else b""
                return min(size, 0)

            return int(self._handle.use(take))

        _within(self._timeout, step)
        return piece

    def __iter__(self) -> Iterator[bytes]:
        """The pieces. A refusal of the API's own raises Refused, with what it says."""
        if self.status != 200:
            said = b""
            while len(said) < _SHOWN and (piece := self._read()):
                said += piece
            raise errors.Refused("chat.refused_by_node", _message(said) or f"status {self.status}")
        while piece := self._read():
            yield piece

    def read(self) -> bytes:
        """The whole answer."""
        return b"".join(self)

    def json(self) -> Any:
        return json.loads(self.read())

    def cancel(self) -> None:
        """Stops the request, from any thread; the node's engine stops. Readers get Cancelled."""
        self._handle.use(lambda stream: _library.call("stream_cancel", stream))

    def close(self) -> None:
        """Cancels what has not ended, and frees it."""
        self._handle.close()

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self.close()


def _message(said: bytes) -> str:
    try:
        return str(json.loads(said)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""


class Session:
    """A session with a service: of a client configuration, or one that the user has added, by its name or without one the one in
    use. Nodes are verified when they are first needed. Any thread may ask."""

    def __init__(self, *, config: str | os.PathLike[str] | None = None, service: str | None = None) -> None:
        if config is not None and service is not None:
            raise errors.Usage("library.bad_argument", "config and service both name the service")
        handle = c_void_p()
        kind = "service" if config is None else "config"
        name = (service or "").encode() if config is None else os.fsencode(config)
        _library.attempt(f"session_open_{kind}", name, len(name), byref(handle))
        self._handle = _Handle(handle, "session_stop", "session_free")

    def verdicts(self, *, timeout: float | None = None) -> list[Verdict]:
        """Verifies every node now. They are verdicts: only their states say whether a node may be asked."""
        out: list[Verdict] = []

        def step(wait: int) -> int:
            def take(session: c_void_p) -> int:
                handle, error = c_void_p(), c_void_p()
                status = int(_library.call("session_verdicts", session, wait, byref(handle), byref(error)))
                if not handle and status != errors.AGAIN:
                    _library.fail(status, error)
                try:
                    for index in range(_library.call("verdicts_count", handle)):
                        out.append(Verdict._read(_library.call("verdicts_at", handle, index)))
                finally:
                    _library.call("verdicts_free", handle)
                return status

            return int(self._handle.use(take))

        _within(timeout, step)
        return out

    def ask(self, path: str, body: dict[str, Any] | bytes | str | None = None, *, timeout: float | None = None) -> Answer:
        """Sends one request of the API ("/v1/chat/completions"): an object, or its JSON. None is a GET ("/v1/models"). `timeout`
        is in seconds, for each wait on the answer."""
        if body is None:
            sent = b""
        elif isinstance(body, dict):
            sent = json.dumps(body).encode()
        else:
            sent = body.encode() if isinstance(body, str) else bytes(body)
        where = path.encode()
        handle = c_void_p()
        self._handle.use(lambda session: _library.attempt("ask", session, where, len(where), sent, len(sent), byref(handle)))
        return Answer(handle, timeout)

    def close(self) -> None:
        """Cancels what goes on, waits for the library's thread, and frees it."""
        self._handle.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self.close()
