# SPDX-License-Identifier: Apache-2.0
"""What documents say of the tree: the path, folders, links, file names, tests, decisions, commands."""
import os
import re

from tree import SOURCE, check, differences, files, read, table

PATH = "`apps/openpcc -> hops/client -> [seal, ohttp] -> hops/relay -> hops/gateway -> hops/node -> engine`"
DOCUMENTS = r"^([A-Z]+\.md|(docs|models|tools|deploy|src|tests)/.*\.md)$"


@check
def path_line():
    """README and architecture have the path in one line, the same."""
    lines = {}
    for path in ("README.md", "docs/architecture.md"):
        found = [line for line in read(path).splitlines() if PATH in line]
        if len(found) != 1:
            yield f"{path}: {len(found)} lines with the path"
        lines[path] = found
    if len(set(map(tuple, lines.values()))) != 1:
        yield f"the path lines differ: {lines}"
    for name in re.findall(r"hops/\w+|apps/\w+", PATH):
        if not (SOURCE / "src" / name).is_dir():
            yield f"src/{name} does not exist"


@check
def folders():
    """Every folder of sources is in the table of docs/architecture.md, and nothing else is."""
    rows = table(read("docs/architecture.md"), "folders")
    documented = [row[0].strip("`") for row in rows]
    found = {os.path.dirname(path)[len("src/"):] for path in files(r"^src/.*\.(hpp|cpp)$")}
    yield from differences("folder", documented, found, "docs/architecture.md")
    for row in rows:
        if not all(row):
            yield f"docs/architecture.md: an empty cell for {row[0]}"


