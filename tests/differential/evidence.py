# SPDX-License-Identifier: Apache-2.0
"""The real quotes, reports and collateral beside the tree (shared/evidence), in the wrappers of their collectors."""
import base64
import calendar
import json
import pathlib
import re
import time

from protocol import Case

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "shared" / "evidence"


def load(name):
    return (FOLDER / name).read_bytes()


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def from_pem(text):
    """The DER of every block."""
    return [base64.b64decode(body) for body in re.findall(r"-----BEGIN [A-Z0-9 ]+-----([^-]+)-----END", text)]


def to_pem(*certificates):
    def block(der):
        lines = base64.encodebytes(der).decode().replace("\n", "")
        body = "\n".join(lines[at:at + 64] for at in range(0, len(lines), 64))
        return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    return "".join(map(block, certificates)).encode()


def quote(name):
    """Raw, hex text, a JSON list of bytes, or a JSON member with hex."""
    data = load(name)
    if name.endswith(".hex"):
        return bytes.fromhex(data.decode().strip().removeprefix("0x"))
    if not name.endswith(".json"):
        return data
    value = json.loads(data)
    return bytes(value) if isinstance(value, list) else bytes.fromhex(value["quote"].removeprefix("0x"))


def from_qvl(name):
    """dcap-qvl keeps signed values, signatures and chains apart."""
    value = json.loads(load(name))

    def body(member, key):
        return f'{{"{member}":{value[key]},"signature":"{value[key + "_signature"]}"}}'.encode()
    return {
        "tcb_info": body("tcbInfo", "tcb_info"), "tcb_info_chain": value["tcb_info_issuer_chain"].encode(),
        "qe_identity": body("enclaveIdentity", "qe_identity"),
        "qe_identity_chain": value["qe_identity_issuer_chain"].encode(),
        "root_crl": bytes.fromhex(value["root_ca_crl"]), "pck_crl": bytes.fromhex(value["pck_crl"]),
        "pck_crl_chain": value["pck_crl_issuer_chain"].encode(),
    }


def from_parts(tcb_info, qe_identity, root_crl, pck_crl, chain):
    return {"tcb_info": tcb_info, "tcb_info_chain": chain, "qe_identity": qe_identity, "qe_identity_chain": chain,
            "root_crl": root_crl, "pck_crl": pck_crl, "pck_crl_chain": load("tdx/go-tdx-guest/pck_platform_ca_chain.pem")}


def collateral(name):
    """The sets, by the issue date of their TCB info."""
    whole = {"2025-06-19": "tdx/dcap-qvl/tdx_quote_collateral.json", "2025-09-02": "tdx/nearai/collateral.json",
             "2026-02-18": "tdx/dcap-qvl/tdx_quote_outdated_collateral.json",
             "2026-08-13": "tdx/near-mpc/collateral.json", "sgx": "tdx/dcap-qvl/sgx_quote_collateral.json"}
    if name in whole:
        return from_qvl(whole[name])
    automata = "tdx/automata/"
    chain = to_pem(load(automata + "2025-07/signing.der"), load(automata + "2025-07/root.der"))
    root_crl = load(automata + "2025-07/intel_root_ca_crl.der")
    if name == "2026-02-01":
        return {**from_qvl(whole["2026-02-18"]), "tcb_info": load("tdx/go-tdx-guest/sample_tcbinfo_response_v5"),
                "tcb_info_chain": chain}
    if name == "2023-06-18":
        own = "tdx/go-tdx-guest/"
        return from_parts(load(own + "sample_tcbInfo_response"), load(own + "sample_qeIdentity_response"),
                          load(own + "rootcrl.der"), load(own + "pckcrl.der"), load(own + "tcb_signing_chain.pem"))
    if name in ("2025-07-07", "2025-10-19"):
        folder, info, identity, crl = {
            "2025-07-07": ("2025-07/", "tcb_info_v3_with_tdx_module.json", "qe_identity.json", "pck_platform_crl.der"),
            "2025-10-19": ("1025/", "tcb_info.json", "identity.json", "pck_crl.der")}[name]
        folder = automata + folder
        return from_parts(load(folder + info), load(folder + identity), root_crl, load(folder + crl), chain)
    identity = json.loads(load("tdx/teepot/tdx_qe_identity.json"))
    pck_crl = from_pem(json.loads(load("tdx/teepot/pck_crl_platform.json"))["crl_data"])[0]
    info = {"2025-06-04": "00806f050000", "2025-06-05": "90C06F000000"}
    if name in info:
        tcb_info, info_chain = load(f"{automata}0625/tcbinfov3_{info[name]}.json"), chain
    else:
        value = json.loads(load("tdx/teepot/tdx_tcb_info_00806F050000.json"))  # 2025-05-27
        tcb_info, info_chain = value["tcb_info_json"].encode(), value["issuer_chain"].encode()
    return {**from_parts(tcb_info, identity["enclave_identity_json"].encode(), root_crl, pck_crl, info_chain),
            "qe_identity_chain": identity["issuer_chain"].encode()}


