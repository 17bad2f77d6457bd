# SPDX-License-Identifier: Apache-2.0
"""Starts every role for a measurement, as `openpcc demo` does, and one engine more that is asked directly."""
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_TIME = 60
NODES = 2  # the default number of candidates, so that a request is sealed to two keys

NGINX = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
{user}events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    keepalive_requests 1000000;
    upstream gateway {{ server unix:{folder}/gateway.sock; keepalive 64; keepalive_requests 1000000; }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 4m;
        location / {{
            proxy_pass http://gateway;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host gateway;
            proxy_pass_request_headers on;
            proxy_buffering off;
            proxy_request_buffering off;
        }}
    }}
}}
"""


def children(pid):
    """Every process below this one."""
    below = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            below += [int(folder.name)] + children(int(folder.name))
    return below


class Stage:
    """A relay, a gateway and nodes with engines in sandboxes; another node whose engine is there to be asked alone."""

    def __init__(self, build, engine_root, model, parallel, context, wrap=None):
        self.build = pathlib.Path(build).resolve()
        self.folder = tempfile.mkdtemp(prefix="openpcc-bench-")
        self.processes = {}
        self.wrap = wrap or {}  # role -> command to put before it
        try:
            self._start(engine_root, model, parallel, context)
        except BaseException:
            self.stop()
            raise

    def _tool(self, *arguments):
        subprocess.run([self.build / "bench/path_bench", *arguments], check=True)

    def _write(self, name, text):
        path = f"{self.folder}/{name}"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        return path

    def _role(self, name, program, configuration):
        path = self._write(f"{name}.toml", configuration)
        with open(f"{self.folder}/{name}.log", "ab") as log:
            process = subprocess.Popen([*self.wrap.get(name, []), self.build / "bin" / program, "--config", path],
                                       stdout=subprocess.PIPE, stderr=log, cwd="/")
        self.processes[name] = process
        ready = select.select([process.stdout], [], [], START_TIME)[0]
        line = process.stdout.readline().decode() if ready else ""
        if "listening on " not in line:
            raise RuntimeError(f"{name} did not start: {pathlib.Path(self.folder, name + '.log').read_text()[-600:]}")
        return line.split("listening on ")[1].strip()

    def _node(self, number, engine_root, model, parallel, context):
        return f"""listen = "unix:{self.folder}/node-{number}.sock"
release = "openpcc-bench"
[limits]
max_tokens = {min(context, 4096)}
[engine]
kind = "llama-server"
root = "{engine_root}"
model = "{model}"
model_name = "demo"
parallel = {parallel}
context_tokens = {context}
socket_directory = "{self.folder}/engine-{number}"
[simulated]
root_certificate = "{self.folder}/root.pem"
root_key = "{self.folder}/root.key"
"""

    def _start(self, engine_root, model, parallel, context):
        self._tool("keys", self.folder)
        nodes = []
        for number in range(1, NODES + 2):
            os.mkdir(f"{self.folder}/engine-{number}", 0o700)
            text = self._node(number, engine_root, model, parallel, context)
            if number == 1:
                path = self._write("describe.toml", text)
                said = subprocess.run([self.build / "bin/noded", "--config", path, "--collateral"], check=True,
                                      capture_output=True, text=True)
                pathlib.Path(self.folder, "collateral.json").write_text(said.stdout)
                said = subprocess.run([self.build / "bin/noded", "--config", path, "--describe"], check=True,
                                      stdout=subprocess.PIPE, text=True).stdout
                self._tool("policy", self._write("description.json", said), f"{self.folder}/policy.json")
            nodes.append(self._role(f"node-{number}", "noded", text))
        listed = ", ".join(f'"{node}"' for node in nodes[:NODES])
        self._role("gateway", "gatewayd", f"""listen = "unix:{self.folder}/gateway.sock"
nodes = [{listed}]
service_key = "{self.folder}/service.key"
""")
        relay = self._role("relay", "relayd", f"""listen = "http://127.0.0.1:0"
gateway = "unix:{self.folder}/gateway.sock"
""")
        self.client = self.client_configuration("client.toml", relay)
        for number in range(1, NODES + 2):
            self._wait(f"{self.folder}/node-{number}.sock")
        time.sleep(1.2)  # the gateway asks its nodes twice a second

    def client_configuration(self, name, relay):
        service = pathlib.Path(self.folder, "service.txt").read_text().strip()
        return self._write(name, f"""relay = "{relay}"
service_key = "{service}"
policy = "{self.folder}/policy.json"
collateral = "{self.folder}/collateral.json"
[simulated]
roots = "{self.folder}/root.pem"
""")

    def _wait(self, path):
        """Until the node says that its engine is ready."""
        end = time.monotonic() + START_TIME
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.connect(path)
                asked.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                if asked.recv(4096).startswith(b"HTTP/1.1 200"):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{path}: the engine is not ready")

    def start_nginx(self):
        """A second relay, for comparison; the client configuration that goes through it, or None."""
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None:
            return None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        user = "user root;\n" if os.geteuid() == 0 else ""
        path = self._write("nginx.conf", NGINX.format(folder=self.folder, port=port, user=user))
        with open(f"{self.folder}/nginx.out", "ab") as log:
            self.processes["nginx"] = subprocess.Popen([program, "-c", path], stdout=log, stderr=log)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    return self.client_configuration("client-nginx.toml", f"http://127.0.0.1:{port}")
            time.sleep(0.05)
        raise RuntimeError("nginx did not start: " + pathlib.Path(self.folder, "nginx.out").read_text()[-600:])

    @property
    def engine(self):
        return f"{self.folder}/engine-{NODES + 1}/e.sock"

    def pids(self):
        """Role -> its process ids."""
        found = {}
        for name, process in self.processes.items():
            below = children(process.pid)
            if name.startswith("node-"):
                alone = name == f"node-{NODES + 1}"
                found.setdefault("engine-alone" if alone else "engine", []).extend(below)
                if not alone:
                    found.setdefault("node", []).append(process.pid)
            else:
                found.setdefault(name, []).extend([process.pid] + (below if name == "nginx" else []))
        return found

    def stop(self):
        for process in reversed(list(self.processes.values())):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