def slug(heading):
    """The anchor that a heading gets."""
    text = re.sub(r"[`*]", "", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def prose(text):
    """The document without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)


def anchors(path):
    return {slug(match) for match in re.findall(r"^#+ (.*)$", prose(read(path)), re.M)}


@check
def links():
    """Links inside the repository lead to a file, and to a heading when they name one."""
    for path in files(DOCUMENTS):
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(read(path))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            goal = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
            if not (SOURCE / goal).exists():
                yield f"{path}: {target} does not exist"
            elif anchor and anchor not in anchors(goal):
                yield f"{path}: {goal} has no heading {anchor}"


@check
def named_files():
    """A file that a document names exists, unless the line says that it is planned."""
    name = re.compile(r"(?<![\w./~$-])((?:src|tests|docs|tools|cmake|fuzz|bench|models|deploy)/[\w./<>*{}-]+)")
    for path in files(DOCUMENTS):
        for number, line in enumerate(read(path).splitlines(), 1):
            for found in name.findall(line):
                found = found.rstrip(".")
                if "planned" in line or re.search(r"[<>*{}]|NNN", found):
                    continue
                if not (SOURCE / found).exists():
                    yield f"{path}:{number}: {found} does not exist"


@check
def paragraphs():
    """A paragraph that code, tests or documents name (seal-6.4, statement-5) stands in docs/protocol."""
    known = set()
    for path in files(r"^docs/protocol/.*\.md$"):
        name = os.path.basename(path).removesuffix(".md")
        for number in re.findall(r"^(?:\*\*|## )?(\d+(?:\.\d+)?)\b", read(path), re.M):
            known.add(f"{name}-{number}")
    names = "|".join(sorted({one.rsplit("-", 1)[0] for one in known}))
    citation = re.compile(rf"(?<![\w-])(?:{names})-\d+(?:\.\d+)?(?![\w.]*\w)")
    count = 0
    for path in files(r"^(src|tests|fuzz)/.*\.(hpp|cpp|py)$", DOCUMENTS):
        for number, line in enumerate(read(path).splitlines(), 1):
            for found in citation.findall(line):
                count += 1
                if found not in known:
                    yield f"{path}:{number}: {found} does not exist"
    if count < 100:
        yield f"only {count} citations were found"


HEADINGS = ["Context", "Decision", "Alternatives", "What would change our mind"]


@check
def decisions():
    """Decisions are numbered without gaps, each has its four parts and fits a page."""
    paths = [path for path in files(r"^docs/decisions/.*\.md$") if not path.endswith("README.md")]
    numbers = []
    for path in paths:
        match = re.match(r"docs/decisions/(\d{3})-[a-z0-9-]+\.md$", path)
        if not match:
            yield f"{path}: expected NNN-words.md"
            continue
        numbers.append(int(match.group(1)))
        text = read(path)
        if not text.startswith(f"# {match.group(1)} "):
            yield f"{path}: the title begins with its number"
        if re.findall(r"^## (.*)$", text, re.M) != HEADINGS:
            yield f"{path}: the headings are not {', '.join(HEADINGS)}"
        if text.count("\n") > 70:
            yield f"{path}: longer than a page"
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"docs/decisions: the numbers are {numbers}"


@check
def make_commands():
    """`make X` in a document is a target of the Makefile; the README has the two that everybody needs."""
    known = set(re.findall(r"^([a-z][a-z -]*):", read("Makefile"), re.M))
    known = {name for names in known for name in names.split()}
    for path in files(DOCUMENTS):
        text = read(path)
        for name in re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, re.M):
            if name not in known:
                yield f"{path}: make {name} is not in the Makefile"
    for name in ("demo", "test"):
        if f"make {name}" not in read("README.md"):
            yield f"README.md: make {name} is missing"


def existing_tests():
    """(file, Suite.Name) of every test in C++, and the names of tests in CMake as patterns."""
    cases = set()
    for path in files(r"^(src|tests)/.*\.cpp$"):
        for suite, name in re.findall(r"^(?:TYPED_)?TEST\w*\((\w+),\s*(\w+)\)", read(path), re.M):
            cases.add((path, f"{suite}.{name}"))
    in_cmake = []
    for path in files(r"(^|/)CMakeLists\.txt$", r"\.cmake$"):
        for name in re.findall(r"add_test\(NAME (\S+)", read(path)):
            in_cmake.append(re.compile(re.sub(r"\\\$\\\{\w+\\\}", "([a-z0-9_.]+)", re.escape(name)) + "$"))
    return cases, in_cmake


def in_build_files(name, patterns):
    """Whether a test of that name is added: as it is, or as a pattern whose variable part is a word of a CMake file."""
    text = " ".join(read(path) for path in files(r"(^|/)CMakeLists\.txt$"))
    for pattern in patterns:
        match = pattern.match(name)
        if match and all(re.search(rf"(?<![\w.]){re.escape(part)}(?![\w.])", text) for part in match.groups()):
            return True
    return False


CITATION = re.compile(r'`(ctest|[\w./-]+\.(?:cpp|py)): ([^`]+)`')


def judge_citation(name, what, known, in_cmake):
    """A text when a citation does not hold: `x.cpp: Suite.Name`, `x.cpp: "a case"`, `x.py: function`, `ctest: name`."""
    if name == "ctest":
        return None if in_build_files(what, in_cmake) else f"no test is called {what}"
    paths = files(rf"(^|/){re.escape(name)}$")
    if not paths:
        return f"{name} does not exist"
    if name.endswith(".py"):
        found = any(re.search(rf"^def {re.escape(what)}\(", read(path), re.M) for path in paths)
        return None if found else f"{name} has no {what}"
    case = re.search(r'"([^"]+)"', what)
    if case and not any(f'"{case.group(1)}"' in read(path) for path in paths):
        return f'{name} has no "{case.group(1)}"'
    test = re.match(r"(\w+\.\w+)", what)
    if test and not any((path, test.group(1)) in known for path in paths):
        return f"{name} has no {test.group(1)}"
    return None if test or case else f"{what} names neither a test nor a case"


@check
def named_tests():
    """A test that a document cites exists: in the file that it names, under the name that it gives."""
    known, in_cmake = existing_tests()
    count = 0
    for path in files(DOCUMENTS):
        for number, line in enumerate(read(path).splitlines(), 1):
            for name, what in CITATION.findall(line):
                count += 1
                problem = judge_citation(name, what, known, in_cmake)
                if problem:
                    yield f"{path}:{number}: {problem}"
    if count < 100 or len(known) < 200:
        yield f"only {count} citations and {len(known)} tests were found"
