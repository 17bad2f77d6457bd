# SPDX-License-Identifier: Apache-2.0
"""A listener's certificate is replaced while it serves: what runs goes on, new connections get the new one, and a pair that
cannot be used takes nothing away."""

import contextlib
import http.server
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from processes import Role
from scenario import main, need, run, until
from stage import PROGRAMS
from wire import http as ask

BODY = b"x" * 100


class Gateway(http.server.BaseHTTPRequestHandler):
    """Answers when it is let."""
    protocol_version = "HTTP/1.1"
    let = threading.Event()

    def do_GET(self):
        self.let.wait(30)
        self.send_response(200)
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


def make(name, days=2):
    """A certificate that is its own root: (certificate, key)."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    str(days), "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


def put(certificate, key):
    """As an ACME client does: each file whole, one after the other."""
    for source, name in ((certificate, "tls.pem"), (key, "tls.key")):
        shutil.copy(source, folder / "fresh")
        (folder / "fresh").rename(folder / name)


class Connection:
    """One connection, kept open; who serves it is not judged here."""

    def __init__(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", relay.port), 20))
        self.certificate = self.socket.getpeercert(binary_form=True)

    def send(self):
        self.socket.sendall(b"GET /gateway-keys HTTP/1.1\r\nhost: relay\r\n\r\n")

    def answer(self):
        got = b""
        while not got.endswith((BODY, b"\r\n0\r\n\r\n")):
            piece = self.socket.recv(4096)
            assert piece, got
            got += piece
        return got.startswith(b"HTTP/1.1 200")


def served():
    with contextlib.closing(Connection().socket) as one:
        return one.getpeercert(binary_form=True)


def der(certificate):
    return ssl.PEM_cert_to_DER_cert(certificate.read_text())


def metric(name):
    text = ask(str(folder / "relay.metrics"), "GET", "/metrics").body.decode()
    return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])


def replaced_while_it_serves():
    """By itself, when the files change. A request is under way meanwhile."""
    Gateway.let.clear()
    old = Connection()
    old.send()
    put(*second)
    until(lambda: served() == der(second[0]), 10, "the new certificate is served")
    Gateway.let.set()
    assert old.answer(), "the request that was under way was lost"
    assert old.certificate == der(first[0])
    old.send()
    assert old.answer(), "the old connection takes no more requests"
    assert "the certificate was read again; it is good until " in relay.log_text()


def on_hangup():
    put(*first)
    relay.kill(signal.SIGHUP)
    until(lambda: served() == der(first[0]), 1.5, "the new certificate is served at once")


def refuses(put_it, why):
    before, failures = served(), metric("openpcc_tls_reload_failures_total")
    put_it()
    relay.kill(signal.SIGHUP)
    until(lambda: metric("openpcc_tls_reload_failures_total") > failures, 10, "a failure is counted")
    assert served() == before and relay.runs(), why
    assert why in relay.log_text(), (why, relay.log_text())


def what_cannot_be_used_takes_nothing_away():
    expired = folder / "expired.pem"
    subprocess.run([need("openssl"), "x509", "-in", second[0], "-signkey", second[1], "-days", "-1", "-out", expired],
                   check=True, capture_output=True)
    garbage = folder / "garbage.pem"
    garbage.write_text("not a certificate\n")
    refuses(lambda: put(second[0], first[1]), "the key does not belong to the certificate")
    refuses(lambda: put(garbage, first[1]), "cannot read a certificate chain")
    refuses(lambda: put(expired, second[1]), "has expired")
    put(*first)
    (folder / "tls.key").chmod(0o640)
    refuses(lambda: None, "is a key that others may open")
    (folder / "tls.pem").unlink()
    refuses(lambda: None, "is a key that others may open")
    put(*second)
    until(lambda: served() == der(second[0]), 10, "a good pair is served again")
    ends = time.time() + 2 * 86400
    assert abs(metric("openpcc_tls_certificate_expires_seconds") - ends) < 600


def a_hangup_ends_nobody():
    """Without a certificate there is nothing to read again."""
    config = folder / "plain.toml"
    config.write_text('listen = "http://127.0.0.1:0"\ngateway = "http://127.0.0.1:1"\n')
    plain = Role("plain", [PROGRAMS / "relayd", "--config", config], folder / "plain.log")
    try:
        plain.kill(signal.SIGHUP)
        time.sleep(0.3)
        assert plain.runs()
    finally:
        plain.end()


def scenario():
    global folder, relay, first, second
    folder = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-e2e-"))
    gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    relay = None
    try:
        first, second = make("first"), make("second")
        put(*first)
        (folder / "relay.toml").write_text(f'listen = "https://127.0.0.1:0"\nmetrics = "unix:{folder}/relay.metrics"\n'
                                           f'gateway = "http://127.0.0.1:{gateway.server_port}"\n'
                                           '[tls]\ncertificate = "tls.pem"\nkey = "tls.key"\n')
        relay = Role("relay", [PROGRAMS / "relayd", "--config", folder / "relay.toml"], folder / "relay.log")
        run(replaced_while_it_serves, on_hangup, what_cannot_be_used_takes_nothing_away, a_hangup_ends_nobody)
    finally:
        if relay is not None:
            relay.end()
        gateway.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


main(scenario)
