# SPDX-License-Identifier: Apache-2.0
"""What can go wrong: one exception for each meaning, which is that of an exit code of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpcc.verdict import Verdict


class Error(Exception):
    """`name` is stable and listed in docs/reference/refusals.md; `hint` says what to do, or is empty."""

    def __init__(self, name: str, text: str = "", hint: str = "") -> None:
        super().__init__(": ".join(part for part in (name, text) if part))
        self.name, self.text, self.hint = name, text, hint
        self.verdict: Verdict | None = None


class Usage(Error):
    """An argument or a file of one's own is wrong."""


class NotVerified(Error):
    """A check failed; nothing was sent."""


class Incomplete(Error):
    """No check failed, and one that is needed could not run."""


class Unreachable(Error):
    """Somebody on the way cannot be reached, or is busy."""


class Truncated(Unreachable):
    """The answer stopped before its end. What was read of it is genuine."""


class Refused(Error):
    """A request or an answer is not what it must be; the API's own refusals, too."""


class Internal(Error):
    """A fault of the library, or no memory."""


class Simulated(Error):
    """Every check passed, on simulated hardware that protects nothing."""


class Cancelled(Error):
    """The caller has stopped it."""


STATUSES: dict[int, type[Error]] = {1: Usage, 2: NotVerified, 3: Incomplete, 4: Unreachable, 5: Refused, 6: Internal, 7: Simulated,
                                    65: Cancelled}
AGAIN = 64


def make(status: int, name: str, text: str, hint: str) -> Error:
    """The exception for a status; one that this package does not know is a fault."""
    if name in ("client.truncated", "client.engine_failed"):
        return Truncated(name, text, hint)
    return STATUSES.get(status, Internal)(name, text, hint)
