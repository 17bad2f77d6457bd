# SPDX-License-Identifier: Apache-2.0
"""What the packages bring, against what docs/operate/packages.md says of it."""
import re
import shutil
import subprocess
import tempfile

from tree import SOURCE, check, differences, files, read, table

PAGE = "docs/operate/packages.md"


@check
def unit_exposure():
    """The units' exposure, as systemd judges it, is what the page says."""
    rows = {row[0].strip("`"): row[1] for row in table(read(PAGE), "exposure")}
    units = {re.search(r"([\w-]+@)\.service$", path)[1]: path for path in files(r"^deploy/systemd/.*\.service$")}
    yield from differences("unit", rows, units, PAGE)
    if shutil.which("systemd-analyze") is None:
        yield "systemd-analyze is missing (tools/deps test)"
        return
    for name, path in units.items():
        with tempfile.TemporaryDirectory() as folder:
            instance = f"{folder}/{name}demo.service"
            shutil.copy(SOURCE / path, instance)
            command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", instance]
            said = subprocess.run(command, capture_output=True, text=True)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
        if not found:
            yield f"{path}: systemd-analyze says nothing: {said.stderr.strip()}"
        elif found[1] != rows.get(name):
            yield f"{PAGE}: {name} is {found[1]}, not {rows.get(name)}"


@check
def unit_paths():
    """A unit starts the program that its package brings, as the user that the package makes."""
    for path in files(r"^deploy/systemd/.*\.service$"):
        role = re.search(r"openpcc-(\w+)@", path)[1]
        text = read(path)
        for line in (f"ExecStart=/usr/libexec/openpcc/{role}d --config /etc/openpcc/%i/{role}/{role}.toml",
                     f"User=openpcc-{role}", f"AssertPathExists=/etc/openpcc/%i/{role}/{role}.toml"):
            if line not in text.splitlines():
                yield f"{path}: {line} is missing"
