# SPDX-License-Identifier: Apache-2.0
"""Collateral at the command line: packed from others' files, shown, and fetched over TLS from a server in the vendors' place."""

import functools
import json
import os
import pathlib
import re
import ssl
import subprocess
import tempfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from processes import Role
from scenario import Skip, main, need, run, until
from wire import http

SOURCE = pathlib.Path(os.environ.get("OPENPCC_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
PROGRAMS = pathlib.Path(os.environ.get("OPENPCC_PROGRAMS", SOURCE / "build/dev/bin")).resolve()
TDX = SOURCE.parent / "shared" / "evidence" / "tdx"
JULY = TDX / "automata" / "2025-07"
FMSPC = "90C06F000000"  # of which nothing was recorded


def openpcc(*arguments):
    return subprocess.run([PROGRAMS / "openpcc", "collateral", *map(str, arguments)], capture_output=True, text=True, check=False,
                          timeout=50)


def expect(said, code, out="", err=""):
    assert said.returncode == code, (said.returncode, code, said.stdout, said.stderr)
    assert out in said.stdout, said.stdout
    assert err in said.stderr if err else not said.stderr, said.stderr


class Vendors(ThreadingHTTPServer):
    """Answers of July 2025 as they were recorded, at the vendors' paths; a test may change what it likes."""

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        def chain_of(*names):
            return urllib.parse.quote("".join(ssl.DER_cert_to_PEM_cert((JULY / name).read_bytes()) for name in names))

        chain = chain_of("signing.der", "root.der")
        self.info = json.loads((JULY / "tcb_info_v3_with_tdx_module.json").read_text())["tcbInfo"]
        self.pages = {
            f"/tdx/certification/v4/tcb?fmspc={self.info['fmspc'].upper()}":
                ({"TCB-Info-Issuer-Chain": chain}, (JULY / "tcb_info_v3_with_tdx_module.json").read_bytes()),
            "/tdx/certification/v4/qe/identity":
                ({"SGX-Enclave-Identity-Issuer-Chain": chain}, (JULY / "qe_identity.json").read_bytes()),
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der":
                ({"SGX-PCK-CRL-Issuer-Chain": chain_of("platform.der", "root.der")}, (JULY / "pck_platform_crl.der").read_bytes()),
            "/IntelSGXRootCA.der": ({}, (JULY / "intel_root_ca_crl.der").read_bytes()),
        }
        self.status = 200
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # handshakes that the client ends are what some parts are about


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        fields, content = self.server.pages.get(self.path, ({}, None))
        status = 404 if content is None else self.server.status
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if 300 <= status < 400:
            self.send_header("Location", f"https://127.0.0.1:{self.server.server_address[1]}/IntelSGXRootCA.der")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_):
        pass


def certificate(name):
    key, pem = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    key, "-out", pem, "-days", "2", "-subj", "/CN=vendors", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    return pem, key


def pack():
    out = folder / "packed.json"
    expect(openpcc("pack", TDX / "dcap-qvl" / "tdx_quote_collateral.json", "--out", out), 0, "4 items")
    first = out.read_bytes()
    expect(openpcc("pack", out, TDX / "dcap-qvl" / "tdx_quote_collateral.json", "--out", out), 0)
    assert out.read_bytes() == first
    # A folder with a quote and other strangers: named, and with --strict nothing is written.
    other = folder / "other.json"
    said = openpcc("pack", TDX / "dcap-qvl", "--out", other)
    expect(said, 0, "items", "warning: ")
    assert "dcap-qvl/tdx_quote: not packed" in said.stderr, said.stderr
    other.unlink()
    expect(openpcc("pack", TDX / "dcap-qvl", "--out", other, "--strict"), 1, "", "collateral.unknown")
    assert not other.exists()
    expect(openpcc("pack", TDX / "dcap-qvl" / "tdx_quote", "--out", other), 1, "", "there is no collateral")
    remarks = json.loads(openpcc("pack", TDX / "dcap-qvl", "--out", other, "--json").stdout)["remarks"]
    assert {one["level"] for one in remarks} == {"note", "warning"}, remarks


def show():
    packed = folder / "packed.json"
    expect(openpcc("show", packed, "--at", "2025-06-25T00:00:00Z"), 0, "green: 4 items")
    expect(openpcc("show", packed, "--at", "2025-07-20T00:00:00Z"), 2, "red: 3 of 4 items cannot be used")
    expect(openpcc("show", packed), 2, "red")
    shown = json.loads(openpcc("show", packed, "--at", "2025-06-25T00:00:00Z", "--json").stdout)
    info = [item for item in shown["items"] if item["kind"] == "tcb_info"]
    assert shown["schema"] == "openpcc-collateral-1" and shown["state"] == "green", shown
    assert [(one["subject"], one["evaluation"], one["signer"]) for one in info] == [("b0c06f000000", 17, "Intel SGX TCB Signing")]
    expect(openpcc("show", TDX / "dcap-qvl" / "tdx_quote_collateral.json"), 1, "", "collateral.malformed")
    expect(openpcc("show", folder / "nothing"), 1, "", "config.bad_file")


def fetch():
    out = folder / "fetched.json"
    said = openpcc("fetch", "--out", out, "--config", config)
    expect(said, 0, "4 items")
    shown = json.loads(openpcc("show", out, "--at", "2025-07-15T00:00:00Z", "--json").stdout)
    assert shown["state"] == "green" and len(shown["items"]) == 4, shown
    # What was fetched is what packing the recorded files gives, but for the day of asking.
    packed = folder / "recorded.json"
    expect(openpcc("pack", JULY / "tcb_info_v3_with_tdx_module.json", JULY / "qe_identity.json", JULY / "signing.der",
                   JULY / "pck_platform_crl.der", JULY / "intel_root_ca_crl.der", "--out", packed), 0, "4 items", "note")
    assert json.loads(packed.read_bytes())["sections"] == json.loads(out.read_bytes())["sections"]


def fetch_that_fails_takes_nothing_away():
    out = folder / "fetched.json"
    before = json.loads(out.read_bytes())["sections"]
    vendors.status = 302
    expect(openpcc("fetch", "--out", out, "--config", config), 4, "", "redirects are not followed")
    vendors.status = 503
    said = openpcc("fetch", "--out", out, "--config", config)
    expect(said, 4, "", "vendors.not_served")
    assert said.stderr.count("warning: ") == 4, said.stderr
    vendors.status = 200
    expect(openpcc("fetch", "--out", out, "--config", config, "--fmspc", FMSPC), 4, "", "status 404")
    fields, content = vendors.pages["/tdx/certification/v4/qe/identity"]
    vendors.pages["/tdx/certification/v4/qe/identity"] = (fields, content.replace(b'"isvprodid":2', b'"isvprodid":3'))
    expect(openpcc("fetch", "--out", out, "--config", config), 5, "", "not signed under the vendor's root")
    vendors.pages["/tdx/certification/v4/qe/identity"] = (fields, content)
    assert json.loads(out.read_bytes())["sections"] == before
    out.write_text("{")
    expect(openpcc("fetch", "--out", out, "--config", config), 1, "", "collateral.malformed")
    assert out.read_text() == "{"


def bl5_only_whom_tls_has_proven():
    """BL-5: the check of certificates cannot be switched off, and a stranger's certificate is refused."""
    out = folder / "stranger.json"
    config.write_text(config.read_text().replace("vendors.pem", "stranger.pem"))
    expect(openpcc("fetch", "--out", out, "--config", config), 5, "", "net.tls")
    assert not out.exists()
    listed = openpcc("fetch", "--help").stdout
    assert not any(word in listed for word in ("insecure", "verify", "http:")), listed
    plain = folder / "plain.toml"
    plain.write_text('[collateral]\nintel_api = "http://127.0.0.1:1"\n')
    expect(openpcc("fetch", "--out", out, "--config", plain, "--fmspc", FMSPC), 1, "", "expected https://")


def gateway(**changes):
    """gatewayd with the vendors' addresses, and no node; its file of collateral and its metrics."""
    table = {**{key: f'"{at}"' for key in ("intel_api", "intel_certificates", "amd_kds")}, "roots": f'"{folder}/vendors.pem"',
             "fmspc": f'["{vendors.info["fmspc"]}"]', "file": f'"{folder}/offered.json"', **changes}
    path = folder / "gatewayd.toml"
    path.write_text(f'listen = "http://127.0.0.1:0"\nmetrics = "unix:{folder}/metrics"\nnodes = ["unix:{folder}/nobody"]\n'
                    f'service_key = "{folder}/service.key"\n[collateral]\n'
                    + "".join(f"{key} = {value}\n" for key, value in table.items() if value))
    return path


def metric(name):
    text = http(str(folder / "metrics"), "GET", "/metrics").body.decode()
    return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])


