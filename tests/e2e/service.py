# SPDX-License-Identifier: Apache-2.0
"""A service as `openpcc-admin service init` makes it: nobody's secrets in another's folder, nothing written over, and
it answers."""

import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import tempfile

from processes import Role
from scenario import main, run, until
from stage import MODEL, PROGRAMS, engine_root

ROLES = {"node": "noded", "gateway": "gatewayd", "relay": "relayd"}
SPLIT = ("--split", "--relay", "https://relay.example:443", "--gateway", "https://gateway.example:8443",
         "--node", "https://node.example:9443")


def program(name, *arguments):
    return subprocess.run([PROGRAMS / name, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


def init(name, *options, root="/opt/engine", model=MODEL):
    return program("openpcc-admin", "service", "init", folder / name, "--name", "demo", "--engine-root", root, "--model",
                   model, "--model-name", "demo", *options)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def contents(top):
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def split():
    said = init("split", *SPLIT)
    assert said.returncode == 0, said.stderr
    top = folder / "split"
    for path in [top, *top.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            want = {top: 0o711, top / "users": 0o755}.get(path, 0o700)
        else:
            want = 0o600 if path.suffix == ".key" else 0o644
        assert mode == want, (path, oct(mode))
    assert not program("relayd", "--config", top / "relay/relay.toml", "--check").returncode
    assert not program("gatewayd", "--config", top / "gateway/gateway.toml", "--check").returncode
    assert not program("noded", "--config", top / "node/node.toml", "--check").returncode
    policy = json.loads((top / "users/policy.json").read_text())
    assert policy["preset"] == "strict" and len(policy["models"]) == len(policy["engine_profiles"]) == 1
    assert policy["measurements"] == [], "genuine hardware has the measurement of its release"


def secrets_stay():
    """Of each secret, and of what only one party needs to know, there is no trace in another party's folder."""
    top = folder / "split"
    keys = {name: text for name, text in contents(top).items() if name.endswith(".key")}
    assert set(keys) == {"gateway/service.key", "operator/signer.key"}
    for owner, text in keys.items():
        body = text.split(b"\n")[1]
        for name, other in contents(top).items():
            assert name == owner or body not in other, (owner, name)
    for name, text in contents(top / "relay").items():
        for foreign in (b"node.example", b"openpcc-service:", b"openpcc-signer:", b"/opt/engine", b".key is"):
            assert foreign not in text, (name, foreign)


def nothing_is_written_over():
    before = contents(folder / "split")
    said = init("split", *SPLIT)
    assert said.returncode == 1 and "not empty; nothing was changed" in said.stderr, said
    assert contents(folder / "split") == before
    for bad in (["--node", "unix:/x"], ["--relay", "https://r.example:443", "--simulated"], ["--split"]):
        said = init("bad", *bad)
        assert said.returncode == 1 and "services.bad_plan" in said.stderr, said
    said = init("bad", "--simulated", model=folder / "no-such-model")
    assert said.returncode == 1 and "the model on this machine" in said.stderr, said
    (folder / "programs").mkdir()
    (folder / "programs/noded").write_text("#!/bin/sh\necho no such luck >&2\nexit 6\n")
    (folder / "programs/noded").chmod(0o755)
    said = init("bad", "--programs", folder / "programs")
    near = os.path.relpath(folder / "programs")
    assert init("bad", "--programs", near).returncode == 4, "a relative folder"
    assert said.returncode == 4 and "admin.no_answer" in said.stderr and "no such luck" in said.stderr, said
    assert {path.name for path in folder.iterdir()} == {"split", "programs"}, "a failure left something"


def answers():
    relay, gateway, node = free_ports(3)
    said = init("one", "--simulated", "--json", "--relay", f"http://127.0.0.1:{relay}", "--gateway",
                f"http://127.0.0.1:{gateway}", "--node", f"http://127.0.0.1:{node}", root=engine_root())
    assert said.returncode == 0, said.stderr
    made = json.loads(said.stdout)
    assert re.fullmatch(r"([0-9a-f]{4}[ :-]?){8}", made["fingerprint"]), made
    assert (folder / "one/users/demo.profile").exists()
    assert made["simulated"] and made["folder"] == str(folder / "one")
    roles = []
    try:
        for role, daemon in ROLES.items():
            path = folder / f"one/{role}/{role}.toml"
            # Other scenarios run beside this one, with the same ports for metrics.
            path.write_text(re.sub(r'^metrics = .*$', f'metrics = "unix:{folder}/{role}.metrics"', path.read_text(), flags=re.M))
            roles.append(Role(role, [PROGRAMS / daemon, "--config", path], folder / f"{role}.log"))
        client = folder / "one/users/client.toml"
        until(lambda: program("openpcc", "verify", "--config", client).returncode == 7, 30, "a node is ready")
        said = program("openpcc", "chat", "--config", client, "Capital of Japan?")
        assert said.returncode == 0 and "Tokyo" in said.stdout and said.stdout.startswith("simulated"), said
    finally:
        for role in roles:
            role.end()


def check(*paths):
    said = program("openpcc-admin", "check", *paths, "--json")
    return said.returncode, {(one["subject"], one["level"]): one["text"] for one in json.loads(said.stdout)}


def checked_before_start():
    """After `answers`, whose roles have ended: everything is good, and then one thing after the other is not."""
    top = folder / "one"
    code, said = check(top)
    assert code == 0 and ("node", "warning") in said and not any(level == "failed" for _, level in said), said
    key = top / "gateway/service.key"
    key.chmod(0o640)
    code, said = check(top)
    assert code == 2 and "others may open" in said["gateway", "failed"], said
    key.chmod(0o600)
    (top / "gateway").chmod(0o777)
    assert "another key" in check(top)[1]["gateway", "failed"]
    (top / "gateway").chmod(0o700)
    relay = top / "relay/relay.toml"
    port = int(re.search(r'listen = "http://127.0.0.1:(\d+)"', relay.read_text())[1])
    with socket.create_server(("127.0.0.1", port)):
        code, said = check(relay)
        assert code == 2 and str(port) in said["relay", "failed"], said
    text = relay.read_text()
    relay.write_text(text + "colour = 1\n")
    assert "colour" in check(relay)[1]["relay", "failed"]
    relay.write_text(text.replace("http://127", "https://127") + '[tls]\ncertificate = "tls.pem"\nkey = "tls.key"\n')
    assert check(relay)[0] == 2
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                    "-subj", "/CN=x", "-keyout", relay.parent / "tls.key", "-out", relay.parent / "tls.pem"],
                   check=True, capture_output=True)
    (relay.parent / "tls.key").chmod(0o600)
    code, said = check(relay)
    assert code == 0 and "days" in said["relay", "warning"], said
    node = top / "node/node.toml"
    node.write_text(node.read_text().replace(str(MODEL), "/no/such/model"))
    assert "/no/such/model" in check(node)[1]["node", "failed"]
    assert program("openpcc-admin", "check", folder).returncode == 1, "a folder without a service"


def scenario():
    global folder
    engine_root()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-e2e-"))
    try:
        run(split, secrets_stay, nothing_is_written_over, answers, checked_before_start)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


os.umask(0o002)
main(scenario)