# A time in each set at which all of it is in date.
TIMES = {"2023-06-18": "2023-07-01", "2025-05-27": "2025-06-10", "2025-06-04": "2025-06-15", "2025-06-05": "2025-06-15",
         "2025-06-19": "2025-07-01", "2025-07-07": "2025-07-15", "2025-09-02": "2025-10-01", "2025-10-19": "2025-10-25",
         "2026-02-01": "2026-02-25", "2026-02-18": "2026-02-25", "2026-08-13": "2026-08-20", "sgx": "2025-07-01"}
BY_FMSPC = {"00806f": ("2025-05-27", "2025-06-04", "2025-07-07", "2025-10-19"),
            "90c06f": ("2025-06-05", "2026-02-01", "2026-02-18"), "b0c06f": ("2025-06-19", "2026-08-13"),
            "50806f": ("2023-06-18",), "20a06f": ("2025-09-02",), "none": ("2025-06-19", "sgx")}
QUOTES = {
    "tdx/automata/2025-07/quote_tdx.bin": "00806f", "tdx/automata/alibaba_quote_5.dat": "90c06f",
    "tdx/dcap-qvl/quote-from-tappd.hex": "b0c06f", "tdx/dcap-qvl/tdx-quote.hex": "b0c06f",
    "tdx/dcap-qvl/tdx_quote": "b0c06f", "tdx/dcap-qvl/tdx_quote_outdated": "90c06f",
    "tdx/dcap-qvl/sgx_quote": "none", "tdx/dstack/examples-report.json": "b0c06f",
    "tdx/dstack/guest-agent-quote.bin": "b0c06f", "tdx/dstack/guest-agent-attestation.bin": "b0c06f",
    "tdx/dstack/quote-report.json": "90c06f", "tdx/dstack/ra-tls-tdx_quote": "b0c06f",
    "tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat": "00806f", "tdx/go-tdx-guest/quote_v5_sample.dat": "90c06f",
    "tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat": "50806f", "tdx/go-tdx-guest/report.dat": "none",
    "tdx/intel-qvl-synthetic/tdx/quote.dat": "none", "tdx/intel-qvl-synthetic/sgx/quote.dat": "none",
    "tdx/near-mpc/quote.json": "b0c06f", "tdx/nearai/quote.bin": "20a06f", "tdx/trustee/tdx_quote_4.dat": "50806f",
    "azure-vtpm/trustauthority/td-quote.bin": "00806f", "azure-vtpm/trustee/az-tdx-vtpm/td-quote.bin": "00806f",
    "openpcc-go/decoded/gce_tdx_quote.bin": "00806f", "openpcc-go/decoded/azure_tdx_8455ad8_quote.bin": "90c06f",
    "openpcc-go/decoded/azure_tdx_b357e15_quote.bin": "00806f",
    "openpcc-go/decoded/azure_tdx_6e2a6b6_quote.bin": "00806f",
}