def the_gateway_keeps_a_file_fresh():
    subprocess.run([need("openssl"), "genpkey", "-algorithm", "ed25519", "-out", folder / "service.key"], check=True)
    (folder / "service.key").chmod(0o600)
    offered = folder / "offered.json"
    with_gateway = functools.partial(Role, "gateway", log=folder / "gatewayd.log")
    asked = len(vendors.asked)
    role = with_gateway([PROGRAMS / "gatewayd", "--config", gateway()])
    try:
        until(offered.exists, 20, "collateral was fetched")
        assert json.loads(offered.read_bytes())["sections"] == json.loads((folder / "recorded.json").read_bytes())["sections"]
        until(lambda: metric("openpcc_gateway_collateral_fetched_seconds") > 1_700_000_000, 10, "the gauge tells when")
        assert metric("openpcc_gateway_collateral_failures_total") == 0
        assert len(vendors.asked) == asked + 4
    finally:
        role.end()
    # What is a day old at most is not asked for again, and vendors that are down are a count and a line.
    role = with_gateway([PROGRAMS / "gatewayd", "--config", gateway()])
    try:
        until(lambda: metric("openpcc_gateway_collateral_fetched_seconds") > 0, 10, "the file was read")
        assert len(vendors.asked) == asked + 4
    finally:
        role.end()
    before = offered.read_bytes()
    old = json.loads(before)
    old["fetched"] = "2025-07-01T00:00:00Z"
    offered.write_text(json.dumps(old, separators=(",", ":")))
    before = offered.read_bytes()
    vendors.status = 503
    role = with_gateway([PROGRAMS / "gatewayd", "--config", gateway()])
    try:
        until(lambda: metric("openpcc_gateway_collateral_failures_total") == 1, 20, "the failure was counted")
        assert offered.read_bytes() == before
        assert "gatewayd: warning: collateral: " in (folder / "gatewayd.log").read_text()
    finally:
        role.end()
        vendors.status = 200


