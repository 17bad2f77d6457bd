# SPDX-License-Identifier: Apache-2.0
"""Our HTTP/1.1 against other people's: peers.py PEER SERVER CLIENT, with PEER one of curl, nginx, haproxy.

Everything listens on UNIX sockets or on ports that the kernel picks, under a temporary folder. Exit 77: the peer is not
installed here, so nothing was tested.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

PEER, SERVER, CLIENT = sys.argv[1:4]
FOLDER = tempfile.mkdtemp(prefix="openpcc-peers-", dir="/tmp")
started = []
failures = []


def check(what, good, detail=""):
    print(("ok    " if good else "FAIL  ") + what + ("" if good else f": {detail}"), flush=True)
    if not good:
        failures.append(what)


def start(*command, **options):
    process = subprocess.Popen(command, **options)
    started.append(process)
    return process


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


class Server:
    """Our echo server and what it says."""

    def __init__(self, endpoint, *files):
        self.log_path = os.path.join(FOLDER, f"server{len(started)}.log")
        self.process = start(SERVER, endpoint, *files, stdout=open(self.log_path, "w"))
        if not wait_for(lambda: "listening " in self.log()):
            raise SystemExit("the echo server did not start")
        self.endpoint = self.log().split()[1]

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def said(self, word):
        return self.log().count(word)


def curl(*arguments, content=None):
    done = subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], input=content, capture_output=True, timeout=30)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def ours(endpoint, method, path, content=b"", roots="-"):
    done = subprocess.run([CLIENT, endpoint, roots, method, path], input=content, capture_output=True, timeout=30)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def arrival_times(command):
    """When each event of a stream arrives, in seconds from the first."""
    process = start(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    times = []
    while line := process.stdout.readline():
        if line.startswith(b"data:"):
            times.append(time.monotonic())
    process.wait()
    return process.returncode, [t - times[0] for t in times]


def check_stream(what, command):
    code, times = arrival_times(command)
    one_by_one = len(times) == 5 and all(b - a > 0.03 for a, b in zip(times, times[1:]))
    check(f"{what}: events pass one by one", code == 0 and one_by_one, f"{code} {times}")


def check_abort(what, command, server):
    before = server.said("cancelled")
    process = start(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    left = time.monotonic()
    process.kill()
    process.wait()
    told = wait_for(lambda: server.said("cancelled") == before + 1, 2)
    check(f"{what}: leaving cancels the handler", told, f"after {time.monotonic() - left:.3f} s")


BODY = bytes(range(256)) * 12000  # 3 MB
# The path that gives content back: while it arrives, or, for a peer that cannot carry both directions at once, after it.
ECHO = "/echo"


def check_curl(what, *base):
    """What curl sees at some address, whatever lies between."""
    *options, url = base
    code, out, err = curl(*options, url + "/hello")
    check(f"{what}: whole answer", (code, out) == (0, b"hello\n"), f"{code} {out[:80]} {err}")
    code, out, err = curl(*options, "-o", "/dev/null", "-w", "%{http_code}", url + "/absent")
    check(f"{what}: problem answer", (code, out) == (0, b"404"), f"{code} {out[:80]} {err}")
    code, out, err = curl(*options, "-I", url + "/hello")
    check(f"{what}: HEAD", code == 0 and b"content-length: 6\r\n" in out.lower(), f"{code} {out} {err}")
    code, out, err = curl(*options, "--data-binary", "@-", url + ECHO, content=BODY)
    check(f"{what}: upload by length", (code, out) == (0, BODY), f"{code} {len(out)} {err}")
    code, out, err = curl(*options, "-T", "-", "-X", "POST", url + ECHO, content=BODY)
    check(f"{what}: upload in chunks", (code, out) == (0, BODY), f"{code} {len(out)} {err}")
    code, out, err = curl(*options, url + "/cut")
    check(f"{what}: a cut answer is an error", code != 0, f"{code} {out}")
    check_stream(what, ["curl", "-sSN", *options, url + "/events"])


def check_ours(what, endpoint, server, roots="-"):
    code, out, err = ours(endpoint, "GET", "/hello", roots=roots)
    check(f"{what}: whole answer", (code, out) == (0, b"hello\n"), f"{code} {out[:80]} {err}")
    code, out, err = ours(endpoint, "POST", ECHO, BODY, roots)
    check(f"{what}: echo", (code, out) == (0, BODY), f"{code} {len(out)} {err}")
    code, out, err = ours(endpoint, "GET", "/cut", roots=roots)
    check(f"{what}: a cut answer is an error", code == 3, f"{code} {out} {err}")
    check_stream(what, [CLIENT, endpoint, roots, "GET", "/events"])
    check_abort(what, [CLIENT, endpoint, roots, "GET", "/forever"], server)


def test_curl():
    server = Server("http://127.0.0.1:0")
    check_curl("curl over tcp", server.endpoint)
    check_abort("curl over tcp", ["curl", "-sSN", server.endpoint + "/forever"], server)
    code, out, err = curl("--http1.0", server.endpoint + "/hello")
    check("curl by HTTP/1.0", (code, out) == (0, b"hello\n"), f"{code} {out} {err}")
    code, out, err = curl("--http1.0", server.endpoint + "/cut")
    check("curl by HTTP/1.0: a cut answer is an error", code != 0, f"{code} {out} {err}")
    code, out, err = curl("--http2", server.endpoint + "/hello")
    check("curl that offers HTTP/2 gets HTTP/1.1", (code, out) == (0, b"hello\n"), f"{code} {out} {err}")
    code, out, err = curl("-w", "%{num_connects}", server.endpoint + "/hello", server.endpoint + "/hello")
    check("curl reuses the connection", (code, out) == (0, b"hello\n1hello\n0"), f"{code} {out} {err}")
    code, out, err = curl("-H", "Expect: 100-continue", "-d", "abc", "-v", server.endpoint + "/mirror")
    check("curl waits for continue", (code, out) == (0, b"abc") and "HTTP/1.1 100 Continue" in err, f"{code} {out} {err}")

    local = Server(f"unix:{FOLDER}/server.sock")
    check_curl("curl over a unix socket", "--unix-socket", f"{FOLDER}/server.sock", "http://localhost")

    subprocess.run([SERVER, "certificates", FOLDER, "127.0.0.1"], check=True)
    secure = Server("https://127.0.0.1:0", f"{FOLDER}/chain.pem", f"{FOLDER}/key.pem")
    check_curl("curl over TLS", "--cacert", f"{FOLDER}/root.pem", secure.endpoint)
    check_ours("our client over TLS", secure.endpoint, secure, f"{FOLDER}/root.pem")
    code, _, err = curl("--cacert", f"{FOLDER}/root.pem", "--tls-max", "1.2", secure.endpoint + "/hello")
    check("TLS 1.2 is refused", code == 35, f"{code} {err}")
    for one in (server, local, secure):
        one.process.terminate()
        check("the server drains", one.process.wait(10) == 0 and one.said("drained") == 1)


def await_socket(path, log):
    if not wait_for(lambda: os.path.exists(path)):
        raise SystemExit(f"the peer did not start: {open(log).read()}")


def test_proxy(name, socket, old_socket):
    check_curl(f"curl through {name}", "--unix-socket", socket, "http://localhost")
    check_abort(f"curl through {name}", ["curl", "-sSN", "--unix-socket", socket, "http://localhost/forever"], through)
    check_ours(f"our client through {name}", f"unix:{socket}", through)
    if old_socket:
        code, out, err = curl("--unix-socket", old_socket, "http://localhost/hello")
        check(f"{name} that speaks HTTP/1.0 to us", (code, out) == (0, b"hello\n"), f"{code} {out} {err}")
    check(f"{name}: uploads were complete", through.said("broken") == 0, through.log())


def test_nginx():
    global ECHO
    ECHO = "/mirror"  # nginx stops reading a request once its answer has begun
    with open(f"{FOLDER}/nginx.conf", "w") as file:
        file.write(f"""
