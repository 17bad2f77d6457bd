# SPDX-License-Identifier: Apache-2.0
"""Who may use whom: by #include, by link graph, and by the symbols of the programs."""
import json
import os
import re
import subprocess
import tempfile

from tree import BUILD, SOURCE, check, files, includes, production, read


def targets():
    """Folders under src/ that are a library or a program."""
    found = set()
    for path in files(r"^src/.*CMakeLists\.txt$"):
        for kind, name in re.findall(r"\bopenpcc_(library|program|shared)\((\S+)", read(path)):
            found.add(name if kind == "library" else "apps/" + name)
    return found


def target_of(path, known):
    """The target that a file under src/ belongs to: the nearest folder above it that is one."""
    folder = os.path.dirname(path)[len("src/"):]
    while folder and folder not in known:
        folder = os.path.dirname(folder)
    return folder


def uses():
    """(user, used) -> one place where it happens."""
    known = targets()
    found = {}
    for path in production():
        user = target_of(path, known)
        for number, name in includes(path):
            if (SOURCE / "src" / name).is_file():
                used = target_of("src/" + name, known)
                if used != user:
                    found.setdefault((user, used), f"{path}:{number}")
    return found


@check
def layers():
    """#include goes by the rules of cmake/Layers.cmake, which CMake itself applies to the link graph."""
    known = targets()
    for path in production():
        if not target_of(path, known):
            yield f"{path}: belongs to no target"
    found = uses()
    lines = [f'include("{SOURCE}/cmake/Layers.cmake")']
    for user, used in found:
        lines += [f"openpcc_may_use(ok {user} {used})", f'if(NOT ok)\n  message("{user} {used}")\nendif()']
    with tempfile.NamedTemporaryFile("w", suffix=".cmake") as script:
        script.write("\n".join(lines))
        script.flush()
        cmake = os.environ.get("OPENPCC_CMAKE", "cmake")
        result = subprocess.run([cmake, "-P", script.name], capture_output=True, text=True)
    if result.returncode:
        yield f"cmake failed: {result.stderr}"
    for line in result.stderr.splitlines():
        user, used = line.split()
        yield f"{found[user, used]}: {user} may not use {used}"
    # The check itself: rules that say yes to everything would pass too.
    if len(found) < 100:
        yield f"only {len(found)} uses were found"


HOPS_OF = {"openpcc": {"client"}, "libopenpcc": {"client"}, "remedies": {"client"}, "proxy": {"client"}, "profiles": {"client"}, "relayd": {"relay"}, "gatewayd": {"gateway"}, "noded": {"node"}}


@check
def hops():
    """A program has one hop, and no hop has another."""
    for (user, used), place in uses().items():
        hop = used.split("/")[1] if used.startswith("hops/") else None
        if hop and user.startswith("hops/"):
            yield f"{place}: one hop uses another"
        if hop and user.startswith("apps/") and hop not in HOPS_OF.get(user.split("/")[1], set()):
            yield f"{place}: {user} uses {used}"


# Programs and what they may not link. Names are those of targets without `openpcc_`.
FORBIDDEN = {
    # The relay cannot even be made to open anything: no protocol, no HPKE, no evidence.
    "relayd": r"protocol_|crypto_hpke$|evidence_|trust_|hops_(?!relay$)",
    # The gateway has no code that opens a sealed request, and none that reads a prompt. It reads collateral, which it keeps
    # fresh for clients, and judges nobody by it.
    "gatewayd": r"protocol_seal_opening$|protocol_openai$|evidence_(?!rules$|snp$|tdx$)|trust_(verify|policy)$|hops_(?!gateway$)",
    "noded": r"protocol_ohttp$|trust_verify$|hops_(?!node$)",
    "openpcc": r"protocol_seal_opening$|hops_(?!client$)",
    "libopenpcc": r"protocol_seal_opening$|evidence_simulated$|apps_(vendors|proxy|services)$|hops_(?!client$)",
    # It writes what others judge by, and never asks or answers for anybody. The text of a service key, which a profile has,
    # comes with trust/service, and that with what the key signs.
    "openpcc-admin": r"protocol_(bhttp|openai|seal_opening|seal_sealing)$|hops_|trust_verify$",
}


def built(program):
    """Where a program, or the library, is."""
    return BUILD / ("lib/libopenpcc.so" if program == "libopenpcc" else f"bin/{program}")


@check
def linked():
    """The link graph as CMake knows it, transitively."""
    for program, forbidden in FORBIDDEN.items():
        linked_targets = (BUILD / "generated/linked" / program).read_text().split()
        names = [name.removeprefix("openpcc_") for name in linked_targets]
        if len(names) < 5:
            yield f"{program}: only {len(names)} targets were found"
        for name in names:
            if re.match(forbidden, name):
                yield f"{program} links {name}"


