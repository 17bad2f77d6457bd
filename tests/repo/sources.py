# SPDX-License-Identifier: Apache-2.0
"""What stands in sources."""
import re

from tree import check, files, includes, is_test, production, read, without_comments

PURE = r"^src/(core|wire|crypto|protocol|evidence|trust)/"
WORLD = {
    r"#\s*include\s*<(thread|future|fstream|filesystem|iostream|ctime|time\.h|unistd\.h|fcntl\.h|sys/(?!mman)\w+\.h)>":
        "reaches out",
    r"\bstd::(thread|jthread|async|this_thread|cout|cerr|getenv|fopen)\b": "reaches out",
    r"\b(system_clock|steady_clock|high_resolution_clock)::now\b": "reads a clock",
    r"(?<!\w)(getenv|secure_getenv|fopen|printf|puts|time|clock_gettime)\(": "reaches out",
    r"\bfmt::print\b": "prints",
    r"\bSystemRandom\b": "makes its own randomness",
}
# Where the world is let in, and why.
PURE_EXCEPT = {
    "src/crypto/random.hpp": "the randomness that is given to all others",
    "src/crypto/random.cpp": "the same",
}


@check
def purity():
    """No clock, file, thread, environment, output or randomness of their own below io."""
    for path in production():
        if not re.search(PURE, path) or path in PURE_EXCEPT:
            continue
        for number, line in enumerate(without_comments(read(path)).splitlines(), 1):
            for pattern, what in WORLD.items():
                if re.search(pattern, line):
                    yield f"{path}:{number}: {what}: {line.strip()}"
    for path in PURE_EXCEPT:
        if path not in production():
            yield f"{path} is an exception and does not exist"


@check
def makers():
    """Who may make a Verified<T>, its T::Verifier, is defined once, beside T: another definition would compile, and forge."""
    defined = {}
    for path in files(r"\.(cpp|hpp)$"):
        for name in re.findall(r"\b(?:struct|class)\s+(?:\w+::)*(\w+)::Verifier\b\s*(?:final\s*)?[:{]", without_comments(read(path))):
            defined.setdefault(name, []).append(path)
    for name, paths in defined.items():
        if len(paths) > 1:
            yield f"{name}::Verifier is defined in {' and '.join(paths)}"
        folder = paths[0].rpartition("/")[0]
        declared = any(re.search(rf"\bstruct {name} \{{|\bclass {name} \{{", read(path))
                       for path in production() if path.rpartition("/")[0] == folder)
        if not declared or not paths[0].startswith("src/"):
            yield f"{paths[0]}: {name}::Verifier stands apart from {name}"
    if len(defined) < 4:
        yield f"only {sorted(defined)} were found"


# Libraries with one home each: header, folders that may include it, and whether tests may.
HOMES = [
    (r"^boost/(asio|beast)", r"^src/io/net/", False),
    (r"^toml\+\+/", r"^src/apps/", False),
    (r"^CLI/", r"^src/apps/", False),
    (r"^boost/json", r"^src/wire/json\.cpp$", True),
    (r"^openssl/", r"^src/(crypto|io/net)/", True),
    (r"^seccomp\.h", r"^src/io/confine/", True),
]


@check
def wrapped_libraries():
    """A library that we wrap is seen by its wrapper alone."""
    for path in files(r"^(src|tests|fuzz|bench)/.*\.(hpp|cpp)$"):
        for number, name in includes(path):
            for header, home, tests_may in HOMES:
                if re.search(header, name) and not re.search(home, path) and not (tests_may and is_test(path)):
                    yield f"{path}:{number}: {name} belongs to {home}"


# What makes evidence, or changes what evidence says, and who may use it.
DEVICE_HEADERS = r"^io/device/(report_device|reports|runtime_log)\.hpp$"
DEVICE_USERS = r"^src/(io/device/|hops/node/device_attester\.)"
DEVICE_PATHS = r'"[^"]*(/dev/(tdx_guest|tdx-guest|sev-guest)|/sys/kernel/config/tsm|tdx_guest/measurements)'


@check
def report_device():
    """Only the keeper's attester opens a report device, and only noded makes that; nobody else names one."""
    opened = set()
    for path in production():
        for number, name in includes(path):
            if re.search(DEVICE_HEADERS, name) and not re.search(DEVICE_USERS, path):
                yield f"{path}:{number}: {name} is for the keeper's attester"
        for number, line in enumerate(read(path).splitlines(), 1):
            if re.search(DEVICE_PATHS, line) and not path.startswith("src/io/device/"):
                yield f"{path}:{number}: names a report device"
            if "open_device_attester(" in line and not path.startswith("src/hops/node/"):
                opened.add(path)
    if opened != {"src/apps/noded/main.cpp"}:
        yield f"a report device is opened by {sorted(opened)}"


LICENSED = [r"\.(hpp|cpp|h|c|js|ts|css|html|svg|rs|py|cmake|in|sh|proto|template)$", r"(^|/)(CMakeLists\.txt|Makefile|Dockerfile)$"]


@check
def licence():
    """An SPDX line stands in the first three lines of every source, script and CMake file."""
    candidates = set(files(*LICENSED))
    candidates |= {path for path in files(r"^(tools|tests|deploy|\.ci|models|bench)/") if read(path).startswith("#!")}
    for path in sorted(candidates):
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in read(path).splitlines()[:3]):
            yield f"{path}: no SPDX-License-Identifier"
    if len(candidates) < 300:
        yield f"only {len(candidates)} files were found"


@check
def tasks():
    """What is left to do has the number of an issue: `TODO(#12)`."""
    word = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b(?!\(#\d+\))")
    for path in files(r"\.(hpp|cpp|js|ts|css|html|rs|py|cmake|md|toml)$", r"(^|/)(CMakeLists\.txt|Makefile)$", r"^(tools|deploy)/"):
        for number, line in enumerate(read(path).splitlines(), 1):
            if word.search(line):
                yield f"{path}:{number}: no issue number"


LONGEST = 400
# What may be longer, and why.
LONGER = {
    "tests/interop/seal_peer.py": "a second implementation of the seal, in one file on purpose",
    "src/apps/proxy/page/built/page.js": "what Vite makes of all sources of the page",
    "src/apps/proxy/page/built/style.css": "the same",
    "tests/vectors/make/seal.cpp": "the generator of the seal's vectors",
}


@check
def length():
    """A source file has at most 400 lines, or a reason."""
    for path in files(r"^(src|tests|fuzz|bench|cmake|tools|models)/.*\.(hpp|cpp|js|ts|css|html|rs|py|cmake)$"):
        lines = read(path).count("\n")
        if lines > LONGEST and path not in LONGER:
            yield f"{path}: {lines} lines"
