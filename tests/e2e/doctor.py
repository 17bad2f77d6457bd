# SPDX-License-Identifier: Apache-2.0
"""`openpcc doctor`: one step after another, and one clear sentence at the one that does not go well."""

import json
import os

from scenario import main, need, run, until
from stage import Stage
from wire import free_port

STEPS = ["clock", "service", "name", "connection", "gateway keys", "directory", "evidence", "answer"]


def doctor(config="client", before=(), **changes):
    """Exit code, and outcome, text and remedy of each step."""
    if changes:
        config = "changed"
        system.write_client_config(config, **changes)
    path = system.path(config + ".toml")
    said = system.openpcc("doctor", "--config", path, "--json", before=before)
    report = json.loads(said.stdout)
    assert report["exit_code"] == said.returncode and not said.stderr, (said.returncode, said.stdout, said.stderr)
    assert {step["step"] for step in report["steps"]} == set(STEPS), report
    return said.returncode, report["steps"]


def stops_at(step, code, text, found):
    """All before it went well, it failed with that text and a remedy, and nothing after it was run."""
    returned, steps = found
    outcomes = {one["step"]: one for one in steps if one["step"] != "clock"}
    for name in STEPS[1:]:
        wanted = "failed" if name == step else "ok" if STEPS.index(name) < STEPS.index(step) else "not run"
        assert outcomes[name]["outcome"] == wanted, (name, wanted, steps)
    assert text in outcomes[step]["text"] and outcomes[step]["remedy"] and returned == code, (returned, outcomes[step])


def all_is_well():
    code, steps = doctor()
    assert code == 7 and all(step["outcome"] == "ok" for step in steps if step["step"] != "clock"), steps
    assert "models: demo" in steps[-1]["text"], steps[-1]
    said = system.openpcc("doctor", "--config", system.path("client.toml"))
    assert said.returncode == 7 and "ok       evidence" in said.stdout and "->" not in said.stdout.split("service", 1)[1]


def no_service():
    stops_at("service", 1, "cannot be read", doctor("none"))


def no_such_name():
    stops_at("name", 4, "relay.invalid cannot be resolved", doctor(relay="http://relay.invalid:80"))


def no_relay():
    stops_at("connection", 4, "net.unreachable", doctor(relay=f"http://127.0.0.1:{free_port()}"))


def no_tls_where_tls_is_said():
    stops_at("connection", 5, "net.tls", doctor(relay=system.relay.url.replace("http:", "https:")))


def another_services_relay():
    stops_at("gateway keys", 2, "service.bad_signature", doctor(service_key="openpcc-service:" + os.urandom(32).hex()))


def a_clock_that_is_off_by_a_day():
    for shift in ("+1d", "-1d"):
        found = doctor(before=(need("faketime"), "-f", shift))
        stops_at("gateway keys", 2, "service.not_in_force", found)
        assert "check this machine's clock" in [step["remedy"] for step in found[1]], found


def nodes_that_the_policy_does_not_name():
    policy = dict(system.policy, models=["00" * 32])
    system.path("other.json").write_text(json.dumps(policy))
    code, steps = doctor(policy="other.json")
    failed = [step for step in steps if step["outcome"] == "failed"]
    assert code == 2 and len(failed) == 2 and {step["step"] for step in failed} == {"evidence"}, steps
    assert "not verified" in failed[0]["text"] and "openpcc verify" in failed[0]["remedy"], failed
    assert steps[-1] == {"step": "answer", "outcome": "not run", "text": "", "remedy": ""}, steps


def no_node():
    for node in system.nodes:
        node.stop()
    until(lambda: "no node" in json.dumps(doctor()[1]), 5, "the directory is empty")
    stops_at("directory", 4, "client.no_node", doctor())


def no_gateway():
    system.gateway.end()
    stops_at("gateway keys", 4, "client.relay_refused", doctor())


def scenario():
    global system
    with Stage() as system:
        run(all_is_well, no_service, no_such_name, no_relay, no_tls_where_tls_is_said, another_services_relay,
            a_clock_that_is_off_by_a_day, nodes_that_the_policy_does_not_name, no_node, no_gateway)


main(scenario)
