# SPDX-License-Identifier: Apache-2.0
"""docs/reference/findings.md against the tests: findings of others, each with the test of its name."""
import re

from documents import CITATION, existing_tests, judge_citation
from tree import check, read, table

PAGE = "docs/reference/findings.md"
# What the survey has, without gaps.
RANGES = {"TOB": range(1, 29), "ZK": range(0, 14), "BL": range(1, 7), "PR": "abcdefghij", "GW": range(1, 31),
          "SP": range(1, 7), "AT": [1], "KV": range(1, 4), "TA": [1], "SC": [1], "PH": [1], "GPU": [1], "PT": [1],
          "SU": [1]}
PROJECTS = ("attestation_rs", "cocos", "dcap_qvl", "dstack", "go_sev_guest", "go_tdx_guest", "microsoft_verifier",
            "nitro_validator", "nvidia", "openpcc_go", "trust_authority", "trustee", "whatsapp")
HERE = re.compile(r"(evidence|collateral|policy|output)(, (evidence|collateral|policy|output))*(; in part: .+)?")
ELSEWHERE = re.compile(r"not here: [^;]+; (not built|built|built in part)(: .+)?")
IN_NAME = re.compile(rf"(?<![A-Za-z])({'|'.join(RANGES)})_(\d+|[a-z])(?=_|$)")
WITHOUT_UNDERSCORE = re.compile(rf"(?:^|_)(?:{'|'.join(RANGES)})\d")


def ids_of(test):
    """TOB-28 and GW-30 of Findings.TOB_28_GW_30_DevicesAreBound."""
    return {f"{one}-{number}" for one, number in IN_NAME.findall(test.split(".")[1])}


def projects_of(test):
    """dcap_qvl of Tdx.DcapQvl_RevokedIsNeverTolerated."""
    words = {re.sub(r"(?<!^)(?=[A-Z])", "_", word).lower() for word in test.split(".")[1].split("_")[:-1]}
    return words & set(PROJECTS)


def rows_of(name):
    """id -> (concerns, cited) of one of the page's tables, and the ids that stand twice."""
    found, twice = {}, []
    for row in table(read(PAGE), name) or []:
        twice += [row[0]] if row[0] in found else []
        found[row[0]] = row[1:]
    return found, twice


def judge_row(name, row, needs_its_name):
    """What is wrong with one row by itself."""
    if len(row) != 3:
        yield f"{name}: a row has id, what went wrong, what it concerns, and tests"
        return
    what, concerns, tests = row
    cited = [test for _, test in CITATION.findall(tests)]
    elsewhere = ELSEWHERE.fullmatch(concerns)
    if not what:
        yield f"{name}: nothing says what went wrong"
    if elsewhere:
        built, reason = elsewhere.groups()
        if built == "not built" and cited:
            yield f"{name}: tests of what is not built"
        if built == "built" and not cited and not reason:
            yield f"{name}: built, and neither a test nor a reason"
    elif not HERE.fullmatch(concerns):
        yield f"{name}: evidence, collateral, policy, output, or `not here: part; built` or `not built`"
    elif not cited:
        yield f"{name}: no test holds it"
    elif needs_its_name and not any("." in test and name in ids_of(test) for test in cited):
        yield f"{name}: no test of its name holds it"


@check
def findings():
    """Findings of others are on their page, and the tests that hold them exist and have their names."""
    known, in_cmake = existing_tests()
    audits, twice = rows_of("audits")
    verifiers, more = rows_of("verifiers")
    for name in twice + more:
        yield f"{PAGE}: {name} stands twice"
    wanted = {f"{one}-{number}" for one, numbers in RANGES.items() for number in numbers}
    for name in sorted(wanted - set(audits)):
        yield f"{PAGE}: {name} is missing"
    for name in sorted(set(audits) - wanted):
        yield f"{PAGE}: {name} is no id of the survey"
    for project in PROJECTS:
        if not any(name.startswith(project + "_") for name in verifiers):
            yield f"{PAGE}: nothing of {project}"
    for name in verifiers:
        if not re.fullmatch(r"[a-z0-9_]+", name) or not name.startswith(tuple(one + "_" for one in PROJECTS)):
            yield f"{PAGE}: {name} is not called after a project"
    cited = {}
    for rows, is_audit in ((audits, True), (verifiers, False)):
        for name, row in rows.items():
            yield from (f"{PAGE}: {problem}" for problem in judge_row(name, row, is_audit))
            for file, test in CITATION.findall(row[-1]):
                cited.setdefault(name, set()).add(test)
                problem = judge_citation(file, test, known, in_cmake)
                if problem:
                    yield f"{PAGE}: {name}: {problem}"
    for path, test in sorted(known):
        if WITHOUT_UNDERSCORE.search(test.split(".")[1]):
            yield f"{path}: {test}: ids in names have underscores, as in TOB_21_"
        for name in sorted(ids_of(test)):
            if test not in cited.get(name, ()):
                yield f"{PAGE}: {name} does not name {test} ({path})"
        for project in sorted(projects_of(test)):
            if not any(test in tests for name, tests in cited.items() if name.startswith(project + "_")):
                yield f"{PAGE}: no finding of {project} names {test} ({path})"
