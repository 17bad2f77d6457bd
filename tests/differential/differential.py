#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets our verifier and other people's judge the same evidence: differential.py OURS DCAP_QVL GUESTS [--seed N] [--all]

DCAP_QVL and GUESTS are commands; `-`: there is none. Every genuine sample with its collateral, and a thousand cases made
from the good ones. Fails on a disagreement that docs/reference/differential.md does not explain (classes.py), and when
one that it does explain never occurs.
"""
import argparse
import collections
import pathlib
import random
import re
import sys

sys.dont_write_bytecode = True
import classes  # noqa: E402
import evidence  # noqa: E402
import mutations  # noqa: E402
import mutations_snp  # noqa: E402
from protocol import Peer  # noqa: E402

SEED, TDX_CHANGES, SNP_CHANGES = 20261126, 650, 350
LEAST_GOOD = {"tdx": 15, "snp": 4}
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/differential.md"
GOOD_STATUS = ("", "UpToDate")  # a peer's word for: the strict default policy holds as far as it knows one


class Comparison:
    def __init__(self, ours, peers):
        self.ours = ours
        self.peers = peers
        self.agreed = collections.Counter()
        self.explained = collections.defaultdict(list)
        self.unexplained = []

    def judge(self, case):
        ours = self.ours.ask(case)
        for peer, kinds in self.peers:
            if case.kind not in kinds:
                continue
            answer = peer.ask(case)
            accepted = answer.accepted and answer.status in GOOD_STATUS
            if accepted == ours.accepted:
                self.agreed[peer.name, case.kind, "both accept" if accepted else "both reject"] += 1
                continue
            name = classes.explain(case, peer.name, answer, ours)
            if name:
                self.explained[name, peer.name].append(case.name)
            else:
                self.unexplained.append((case, peer.name, answer, ours))
        return ours.accepted

    def report(self, everything):
        for (peer, kind, what), count in sorted(self.agreed.items()):
            print(f"{peer}, {kind}: {what}: {count}")
        for (name, peer), cases in sorted(self.explained.items()):
            print(f"{peer}: {name}: {len(cases)}" + "".join(f"\n    {case}" for case in cases if everything))
        for case, peer, answer, ours in self.unexplained:
            what = "SIGNATURE" if ours.accepted and classes.SIGNATURE.search(answer.reason) else "UNEXPLAINED"
            print(f"{what}: {case.name}\n    ours: {'accept' if ours.accepted else 'reject ' + ours.reason}"
                  f"\n    {peer}: {'accept ' + answer.status if answer.accepted else 'reject ' + answer.reason}")


def documented():
    """The names in the document's table."""
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", DOCUMENT.read_text(), re.MULTILINE))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours")
    parser.add_argument("dcap_qvl")
    parser.add_argument("guests")
    parser.add_argument("--seed", type=int, default=SEED, help="of the changes (%(default)s)")
    parser.add_argument("--all", action="store_true", help="name every case of every class")
    options = parser.parse_args()
    peers = [(Peer(name, [command]), kinds) for name, command, kinds in
             (("dcap-qvl", options.dcap_qvl, ("tdx",)), ("guests", options.guests, ("tdx", "snp"))) if command != "-"]
    comparison = Comparison(Peer("ours", [options.ours]), peers)

    rng = random.Random(options.seed)
    failures = []
    count = 0
    for kind, cases, table, changes in (("tdx", evidence.tdx_cases(), mutations.TDX, TDX_CHANGES),
                                        ("snp", evidence.snp_cases(), mutations_snp.SNP, SNP_CHANGES)):
        good = [case for case in cases if comparison.judge(case)]
        if len(good) < LEAST_GOOD[kind]:
            failures.append(f"only {len(good)} good {kind} samples")
            continue
        changed = mutations.make(rng, table, good, changes)
        accepted = sum([comparison.judge(case) for case in changed])
        count += len(changed)
        print(f"{kind}: {len(good)} good samples, {len(changed)} changed cases, {accepted} of them accepted by us")
    comparison.report(options.all)
    for peer, _ in [(comparison.ours, ()), *peers]:
        peer.close()

    occurred = {name for name, _ in comparison.explained}
    known = {known.name for known in classes.STRICTER + classes.LAXER}
    if comparison.unexplained:
        failures.append(f"{len(comparison.unexplained)} disagreements that nothing explains")
    if known != documented():
        failures.append(f"classes.py and {DOCUMENT.name} differ: {sorted(known ^ documented())}")
    if len(peers) == 2 and options.seed == SEED and known - occurred:
        failures.append(f"explained, and never seen: {sorted(known - occurred)}")
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
