# SPDX-License-Identifier: Apache-2.0
"""Starts every role as its own process on this machine, for one scenario: nodes with real engines, a gateway, a relay
(ours or nginx), over loopback TCP; engines are on UNIX sockets. Keys, root of trust and policy are made for the run, in
a folder that goes with it. Python's standard library only."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import relays
from processes import Role, children, program_of
from scenario import Skip, need, until
from wire import http

SOURCE = pathlib.Path(os.environ.get("OPENPCC_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
PROGRAMS = pathlib.Path(os.environ.get("OPENPCC_PROGRAMS", SOURCE / "build/dev/bin")).resolve()
MODEL = SOURCE / "models/demo/demo.gguf"
RELEASE = "openpcc-e2e-1"


@functools.cache
def engine_root():
    found = subprocess.run([SOURCE / "tools/engine/fetch", "--print-root"], capture_output=True, text=True, check=False)
    root = pathlib.Path(found.stdout.strip() or "/nonexistent")
    if not (root / "usr/bin/llama-server").exists():
        raise Skip("the engine is not here (make engine)")
    need("bwrap")
    return root


def engine_root_with_slots(folder):
    """The engine's root with a llama-server that shows its slots (engine_with_slots.cpp)."""
    program = pathlib.Path(os.environ.get("OPENPCC_ENGINE_WITH_SLOTS", PROGRAMS.parent / "test/engine_with_slots"))
    if not program.exists():
        raise Skip(f"{program.name} is not built")
    root = pathlib.Path(folder) / "root"
    shutil.copytree(engine_root(), root, symlinks=True)
    (root / "usr/bin/llama-server").rename(root / "usr/bin/llama-server.real")
    shutil.copy(program, root / "usr/bin/llama-server")
    return root


def slots(socket_path):
    """What an engine of engine_root_with_slots says of its slots."""
    return json.loads(http(str(socket_path), "GET", "/slots").body)


