# SPDX-License-Identifier: Apache-2.0
"""Looks for a text, however it is written down, and for every run of eight of its bytes."""

import base64
import json
import pathlib
import re
import urllib.parse

from scenario import Skip

RUN = 8
PAGE = 4096


def forms(text):
    """{how it is written: bytes}. Base64 in its three alignments, without the characters that depend on neighbours."""
    raw = text.encode()
    out = {"raw": raw, "JSON": json.dumps(text, ensure_ascii=False).encode()[1:-1], "JSON, ASCII": json.dumps(text).encode()[1:-1],
           "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(), "UTF-16LE": text.encode("utf-16-le"),
           "UTF-16BE": text.encode("utf-16-be"), "UTF-32LE": text.encode("utf-32-le"), "URL": urllib.parse.quote(text).encode()}
    for skip in range(3):
        part = raw[skip:len(raw) - (len(raw) - skip) % 3]
        out[f"base64+{skip}"] = base64.b64encode(part)
        out[f"base64url+{skip}"] = base64.urlsafe_b64encode(part)
    return out


class Hunt:
    def __init__(self, text, run=RUN):
        self.run, self.forms, self.blocks = run, forms(text), {}
        for how, needle in self.forms.items():
            # Whatever has twice this size, less one, holds such a block whole, at a multiple of its size.
            size = (self._least(how) + 1) // 2
            for at in range(0, len(needle) - size + 1, size):
                self.blocks.setdefault(needle[at:at + size], []).append((how, at))

    def search(self, haystack):
        """The longest run that was found: (its length, how it was written), or None below the run's length."""
        best = None
        for block, places in self.blocks.items():
            at = haystack.find(block)
            while at >= 0:
                for how, offset in places:
                    size = self._grown(haystack, at, self.forms[how], offset)
                    if size >= self._least(how) and (best is None or size > best[0]):
                        best = (size, how)
                at = haystack.find(block, at + 1)
        return best

    def _least(self, how):
        """A run of so many of the text's bytes, in this writing."""
        wider = {"hex": 2, "HEX": 2, "UTF-16LE": 2, "UTF-16BE": 2, "UTF-32LE": 4}
        return self.run * wider.get(how, 1) + (4 if how.startswith("base64") else 0)

    @staticmethod
    def _grown(haystack, at, needle, offset):
        left, right = 0, 0
        while left < min(at, offset) and haystack[at - left - 1] == needle[offset - left - 1]:
            left += 1
        most = min(len(haystack) - at, len(needle) - offset)
        while right < most and haystack[at + right] == needle[offset + right]:
            right += 1
        return left + right


def mappings(pid):
    """(begin, end) of what a process has in memory of its own: all but pages of files as they are on disk."""
    text = pathlib.Path(f"/proc/{pid}/smaps").read_text()
    for found in re.finditer(r"(?m)^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+) *(.*)$((?:\n[A-Z]\w+:.*)+)", text):
        begin, end, rights, inode, name, numbers = found.groups()
        begin, end = int(begin, 16), int(end, 16)
        if end - begin > 1 << 36:
            raise Skip("a sanitizer's shadow memory is too large to search")
        own = int(re.search(r"Anonymous: +(\d+)", numbers)[1]) + int(re.search(r"Shared_Dirty: +(\d+)", numbers)[1])
        if "r" in rights and (inode == "0" or own) and name not in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
            yield begin, end


def memory(pid):
    """What a process has in memory, in parts that overlap by a page."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for begin, end in mappings(pid):
            piece = bytearray()
            while begin + len(piece) < end:
                try:
                    file.seek(begin + len(piece))
                    got = file.read(min(1 << 24, end - begin - len(piece)))
                except OSError:
                    break  # a device's page
                if not got:
                    break
                piece += got
            # Most of what is mapped are zeros, which hold nothing.
            for at in range(0, len(piece), 1 << 16):
                part = bytes(piece[at:at + (1 << 16) + PAGE])
                if part.count(0) < len(part):
                    yield part


def written_by(pid):
    """Ordinary files that a process holds open."""
    out = []
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        target = entry.readlink()
        if target.is_absolute() and target.is_file():
            out.append(target)
    return out
