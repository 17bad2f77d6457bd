# SPDX-License-Identifier: Apache-2.0
"""What a person at a terminal sees: answers, verdicts, errors with hints, exit codes."""

import json
import os
import signal
import subprocess
import time

from scenario import main, run, say, until
from stage import PROGRAMS, Stage
from wire import free_port

SIMULATED = "simulated: every check passed, on simulated hardware that protects nothing (2 of 2 nodes may get prompts)"


def expect(said, code, out="", err=""):
    assert said.returncode == code, (said.returncode, code, said.stdout, said.stderr)
    assert out in said.stdout, said.stdout
    assert err in said.stderr if err else not said.stderr, said.stderr


def chat():
    said = system.chat("Hello")
    expect(said, 0, "Hello! Ask me who I am")
    assert said.stdout.splitlines()[0] == SIMULATED, said.stdout
    expect(system.chat("Say hello in Japanese.", "--temperature", "0"), 0, "こんにちは、世界\n")
    expect(system.chat("Tell me a joke.", "--system", "Be kind."), 0, "It had no route to host.")
    expect(system.openpcc("chat", "--config", system.path("client.toml"), stdin="Tell me a joke.\n\n"), 0, "no route to host.")
    cut = system.chat("Count to one hundred.", "--max-tokens", "20", "--json")
    answer = json.loads(cut.stdout)
    assert (cut.returncode, answer["finish_reason"]) == (0, "length") and answer["answer"].startswith("1 2 3"), answer


def chat_json():
    said = system.chat("Write some JSON.", "--json")
    expect(said, 0)
    answer = json.loads(said.stdout)
    assert json.loads(answer["answer"])["private"] is True and answer["finish_reason"] == "stop", answer
    assert answer["summary"] == SIMULATED and len(answer["nodes"]) == 2
    assert answer["answered_by"] in [node["claims"]["statement"] for node in answer["nodes"]]
    assert {node["state"] for node in answer["nodes"]} == {"simulated"}
    refused = system.chat("Hello", "--model", "no-such-model", "--json")
    assert refused.returncode == 5 and json.loads(refused.stdout)["error"] == "chat.refused_by_node", refused.stdout


def refusals_of_the_node():
    expect(system.chat("Hello", "--model", "no-such-model"), 5, SIMULATED, "chat.refused_by_node")
    long = system.chat("long " * 2000)
    assert long.returncode == 5 and "error" in long.stderr, (long.returncode, long.stderr)
    # The refusal is the node's own: it goes sealed, and the service goes on.
    expect(system.chat("Thank you!"), 0, "You are welcome.")


def verify():
    said = system.openpcc("verify", "--config", system.path("client.toml"))
    expect(said, 7, "freshness.challenge")
    assert said.stdout.count("node ") >= 2 and "FAIL" not in said.stdout.upper().replace("FAILED", ""), said.stdout[:500]
    said = system.openpcc("verify", "--config", system.path("client.toml"), "--json")
    verdicts = [json.loads(line) for line in said.stdout.splitlines()]
    assert said.returncode == 7 and [one["state"] for one in verdicts] == ["simulated"] * 2
    assert all(check["outcome"] in ("pass", "note") for one in verdicts for check in one["checks"])


