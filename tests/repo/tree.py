# SPDX-License-Identifier: Apache-2.0
"""The tree that the checks look at, and the list of checks."""
import functools
import os
import pathlib
import re
import sys

SOURCE = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".").resolve()
BUILD = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "build/dev").resolve()
NOT_OURS = {"build", ".git", ".cache", "__pycache__", "node_modules", "target"}

CHECKS = {}


def check(function):
    """Registers a check: a function that yields one text for each thing that is wrong."""
    CHECKS[function.__name__] = function
    return function


@functools.cache
def every_file():
    found = []
    for folder, subfolders, names in os.walk(SOURCE):
        subfolders[:] = sorted(name for name in subfolders if name not in NOT_OURS)
        found += [os.path.relpath(os.path.join(folder, name), SOURCE) for name in sorted(names)]
    return found


@functools.cache
def files(*patterns):
    """Names relative to the source folder that match one of the regular expressions."""
    wanted = [re.compile(pattern) for pattern in patterns]
    return [path for path in every_file() if any(pattern.search(path) for pattern in wanted)]


@functools.cache
def read(path):
    return (SOURCE / path).read_text(encoding="utf-8", errors="replace")


def is_test(path):
    return path.endswith("_test.cpp") or not path.startswith("src/")


def includes(path):
    """Line numbers and names of the files that a source file includes, in either form."""
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(2)


@functools.cache
def production():
    """Every source under src/ that goes into a library or a program: what no test alone reaches."""
    every = set(files(r"^src/.*\.(hpp|cpp)$"))
    reached = {path for path in every if path.endswith(".cpp") and not is_test(path)}
    waiting = list(reached)
    while waiting:
        for _, name in includes(waiting.pop()):
            path = "src/" + name
            if path in every and path not in reached:
                reached.add(path)
                waiting.append(path)
    return sorted(reached)


def without_comments(text):
    """C++ text with comments and the content of strings blanked, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    blank = lambda match: '""' if match.group(0)[0] == '"' else "\n" * match.group(0).count("\n")
    return pattern.sub(blank, text)


def table(text, name):
    """Rows of the table between `<!-- NAME: begin -->` and `<!-- NAME: end -->`, each a list of cells, without its head."""
    match = re.search(rf"<!-- {re.escape(name)}: begin -->\n(.*?)<!-- {re.escape(name)}: end -->", text, re.S)
    if not match:
        return None
    lines = [line for line in match.group(1).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def differences(what, documented, found, where):
    """The two ways in which a document and the code may differ."""
    for name in sorted(set(found) - set(documented)):
        yield f"{where}: {what} {name} is missing"
    for name in sorted(set(documented) - set(found)):
        yield f"{where}: {what} {name} is not in the code"
