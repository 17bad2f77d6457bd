# SPDX-License-Identifier: Apache-2.0
"""Tables of docs/reference and docs/operate against the code and the programs."""
import re
import subprocess
import tempfile

from documents import CITATION
from tree import BUILD, check, differences, files, production, read, table

REFUSALS = "docs/reference/refusals.md"
CONFIGURATION = "docs/operate/configuration.md"
COMMANDS = "docs/reference/cli.md"


def error_codes():
    """name -> (constant, category) of every ErrorCode in the code."""
    found = {}
    for path in files(r"^src/.*\.(hpp|cpp)$"):
        pattern = r'^(?:inline )?constexpr ErrorCode (k\w+)\{"([a-z_0-9.]+)", Category::k(\w+)\};'
        for constant, name, category in re.findall(pattern, read(path), re.M):
            found[name] = (constant, re.sub(r"(?<!^)(?=[A-Z])", "_", category).lower())
    return found


def produced(constant):
    """Whether a constant is used anywhere but where it is declared. Namesakes count: it errs towards yes."""
    word = re.compile(rf"(?<!ErrorCode )\b{constant}\b")
    return any(constant in read(path) and word.search(read(path)) for path in production())


@check
def refusals():
    """The table of refusals has every ErrorCode with its category and a test, and no other."""
    text = read(REFUSALS)
    codes = error_codes()
    rows = {row[0].strip("`"): row for row in table(text, "refusals")}
    if len(rows) != len(table(text, "refusals")):
        yield f"{REFUSALS}: a code stands twice"
    yield from differences("code", rows, codes, REFUSALS)
    untested = 0
    for name, row in rows.items():
        if name not in codes:
            continue
        constant, category = codes[name]
        if row[1] != category:
            yield f"{REFUSALS}: {name} is {category}, not {row[1]}"
        if not all(row):
            yield f"{REFUSALS}: {name} has an empty cell"
        if produced(constant) == row[2].startswith("reserved"):
            yield f"{REFUSALS}: {name}: `reserved` is for codes that nothing produces, and for them alone"
        if row[4] == "none yet":
            untested += not row[2].startswith("reserved")
        elif not CITATION.search(row[4]):
            yield f"{REFUSALS}: {name} cites no test; `none yet` says so"
    allowed = int(re.search(r"without a test of its own: (\d+)", text).group(1))
    if untested != allowed:
        yield f"{REFUSALS}: {untested} codes have no test, and the text says {allowed}"


READERS = {
    "text": "required", "texts": "required", "path": "required", "endpoint": "required", "endpoints": "required",
    "optional_text": "optional", "optional_texts": "optional", "optional_path": "optional",
    "text_or": "default", "number_or": "default",
}
PROGRAMS = {
    "relayd": ["src/apps/relayd/main.cpp", "src/apps/daemon/daemon.cpp"],
    "gatewayd": ["src/apps/gatewayd/main.cpp", "src/apps/gatewayd/offer.cpp", "src/apps/vendors/settings.cpp",
                 "src/apps/daemon/daemon.cpp"],
    "noded": ["src/apps/noded/main.cpp", "src/apps/daemon/daemon.cpp"],
    "client": ["src/apps/profiles/client_config.cpp"],
    "collateral": ["src/apps/vendors/settings.cpp"],
}
SAMPLE = {"text": '"x"', "path": '"/x"', "endpoint": '"unix:/x"', "texts": '["x"]', "endpoints": '["unix:/x"]'}


def arguments(text):
    """The arguments of a call, from the text behind its opening bracket. Brackets of templates hold no comma here."""
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def number(text):
    """The value of `1 << 20` and the like."""
    match = re.fullmatch(r"(\d+)(?: << (\d+))?", text)
    return int(match.group(1)) << int(match.group(2) or 0) if match else None