class Stage:
    """With no arguments: two nodes, a gateway and our relay. Clients get collateral from the gateway."""

    def __init__(self, nodes=2, relay="relayd", tls=False, node_options="", node_limits="", gateway_options="",
                 relay_options="", engine_options="", parallel=2, context=1024, root=None, start=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-e2e-"))
        self.node_options, self.node_limits, self.gateway_options, self.relay_options = (
            node_options, node_limits, gateway_options, relay_options)
        self.engine_options, self.parallel, self.context = engine_options, parallel, context
        self.root = root or engine_root()
        # No scenario meets the services that whoever runs it has added.
        os.environ["XDG_CONFIG_HOME"] = str(self.path("xdg"))
        self.nodes, self.gateway, self.relay, self.clients = [], None, None, []
        self.gateway_to = self.relay_to = None  # set before starting: ports of taps
        try:
            self._make_keys()
            if start:
                self.start_nodes(nodes)
                self.start_gateway()
                self.start_relay(relay, tls=tls)
                self.write_client_config()
                self.wait_ready()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        reports = [log.read_text(errors="replace") for log in self.folder.glob("*.log")]
        self.close()
        for report in reports:
            if "Sanitizer" in report or "runtime error:" in report:
                raise AssertionError(report[:8000])

    def close(self):
        for client in self.clients:
            if client.poll() is None:
                client.kill()
                client.wait()
        for role in [self.relay, self.gateway, *self.nodes]:
            if role is not None:
                role.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return self.folder / name

    def _make_keys(self):
        def openssl(*arguments):
            return subprocess.run([need("openssl"), *map(str, arguments)], check=True, capture_output=True).stdout

        os.umask(0o077)
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.path("service.key"))
        spki = openssl("pkey", "-in", self.path("service.key"), "-pubout", "-outform", "DER")
        self.service_key = "openpcc-service:" + spki[-32:].hex()
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path("root.key"))
        # The throwaway root of trust of simulated hardware (src/evidence/simulated).
        settings = ("[req]\ndistinguished_name=name\nx509_extensions=ext\nprompt=no\n"
                    "[name]\nCN=Simulated SGX Root CA\nO=OpenPCC simulated hardware\n"
                    "[ext]\nbasicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=critical,keyCertSign,cRLSign\n"
                    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        self.path("root.cnf").write_text(settings)
        openssl("req", "-x509", "-new", "-key", self.path("root.key"), "-sha256", "-days", "2", "-config",
                self.path("root.cnf"), "-out", self.path("root.pem"))

    def node_config(self, number, port=0):
        return f"""listen = "http://127.0.0.1:{port}"
metrics = "unix:{self.folder}/node-{number}.metrics"
release = "{RELEASE}"

[engine]
kind = "llama-server"
root = "{self.root}"
model = "{MODEL}"
model_name = "demo"
parallel = {self.parallel}
context_tokens = {self.context}
socket_directory = "{self.folder}/engine-{number}"
{self.engine_options}

[simulated]
root_certificate = "{self.folder}/root.pem"
root_key = "{self.folder}/root.key"

[keys]
{self.node_options}
[limits]
{self.node_limits}
"""

    def start_role(self, name, program, config):
        path = self.path(name + ".toml")
        path.write_text(config)
        return Role(name, [PROGRAMS / program, "--config", path], self.path(name + ".log"))

    def start_node(self, number, port=0):
        return self.start_role(f"node-{number}", "noded", self.node_config(number, port))

    def restart_node(self, number):
        """The same node again: same place, new keys."""
        self.nodes[number - 1].end()
        self.nodes[number - 1] = self.start_node(number, self.nodes[number - 1].port)

    def start_nodes(self, count):
        describe = self.path("describe.toml")
        describe.write_text(self.node_config(1))
        said = subprocess.run([PROGRAMS / "noded", "--config", describe, "--describe"], capture_output=True, check=True)
        self.path("node.json").write_bytes(said.stdout)
        said = subprocess.run([PROGRAMS / "noded", "--config", describe, "--collateral"], capture_output=True, check=True)
        self.path("collateral.json").write_bytes(said.stdout)
        self.admin("policy", "make", "--preset", "development", "--describe", self.path("node.json"), "--out", self.path("policy.json"))
        self.policy = json.loads(self.path("policy.json").read_text())
        for number in range(1, count + 1):
            self.nodes.append(self.start_node(number))

    @staticmethod
    def admin(*arguments):
        """What openpcc-admin prints."""
        said = subprocess.run([PROGRAMS / "openpcc-admin", *map(str, arguments)], capture_output=True, text=True, check=True)
        return said.stdout.strip()

    def start_gateway(self, port=0, nodes=None):
        urls = ", ".join(f'"{url}"' for url in nodes or [node.url for node in self.nodes])
        self.gateway = self.start_role("gateway", "gatewayd", f"""listen = "http://127.0.0.1:{port}"
metrics = "unix:{self.folder}/gateway.metrics"
nodes = [{urls}]
service_key = "{self.folder}/service.key"
{self.gateway_options}
[collateral]
file = "{self.folder}/collateral.json"
""")

    def restart_gateway(self):
        port = self.gateway.port
        self.gateway.end()
        self.start_gateway(port)

    def start_relay(self, kind="relayd", gateway_port=None, tls=False):
        gateway_port = gateway_port or self.gateway.port
        self.relay = (relays.start_nginx(self, gateway_port, SOURCE) if kind == "nginx"
                      else relays.start_relayd(self, gateway_port, tls, self.relay_options))

    def write_client_config(self, name="client", relay=None, service_key=None, policy="policy.json", extra=""):
        path = self.path(name + ".toml")
        if relay is None and self.relay.tls:
            extra += f'relay_roots = "{self.folder}/relay.pem"\n'
        path.write_text(f"""relay = "{relay or self.relay.url}"
service_key = "{service_key or self.service_key}"
policy = "{self.folder}/{policy}"
{extra}
[simulated]
roots = "{self.folder}/root.pem"
""")
        return path

    def wait_ready(self, count=None, seconds=60):
        """Until the directory lists so many nodes."""
        count = len(self.nodes) if count is None else count

        def listed():
            said = self.openpcc("verify", "--config", self.path("client.toml"), "--json")
            return said.stdout.count("\n") == count and said.returncode == 7

        until(listed, seconds, f"{count} nodes are ready", interval=0.1)

    def openpcc(self, *arguments, stdin=None, seconds=60, before=()):
        return subprocess.run([*before, PROGRAMS / "openpcc", *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=seconds, check=False)

    def chat(self, prompt, *options, config="client", seconds=60):
        return self.openpcc("chat", "--config", self.path(config + ".toml"), prompt, *options, seconds=seconds)

    def start_chat(self, prompt, *options, config="client"):
        """A client that runs beside the scenario; what it prints is read as it comes."""
        client = subprocess.Popen([PROGRAMS / "openpcc", "chat", "--config", self.path(config + ".toml"), prompt,
                                   *map(str, options)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, bufsize=0)
        self.clients.append(client)
        return client

    def status(self, number):
        """What a node says of itself."""
        answer = http(self.nodes[number - 1].address, "GET", "/status")
        return json.loads(answer.body)

    def wait_restarted(self, number, before):
        """Until a node has another engine than the process `before`, that answers."""
        until(lambda: self.engine(number) not in (None, before) and self.status(number)["ready"], 15, "a new engine")

    def engine(self, number):
        """The process id of a node's engine; None while there is none."""
        found = [pid for pid in children(self.nodes[number - 1].pid) if program_of(pid).startswith("llama-server")]
        return found[-1] if found else None

    def refusals(self, name):
        """What a role counted of what it refused: {error name: count}."""
        text = http(str(self.path(name + ".metrics")), "GET", "/metrics").body.decode()
        return {found[1]: int(found[2]) for found in re.finditer(r'refusals_total\{[^}]*"([^"]+)"\} (\d+)', text)}
