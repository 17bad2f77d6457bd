# SPDX-License-Identifier: Apache-2.0
"""libopenpcc by its binary interface (include/openpcc/openpcc.h): no compiler, and nothing but the standard library."""

from __future__ import annotations

import ctypes
import functools
import os
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from typing import Any, NoReturn

from openpcc import errors

ABI = 0
NAME = f"libopenpcc.so.{ABI}"


class LibraryMissing(ImportError):
    """libopenpcc is not where it was looked for, or is another one."""


class Text(ctypes.Structure):
    _fields_ = [("data", c_char_p), ("size", c_size_t)]

    @classmethod
    def of(cls, value: bytes) -> Text:
        return cls(value or None, len(value))


class Evidence(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("bundle", Text), ("policy", Text), ("policy_signers", POINTER(Text)),
                ("policy_signer_count", c_size_t), ("policy_threshold", c_size_t), ("collateral", Text), ("event_log", Text),
                ("statement", Text), ("challenge", Text), ("sent", c_int64), ("at", c_int64), ("simulated_roots", Text)]


_ERROR = POINTER(c_void_p)
_OUT = POINTER(c_void_p)
_SIZE = POINTER(c_size_t)
# name: (result, arguments)
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "abi": (c_uint32, []),
    "version": (c_char_p, []),
    "harden": (c_int32, [POINTER(c_int), _ERROR]),
    "error_status": (c_int32, [c_void_p]),
    **{f"error_{part}": (c_void_p, [c_void_p, _SIZE]) for part in ("name", "text", "hint")},
    "error_free": (None, [c_void_p]),
    "verify": (c_int32, [POINTER(Evidence), _OUT, _ERROR]),
    "verdict_status": (c_int32, [c_void_p]),
    **{f"verdict_{part}": (c_void_p, [c_void_p, _SIZE]) for part in ("json", "statement", "bundle", "challenge")},
    "verdict_sent": (c_int64, [c_void_p]),
    "verdict_free": (None, [c_void_p]),
    "session_open_config": (c_int32, [c_char_p, c_size_t, _OUT, _ERROR]),
    "session_open_service": (c_int32, [c_char_p, c_size_t, _OUT, _ERROR]),
    "session_verdicts": (c_int32, [c_void_p, c_int64, _OUT, _ERROR]),
    "verdicts_count": (c_size_t, [c_void_p]),
    "verdicts_at": (c_void_p, [c_void_p, c_size_t]),
    "verdicts_free": (None, [c_void_p]),
    "session_stop": (None, [c_void_p]),
    "session_free": (None, [c_void_p]),
    "ask": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, _OUT, _ERROR]),
    "stream_head": (c_int32, [c_void_p, c_int64, POINTER(c_int), _ERROR]),
    "stream_read": (c_int64, [c_void_p, c_void_p, c_size_t, c_int64, _ERROR]),
    "stream_answered_by": (c_void_p, [c_void_p, _SIZE]),
    "stream_cancel": (None, [c_void_p]),
    "stream_free": (None, [c_void_p]),
}


@functools.cache
def library() -> ctypes.CDLL:
    """The library: the file that OPENPCC_LIBRARY names, or the one that the system's loader finds."""
    path = os.environ.get("OPENPCC_LIBRARY") or NAME
    try:
        loaded = ctypes.CDLL(path)
    except OSError as why:
        raise LibraryMissing(f"{path} cannot be loaded ({why}): install libopenpcc, or name its file in OPENPCC_LIBRARY") from None
    for name, (result, arguments) in _FUNCTIONS.items():
        try:
            function = getattr(loaded, "openpcc_" + name)
        except AttributeError:
            raise LibraryMissing(f"{path} has no openpcc_{name}: it is another library, or an older one") from None
        function.restype, function.argtypes = result, arguments
    if loaded.openpcc_abi() != ABI:
        raise LibraryMissing(f"{path} has another binary interface than {ABI}")
    return loaded


def call(name: str, *arguments: Any) -> Any:
    return getattr(library(), "openpcc_" + name)(*arguments)


def text(name: str, handle: Any) -> bytes:
    """What an accessor with a size gives, copied."""
    size = c_size_t()
    data = call(name, handle, byref(size))
    return ctypes.string_at(data, size.value)


def fail(status: int, error: c_void_p) -> NoReturn:
    """Raises the error of a call, and frees it."""
    try:
        name, what, hint = (text(f"error_{part}", error).decode(errors="replace") for part in ("name", "text", "hint"))
    finally:
        call("error_free", error)
    raise errors.make(status, name, what, hint)


def attempt(name: str, *arguments: Any, good: tuple[int, ...] = (0,)) -> int:
    """The status of a call whose last argument is the place for an error; raises for one that is not good."""
    error = c_void_p()
    status = int(call(name, *arguments, byref(error)))
    if status not in good:
        fail(status, error)
    return status


def version() -> str:
    """Of the library, for people."""
    return str(call("version").decode())


def harden() -> bool:
    """Closes this process against its own user, for good: no core file, no ptrace, no new privileges. True when its memory is
    locked too."""
    locked = c_int()
    attempt("harden", byref(locked))
    return locked.value == 1
