# SPDX-License-Identifier: Apache-2.0
"""Whoever dies in the middle of an answer: the client, a candidate, the node, the engine. What each of the others sees."""

import os
import pathlib
import shutil
import signal
import tempfile
import time

import stage
from processes import Slow, program_of
from scenario import main, run, say, until
from stage import Stage

STORY = "Tell me a story."  # 570 tokens
BEGUN = b"A letter"


def read_until(client, words):
    seen = b""
    while words not in seen:
        piece = client.stdout.read(64)
        assert piece, f"the answer ended early: {seen!r} {client.stderr.read()!r}"
        seen += piece
    return seen


def busy(system, number):
    return [slot for slot in stage.slots(system.path(f"engine-{number}/e.sock")) if slot["is_processing"]]


def answering(system):
    """The node that works, by its engine's own word."""
    return until(lambda: next((n for n in range(1, len(system.nodes) + 1) if system.nodes[n - 1].runs() and busy(system, n)),
                              None), 10, "an engine works")


def asked(system, client):
    """The node whose engine has a request, though it may be stopped: by the node's own count."""
    def found():
        assert client.poll() is None, (client.returncode, client.communicate())
        return next((n for n in range(1, len(system.nodes) + 1) if system.status(n)["in_flight"]), None)

    return until(found, 10, "a node asks its engine")


class Slowly:
    """All engines slow."""

    def __init__(self, system):
        self.all = [Slow(system.engine(number)) for number in range(1, len(system.nodes) + 1) if system.nodes[number - 1].runs()]

    def __enter__(self):
        return self

    def end(self):
        for one in self.all:
            one.going = False
        for one in self.all:
            one.end()

    def freeze(self):
        """All stopped where they are, until wake."""
        for one in self.all:
            one.freeze()

    def wake(self):
        for one in self.all:
            os.kill(one.pid, signal.SIGCONT)

    def __exit__(self, *_):
        self.end()


def client_killed():
    took = []
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        with Slowly(system) as slowly:
            client = system.start_chat(STORY)
            read_until(client, BEGUN)
            node = answering(system)
            assert system.status(node)["in_flight"] == 1
            slowly.freeze()
        begun = time.monotonic()
        client.send_signal(number)
        slowly.wake()
        until(lambda: not busy(system, node), 2, "the engine is idle", interval=0.001)
        took.append(time.monotonic() - begun)
        slot = max(stage.slots(system.path(f"engine-{node}/e.sock")), key=lambda slot: slot.get("n_prompt_tokens", 0))
        assert slot["n_prompt_tokens"] < 500, "it wrote the story to its end"
        until(lambda: system.status(node)["in_flight"] == 0, 1, "the node has nothing in flight")
    say(f"   engine idle {', '.join(f'{1000 * one:.0f}' for one in took)} ms after the client's end (KILL, TERM, INT)")
    assert min(took) < 0.1 and max(took) < 1.0, took


def node_killed():
    with Slowly(system) as slowly:
        client = system.start_chat(STORY)
        read_until(client, BEGUN)
        node = answering(system)
        system.nodes[node - 1].kill()
        slowly.end()
    shown, errors = client.communicate(timeout=10)
    assert client.returncode == 4 and b"truncated" in errors, (client.returncode, errors)
    assert b"what was shown is genuine but not whole" in errors, errors
    say(f"   {errors.decode().splitlines()[0]}")
    assert not system.engine(node) or not program_of(system.engine(node)), "the engine outlived its node"
    # The other one serves on, and the gateway knows which of the two is there.
    assert system.chat("Thank you!").returncode == 0
    system.restart_node(node)
    system.wait_ready()


def node_killed_json():
    with Slowly(system):
        client = system.start_chat(STORY, "--json")
        node = answering(system)
        until(lambda: busy(system, node)[0]["next_token"][0]["n_decoded"] > 20, 10, "it has begun")
        system.nodes[node - 1].kill()
        shown, _ = client.communicate(timeout=10)
    assert client.returncode == 4 and b'"client.truncated"' in shown, (client.returncode, shown)
    system.restart_node(node)
    system.wait_ready()


