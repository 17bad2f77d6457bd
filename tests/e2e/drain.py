# SPDX-License-Identifier: Apache-2.0
"""SIGTERM of every role: what is in flight is answered, nothing new is taken, nothing is left behind."""

import os
import signal
import time

from processes import Slow, children, program_of
from scenario import main, run, say, until
from stage import Stage
from wire import can_connect, connect

STORY, END = "Tell me a story.", b"nobody in the city knew what it had said."


def begin():
    """A client in the middle of an answer."""
    client = system.start_chat(STORY)
    seen = b""
    while b"A letter" not in seen:
        piece = client.stdout.read(64)
        assert piece, (seen, client.stderr.read())
        seen += piece
    assert sum(system.status(number)["in_flight"] for number in (1, 2)) == 1
    return client


def drained(role, number=signal.SIGTERM):
    """Stops a role in the middle of an answer, which comes to its end all the same."""
    slow = [Slow(system.engine(number)) for number in (1, 2)]
    try:
        client = begin()
        begun = time.monotonic()
        role.kill(number)
        until(lambda: not can_connect(role.address), 2, f"{role.name} takes nothing new")
        assert role.runs(), f"{role.name} did not wait for the answer"
        time.sleep(0.3)
        assert role.runs() and client.poll() is None
    finally:
        for one in slow:
            one.end()
    shown, errors = client.communicate(timeout=20)
    assert client.returncode == 0 and END in shown and not errors, (role.name, client.returncode, shown[-200:], errors)
    assert role.process.wait(5) == 0, role.process.returncode
    say(f"   {role.name}: gone {time.monotonic() - begun:.1f} s after the signal, the answer was whole")


def relay():
    drained(system.relay)
    system.start_relay()
    system.write_client_config()


def gateway():
    drained(system.gateway, signal.SIGINT)
    system.restart_gateway()
    system.wait_ready()


def node():
    for number in (1, 2):
        engine = system.engine(number)
        tree = children(system.nodes[number - 1].pid)
        if number == 1:
            # The one that is asked is stopped, whichever it is: so the other is taken out first.
            system.nodes[1].end()
            until(lambda: system.openpcc("verify", "--config", system.path("client.toml"), "--json").stdout.count("\n") == 1, 5,
                  "the directory has one node")
            slow = Slow(engine)
            client = system.start_chat(STORY)
            until(lambda: system.status(1)["in_flight"], 5, "it is asked")
            system.nodes[0].kill(signal.SIGTERM)
            time.sleep(0.3)
            assert system.nodes[0].runs() and client.poll() is None
            slow.end()
            shown, errors = client.communicate(timeout=20)
            assert client.returncode == 0 and END in shown, (client.returncode, errors)
            assert system.nodes[0].process.wait(5) == 0
        else:
            begun = time.monotonic()
            assert system.nodes[1].stop() == 0
            assert time.monotonic() - begun < 3, "an idle node takes its time"
        left = [pid for pid in tree if program_of(pid)]
        assert not left, [(pid, program_of(pid)) for pid in left]
        assert not system.path(f"engine-{number}/e.sock").exists()
        if number == 1:
            system.restart_node(1)
            system.restart_node(2)
            system.wait_ready()
    for number in (1, 2):
        system.restart_node(number)
    system.wait_ready()


def idle_roles_end_at_once():
    for role in (system.relay, system.gateway):
        with connect(role.address) as idle:  # a connection that rests does not hold it up
            idle.sendall(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n")
            assert idle.recv(100).startswith(b"HTTP/1.1 200")
            begun = time.monotonic()
            assert role.stop() == 0
            took = time.monotonic() - begun
        assert took < 1.5, (role.name, took)
    left = [path.name for path in system.folder.iterdir() if path.name in ("relay.metrics", "gateway.metrics")]
    assert not left, left
    system.restart_gateway()
    system.start_relay()
    system.write_client_config()
    system.wait_ready()


def asked_twice_is_at_once():
    for name in ("relay", "gateway", "node"):
        slow = [Slow(system.engine(number)) for number in (1, 2)]
        try:
            client = begin()
            asked = next(number for number in (1, 2) if system.status(number)["in_flight"])
            role = system.nodes[asked - 1] if name == "node" else getattr(system, name)
            tree = children(role.pid)
            role.kill(signal.SIGTERM)
            time.sleep(0.2)
            assert role.runs()
            begun = time.monotonic()
            role.kill(signal.SIGTERM)
            code = role.process.wait(10)
            took = time.monotonic() - begun
        finally:
            for one in slow:
                one.end()
        _, errors = client.communicate(timeout=20)
        assert client.returncode == 4 and b"truncated" in errors, (name, client.returncode, errors)
        say(f"   {name}: gone {took * 1000:.0f} ms after the second signal, exit code {code}; the client: truncated")
        # A node first stops its engine, which is slow here.
        assert code == 0 and took < (5 if name == "node" else 1), (name, code, took, role.log_text())
        assert not [pid for pid in tree if program_of(pid)], "something is left"
        until(lambda: all(system.status(number)["in_flight"] == 0 for number in (1, 2) if system.nodes[number - 1].runs()), 2,
              "the engines are idle")
        if name == "relay":
            system.start_relay()
            system.write_client_config()
        elif name == "gateway":
            system.restart_gateway()
        else:
            system.restart_node(asked)
        system.wait_ready()


def nodes_that_are_killed_leave_nothing():
    for number in (1, 2):
        tree = children(system.nodes[number - 1].pid)
        assert len(tree) >= 3, "node, sandbox, engine"
        os.kill(system.nodes[number - 1].pid, signal.SIGKILL)
        system.nodes[number - 1].process.wait()
        until(lambda tree=tree: not [pid for pid in tree if program_of(pid)], 3, "sandbox and engine are gone too")


def scenario():
    global system
    with Stage() as system:
        run(relay, gateway, node, idle_roles_end_at_once, asked_twice_is_at_once, nodes_that_are_killed_leave_nothing)


main(scenario)