def the_gateway_says_what_is_wrong():
    def check(path):
        return subprocess.run([PROGRAMS / "gatewayd", "--config", path, "--check"], capture_output=True, text=True, check=False)

    expect(check(gateway(file=None)), 1, "", "there is no file to keep")
    expect(check(gateway(fmspc='["12"]')), 1, "", "12 hex digits")
    expect(check(gateway(intel_api='"http://127.0.0.1:1"')), 1, "", "expected https://")
    (folder / "offered.json").write_text("{")
    said = subprocess.run([PROGRAMS / "gatewayd", "--config", gateway()], capture_output=True, text=True, check=False, timeout=20)
    expect(said, 1, "", "collateral.malformed")


def usage():
    out = folder / "none.json"
    expect(openpcc("fetch", "--out", out), 1, "", "say which platforms")
    expect(openpcc("fetch", "--out", out, "--fmspc", "12"), 1, "", "12 hex digits")
    expect(openpcc("fetch", "--out", out, "--product", "Naples"), 1, "", "Milan, Genoa or Turin")
    assert openpcc().returncode == 1 and openpcc("pack").returncode == 1


def scenario():
    global folder, vendors, config, at
    if not TDX.exists():
        raise Skip(f"{TDX} is not there")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        vendors = Vendors(*certificate("vendors"))
        certificate("stranger")
        config = folder / "collateral.toml"
        at = f"https://127.0.0.1:{vendors.server_address[1]}"
        config.write_text(f'[collateral]\nintel_api = "{at}"\nintel_certificates = "{at}"\namd_kds = "{at}"\n'
                          f'roots = "vendors.pem"\nfmspc = ["{vendors.info["fmspc"]}"]\n')
        run(pack, show, fetch, fetch_that_fails_takes_nothing_away, the_gateway_keeps_a_file_fresh,
            the_gateway_says_what_is_wrong, bl5_only_whom_tls_has_proven, usage)


main(scenario)