def keys_in_code(paths):
    """key -> (how it is read, range or None)."""
    found = {}
    for path in paths:
        text = read(path)
        for match in re.finditer(rf'\bfile\.({"|".join(READERS)})\(', text):
            given = arguments(text[match.end():])
            key = given[0].strip('"')
            if not given[0].startswith('"') or found.get(key, ("", None))[0].startswith("optional"):
                continue
            span = f"{number(given[2])} to {number(given[3])}" if match.group(1) == "number_or" else None
            found[key] = (match.group(1), span)
    return found


def written(paths):
    """key -> default of texts and numbers, as the code has it, for what no program explains."""
    return {key: value for path in paths
            for key, value in re.findall(r'\bfile\.(?:text|number)_or\(\s*"([^"]+)",\s*"?([^",]*)"?[,)]', read(path))}


def explained(program, keys):
    """key -> default, as the program itself says."""
    lines = [f"{key} = {SAMPLE[how]}" for key, (how, _) in keys.items() if how in SAMPLE]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        command = [BUILD / "bin" / program, "--config", file.name, "--explain"]
        result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        return {"": result.stderr}
    return dict(re.findall(r'^(\S+) = "?([^"\n]*?)"?  # default$', result.stdout, re.M))


@check
def configuration():
    """Every key of every program is documented, with its default and range; nothing else is."""
    text = read(CONFIGURATION)
    for program, paths in PROGRAMS.items():
        keys = keys_in_code(paths)
        rows = {row[0].strip("`"): row for row in table(text, program)}
        yield from differences(f"{program}'s key", rows, keys, CONFIGURATION)
        of_openpcc = program in ("client", "collateral")
        defaults = written(paths) if of_openpcc else explained(program, keys)
        if "" in defaults:
            yield f"{program} --explain: {defaults['']}"
        for key, (how, span) in keys.items():
            row = rows.get(key)
            if row is None:
                continue
            kind = READERS[how]
            value = defaults.get(key, kind) if kind == "default" else kind
            if not re.match(rf"`?{re.escape(value)}`?(\W|$)", row[1]):
                yield f"{CONFIGURATION}: {program}: {key} is {value}, not {row[1]}"
            if span and row[2] != span:
                yield f"{CONFIGURATION}: {program}: {key} is from {span}, not {row[2]}"
            if not row[3]:
                yield f"{CONFIGURATION}: {program}: {key} has no meaning"


@check
def configuration_examples():
    """The daemons' examples are good configurations."""
    for path in (CONFIGURATION, "docs/operate/relay.md"):
        for section in re.split(r"^## ", read(path), flags=re.M)[1:]:
            program = section.split("\n")[0]
            example = re.search(r"^(    listen = .*\n(?:    .*\n)+)", section, re.M)
            if program not in PROGRAMS or program in ("client", "collateral"):
                continue
            if not example:
                yield f"{path}: {program} has no example"
                continue
            with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(re.sub(r"^    ", "", example.group(1), flags=re.M))
                file.flush()
                command = [BUILD / "bin" / program, "--config", file.name, "--check"]
                result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode:
                yield f"{path}: the example of {program}: {result.stderr.strip()}"


def options(*command):
    """Options and positionals that `--help` lists, with whether they are required; None without such a command."""
    result = subprocess.run([BUILD / "bin" / command[0], *command[1:], "--help"], capture_output=True, text=True)
    if result.returncode:
        return None
    found = {}
    for line in result.stdout.splitlines():
        match = re.match(r"^ {2,}(?:-h, ?)?(--[a-z-]+)", line)
        if match and match.group(1) not in ("--help", "--version"):
            found[match.group(1)] = "REQUIRED" in line
    positionals = re.search(r"^Positionals:\n((?: .*\n)+)", result.stdout, re.M | re.I)
    for name, rest in re.findall(r"^ {1,8}(\S+)(.*)$", positionals.group(1), re.M) if positionals else []:
        found[name] = "REQUIRED" in rest
    return found


