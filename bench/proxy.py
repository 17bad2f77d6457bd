# SPDX-License-Identifier: Apache-2.0
"""What the local proxy costs: time to the first byte over the library's path, CPU per chunk beside nginx, memory.

    python3 -B bench/proxy.py --build build/dev [--requests 10000] [--out bench/results/DATE-proxy]

Both ways run in one process here, in turns: `library` is libopenpcc in this process, `proxy` is `openpcc proxy` over a
loopback socket. The stand-in engine answers at once. nginx stands between a client and an engine without any
cryptography: it is the floor of a proxy that passes chunks on."""
import argparse
import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import path_report
import path_stage

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "python"))
CHAT = "/v1/chat/completions"

NGINX_PROXY = """daemon off; worker_processes 1; pid {folder}/front.pid; error_log {folder}/front.log warn;
{user}events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {folder}/front-body; proxy_temp_path {folder}/front-proxy;
  fastcgi_temp_path {folder}/front-f; uwsgi_temp_path {folder}/front-u; scgi_temp_path {folder}/front-s;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://unix:{engine}:; proxy_http_version 1.1;
    proxy_set_header Connection ""; proxy_buffering off; }} }} }}
"""


def body(tokens=1, gap_us=0):
    return json.dumps({"model": "demo", "stream": True, "max_tokens": tokens, "seed": gap_us, "temperature": 0,
                       "messages": [{"role": "user", "content": "x" * 2048}]}).encode()


class Http:
    """One kept connection; `first` is the time to the first byte of content, in microseconds."""

    def __init__(self, host, port, key="none"):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (f"POST {CHAT} HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-type: application/json\r\n"
                     f"authorization: Bearer {key}\r\ncontent-length: ")

    def ask(self, content):
        begun = time.perf_counter_ns()
        self.socket.sendall(f"{self.head}{len(content)}\r\n\r\n".encode() + content)
        got, first = b"", None
        while not got.endswith(b"0\r\n\r\n"):
            piece = self.socket.recv(65536)
            if not piece:
                raise RuntimeError(f"the answer ended early: {got[-200:]}")
            got += piece
            if first is None and b"data:" in got:
                first = (time.perf_counter_ns() - begun) / 1000
        if not got.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(got[:300])
        return first, got.count(b"data:")


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_kib(pid):
    return next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                if line.startswith("VmRSS"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_proxy(stage):
    key = f"{stage.folder}/proxy.key"
    begun = time.perf_counter()
    process = subprocess.Popen([stage.build / "bin/openpcc", "proxy", "--config", stage.client, "--listen",
                                "http://127.0.0.1:0", "--key-file", key], stdout=subprocess.PIPE, text=True,
                               stderr=open(f"{stage.folder}/proxy.log", "ab"))
    stage.processes["proxy"] = process
    at = process.stdout.readline().split("listening on ")[1].strip()
    host, port = at.removeprefix("http://").split(":")
    return process.pid, Http(host, int(port), open(key).read().strip()), time.perf_counter() - begun, (host, int(port))


def start_nginx(stage):
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    path = stage._write("front.conf", NGINX_PROXY.format(folder=stage.folder, port=port, user=user, engine=stage.engine))
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    stage.processes["front"] = subprocess.Popen([program, "-c", path])
    for _ in range(100):
        try:
            return Http("127.0.0.1", port), ("127.0.0.1", port), stage.processes["front"].pid
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("nginx did not start")


def first_bytes(session, proxy, rounds):
    """Medians of both ways and of their differences, taken in turns."""
    def library():
        begun = time.perf_counter_ns()
        with session.ask(CHAT, body()) as answer:
            first = None
            for piece in answer:
                if first is None and b"data:" in piece:
                    first = (time.perf_counter_ns() - begun) / 1000
        return first

    taken = {"library": [], "proxy": []}
    for number in range(rounds + 50):
        pair = {"library": library, "proxy": lambda: proxy.ask(body())[0]}
        for name in sorted(pair, reverse=bool(number % 2)):
            value = pair[name]()
            if number >= 50:
                taken[name].append(value)
    added = [b - a for a, b in zip(taken["library"], taken["proxy"])]
    return {name: statistics.median(values) for name, values in taken.items()} | {
        "added": statistics.median(added), "added_p90": statistics.quantiles(added, n=10)[-1]}


def per_chunk(place, key, pids, streams, tokens=200, gap_us=10_000):
    """CPU microseconds per chunk at so many streams at once."""
    counts = [0] * streams

    def one(index):
        counts[index] = Http(*place, key).ask(body(tokens, gap_us))[1]

    before = cpu_seconds(pids)
    threads = [threading.Thread(target=one, args=(index,)) for index in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (cpu_seconds(pids) - before) * 1e6 / sum(counts), sum(counts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/dev")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--out")
    given = parser.parse_args()
    build = pathlib.Path(given.build).resolve()
    os.environ.setdefault("OPENPCC_LIBRARY", str(next(build.glob("**/libopenpcc.so.0"))))
    import openpcc

    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    root = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-proxy-bench-"))
    (root / "usr/bin").mkdir(parents=True)
    shutil.copy(build / "bench/path_engine", root / "usr/bin/llama-server")
    stage = path_stage.Stage(build, root, HERE / "models/demo/demo.gguf", 128, 4096)
    try:
        pid, proxy, started, place = start_proxy(stage)
        begun = time.perf_counter()
        proxy.ask(body())
        cold = started + time.perf_counter() - begun
        with openpcc.Session(config=stage.client) as session:
            figures = first_bytes(session, proxy, given.rounds)
        front, front_place, front_pid = start_nginx(stage)
        front.ask(body())
        key = open(f"{stage.folder}/proxy.key").read().strip()
        nginx_pids = [front_pid, *path_stage.children(front_pid)]
        rounds = [(per_chunk(place, key, [pid], given.streams)[0],
                   per_chunk(front_place, "none", nginx_pids, given.streams)[0]) for _ in range(3)]
        figures |= {"proxy_us_per_chunk": statistics.median(a for a, _ in rounds),
                    "nginx_us_per_chunk": statistics.median(b for _, b in rounds),
                    "cpu_ratio": statistics.median(a / b for a, b in rounds)}
        sizes = []
        for number in range(given.requests):
            if number % (given.requests // 10) == 0:
                sizes.append(resident_kib(pid))
            proxy.ask(body())
        sizes.append(resident_kib(pid))
        figures |= {"resident_kib": sizes, "requests": given.requests, "start_and_first_answer_s": cold}
    finally:
        stage.stop()
        shutil.rmtree(root, ignore_errors=True)
    figures = {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
    print(json.dumps(figures, indent=2))
    if given.out:
        machine = path_report.machine(build, HERE)
        pathlib.Path(given.out + ".json").write_text(json.dumps({"machine": machine, "proxy": figures}, indent=2) + "\n")


main()
