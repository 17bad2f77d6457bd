# SPDX-License-Identifier: Apache-2.0
"""The real proxy with a service of this file's making behind its page: what the page asks for below /verify is answered
with what a test has put here, under the proxy's own headers; the page's files and the list of checks are the proxy's."""

import contextlib
import copy
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

from processes import Role

SOURCE = pathlib.Path(os.environ.get("OPENPCC_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
PROGRAMS = pathlib.Path(os.environ.get("OPENPCC_PROGRAMS", SOURCE / "build/dev/bin")).resolve()
GOLDEN = SOURCE / "src/trust/verify/golden"
KEY = "openpcc-" + "A" * 43
# The verifier's own verdicts, by state (src/trust/verify/golden). What differs from run to run is filled in.
OF_STATE = {"verified": "verified", "verified_with_notes": "amber-out-of-date", "not_verified": "debug",
            "incomplete": "incomplete", "simulated": "simulated"}
JUDGED_AT = 1795590000  # 2026-11-25T07:00:00Z, the time of all of them


def golden(name):
    text = (GOLDEN / f"{name}.json").read_text().replace("},\n{", "},{").strip()
    return json.loads(text.replace("<hex>", "5a" * 32).replace("<size>", "4711"))


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Node:
    """One node with its evidence. `verdict` may be changed, or replaced by any text."""

    def __init__(self, verdict, number=1):
        self.bundle = b"evidence of node %d" % number
        self.statement = f"{number:02x}" * 32
        self.verdict = copy.deepcopy(verdict)
        if self.verdict["claims"] is None:
            self.bundle = b""
        else:
            self.verdict["claims"]["bundle"] = hashlib.sha256(self.bundle).hexdigest()
            self.verdict["claims"]["statement"] = self.statement

    def text(self):
        return self.verdict if isinstance(self.verdict, str) else compact(self.verdict)


def request(number, answered_by=None, outcome="200"):
    return {"number": number, "at": "2026-11-25T06:59:50Z", "path": "/v1/chat/completions", "outcome": outcome,
            "answered_by": answered_by, "sent": 812, "received": 2310, "milliseconds": 640}


class Service:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-page-"))
        key = subprocess.check_output(["openssl", "genpkey", "-algorithm", "ed25519"], stderr=subprocess.DEVNULL)
        public = subprocess.check_output(["openssl", "pkey", "-pubout", "-outform", "DER"], input=key)
        (self.folder / "client.toml").write_text(
            f'relay = "http://127.0.0.1:9"\nservice_key = "openpcc-service:{public[-32:].hex()}"\n'
            f'policy = "{SOURCE}/fuzz/corpus/policy/development"\n')
        (self.folder / "proxy.key").write_text(KEY + "\n")
        (self.folder / "proxy.key").chmod(0o600)
        self.proxy = Role("proxy", [PROGRAMS / "openpcc", "proxy", "--config", self.folder / "client.toml", "--listen",
                                    "http://127.0.0.1:0", "--key-file", self.folder / "proxy.key"], self.folder / "proxy.log")
        self.known = json.loads(self.ask_proxy("GET", "/verify/checks", {"authorization": f"Bearer {KEY}"})[2])
        self.judging, self.nodes, self.requests, self.asked, self.checks = 1, [], [], [], 0
        self.on_check, self.changed = None, {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def show(self, *verdicts, requests=()):
        """Another judging: these verdicts, one a node."""
        self.judging += 1
        self.changed = {}
        self.requests = list(requests)
        self.nodes = [verdict if isinstance(verdict, Node) else Node(verdict, number)
                      for number, verdict in enumerate(verdicts, 1)]

    def state(self):
        return {"schema": "openpcc-page-1", "relay": "https://relay.example:443",
                "policy": {"name": "standard of example.org", "preset": "standard", "expires": "2027-02-23T07:00:00Z",
                           "candidates": 2},
                "judging": {"number": self.judging, "at": "2026-11-25T07:00:00Z", "nodes": [node.statement for node in self.nodes]},
                "requests": self.requests}

    def ask_proxy(self, method, path, fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=10)
        connection.request(method, path, headers=fields)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), content

    def content(self, path):
        """What this service says for a path; None where the proxy answers itself."""
        if path in self.changed:
            return self.changed[path].encode()
        if path == "/verify/state":
            return compact(self.state()).encode()
        found = re.fullmatch(rf"/verify/judgings/{self.judging}/nodes/(\d+)(/bundle|/challenge|)", path)
        if not found:
            return None
        node = self.nodes[int(found[1])]
        return {"": node.text().encode(), "/bundle": node.bundle,
                "/challenge": b"ab" * 32 + b" 2026-11-25T06:59:55Z\n"}[found[2]]

    def _handler(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # head and content in one write

            def log_message(self, *_):
                pass

            def answer(self):
                service.asked.append((self.command, self.path, dict(self.headers)))
                fields = {name: value for name, value in self.headers.items()
                          if name.lower() not in ("host", "connection", "origin")}
                path = self.path
                if self.command == "POST" and path == "/verify/check":
                    service.checks += 1
                    if service.on_check:
                        service.on_check()
                    path = "/verify/state"
                # The proxy judges who asks, and gives its headers, whatever this service then says.
                said = service.content(path)
                status, head, content = service.ask_proxy("GET", path if said is None else "/verify/state", fields)
                if said is not None and status == 200:
                    content = said
                self.send_response_only(status)
                for name, value in head:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.proxy.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.close()