@check
def command_line():
    """Options of docs/reference/cli.md are those of `--help`."""
    text = read(COMMANDS)
    simulated = options("openpcc", "demo") is not None  # else a build without simulated hardware
    collateral = [["openpcc", "collateral", name] for name in ("pack", "show", "fetch")]
    policy = [["openpcc", "policy", name] for name in ("explain", "dry-run")]
    admin = [["openpcc-admin", subject, name] for subject, names in
             {"policy": ("make", "sign", "check", "diff"), "key": ("make", "show"), "service": ("init",)}.items() for name in names]
    admin += [["openpcc-admin", "inspect"], ["openpcc-admin", "check"]]
    for command in (["openpcc", "chat"], ["openpcc", "verify"], *collateral, *policy, *admin, ["openpcc", "demo"], ["relayd"]):
        name = " ".join(command) if command[0].startswith("openpcc") else "daemons"
        rows = {row[0].strip("`"): row for row in table(text, name)}
        found = options(*command)
        if command[-1] == "demo" and not simulated:
            continue
        if not simulated:
            rows = {option: row for option, row in rows.items() if "development builds only" not in row[2]}
        if found is None:
            yield f"{name}: no help"
            continue
        if name == "daemons":
            found["--config"] = True
        yield from differences(f"{name}'s", rows, found, COMMANDS)
        for option, required in found.items():
            if option in rows and (rows[option][1] == "required") != required:
                yield f"{COMMANDS}: {name} {option}: required or not?"
    for words in (["openpcc"], ["openpcc-admin"], ["openpcc", "policy"], ["openpcc-admin", "policy"], ["openpcc-admin", "key"],
                  ["openpcc-admin", "service"]):
        listed = subprocess.run([BUILD / "bin" / words[0], *words[1:], "--help"], capture_output=True, text=True).stdout
        commands = re.search(r"^Subcommands:\n((?: .*\n)+)", listed, re.M | re.I).group(1)
        for name in re.findall(r"^ {1,8}(\S+)", commands, re.M):
            if f"## {' '.join(words)} {name}" not in text:
                yield f"{COMMANDS}: no section for {' '.join(words)} {name}"


@check
def exit_codes():
    """Exit codes are the same in the code, in the help and in docs/reference/cli.md."""
    declared = re.search(r"enum ExitCode : int \{(.*?)\}", read("src/apps/console/console.hpp"), re.S).group(1)
    in_code = {value: name for name, value in re.findall(r"k(\w+) = (\d+)", declared)}
    rows = {row[0]: row for row in table(read(COMMANDS), "exit codes")}
    yield from differences("exit code", rows, in_code, COMMANDS)
    for program in ("openpcc", "openpcc-admin"):
        footer = re.search(r'footer\("exit codes: ([^"]*)"', read(f"src/apps/{program}/main.cpp")).group(1)
        for part in footer.split(", "):
            code, _, meaning = part.partition(" ")
            if code not in rows or rows[code][1] != meaning:
                yield f"{COMMANDS}: exit code {code} is called {meaning} by {program} --help"


@check
def checks_are_held():
    """docs/reference/checks.md (tools/mutate writes it) has every check of verdict.md, and tests that exist."""
    page = "docs/reference/checks.md"
    verdict = dict(re.findall(r"^\| `([a-z0-9_]+(?:\.[a-z0-9_]+)+)` \| ([^|]+?) \|", read("docs/reference/verdict.md"), re.M))
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \| ([^|]+?) \| (.*) \|$", read(page), re.M)
    yield from differences("check", {row[0]: row for row in rows}, verdict, page)
    tests = set()
    for path in files(r"^src/(evidence|trust)/.*_test\.cpp$"):
        tests.update(".".join(name) for name in re.findall(r"TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", read(path)))
    for name, paragraph, text in rows:
        if verdict.get(name, paragraph) != paragraph:
            yield f"{page}: {name}: the paragraph is {verdict[name]}"
        named = re.findall(r"`([^`]+)`", text)
        if not named:
            yield f"{page}: no test holds {name}"
        for test in named:
            match = re.fullmatch(r"(?:\w+/)?(\w+\.\w+)(?:/\w+)?", test)
            if match is None or match.group(1) not in tests:
                yield f"{page}: {name}: there is no test {test}"