def verify_saved():
    folder = system.path("saved")
    roots = ("--simulated-roots", system.path("root.pem"), "--collateral", system.path("collateral.json"))
    policy = ("--policy", system.path("policy.json"))
    expect(system.openpcc("verify", "--config", system.path("client.toml"), "--save", folder), 7, "node ")
    bundles = sorted(folder.glob("*.bundle"))
    assert len(bundles) == 2 and all(path.with_suffix(".bundle.challenge").exists() for path in bundles)
    expect(system.openpcc("verify", bundles[0], *policy, *roots), 7, "simulated")
    # Not without the root, as of another day, with another challenge, or by another policy.
    expect(system.openpcc("verify", bundles[0], *policy), 2, "not verified")
    expect(system.openpcc("verify", bundles[0], *policy, *roots, "--at", "2031-01-01T00:00:00Z"), 2, "not verified")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    expect(system.openpcc("verify", bundles[0], *policy, *roots, "--challenge", "00" * 32, "--sent", now), 2, "freshness.challenge")
    for name, change in {"model": {"models": ["00" * 32]}, "engine_profile": {"engine_profiles": []},
                         "measurement.mrtd": {"measurements": [dict(system.policy["measurements"][0], mrtd="00" * 48)]},
                         "simulated": {"preset": "strict"}, "pq": {"require_pq": True}}.items():
        other = system.path("other.json")
        other.write_text(json.dumps({**system.policy, **change}))
        said = system.openpcc("verify", bundles[0], "--policy", other, *roots, "--json")
        failed = [check["id"] for check in json.loads(said.stdout)["checks"] if check["outcome"] == "fail"]
        if name == "pq" and said.returncode == 7:
            continue  # this build has ML-KEM, so nodes have such keys
        assert said.returncode == 2 and failed == [f"policy.{name}"], (name, said.returncode, failed)
    torn = folder / "torn"
    torn.write_bytes(bundles[0].read_bytes()[:-1])
    expect(system.openpcc("verify", torn, *policy, *roots), 2, "bundle.parse")
    changed = bytearray(bundles[0].read_bytes())
    changed[len(changed) // 2] ^= 1
    torn.write_bytes(changed)
    expect(system.openpcc("verify", torn, *policy, *roots), 2, "not verified")


def nothing_is_sent_to_whom_the_policy_does_not_name():
    system.path("other.json").write_text(json.dumps({**system.policy, "models": ["00" * 32]}))
    system.write_client_config("strict", policy="other.json")
    before = [system.refusals(f"node-{number}") for number in (1, 2)]
    expect(system.chat("Hello", config="strict"), 2, "not verified", "client.not_verified")
    expect(system.openpcc("verify", "--config", system.path("strict.toml")), 2, "policy.model")
    assert [system.refusals(f"node-{number}") for number in (1, 2)] == before


def signed_policies():
    """With signers in the configuration, only a policy that enough of them have signed is read."""
    ann, bob = (system.admin("key", "make", "--out", system.path(f"{name}.pem")) for name in ("ann", "bob"))
    for name, source in (("ann", "policy.json"), ("bob", "ann.dsse")):
        system.admin("policy", "sign", system.path(source), "--key", system.path(f"{name}.pem"), "--out", system.path(f"{name}.dsse"))
    both = f'policy_signers = ["{ann}", "{bob}"]\n'
    system.write_client_config("signed", policy="bob.dsse", extra=both)
    expect(system.chat("Hello", config="signed"), 0, SIMULATED)
    for policy, extra, code, error in (("policy.json", both, 2, "envelope.under_signed"), ("ann.dsse", both, 2, "envelope.under_signed"),
                                        ("bob.dsse", "", 1, "policy.bad_policy"), ("bob.dsse", "policy_threshold = 1\n", 1, "policy_signers"),
                                        ("bob.dsse", both + "policy_threshold = 3\n", 1, "policy_signers")):
        system.write_client_config("signed", policy=policy, extra=extra)
        expect(system.chat("Hello", config="signed"), code, err=error)
    system.write_client_config("signed", policy="ann.dsse", extra=both + "policy_threshold = 1\n")
    expect(system.chat("Hello", config="signed"), 0, SIMULATED)


def dry_run():
    """What another policy would change, for saved bundles and for the live service."""
    bundles = sorted(system.path("saved").glob("*.bundle"))
    config = ("--config", system.path("client.toml"))
    # Saved bundles are judged with what the client has of its own.
    own = ("--config", system.write_client_config("own", extra=f'collateral = "{system.folder}/collateral.json"'))
    current = ("--current", system.path("policy.json"), "--simulated-roots", system.path("root.pem"),
               "--collateral", system.path("collateral.json"))
    system.path("other.json").write_text(json.dumps({**system.policy, "models": ["00" * 32]}))
    for where in ((*bundles, *current), (*bundles, *own), config):
        expect(system.openpcc("policy", "dry-run", system.path("policy.json"), *where), 7, "simulated now, simulated by this policy")
        said = system.openpcc("policy", "dry-run", system.path("other.json"), *where, "--json")
        lines = [json.loads(line) for line in said.stdout.splitlines()]
        assert said.returncode == 2 and len(lines) == 2, (said.returncode, said.stdout, said.stderr)
        for line in lines:
            assert (line["current"], line["proposed"]) == ("simulated", "not_verified"), line
            assert [change["id"] for change in line["changes"]] == ["policy.model"], line
    expect(system.openpcc("policy", "dry-run", system.path("other.json"), bundles[0], *current[2:]), 2, "policy.model: fail")
    expect(system.openpcc("policy", "dry-run", system.path("other.json"), *config, *current), 1, err="--current is for saved bundles")


def another_service_key():
    system.write_client_config("stranger", service_key="openpcc-service:" + os.urandom(32).hex())
    said = system.chat("Hello", config="stranger")
    assert said.returncode in (1, 2), (said.returncode, said.stderr)  # not every 32 bytes are a key
    spki = subprocess.run("openssl genpkey -algorithm ed25519 | openssl pkey -pubout -outform DER", shell=True,
                          capture_output=True, check=True).stdout
    system.write_client_config("stranger", service_key="openpcc-service:" + spki[-32:].hex())
    expect(system.chat("Hello", config="stranger"), 2, "", "do not use this relay")


def daemon(program, *options):
    return subprocess.run([PROGRAMS / program, *options], capture_output=True, text=True, check=False, timeout=20)


def usage():
    config = system.path("client.toml")
    expect(system.openpcc("--version"), 0, "openpcc 0.")
    for arguments in ((), ("chat",), ("nonsense",), ("chat", "--config", config, "--temperature", "9", "x"),
                      ("verify",), ("verify", config), ("verify", config, "--policy", config),
                      ("chat", "--config", "/nonexistent", "x"), ("verify", "/nonexistent", "--policy", system.path("policy.json"))):
        said = system.openpcc(*arguments)
        assert said.returncode == 1 and said.stderr, (arguments, said.returncode, said.stderr)
    bad = system.path("bad.toml")
    bad.write_text(config.read_text() + 'unknown_key = 1\n')
    said = system.openpcc("chat", "--config", bad, "x")
    assert said.returncode == 1 and "unknown_key" in said.stderr, said.stderr
    for program in ("relayd", "gatewayd", "noded"):
        path = system.path({"relayd": "relay", "gatewayd": "gateway", "noded": "node-1"}[program] + ".toml")
        assert daemon(program, "--config", path, "--check").returncode == 0
        assert "listen" in daemon(program, "--config", path, "--explain").stdout
        assert daemon(program, "--version").returncode == 0 and daemon(program).returncode == 1
        bad.write_text("lisen = \"http://127.0.0.1:0\"\n" + path.read_text())
        said = daemon(program, "--config", bad)
        assert said.returncode == 1 and "lisen" in said.stderr and "bad.toml:1" in said.stderr, said.stderr


def unreachable():
    system.write_client_config("nobody", relay=f"http://127.0.0.1:{free_port()}")
    expect(system.chat("Hello", config="nobody"), 4, "", "is the relay running")
    said = system.chat("Hello", "--json", config="nobody")
    assert said.returncode == 4 and json.loads(said.stdout)["exit_code"] == 4 and not said.stderr
    # A profile that trusts simulated hardware never leaves this machine.
    system.write_client_config("far", relay="http://192.0.2.1:80")
    begun = time.monotonic()
    expect(system.chat("Hello", config="far"), 2, "", "client.not_local")
    assert time.monotonic() - begun < 3


def no_node():
    for node in system.nodes:
        node.stop()
    # Until the gateway has noticed, each is asked in vain; then the directory is empty.
    expect(system.chat("Hello"), 4, "incomplete", "client.no_node")
    until(lambda: "the service has no node ready" in system.chat("Hello").stdout, 5, "the directory is empty")
    expect(system.chat("Hello"), 4, "incomplete: the service has no node ready", "client.no_node")
    said = system.openpcc("verify", "--config", system.path("client.toml"))
    assert said.returncode == 4 and "not verified" not in said.stdout, (said.returncode, said.stdout)
    system.gateway.kill(signal.SIGKILL)
    system.gateway.process.wait()
    expect(system.chat("Hello"), 4, "", "503")
    say(f"   {system.chat('Hello').stderr.splitlines()[0]}")


def scenario():
    global system
    with Stage() as system:
        run(chat, chat_json, refusals_of_the_node, verify, verify_saved, dry_run, nothing_is_sent_to_whom_the_policy_does_not_name,
            signed_policies, another_service_key, usage, unreachable, no_node)


main(scenario)
