# SPDX-License-Identifier: Apache-2.0
"""What every scenario is: parts that are run in order, waits that end, and a word when it cannot be run here."""

import os
import shutil
import sys
import time
import traceback

SKIPPED = 77


class Skip(Exception):
    """What is needed is not here: neither passed nor failed."""


def need(program):
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise Skip(f"{program} is not installed (tools/deps test)")
    return found


def until(condition, seconds, what, interval=0.02):
    """Waits until condition() gives something true, and gives that; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(interval)


def say(text):
    print(text, flush=True)


def run(*parts):
    """Runs the parts of a scenario in order; a failure is shown, and the next part runs all the same."""
    failed = []
    for part in parts:
        begun = time.monotonic()
        try:
            part()
        except Skip:
            raise
        except Exception:  # of any kind: it is a failure
            traceback.print_exc(limit=-3)
            failed.append(part.__name__)
            say(f"FAILED {part.__name__}")
        else:
            say(f"ok {part.__name__} ({time.monotonic() - begun:.1f} s)")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def main(scenario):
    """Ends the process with 0, 1, or 77 when the scenario cannot be run here."""
    try:
        scenario()
    except Skip as why:
        say(f"SKIPPED: {why}")
        sys.exit(SKIPPED)
