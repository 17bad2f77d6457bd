# SPDX-License-Identifier: Apache-2.0
"""Ask a confidential LLM service whose machines were verified, over libopenpcc (docs/reference/python.md).

    with openpcc.Session() as session:
        for piece in session.ask("/v1/chat/completions", {"model": "demo", "messages": [...]}):
            ...
"""

from openpcc._library import LibraryMissing, harden, version
from openpcc.errors import (
    Cancelled,
    Error,
    Incomplete,
    Internal,
    NotVerified,
    Refused,
    Simulated,
    Truncated,
    Unreachable,
    Usage,
)
from openpcc.session import Answer, Session
from openpcc.verdict import Verdict, judge, verify

__all__ = [
    "Answer", "Cancelled", "Error", "Incomplete", "Internal", "LibraryMissing", "NotVerified", "Refused", "Session",
    "Simulated", "Truncated", "Unreachable", "Usage", "Verdict", "harden", "judge", "verify", "version",
]
