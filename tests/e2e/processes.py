# SPDX-License-Identifier: Apache-2.0
"""Processes of this machine: the daemons, and whom they started."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import threading
import time


def children(pid):
    """All descendants of a process, itself first."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    out = [pid]
    for parent in out:
        out += [child for child, of in parents.items() if of == parent]
    return out


def program_of(pid):
    """Its name; empty when it runs no more."""
    with contextlib.suppress(OSError):
        name, _, rest = pathlib.Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        return "" if rest.split()[0] == "Z" else name
    return ""


class Slow:
    """Makes a process slow while it lasts: of `of` seconds it runs 2 ms. The demo's engine is so fast that its longest answer is
    over in a third of a second, which is no time to do anything in the middle of it."""

    def __init__(self, pid, of=0.04):
        self.pid, self.rest, self.going, self.frozen = pid, of - 0.002, True, False
        self.thread = threading.Thread(target=self._turn, daemon=True)
        self.thread.start()

    def _turn(self):
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(self.pid, signal.SIGSTOP)
                time.sleep(self.rest)
                if not self.going:
                    break
                os.kill(self.pid, signal.SIGCONT)
                time.sleep(0.002)
            if not self.frozen:
                os.kill(self.pid, signal.SIGCONT)

    def end(self):
        self.going = False
        self.thread.join()

    def freeze(self):
        """Ends with the process stopped, where it is."""
        self.frozen = True
        self.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Role:
    """One running daemon."""

    def __init__(self, name, argv, log, says_endpoint=True, port=None, tls=False):
        self.name, self.argv, self.log, self.port, self.tls = name, argv, log, port, tls
        output = open(log, "ab")
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=output, bufsize=0,
                                        stdout=subprocess.PIPE if says_endpoint else output, start_new_session=True)
        output.close()
        if says_endpoint:
            line = self.process.stdout.readline().decode()
            found = re.search(r"listening on http(s?)://127\.0\.0\.1:(\d+)", line)
            if not found:
                raise AssertionError(f"{name} did not start: {line!r} {pathlib.Path(log).read_text()[-600:]}")
            self.tls, self.port = bool(found[1]), int(found[2])

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def runs(self):
        return self.process.poll() is None

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)

    def stop(self, seconds=30):
        """SIGTERM, then the exit code."""
        if self.runs():
            self.kill(signal.SIGTERM)
        return self.process.wait(seconds)

    def end(self):
        if self.runs():
            self.kill(signal.SIGCONT)
            self.kill(signal.SIGKILL)
        self.process.wait(10)

    def log_text(self):
        return pathlib.Path(self.log).read_text(errors="replace")
