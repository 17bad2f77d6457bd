# SPDX-License-Identifier: Apache-2.0
"""Policies at the command line: made, signed, checked, compared and explained."""

import json
import os
import pathlib
import stat
import subprocess
import tempfile

from scenario import main, run

SOURCE = pathlib.Path(os.environ.get("OPENPCC_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
PROGRAMS = pathlib.Path(os.environ.get("OPENPCC_PROGRAMS", SOURCE / "build/dev/bin")).resolve()
MODEL, PROFILE, MACHINE = "a1" * 32, "b1" * 32, "c1" * 32
PRESETS = ("strict", "standard", "two-roots", "development")
TDX = {"tee": "tdx", "release": "demo-1", "mrtd": "01" * 48, **{f"rtmr{i}": "00" * 48 for i in range(4)}}
SNP = {"tee": "snp", "release": "demo-1", "measurement": "02" * 48, "host_data": "00" * 32, "id_key_digest": "00" * 48,
       "author_key_digest": "00" * 48, "guest_svn": 0}


def program(name, *arguments):
    return subprocess.run([PROGRAMS / name, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=50,
                          env=os.environ | {"XDG_CONFIG_HOME": "/nonexistent"})


def admin(*arguments):
    return program("openpcc-admin", *arguments)


def expect(said, code, out="", err=""):
    assert said.returncode == code, (said.returncode, code, said.stdout, said.stderr)
    assert out in said.stdout, said.stdout
    assert err in said.stderr, said.stderr


def path(name):
    return folder / name


def made(name, *options):
    expect(admin("policy", "make", "--out", path(name), *options), 0)
    return json.loads(path(name).read_text())


def changed(name, **change):
    """The strict policy with other members."""
    path(name).write_text(json.dumps({**json.loads(path("strict.json").read_text()), **change}))
    return path(name)


def make():
    for preset in PRESETS:
        policy = made(f"{preset}.json", "--preset", preset)
        assert policy["version"] == 2 and policy["preset"] == policy["name"] == preset
        assert policy["measurements"] == policy["models"] == policy["engine_profiles"] == []
    path("tdx.json").write_text(json.dumps(TDX))
    path("snp.json").write_text(json.dumps(SNP))
    policy = made("whole.json", "--release-measurement", path("tdx.json"), path("snp.json"), "--model", MODEL,
                  "--engine-profile", PROFILE, "--hardware", MACHINE, "--expires", 30, "--name", "ours")
    assert policy["name"] == "ours" and policy["preset"] == "strict"
    assert policy["measurements"] == [TDX, SNP] and policy["models"] == [MODEL] and policy["engine_profiles"] == [PROFILE]
    assert policy["hardware"] == {"rule": "listed", "ids": [MACHINE]}
    path("node.json").write_text(json.dumps({"measurement": TDX, "model": MODEL, "engine_profile": PROFILE}))
    assert made("described.json", "--describe", path("node.json"))["measurements"] == [TDX]


def make_refuses():
    out = ("policy", "make", "--out", path("not.json"))
    expect(admin(*out, "--preset", "lenient"), 1)
    expect(admin(*out, "--model", "a1"), 1, err="config.bad_config: --model")
    expect(admin(*out, "--expires", 0), 1)
    expect(admin(*out, "--name", "\n"), 1, err="policy.bad_policy: member `name`")
    path("bad.json").write_text(json.dumps({**TDX, "mrtd": "01"}))
    expect(admin(*out, "--release-measurement", path("bad.json")), 1, err="member `mrtd`")
    expect(admin(*out, "--release-measurement", path("tdx.json"), path("tdx.json")), 1, err="member `measurements[1]`")
    expect(admin(*out, "--describe", path("tdx.json")), 1, err="noded --describe")
    said = admin(*out, "--model", "a1", "--json")
    assert json.loads(said.stdout)["error"] == "config.bad_config", said.stdout
    assert not path("not.json").exists()


def check():
    said = admin("policy", "check", path("whole.json"))
    expect(said, 0, "good, not signed")
    expect(admin("policy", "check", path("strict.json")), 0, "good", "warning: measurements: empty")
    expect(admin("policy", "check", path("strict.json"), "--at", "2100-01-01T00:00:00Z"), 2, "must not be used", "error: expires")
    expect(admin("policy", "check", path("tdx.json")), 1, err="member `version`")
    expect(admin("policy", "check", path("none.json")), 1, err="config.bad_file")
    path("old.json").write_text('{"version":1}')
    expect(admin("policy", "check", path("old.json")), 1, err="openpcc-admin policy make")
    found = json.loads(admin("policy", "check", path("strict.json"), "--json").stdout)
    assert found["good"] and {"level": "warning", "member": "models", "text": "empty: nothing is accepted"} in found["findings"]


def gw_5_no_tcb_rule_no_signature():
    """systems.md GW-5: a policy without a TCB rule is neither good nor signed, and nothing overrides that."""
    strict = json.loads(path("strict.json").read_text())
    without = changed("without.json", tdx={**strict["tdx"], "least_tcb_evaluation": 0})
    expect(admin("policy", "check", without), 2, "must not be used", "error: tdx.least_tcb_evaluation: no TCB rule")
    expect(admin("policy", "sign", without, "--key", path("ann.pem"), "--out", path("without.dsse")), 1, err="is not signed")
    assert not path("without.dsse").exists()


def keys():
    for name, kind in (("ann", "ed25519"), ("bob", "p256"), ("eve", "ed25519")):
        said = admin("key", "make", "--out", path(f"{name}.pem"), "--type", kind)
        expect(said, 0, f"openpcc-signer:{kind}:")
        assert stat.S_IMODE(path(f"{name}.pem").stat().st_mode) == 0o600
        assert admin("key", "show", path(f"{name}.pem")).stdout == said.stdout
        signers[name] = said.stdout.strip()
    before = path("ann.pem").read_bytes()
    expect(admin("key", "make", "--out", path("ann.pem")), 1, err="is there already")
    assert path("ann.pem").read_bytes() == before
    path("open.pem").write_bytes(before)
    path("open.pem").chmod(0o644)
    expect(admin("key", "show", path("open.pem")), 1, err="chmod 600")


def sign():
    once, twice = path("once.dsse"), path("twice.dsse")
    expect(admin("policy", "sign", path("whole.json"), "--key", path("ann.pem"), "--out", once), 0, "1 signature in all")
    expect(admin("policy", "sign", once, "--key", path("bob.pem"), "--out", twice), 0, "2 signatures in all")
    envelope = json.loads(twice.read_text())
    assert envelope["payloadType"] == "application/vnd.openpcc.policy+json"
    both = ("--signer", signers["ann"], signers["bob"])
    expect(admin("policy", "check", twice, *both), 0, "signed by enough")
    expect(admin("policy", "check", once, *both), 2, err="envelope.under_signed")
    expect(admin("policy", "check", once, *both, "--threshold", 1), 0, "signed by enough")
    expect(admin("policy", "check", once, "--signer", signers["eve"]), 2, err="envelope.under_signed")
    expect(admin("policy", "check", path("whole.json"), *both), 2, err="is not signed")
    expect(admin("policy", "check", once, "--signer", "openpcc-signer:x"), 1, err="envelope.bad_signer")
    # Signing again takes the place of the signature before.
    expect(admin("policy", "sign", once, "--key", path("ann.pem"), "--out", once), 0, "1 signature in all")
    envelope["payload"] = envelope["payload"][:-8] + "AAAA" + envelope["payload"][-4:]
    path("torn.dsse").write_text(json.dumps(envelope))
    expect(admin("policy", "check", path("torn.dsse"), *both), 2, err="envelope.under_signed")


def diff():
    strict = path("strict.json")
    expect(admin("policy", "diff", strict, strict), 0)
    expect(admin("policy", "diff", path("whole.json"), path("once.dsse")), 0)
    expect(admin("policy", "diff", path("standard.json"), strict), 8, "tighter    tdx.amber: OutOfDate -> nothing")
    said = admin("policy", "diff", strict, path("standard.json"))
    expect(said, 9, "looser     tdx.amber: nothing -> OutOfDate")
    listed = json.loads(admin("policy", "diff", strict, changed("more.json", candidates=3), "--json").stdout)
    assert listed == [{"member": "candidates", "direction": "looser", "from": "2", "to": "3"}], listed
    expect(admin("policy", "diff", strict, path("tdx.json")), 1, err="policy.bad_policy")


def explain():
    said = program("openpcc", "policy", "explain", path("strict.json"))
    expect(said, 0, "Only a platform that Intel calls UpToDate passes.")
    expect(said, 0, "No model is named, so nothing is accepted.")
    assert not said.stderr and all(len(line) <= 100 for line in said.stdout.splitlines())
    expect(program("openpcc", "policy", "explain", path("twice.dsse")), 0, "Only 1 machine may answer", "2 signatures, not judged")
    listed = json.loads(program("openpcc", "policy", "explain", path("strict.json"), "--json").stdout)
    assert {"member": "exceptions", "text": "There is no exception."} in listed
    expect(program("openpcc", "policy", "explain", path("tdx.json")), 1, err="policy.bad_policy")
    expect(program("openpcc", "policy", "dry-run", path("strict.json")), 1, err="profiles.unknown")


def signed_policies_for_saved_evidence():
    """As in a client's configuration: with signers only what enough of them have signed, without only what is bare."""
    bundle, once, twice, bare = path("other.bundle"), path("once.dsse"), path("twice.dsse"), path("whole.json")
    bundle.write_bytes(b"no bundle")
    path("empty.json").write_text('{"version":1,"fetched":"1970-01-01T00:00:00Z","sections":{}}')
    commands = {"policy": lambda policy, *more: ("verify", bundle, "--policy", policy, *more),
                "current": lambda policy, *more: ("policy", "dry-run", bare, bundle, "--current", policy, *more)}
    both = (signers["ann"], signers["bob"])
    for of, command in commands.items():
        signer, threshold = f"--{of}-signer", f"--{of}-threshold"
        # Judged: the bundle is at fault, and not the policy.
        for good in ((bare,), (twice, signer, *both), (once, signer, *both, threshold, 1), (once, signer, signers["ann"])):
            expect(program("openpcc", *command(*good)), 2, "not verified")
        for error, *wrong in (("policy.bad_policy", once), ("envelope.under_signed", bare, signer, *both),
                              ("envelope.under_signed", once, signer, *both), ("envelope.bad_signer", bare, threshold, 1),
                              ("envelope.under_signed", once, signer, signers["eve"]), ("envelope.bad_signer", once, signer, "x"),
                              ("envelope.bad_signer", twice, signer, *both, threshold, 3)):
            said = program("openpcc", *command(*wrong))
            expect(said, 2 if error == "envelope.under_signed" else 1, err=error)
            assert not said.stdout, said.stdout
    # Signers of a policy that is not named here.
    expect(program("openpcc", "verify", "--config", bare, "--policy-signer", *both), 1, err="--policy-signer")
    expect(program("openpcc", "policy", "dry-run", bare, bundle, "--current-signer", *both), 1, err="--current-signer")
    show = ("collateral", "show", path("empty.json"))
    expect(program("openpcc", *show, "--policy", once, "--policy-signer", signers["ann"]), 2, "there is nothing inside")
    expect(program("openpcc", *show, "--policy", once), 1, err="policy.bad_policy")
    expect(program("openpcc", *show, "--policy-signer", signers["ann"]), 1, err="--policy-signer")


def a_challenge_that_cannot_be_read_is_not_none():
    """BUNDLE.challenge: only where there is no such file was nothing asked."""
    bundle, challenge = path("torn.bundle"), path("torn.bundle.challenge")
    bundle.write_bytes(b"no bundle")
    for command in (("verify", bundle, "--policy", path("strict.json")), ("policy", "dry-run", path("strict.json"), bundle)):
        expect(program("openpcc", *command), 2, "bundle.parse")
        challenge.mkdir()
        expect(program("openpcc", *command), 1, err="torn.bundle.challenge: cannot be read")
        challenge.rmdir()
        challenge.symlink_to(path("nowhere"))
        expect(program("openpcc", *command), 1, err="torn.bundle.challenge: cannot be read")
        challenge.unlink()
        challenge.write_text("00")
        expect(program("openpcc", *command), 1, err="not a challenge and a time")
        challenge.unlink()


def scenario():
    global folder, signers
    signers = {}
    with tempfile.TemporaryDirectory(prefix="openpcc-policy-") as name:
        folder = pathlib.Path(name)
        run(make, make_refuses, check, keys, gw_5_no_tcb_rule_no_signature, sign, diff, explain,
            signed_policies_for_saved_evidence, a_challenge_that_cannot_be_read_is_not_none)


if __name__ == "__main__":
    main(scenario)
