# SPDX-License-Identifier: Apache-2.0
"""Keys come and go while requests are in flight; keys that are gone are renewed once; nothing is answered twice."""

import threading
import time

from processes import Slow
from scenario import main, run, say, until
from stage import Stage
from tap import Tap
from wire import Answer, exchange, http

KEY_PROBLEM = b"https://iana.org/assignments/http-problem-types#ohttp-key"
SHORT = {"Thank you!": "You are welcome.", "Capital of Japan?": "The capital of Japan is Tokyo.", "Hello": "Hello! Ask me"}
FIRST = 5  # requests of a client's first question: directory, collateral, evidence of two nodes, the question
AGAIN = 5  # of its next one, when nodes have to be judged again


def posts(tap):
    return [found for found in tap.requests if found.path == "/ohttp"]


def rotation_under_load():
    end, results, documents, statements = time.monotonic() + 8, [], set(), set()

    def ask():
        while time.monotonic() < end:
            for prompt, answer in SHORT.items():
                said = rotating.chat(prompt)
                results.append(said.returncode == 0 and answer in said.stdout or (said.returncode, said.stderr))

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for one in askers:
        one.start()
    while time.monotonic() < end:
        documents.add(http(rotating.relay.address, "GET", "/gateway-keys").body)
        statements |= {rotating.status(number)["statement"] for number in (1, 2)}
        time.sleep(0.2)
    for one in askers:
        one.join()
    bad = [one for one in results if one is not True]
    say(f"   {len(results)} requests, {len(bad)} failed; {len(documents)} generations of the gateway's keys, "
        f"{len(statements)} statements of two nodes")
    assert not bad and len(results) > 20 and len(documents) >= 3 and len(statements) >= 6, bad[:5]


def an_answer_outlives_its_keys():
    with Slow(rotating.engine(1), of=0.1), Slow(rotating.engine(2), of=0.1):
        begun = time.monotonic()
        client = rotating.start_chat("Tell me a story.", "--json")
        node = until(lambda: next((n for n in (1, 2) if rotating.status(n)["in_flight"]), None), 5, "it is asked")
        before = rotating.status(node)["keys"]
        document = http(rotating.relay.address, "GET", "/gateway-keys").body
        until(lambda: not set(before) & set(rotating.status(node)["keys"]), 10, "the node has erased the keys it was asked under")
        assert rotating.status(node)["in_flight"] == 1, "the answer was over too soon to show anything"
        assert http(rotating.relay.address, "GET", "/gateway-keys").body != document
        gone = time.monotonic() - begun
    shown, errors = client.communicate(timeout=30)
    assert client.returncode == 0 and b"nobody in the city knew what it had said." in shown, (client.returncode, shown[-300:], errors)
    say(f"   keys erased after {gone:.1f} s, answer whole after {time.monotonic() - begun:.1f} s")


def an_erased_key():
    """What was sent under it is no repeat any more, and no secret: it cannot be opened."""
    for address in (rotating.relay.address, rotating.gateway.address):
        answer = exchange(address, first.raw)
        assert answer.status == 400 and KEY_PROBLEM in answer.body, answer.raw
        assert answer.field("content-type") == "application/problem+json", answer.raw


def a_gateway_key_that_is_gone():
    old = http(system.relay.address, "GET", "/gateway-keys").raw
    system.restart_gateway()
    system.wait_ready()
    for always in (False, True):
        given = []

        def stale(found, always=always, given=given):
            if found.path == "/gateway-keys" and (always or not given):
                given.append(found)
                return old
            return None

        with Tap(system.relay.address, stale) as tap:
            system.write_client_config("stale", relay=tap.url)
            said = system.chat("Thank you!", config="stale")
            fetched = [found for found in tap.requests if found.path == "/gateway-keys"]
            assert len(fetched) == 2, "the keys are fetched again, once"
            if always:
                assert said.returncode == 5 and "key_gone" in said.stderr and len(posts(tap)) == 2, (said.returncode, said.stderr)
            else:
                assert said.returncode == 0 and "You are welcome." in said.stdout, (said.returncode, said.stderr)
                assert len(posts(tap)) == 1 + FIRST
            refused = Answer(posts(tap)[0].answer)
            assert refused.status == 400 and KEY_PROBLEM in refused.body, refused.raw
            assert refused.field("content-type") == "application/problem+json", refused.raw


def node_keys_that_are_gone():
    for always in (False, True):
        restarts = []

        def restart(found, always=always, restarts=restarts):
            if found.path == "/ohttp" and len(posts(tap)) in (FIRST, FIRST + AGAIN) and (always or not restarts):
                restarts.append(found)
                for number in (1, 2):
                    system.restart_node(number)
                    until(lambda number=number: system.status(number)["ready"], 15, "the engine answers")
                time.sleep(1.2)  # the gateway looks twice a second

        with Tap(system.relay.address, restart) as tap:
            system.write_client_config("stale", relay=tap.url)
            said = system.chat("Thank you!", config="stale")
            assert len(posts(tap)) == FIRST + AGAIN, "nodes are judged again, once"
            if always:
                assert said.returncode == 5 and "key_gone" in said.stderr, (said.returncode, said.stderr)
            else:
                assert said.returncode == 0 and "You are welcome." in said.stdout, (said.returncode, said.stderr)


def nothing_is_answered_twice():
    with Tap(system.nodes[0].address) as one, Tap(system.nodes[1].address) as two:
        behind = [tap.url for tap in (one, two)]
        port = system.gateway.port
        system.gateway.end()
        system.start_gateway(port, behind)
        system.wait_ready()
        with Tap(system.relay.address) as tap:
            system.write_client_config("tapped", relay=tap.url)
            assert system.chat("Thank you!", config="tapped").returncode == 0
            answers = set()
            for address in (system.relay.address, system.gateway.address):
                for found in posts(tap):
                    for _ in range(3):
                        again = exchange(address, found.raw)
                        assert again.status == 403 and KEY_PROBLEM not in again.body, again.raw
                        answers.add(again.body)
        assert len(answers) == 1 and b"about:blank" in answers.pop()
        counted = system.refusals("gateway")
        assert counted.get("ohttp.replayed") == 2 * 3 * len(posts(tap)), counted
        sealed = [(number, found) for number, t in ((1, one), (2, two)) for found in t.requests if found.path == "/sealed"]
        assert len(sealed) == 1, "one candidate is asked"
        number, found = sealed[0]
        for _ in range(3):
            again = exchange(system.nodes[number - 1].address, found.raw)
            assert again.status == 403 and b"about:blank" in again.body, again.raw
        assert system.refusals(f"node-{number}").get("seal.replayed") == 3, system.refusals(f"node-{number}")
        # Another node does not even hold the key.
        assert exchange(system.nodes[2 - number].address, found.raw).status == 410
        say(f"   {len(posts(tap))} outer requests six times each, and one sealed request three times: refused")


def scenario():
    global rotating, system, first
    keys = "rotation_seconds = 2\noverlap_seconds = 2\n"
    with Stage(node_options=keys, gateway_options="[keys]\n" + keys) as rotating:
        with Tap(rotating.relay.address) as tap:
            rotating.write_client_config("tapped", relay=tap.url)
            rotating.chat("Hello", config="tapped")
            first = posts(tap)[0]
        run(rotation_under_load, an_answer_outlives_its_keys, an_erased_key)
    with Stage() as system:
        run(a_gateway_key_that_is_gone, node_keys_that_are_gone, nothing_is_answered_twice)


main(scenario)
