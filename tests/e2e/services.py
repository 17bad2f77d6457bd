# SPDX-License-Identifier: Apache-2.0
"""Services that a user adds once by their signed profiles, and names no more."""

import base64
import contextlib
import http.server
import json
import os
import pty
import re
import ssl
import subprocess
import threading

from scenario import main, run, say
from stage import PROGRAMS, Stage
from wire import free_port


def openpcc(code, *arguments, err=""):
    """A command that names no configuration; its output."""
    said = system.openpcc(*arguments)
    assert said.returncode == code, (arguments, said.returncode, code, said.stdout, said.stderr)
    assert err in said.stderr if err else not said.stderr, said.stderr
    return said.stdout


def admin(*arguments):
    return system.admin("profile", *arguments)


def make(name="example", key="ann.pem", out=None, relay=None, *options):
    out = system.path(out or f"{name}.profile")
    admin("make", "--name", name, "--key", system.path(key), "--relay", relay or system.relay.url, "--service-key",
          system.path("service.key"), "--policy", system.path("policy.json"), "--simulated-roots",
          system.path("root.pem"), "--out", out, *options)
    return out


def fingerprint(path):
    return json.loads(admin("show", path, "--json"))["fingerprint"]


def at_a_terminal(answer, *arguments):
    """The command as a person runs it, who answers its question; exit code and what was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(PROGRAMS / "openpcc", ["openpcc", *map(str, arguments)])
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(terminal, 65536)
    os.write(terminal, answer.encode() + b"\n")
    try:
        while piece := os.read(terminal, 65536):
            shown += piece
    except OSError:  # EIO: the far end has gone
        pass
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")


def nothing_is_asked_of_nobody():
    openpcc(1, "chat", "Hello", err="profiles.unknown")
    openpcc(1, "verify", err="openpcc add FILE|URL")
    openpcc(1, "proxy", err="profiles.unknown")
    assert "no service was added yet" in openpcc(0, "services")


def a_person_compares_the_fingerprint():
    path = make()
    # Where nobody can be asked, nothing is added.
    openpcc(2, "add", path, err="add.not_confirmed")
    openpcc(2, "add", path, "--fingerprint", "0123 4567 89ab cdef 0123 4567 89ab cdef", err="add.other_fingerprint")
    code, shown = at_a_terminal("n", "add", path)
    assert code == 2 and "nothing was added" in shown, shown
    assert "no service was added yet" in openpcc(0, "services")
    code, shown = at_a_terminal("y", "add", path)
    assert code == 0 and fingerprint(path) in shown and "SIMULATED" in shown and system.relay.url in shown, shown
    assert re.search(r"^openpcc: added example, version 1", shown, re.M), shown
    assert "openpcc: unchanged example" in openpcc(0, "add", path)


def with_one_service_nothing_needs_naming():
    assert "Hello! Ask me who I am" in openpcc(0, "chat", "Hello")
    verdicts = [json.loads(line) for line in openpcc(7, "verify", "--json").splitlines()]
    assert {verdict["state"] for verdict in verdicts} == {"simulated"} and len(verdicts) == 2
    assert "Hello! Ask me" in openpcc(0, "chat", "Hello", "--service", "example")
    openpcc(1, "chat", "Hello", "--service", "example", "--config", system.path("client.toml"), err="both name")
    openpcc(1, "chat", "Hello", "--service", "../example", err="profiles.unknown")


def with_two_one_is_in_use():
    other = make("other", relay=f"http://127.0.0.1:{free_port()}")
    openpcc(0, "add", other, "--fingerprint", fingerprint(other).replace(" ", "").upper())
    openpcc(1, "chat", "Hello", err="example, other")
    openpcc(0, "use", "other")
    openpcc(4, "chat", "Hello", err="is the relay running")
    assert "Hello! Ask me" in openpcc(0, "chat", "Hello", "--service", "example")
    openpcc(1, "use", "third", err="profiles.unknown")
    listed = json.loads(openpcc(0, "services", "--json"))
    assert [(one["name"], one["in_use"]) for one in listed] == [("example", False), ("other", True)], listed
    openpcc(0, "remove", "other")
    assert "Hello! Ask me" in openpcc(0, "chat", "Hello")


def only_its_signers_renew_it():
    first, second = system.path("example.profile"), system.path("second.profile")
    admin("renew", first, "--key", system.path("ann.pem"), "--out", second, "--expires", "10")
    assert "openpcc: renewed example, version 2" in openpcc(0, "add", second)
    openpcc(2, "add", first, err="profile.not_successor")
    stolen = make("example", "eve.pem", "stolen.profile")
    openpcc(2, "add", stolen, err="profile.not_successor")
    admin("renew", second, "--key", system.path("eve.pem"), "--out", system.path("third.profile"))
    openpcc(2, "add", system.path("third.profile"), err="envelope.under_signed")
    # The signers hand on to others; then both have signed.
    eve = json.loads(system.admin("key", "show", system.path("eve.pem"), "--json"))["signer"]
    handed = system.path("handed.profile")
    admin("renew", second, "--key", system.path("ann.pem"), "--signer", eve, "--out", handed)
    openpcc(2, "add", handed, err="envelope.under_signed")
    admin("sign", handed, "--key", system.path("eve.pem"), "--out", handed)
    assert "openpcc: renewed example, version 3" in openpcc(0, "add", handed)
    assert "Hello! Ask me" in openpcc(0, "chat", "Hello")


def what_is_bad_is_refused_with_the_reason():
    added = system.path("xdg/openpcc/services/example/profile.json")
    good = added.read_text()
    added.write_text(good.replace('"payload":"e', '"payload":"f'))
    openpcc(2, "chat", "Hello", err="profiles.altered")
    assert "profiles.altered" in openpcc(2, "services")
    # Somebody else's whole profile in its place: its signatures are good, and its fingerprint is not the one confirmed.
    added.write_text(make("example", "bob.pem", "bob.profile").read_text())
    openpcc(2, "chat", "Hello", err="fingerprint is not the one")
    added.write_text(good)
    for source, text in (("policy.json", "envelope.malformed"), ("none", "config.bad_file"),
                         ("root.pem", "envelope.malformed")):
        openpcc(1, "add", system.path(source), err=text)
    openpcc(1, "add", "http://127.0.0.1/profile", err="https://")
    openpcc(4, "add", f"https://127.0.0.1:{free_port()}/profile", err="net.")
    assert "Hello! Ask me" in openpcc(0, "chat", "Hello")


def what_is_expired_is_refused():
    profile = json.loads(admin("show", system.path("example.profile"), "--json"))["profile"]
    profile["name"] = "another"
    profile["issued"], profile["expires"] = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
    path = sign(profile, "old.profile")
    print_of = json.loads(openpcc(2, "add", path, "--json"))
    assert print_of["error"] == "profile.not_in_force" and "2026-02-01" in print_of["message"], print_of
    profile["issued"], profile["expires"] = "2126-01-01T00:00:00Z", "2126-02-01T00:00:00Z"
    openpcc(2, "add", sign(profile, "new.profile"), err="clock")


def from_an_address():
    key, certificate = system.path("web.key"), system.path("web.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", certificate, "-days", "2", "-subj", "/CN=web", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    profile = make("web")

    class Web(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            self.send_response({"/profile": 200, "/long": 200, "/moved": 302}.get(self.path, 404))
            content = b"x" * (1 << 20) if self.path == "/long" else profile.read_bytes()
            self.send_header("Location", "/profile")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"https://127.0.0.1:{server.server_port}"
    openpcc(5, "add", base + "/profile", err="net.tls")  # a certificate that nobody here trusts
    assert not asked
    os.environ["SSL_CERT_FILE"] = str(certificate)
    try:
        openpcc(4, "add", base + "/none", err="add.no_profile")
        openpcc(4, "add", base + "/moved", err="redirects are not followed")
        openpcc(1, "add", base, err="has no path")
        assert system.openpcc("add", base + "/long").returncode != 0
        assert "openpcc: added web" in openpcc(0, "add", base + "/profile", "--fingerprint", fingerprint(profile))
        openpcc(0, "remove", "web")
    finally:
        del os.environ["SSL_CERT_FILE"]
        server.shutdown()
    # What the address learns is that somebody adds the service, and nothing about who.
    assert {name.lower() for name in asked[-1][1]} == {"host"}, asked[-1]


def on_a_full_disk():
    folder = system.path("full")
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", folder], capture_output=True).returncode:
        return say("   NOT TRIED: nobody may mount a small disk here")  # said, and not hidden behind the parts that ran
    try:
        with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 1024):
                pass
        profile = make("full")
        os.environ["XDG_CONFIG_HOME"] = str(folder)
        openpcc(1, "add", profile, "--fingerprint", fingerprint(profile), err="No space left on device")
        assert "no service was added yet" in openpcc(0, "services")
        openpcc(1, "proxy", "--config", system.path("client.toml"), "--listen", "http://127.0.0.1:0", err="No space left on device")
    finally:
        os.environ["XDG_CONFIG_HOME"] = str(system.path("xdg"))
        subprocess.run(["umount", folder], check=True)


def sign(profile, name):
    """A DSSE envelope by openssl, from the specification and not from our code."""
    kind, payload = "application/vnd.openpcc.profile+json", json.dumps(profile).encode()
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    system.path("pae").write_bytes(pae)
    signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", system.path("ann.pem"), "-in",
                                system.path("pae")], check=True, capture_output=True).stdout
    path = system.path(name)
    path.write_text(json.dumps({"payload": base64.b64encode(payload).decode(), "payloadType": kind,
                                "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}]}))
    return path


def scenario():
    global system
    with Stage() as system:
        for name in ("ann", "bob", "eve"):
            system.admin("key", "make", "--out", system.path(name + ".pem"))
        run(nothing_is_asked_of_nobody, a_person_compares_the_fingerprint, with_one_service_nothing_needs_naming,
            with_two_one_is_in_use, only_its_signers_renew_it, what_is_bad_is_refused_with_the_reason,
            what_is_expired_is_refused, from_an_address, on_a_full_disk)


main(scenario)
