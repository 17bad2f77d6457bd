# SPDX-License-Identifier: Apache-2.0
"""Runs docs/operate/first-hour.md: every command of the page, in a fresh Debian 12, and holds what is printed to what the page
shows. `# ` begins a command of root, `$ ` one of ann's; three dots stand for anything. Sections under *Install* have a
network, the others none.

usage: first_hour.py FOLDER_OF_PACKAGES"""

import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from machine import CACHE, Cannot, Machine

SOURCE = pathlib.Path(__file__).parents[2]
PAGE = SOURCE / "docs/operate/first-hour.md"
FINGERPRINT = r"[0-9a-f]{4}(?: [0-9a-f]{4}){7}"


def steps(text):
    """(section, user, command, lines that are shown) of each command of the page."""
    out, section, fenced, waiting = [], "", False, None
    for line in text.splitlines():
        if not fenced and line.startswith("## "):
            section = line[3:]
        elif line.startswith("```"):
            fenced = line == "```console"
        elif fenced and waiting is not None:
            out[-1][2] += "\n" + line
            if line == waiting or (waiting == "\\" and not line.endswith("\\")):
                waiting = None
        elif fenced and line[:2] in ("# ", "$ "):
            out.append([section, {"#": "root", "$": "ann"}[line[0]], line[2:], []])
            here = re.search(r"<<'(\w+)'$", line)
            waiting = here[1] if here else "\\" if line.endswith("\\") else None
        elif fenced:
            out[-1][3].append(line)
    return out


def pattern(shown):
    """What is printed, as the page shows it: three dots for anything, also for lines; a fingerprint for any other."""
    parts = []
    for line in shown:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
            continue
        text = re.escape(line).replace(r"\.\.\.", ".*")
        parts.append(re.sub(r"[0-9a-f]{4}(?:\\ [0-9a-f]{4}){7}", f"(?:{FINGERPRINT})", text) + r"[ \t]*\n")
    return re.compile("".join(parts) + r"\Z")


def run_page(machine, environment):
    known = {}  # fingerprint on the page -> the one of this run
    count = 0
    for section, user, command, shown in steps(PAGE.read_text()):
        for page, here in known.items():
            command = command.replace(page, here)
        network = section.startswith("Install")
        code, printed = machine.run(command, user, network, environment)
        print(f"{'#' if user == 'root' else '$'} {command}\n{printed}", end="", flush=True)
        if code != 0:
            raise AssertionError(f"it ended with {code}")
        if printed and not printed.endswith("\n"):
            printed += "\n"
        if not pattern(shown).match(printed):
            raise AssertionError("the page shows something else:\n" + "\n".join(shown))
        for page, here in zip(re.findall(FINGERPRINT, "\n".join(shown)), re.findall(FINGERPRINT, printed)):
            known[page] = here
        count += 1
    if count < 10 or not known:
        raise AssertionError(f"only {count} commands and {len(known)} fingerprints were found on the page")
    print(f"first hour: {count} commands, each with what the page shows")


def wheels(folder):
    """The SDK and what it needs, pinned by digest, so that pip asks nobody."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary", ":all:",
                    "--dest", folder, "-r", SOURCE / "tests/sdk/requirements.txt"], check=True)


def main(packages):
    found = glob.glob(f"{packages}/*.deb")
    if len(found) != 5:
        raise SystemExit(f"{packages}: five packages were expected, {len(found)} are there")
    if not (CACHE / "engine").is_dir():
        raise Cannot("the engine is not here (make engine)")
    with Machine() as machine, tempfile.TemporaryDirectory() as store:
        wheels(store)
        shutil.copytree(store, machine.root / "srv/wheels")
        (machine.root / "srv/wheels").chmod(0o755)  # pip runs as ann
        for package in found:
            shutil.copy(package, machine.root / "root")
        # Fetched once on this machine, by the same script and the same digests.
        shutil.copytree(CACHE / "engine", machine.root / "var/cache/openpcc/engine", symlinks=True)
        machine.boot()
        run_page(machine, {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/srv/wheels"})


if __name__ == "__main__":
    os.umask(0o022)
    try:
        main(sys.argv[1])
    except Cannot as why:
        print(f"SKIPPED: {why}")
        sys.exit(77)