# Programs, what their symbols may not name, and one that must be there (so that an empty list is no pass).
SYMBOLS = {
    "relayd": (r"openpcc::(hpke|ohttp|bhttp|seal|openai|statement|verify|tdx)::", "openpcc::relay::Relay::serve"),
    "gatewayd": (r"openpcc::(seal::(RequestOpener|ResponseSealer|RequestSealer|unwrap)|openai|verify|policy"
                 r"|tdx::verify_quote|snp::verify_report)\b",
                 "openpcc::ohttp::RequestOpener::"),
    "noded": (r"openpcc::ohttp::", "openpcc::seal::RequestOpener::"),
    "libopenpcc": (r"openpcc::(seal::(RequestOpener|ResponseSealer|unwrap)|simulated)\b", "openpcc::client::Session::ask"),
}


@check
def symbols():
    """The same in the programs as they were built."""
    for program, (forbidden, present) in SYMBOLS.items():
        path = built(program)
        if not path.is_file():
            yield f"{path} is not built"
            continue
        listed = subprocess.run(["nm", "-C", "--defined-only", path], capture_output=True, text=True, check=True).stdout
        # Templates of the library name our types in arguments; what counts is what is defined.
        names = {line.split(" ", 2)[2] for line in listed.splitlines() if line.count(" ") >= 2}
        if not any(present in name for name in names):
            yield f"{program}: {present} was expected, so the list of symbols is not to be trusted"
        for name in sorted(names):
            if re.search(forbidden, name):
                yield f"{program} has {name[:120]}"


@check
def exports():
    """The library shows the functions of its header, and nothing else; its name has the header's ABI."""
    header = read("include/openpcc/openpcc.h")
    declared = set(re.findall(r"\b(openpcc_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))
    if len(declared) < 25:
        yield f"only {len(declared)} functions were found in the header"
    command = ["nm", "-D", "--defined-only", "--format=posix", built("libopenpcc")]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    exported = {line.split("@")[0].split()[0] for line in listed if line.split()[1] != "A"}
    for name in sorted(declared ^ exported):
        yield f"{name} is {'declared and not exported' if name in declared else 'exported and not declared'}"
    abi = re.search(r"#define OPENPCC_ABI (\d+)", header).group(1)
    dynamic = subprocess.run(["readelf", "-d", built("libopenpcc")], capture_output=True, text=True, check=True).stdout
    if f"Library soname: [libopenpcc.so.{abi}]" not in dynamic:
        yield f"the library is not libopenpcc.so.{abi}"
    bound = set(re.findall(r'^    (?:\*\*\{f)?"(\w+)(?:\{part\})?"', read("python/openpcc/_library.py"), re.M))
    for name in sorted(declared):
        if not any(name == "openpcc_" + one or (one.endswith("_") and name.startswith("openpcc_" + one)) for one in bound):
            yield f"python/openpcc does not bind {name}"


def outside_of_condition(text, condition, begin, end):
    """(number, line) of the lines that stand in no block that `condition` opens."""
    inside = []
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(begin, line):
            inside.append(re.search(condition, line) is not None)
        elif re.match(end, line):
            inside.pop()
        elif not any(inside):
            yield number, line


@check
def simulators():
    """What writes simulated evidence is in no release, and in the programs that make or show simulated services alone (PR-j of findings.md)."""
    presets = {one["name"]: one for one in json.loads(read("CMakePresets.json"))["configurePresets"]}
    if presets["release"]["cacheVariables"].get("OPENPCC_SIMULATED_HARDWARE") != "OFF":
        yield "CMakePresets.json: release does not leave simulated hardware out"
    if not re.search(r"^option\(OPENPCC_SIMULATED_HARDWARE .* OFF\)$", read("CMakeLists.txt"), re.M):
        yield "CMakeLists.txt: simulated hardware is not left out by default"
    simulated = re.compile(r"\(simulated\)|evidence/simulated|\bsimulated_\w+\.cpp|\bdemo/")
    for path in files(r"^src/.*CMakeLists\.txt$"):
        for number, line in outside_of_condition(read(path), "OPENPCC_SIMULATED_HARDWARE", r"\s*if\(", r"\s*endif\("):
            if simulated.search(line) and path != "src/evidence/simulated/CMakeLists.txt":
                yield f"{path}:{number}: simulated hardware without a condition"
    for path in files(r"^src/(?!evidence/simulated/|apps/openpcc/demo/).*(?<!_test)\.cpp$"):
        if simulated.search(os.path.basename(path)):
            continue
        for number, line in outside_of_condition(read(path), "OPENPCC_SIMULATED_HARDWARE", r"#if", r"#endif"):
            if re.search(r'#include "evidence/simulated/', line):
                yield f"{path}:{number}: simulated hardware without a condition"
    simulating = "OPENPCC_SIMULATED_HARDWARE:BOOL=ON" in (BUILD / "CMakeCache.txt").read_text()
    for program in FORBIDDEN:
        command = ["nm", "-C", "--defined-only", built(program)]
        listed = subprocess.run(command, capture_output=True, text=True).stdout
        wanted = simulating and program in ("noded", "openpcc", "openpcc-admin")  # so that an empty list is no pass
        if ("openpcc::simulated::" in listed) != wanted:
            yield f"{program} {'lacks' if wanted else 'has'} simulated hardware"