def candidate_killed_before_first_byte():
    # Each in turn, so that whichever the gateway prefers has been the one. The prompt is on its way when it dies: the
    # engine is stopped, so no byte of an answer can have come.
    unnoticed = 0
    for _ in range(2):
        engines = [system.engine(number) for number in (1, 2)]
        for engine in engines:
            os.kill(engine, signal.SIGSTOP)
        client = system.start_chat("Thank you!")
        node = asked(system, client)
        other = 3 - node
        system.nodes[node - 1].kill()
        os.kill(engines[other - 1], signal.SIGCONT)
        shown, errors = client.communicate(timeout=20)
        assert client.returncode == 0 and b"You are welcome." in shown and not errors, (client.returncode, shown, errors)
        unnoticed += 1
        system.restart_node(node)
        system.wait_ready()
    say(f"   {unnoticed} of 2 answers were whole, and nothing was said on standard error")


def both_killed():
    with Slowly(system) as slowly:
        client = system.start_chat(STORY)
        read_until(client, BEGUN)
        for node in system.nodes:
            node.kill()
        slowly.end()
    _, errors = client.communicate(timeout=10)
    assert client.returncode == 4 and b"truncated" in errors, (client.returncode, errors)
    answer = system.chat("Hello", seconds=20)
    assert answer.returncode == 4 and "no_node" in answer.stderr, (answer.returncode, answer.stderr)
    say(f"   {answer.stderr.splitlines()[0]}")
    for number in (1, 2):
        system.restart_node(number)
    system.wait_ready()


def engine_killed():
    with Slowly(system) as slowly:
        client = system.start_chat(STORY)
        read_until(client, BEGUN)
        node = answering(system)
        dead = system.engine(node)
        os.kill(dead, signal.SIGKILL)
        slowly.end()
    begun = time.monotonic()
    _, errors = client.communicate(timeout=10)
    assert client.returncode == 4 and b"engine_failed" in errors, (client.returncode, errors)
    say(f"   {errors.decode().splitlines()[0]}")
    # The next request is served at once by the other node, and soon by this one.
    assert system.chat("Thank you!").returncode == 0
    system.wait_restarted(node, dead)
    say(f"   the engine answers again after {time.monotonic() - begun:.2f} s")
    # The node's operator is told, and why.
    log = system.path(f"node-{node}.log")
    until(lambda: "the engine went down, and is started again: it ended with code" in log.read_text(), 5, "a line in the log")
    system.wait_ready()


def engines_killed_before_first_byte():
    # No hang, and a clear error, when every engine is dead; then they are started again.
    engines = [system.engine(number) for number in (1, 2)]
    for engine in engines:
        os.kill(engine, signal.SIGSTOP)
    client = system.start_chat("Thank you!")
    asked(system, client)
    for engine in engines:
        os.kill(engine, signal.SIGKILL)
    begun = time.monotonic()
    _, errors = client.communicate(timeout=20)
    assert client.returncode == 4 and b"error" in errors, (client.returncode, errors)
    say(f"   after {time.monotonic() - begun:.2f} s: {errors.decode().splitlines()[0]}")
    for number in (1, 2):
        system.wait_restarted(number, engines[number - 1])
    system.wait_ready()
    assert system.chat("Thank you!").returncode == 0


def relay_and_gateway_killed():
    for name in ("relay", "gateway"):
        with Slowly(system):
            client = system.start_chat(STORY)
            read_until(client, BEGUN)
            node = answering(system)
            getattr(system, name).kill()
            _, errors = client.communicate(timeout=10)
            assert client.returncode == 4 and b"truncated" in errors, (client.returncode, errors)
            until(lambda: not busy(system, node), 2, "the engine is idle")
        if name == "relay":
            system.relay.end()
            system.start_relay()
            system.write_client_config()
        else:
            system.restart_gateway()
        system.wait_ready()


def scenario():
    global system
    folder = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-e2e-root-"))
    try:
        with Stage(root=stage.engine_root_with_slots(folder)) as system:
            run(client_killed, node_killed, node_killed_json, candidate_killed_before_first_byte, both_killed, engine_killed,
                engines_killed_before_first_byte, relay_and_gateway_killed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main(scenario)