def tdx_cases():
    """Every quote with every set of collateral for its platform."""
    for name, family in QUOTES.items():
        for issued in BY_FMSPC[family]:
            yield Case(f"{name} with {issued}", "tdx", seconds(TIMES[issued] + "T00:00:00Z"),
                       {"quote": quote(name), **collateral(issued)})


def certificate(name, index=0):
    data = load(name)
    return data if data[:1] == b"\x30" else from_pem(data.decode())[index]


# report, leaf, product, time
REPORTS = [
    ("snp/dstack/sev_snp_report.bin", "snp/dstack/sev_snp_vcek.pem", "milan", "2026-07-01"),
    ("snp/dstack/sev_snp_report.bin", "snp/dstack/sev_snp_vcek.pem", "milan", "2026-05-01"),
    ("snp/go-sev-guest/attestation.bin", "snp/go-sev-guest/vcek.testcer", "milan", "2022-09-25"),
    ("snp/oak/genoa_oc_report.bin", "snp/oak/genoa_oc_vcek.der", "genoa", "2025-10-01"),
    ("snp/oak/milan_oc_release_report.bin", "snp/oak/milan_oc_release_vcek.der", "milan", "2025-10-01"),
    ("snp/oak/turin_oc_report.bin", "snp/oak/turin_oc_vcek.der", "turin_vcek", "2025-10-01"),
    ("snp/trustee/test-report.bin", "snp/trustee/test-vcek.der", "milan", "2025-06-01"),
    ("snp/trustee/test-report.bin", "snp/trustee/test-vcek-invalid-legacy.der", "milan", "2025-06-01"),
    ("snp/trustee/test-report.bin", "snp/trustee/test-vcek-invalid-new.der", "milan", "2025-06-01"),
    ("snp/trustee/test-vlek-report.bin", "snp/trustee/test-vlek.der", "milan_vlek", "2025-06-01"),
    ("snp/virtee/report_milan.hex", "snp/virtee/vcek_milan.der", "milan", "2025-01-01"),
    ("snp/virtee/report_milan.hex", "snp/virtee/vcek_milan.der", "milan", "2025-10-01"),
    ("openpcc-go/decoded/azure_sevsnp_hcl_hwreport.bin", "openpcc-go/decoded/vcek.der", "genoa", "2025-10-01"),
    ("openpcc-go/decoded/gce_sevsnp_report.bin", "openpcc-go/decoded/vcek.der", "genoa", "2025-10-01"),
    ("azure-vtpm/trustee/az-snp-vtpm/hcl-report.bin", "azure-vtpm/trustee/az-snp-vtpm/vcek.pem", "milan", "2025-06-15"),
    ("snp/azure-aci/snp.json", "snp/azure-aci/snp.json", "milan", "2025-06-01"),
]


def report(name):
    data = load(name)
    if name.endswith(".hex"):
        return bytes.fromhex(data.decode().strip())
    if name.endswith(".json"):
        return base64.b64decode(json.loads(data)["evidence"])
    return data[32:32 + 1184] if data[:4] == b"HCLA" else data


def leaf(name):
    if name.endswith(".json"):
        return from_pem(base64.b64decode(json.loads(load(name))["endorsements"]).decode())[0]
    return certificate(name)


def snp_cases():
    lists = {"milan": "amd_milan_crl.crl", "genoa": "amd_genoa_crl.crl"}
    for name, endorsement, product, day in REPORTS:
        bundle = f"roots/amd/ask_ark_{product}.pem"
        crl = lists.get(product.split("_")[0])
        yield Case(f"{name} under {endorsement} at {day}", "snp", seconds(day + "T00:00:00Z"),
                   {"report": report(name), "leaf": leaf(endorsement), "issuer": certificate(bundle),
                    "ark": certificate(bundle, 1), "crl": load("openpcc-go/decoded/" + crl) if crl else b""})
