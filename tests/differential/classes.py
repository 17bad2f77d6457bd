# SPDX-License-Identifier: Apache-2.0
"""The disagreements that are explained, each by its name in docs/reference/differential.md, and nothing else."""
import json
import re
import time
from typing import Callable, NamedTuple

import evidence

SKEW = 300  # seconds; evidence::CollateralAge::kSkew

# Words of a peer that say: a signature, or what binds one key to the next, is not good.
SIGNATURE = re.compile(
    r"ignature is invalid|InvalidCrlSignature|InvalidSignature|UnknownIssuer|hash mismatch|verify message digest"
    r"|signature verification|QE Report Data does not match|unknown authority|could not verify response body"
    r"|CRL verification failed|not signed by", re.IGNORECASE)


class Stricter(NamedTuple):
    """Evidence that is good to us and that a peer refuses, with these words."""
    name: str
    peer: str
    words: str
    when: Callable = lambda case: True


class Laxer(NamedTuple):
    """Evidence that is good to a peer and that we refuse: the checks that failed, and the kinds of case."""
    name: str
    peers: tuple
    checks: str
    kinds: str
    when: Callable = lambda case: True


def issue_times(case):
    """When each answer and list was issued; a list says so first (X.509 UTCTime)."""
    out = []
    for name in ("tcb_info", "qe_identity"):
        out.append(evidence.seconds(next(iter(json.loads(case.fields[name]).values()))["issueDate"]))
    for name in ("root_crl", "pck_crl"):
        out.append(evidence.seconds(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.strptime(
            re.search(rb"\x17\x0d(\d{12}Z)", case.fields[name])[1].decode(), "%y%m%d%H%M%SZ"))))
    return out


def issued_just_now(case):
    """The newest comes from a clock that is ahead by no more than we allow."""
    return 0 < max(issue_times(case)) - case.time <= SKEW


def issued_later(case):
    return max(issue_times(case)) > case.time


def is_version_5(case):
    return case.fields["quote"][:2] == b"\5\0"


def ends_with_nul(case):
    return any(case.fields[name].endswith(b"\0") for name in ("tcb_info_chain", "qe_identity_chain"))


def behind_what_counts(case):
    """The bit that was flipped is behind the last certificate that is not the root."""
    kind, at = case.name.split()[:2]
    field, last = ("quote", 2) if kind == "flip-chain" else (kind.removeprefix("flip-"), 1)
    ends = [match.end() for match in re.finditer(rb"-----END CERTIFICATE-----", case.fields[field])]
    return len(ends) >= last and int(at) >= ends[last - 1]


def line_end_changed(case):
    """The bit that was flipped makes a line end another white space."""
    kind, at = case.name.split()[:2]
    field = "quote" if kind == "flip-chain" else kind.removeprefix("flip-")
    return case.fields[field][int(at)] == 0x0b


def names_in_capitals(case):
    """The bit that was flipped makes a letter of a member's name a capital."""
    return any(name != name.lower() and name.lower() in ("signature", "tcbinfo", "enclaveidentity")
               and name not in ("tcbInfo", "enclaveIdentity")
               for field in ("tcb_info", "qe_identity") for name in json.loads(case.fields[field]))


RUST, GO = ("dcap-qvl",), ("guests",)
BOTH = RUST + GO
CHAINS = r"tdx\.(pck_chain|tcb_info|qe_identity)"
WRITTEN = (r"(pck|issuer)-chain-(crlf|text-before|text-behind|nuls-behind|no-line-feed|blank-lines|one-line|trusted-label"
           r"|header) |stretch-all ")
ARRANGED = r"(pck|issuer)-chain-(no-root|leaf-only|twice|root-twice|another-behind|another-before) "

STRICTER = [
    Stricter("tdx-fmspc-case", "guests", r'FMSPC from PCK Certificate\("(\w+)"\) is not equal to FMSPC value from Intel'
                                         r' PCS\'s reported TDX TCB info\("(?i:\1)"\)'),
    Stricter("tdx-version-5", "guests", r"quote format not supported$", is_version_5),
    Stricter("tdx-skew", "dcap-qvl", r"issue date is in the future$", issued_just_now),
    Stricter("tdx-nul", "guests", r"could not parse PEM formatted root certificate in", ends_with_nul),
]

LAXER = [
    Laxer("tdx-trailing", BOTH, r"tdx\.format", r"extend-|flip-padding "),
    Laxer("tdx-lengths", RUST, r"tdx\.format", r"stretch-(inner|outer) |flip-(size|certification2?) "),
    Laxer("tdx-pem", BOTH, CHAINS, WRITTEN),
    Laxer("tdx-pem", RUST, CHAINS, r"flip-(chain|tcb_info_chain|qe_identity_chain) ", line_end_changed),
    Laxer("tdx-chain", RUST, CHAINS, ARRANGED),
    Laxer("tdx-chain", RUST, CHAINS, r"flip-(chain|tcb_info_chain|qe_identity_chain) ", behind_what_counts),
    Laxer("tdx-json", BOTH, r"tdx\.(tcb_info|qe_identity)", r"json-(one-more-member|signature-first) "),
    Laxer("tdx-json", GO, r"tdx\.(tcb_info|qe_identity)", r"json-member-twice(-first)? "),
    Laxer("tdx-json", GO, r"tdx\.(tcb_info|qe_identity)", r"flip-(tcb_info|qe_identity) ", names_in_capitals),
    Laxer("tdx-from-the-future", BOTH, r"tdx\.(pck_crl|root_crl|collateral_age|tcb_info|qe_identity)( tdx\.\w+)*",
          r"time-|collateral-", issued_later),
    Laxer("tdx-next-update", BOTH, r"tdx\.(tcb_info|qe_identity)", r"time-bound \w+\.nextUpdate\+0 "),
    Laxer("tdx-configuration", GO, r"tdx\.(attributes\.sept_ve_disable|debug|service_td)",
          r"tdx/|azure-vtpm/|openpcc-go/"),
    Laxer("snp-trailing", GO, r"snp\.format", r"extend-"),
    Laxer("snp-rewritten", GO, r"snp\.signature", r"(flip|swap)-cpuid "),
    Laxer("snp-issuer", GO, r"snp\.chain", r"flip-issuer |issuer-|other-(issuer|ark-as-issuer|leaf-as-issuer|intels) "),
    Laxer("snp-stale-list", GO, r"(snp\.tcb\.current )?snp\.crl( snp\.revocation)?", r"time-|snp/"),
    Laxer("snp-list-der", GO, r"snp\.crl( snp\.revocation)?", r"crl-extend"),
]


def holds(when, case):
    """What a condition cannot read does not hold."""
    try:
        return when(case)
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration):
        return False


def explain(case, peer, answer, ours):
    """The name of the class of a disagreement, or None."""
    if not ours.accepted:
        names = [known.name for known in LAXER
                 if peer in known.peers and re.fullmatch(known.checks, ours.reason)
                 and re.match(known.kinds, case.name) and holds(known.when, case)]
    elif SIGNATURE.search(answer.reason):
        names = []
    else:
        names = [known.name for known in STRICTER
                 if known.peer == peer and re.search(known.words, answer.reason) and holds(known.when, case)]
    return names[0] if names else None
