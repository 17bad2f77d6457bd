# SPDX-License-Identifier: Apache-2.0
"""Judging evidence."""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Sequence
from ctypes import byref, c_void_p, sizeof
from dataclasses import dataclass
from typing import Any

from openpcc import _library, errors


@dataclass(frozen=True)
class Verdict:
    """The outcome of a verification. Only `verified` says that a prompt may be sent to real hardware."""

    status: int
    json: str  # every check, in one line: the same bytes as `openpcc verify --json`
    statement: str  # the node's name in hex
    bundle: bytes = b""  # of a session's node: the evidence that it gave, what it was sent, and when
    challenge: bytes = b""
    sent: int = 0

    @property
    def verified(self) -> bool:
        return self.status == 0

    @property
    def state(self) -> str:
        """verified, verified_with_notes, not_verified, incomplete or simulated."""
        return str(self.details["state"])

    @property
    def details(self) -> dict[str, Any]:
        """The JSON, read: docs/reference/verdict.md."""
        return dict(json_module.loads(self.json))

    def require(self) -> Verdict:
        """Itself when verified; raises otherwise, simulated hardware included."""
        if self.verified:
            return self
        details = self.details
        error = errors.STATUSES.get(self.status, errors.Internal)("verdict." + details["state"], details["first_problem"] or "")
        error.verdict = self
        raise error

    @classmethod
    def _read(cls, handle: Any) -> Verdict:
        return cls(status=_library.call("verdict_status", handle), json=_library.text("verdict_json", handle).decode(),
                   statement=_library.text("verdict_statement", handle).decode(), bundle=_library.text("verdict_bundle", handle),
                   challenge=_library.text("verdict_challenge", handle), sent=_library.call("verdict_sent", handle))


def judge(bundle: bytes, *, policy: bytes, policy_signers: Sequence[str] = (), policy_threshold: int = 0, collateral: bytes = b"",
          event_log: bytes = b"", statement: str = "", challenge: bytes = b"", sent: int = 0, at: int | None = None,
          simulated_roots: bytes = b"") -> Verdict:
    """The verdict on a saved bundle, whatever it is. Raises when something is wrong before the bundle can be judged. Times are
    seconds since 1970 UTC; `at` is now when absent."""
    if policy_threshold < 0:
        raise errors.Usage("library.bad_argument", "policy_threshold: negative")
    signers = [signer.encode() for signer in policy_signers]
    named = statement.encode()
    text = _library.Text.of
    evidence = _library.Evidence(
        sizeof(_library.Evidence), text(bundle), text(policy), (_library.Text * max(1, len(signers)))(*map(text, signers)),
        len(signers), policy_threshold, text(collateral), text(event_log), text(named), text(challenge), sent,
        int(time.time()) if at is None else at, text(simulated_roots))
    handle, error = c_void_p(), c_void_p()
    status = int(_library.call("verify", byref(evidence), byref(handle), byref(error)))
    if not handle:
        _library.fail(status, error)
    try:
        return Verdict._read(handle)
    finally:
        _library.call("verdict_free", handle)


def verify(bundle: bytes, **options: Any) -> Verdict:
    """As `judge`, and raises unless the verdict is verified: NotVerified, Incomplete or Simulated, with the verdict in it."""
    return judge(bundle, **options).require()