daemon off; master_process off; pid {FOLDER}/nginx.pid; error_log {FOLDER}/nginx.log notice;
events {{ worker_connections 100; }}
http {{
  access_log off; client_max_body_size 0;
  client_body_temp_path {FOLDER}/n1; proxy_temp_path {FOLDER}/n2; fastcgi_temp_path {FOLDER}/n3;
  uwsgi_temp_path {FOLDER}/n4; scgi_temp_path {FOLDER}/n5;
  upstream ours {{ server unix:{FOLDER}/server.sock; keepalive 4; }}
  server {{
    listen unix:{FOLDER}/nginx.sock;
    location / {{ proxy_pass http://ours; proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_buffering off; proxy_request_buffering off; }}
  }}
  server {{
    listen unix:{FOLDER}/old.sock;
    location / {{ proxy_pass http://ours; }}
  }}
}}
""")
    start("nginx", "-p", FOLDER, "-c", f"{FOLDER}/nginx.conf", stderr=open(f"{FOLDER}/nginx.err", "w"))
    await_socket(f"{FOLDER}/old.sock", f"{FOLDER}/nginx.err")
    test_proxy("nginx", f"{FOLDER}/nginx.sock", f"{FOLDER}/old.sock")


def test_haproxy():
    with open(f"{FOLDER}/haproxy.cfg", "w") as file:
        file.write(f"""
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  option abortonclose
  option http-no-delay
frontend front
  bind unix@{FOLDER}/haproxy.sock
  default_backend back
backend back
  server ours unix@{FOLDER}/server.sock
""")
    start("haproxy", "-db", "-f", f"{FOLDER}/haproxy.cfg", stderr=open(f"{FOLDER}/haproxy.err", "w"))
    await_socket(f"{FOLDER}/haproxy.sock", f"{FOLDER}/haproxy.err")
    test_proxy("haproxy", f"{FOLDER}/haproxy.sock", None)


os.environ["PATH"] += ":/usr/sbin:/sbin"
try:
    for needed in ("curl", PEER):
        if shutil.which(needed) is None:
            print(f"SKIPPED: {needed} is not installed, nothing was tested", flush=True)
            sys.exit(77)
    if PEER == "curl":
        test_curl()
    else:
        through = Server(f"unix:{FOLDER}/server.sock")
        {"nginx": test_nginx, "haproxy": test_haproxy}[PEER]()
finally:
    for process in started:
        process.kill()
        process.wait()
    shutil.rmtree(FOLDER, ignore_errors=True)
if failures:
    print(f"{len(failures)} failed")
    sys.exit(1)
