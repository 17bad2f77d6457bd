# SPDX-License-Identifier: Apache-2.0
"""usage: main.py CHECK|all SOURCE BUILD

One rule of the repository: prints what breaks it, one a line, and ends with 1; or ends with 0.
"""
import sys

from tree import CHECKS, check, read

import build_graph  # noqa: F401  (each module registers its checks)
import documents  # noqa: F401
import findings  # noqa: F401
import packages  # noqa: F401
import reference  # noqa: F401
import sources  # noqa: F401


@check
def complete():
    """Every check is a test."""
    text = read("tests/repo/CMakeLists.txt")
    listed = text[text.index("foreach(check"):].split(")")[0].split()[1:]
    for name in sorted(set(CHECKS) ^ set(listed)):
        yield f"tests/repo/CMakeLists.txt and the checks differ in {name}"


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in [*CHECKS, "all"]:
        sys.exit(f"{__doc__}\nchecks: {' '.join(CHECKS)}")
    bad = 0
    for name in CHECKS if sys.argv[1] == "all" else [sys.argv[1]]:
        problems = list(CHECKS[name]())
        bad += len(problems)
        for problem in problems:
            print(f"repo.{name}: {problem}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
