# SPDX-License-Identifier: Apache-2.0
"""Input that is malformed, too large, late or cut off, at every hop: one constant answer for each kind, bounded work, and
the service goes on. Answers that are cut off, wherever and however, are errors at the client."""

import os
import threading
import time

from processes import Slow
from scenario import main, run, say, until
from stage import Stage
from tap import Tap, read_request
from wire import connect, exchange, http, read_to_end, request

OHTTP, SEALED = "message/ohttp-chunked-req", "application/openpcc-sealed-req"
KEY_PROBLEM = b"https://iana.org/assignments/http-problem-types#ohttp-key"
LATE, LATE_BODY = 10, 30  # seconds for a head, and for the next piece of a body (ServerLimits)
ANSWER_SECONDS = 3
MEGABYTE = 1 << 20
NODE_BYTES, GATEWAY_BYTES = 256 << 10, 512 << 10


def captured():
    """The outer requests of one chat, and the sealed request at its node."""
    with Tap(system.relay.address) as tap:
        system.write_client_config("tapped", relay=tap.url)
        said = system.chat("Thank you!", config="tapped")
        assert said.returncode == 0, said.stderr
        outer = [found for found in tap.requests if found.path == "/ohttp"]
    sealed = [found for t in taps for found in t.requests if found.path == "/sealed"]
    return outer, sealed[-1]


def post(address, path, kind, body, chunked=False):
    return http(address, "POST", path, [("content-type", kind)], body, chunked=chunked)


def constant(answers):
    """Of each status there is one answer, to the byte: {status: how often}."""
    bodies, counts = {}, {}
    for answer in answers:
        if answer.status == 0:
            continue
        bodies.setdefault((answer.status, KEY_PROBLEM in answer.body), set()).add(answer.body)
        assert answer.field("content-type") == "application/problem+json", answer.raw
        counts[answer.status] = counts.get(answer.status, 0) + 1
    assert all(len(of) == 1 for of in bodies.values()), bodies
    return counts


def garbage(known, flips):
    """Bodies that are nearly good, and ones that are not at all."""
    for size in (0, 1, 6, 7, 8, 38, 39, 40, 100, 5000):
        yield os.urandom(size)
    for at in flips:  # one byte of a good one changed
        changed = bytearray(known)
        changed[at] ^= 1
        yield bytes(changed)
    for size in (1, 7, 39, 60, len(known) // 2, len(known) - 1):  # and what is left of one that was cut
        yield known[:size]
    yield known + b"\0"
    yield b"\xff" * 64


def garbage_at_the_gateway():
    for address in (system.gateway.address, system.relay.address):
        outer, _ = captured()
        fresh = outer[0].content  # already used: what is changed behind the key is a repeat, and so refused
        answers = [post(address, "/ohttp", OHTTP, body, chunked) for chunked in (False, True)
                   for body in garbage(fresh, (0, 1, 2, 4, 6, 10, 38, len(fresh) - 1))]
        counts = constant(answers)
        assert set(counts) <= {400, 403}, counts
        say(f"   {len(answers)} bodies {'through the relay' if address == system.relay.address else 'straight'}: {counts}")
    table = {("GET", "/ohttp", ""): 404, ("POST", "/ohttp", "text/plain"): 415, ("POST", "/ohttp", "message/ohttp-req"): 415,
             ("POST", "/sealed", SEALED): 404, ("GET", "/directory", ""): 404, ("GET", "/status", ""): 404,
             ("GET", "/metrics", ""): 404, ("PUT", "/gateway-keys", ""): 404, ("POST", "/ohttp?x", OHTTP): 404}
    for (method, path, kind), status in table.items():
        answer = http(system.gateway.address, method, path, [("content-type", kind)] if kind else (), b"")
        assert answer.status == status, (method, path, answer.status)
    assert system.chat("Thank you!").returncode == 0


def garbage_at_the_node():
    _, sealed = captured()
    for number in (1, 2):
        address = system.nodes[number - 1].address
        answers = [post(address, "/sealed", SEALED, body, chunked) for chunked in (False, True)
                   for body in garbage(sealed.content, (0, 1, 8, 42, 43, 44, 60, 100, len(sealed.content) - 1))]
        counts = constant(answers)
        # 410: the key is not this node's; 403: a repeat, or what does not open.
        assert set(counts) <= {400, 403, 410}, counts
        say(f"   {len(answers)} bodies at node {number}: {counts}")
        statement = system.status(number)["statement"]
        right = "/evidence/" + statement
        table = [(right, 31, 400), (right, 33, 400), (right, 0, 400), ("/evidence/" + "0" * 64, 32, 403), ("/evidence/", 32, 403),
                 ("/evidence/zz", 32, 403), (right, 32, 200)]
        for path, size, status in table:
            answer = post(address, path, "application/octet-stream", os.urandom(size))
            assert answer.status == status or status == 403 and 400 <= answer.status < 500, (path, size, answer.status)
        for method, path, status in (("GET", "/sealed", 404), ("POST", "/status", 404), ("POST", "/v1/chat/completions", 404),
                                     ("GET", "/metrics", 404), ("GET", "/slots", 404)):
            assert http(address, method, path).status == status, path
        assert post(address, "/sealed", "application/json", b"{}").status == 400
        assert post(address, "/sealed", OHTTP, b"x").status == 400
    assert system.chat("Thank you!").returncode == 0


def malformed_http():
    for role in (system.relay, system.gateway, *system.nodes):
        for raw, status in ((b"\0\r\n\r\n", 400), (b"GET /health HTTP/1.1\r\n\r\n", 400), (b"GET / HTTP/3\r\nhost: a\r\n\r\n", 400),
                            (b"POST /ohttp HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
                            (b"GET /health HTTP/1.1\r\nhost: a\r\nx:" + b"a" * 20000 + b"\r\n\r\n", 431)):
            answer = exchange(role.address, raw)
            assert answer.status == status and b"about:blank" in answer.body, (role.name, raw[:40], answer.raw[:100])


def too_large():
    for role, path, kind, most in ((system.relay, "/ohttp", OHTTP, 4 * MEGABYTE), (system.gateway, "/ohttp", OHTTP, 2 * GATEWAY_BYTES),
                                   (system.nodes[0], "/sealed", SEALED, NODE_BYTES)):
        announced = exchange(role.address, request("POST", path, [("content-type", kind)])
                             .replace(b"content-length: 0", b"content-length: %d" % (most + 1)))
        assert announced.status == 413, (role.name, announced.raw)
        before = resident(role.pid)
        streamed = post(role.address, path, kind, b"\x01" * (most + 4 * MEGABYTE), chunked=True)
        assert streamed.status in (400, 403, 410, 413, 0), (role.name, streamed.raw[:200])
        grown = resident(role.pid) - before
        assert grown < most + MEGABYTE, (role.name, grown)
        say(f"   {role.name}: announced 413, streamed {streamed.status or 'closed'}, {grown >> 10} KiB more memory")
    # A client that follows the protocol hears of it too, whoever refuses.
    for size, code, words in ((NODE_BYTES // 2, 5, "chat.refused_by_node"), (NODE_BYTES + 1000, 4, "400"), (GATEWAY_BYTES + 1000, 4, "400"),
                              (MEGABYTE + 1000, 1, "1 MiB")):
        said = system.openpcc("chat", "--config", system.path("client.toml"), stdin="x" * size)
        assert said.returncode == code and words in said.stderr, (size, said.returncode, said.stderr)
        say(f"   a prompt of {size} bytes: {said.stderr.splitlines()[0]}")
    assert system.chat("Thank you!").returncode == 0


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cut_uploads():
    """A request without its authenticated end: refused by who opens it, whether HTTP ends or not."""
    outer, sealed = captured()
    system.restart_gateway()  # so that these are no repeats: then the key is gone, which is another refusal
    before = [dict(system.refusals(f"node-{number}")) for number in (1, 2)]
    for address, found, path, kind in ((system.gateway.address, outer[-1], "/ohttp", OHTTP),
                                       (system.nodes[0].address, sealed, "/sealed", SEALED),
                                       (system.nodes[1].address, sealed, "/sealed", SEALED)):
        whole = request("POST", path, [("content-type", kind)], found.content, chunked=True)
        for kept in (len(whole) // 2, len(whole) - 40, len(whole) - 5):
            with connect(address) as stream:
                stream.sendall(whole[:kept])
                stream.shutdown(1)
                answer = read_to_end(stream)
            assert not answer.startswith(b"HTTP/1.1 200"), answer
    assert all(system.status(number)["in_flight"] == 0 for number in (1, 2))
    assert [dict(system.refusals(f"node-{number}")) for number in (1, 2)] != before
    system.wait_ready()


def held_back_by_the_client():
    """The client's own last chunk is kept back by who stands between: nobody answers half a request."""
    def shorter(found):
        if found.path != "/ohttp":
            return None
        body = found.content[:-20]
        answer = exchange(system.relay.address, request("POST", "/ohttp", [("content-type", OHTTP)], body, chunked=True))
        refused.append(answer)
        return answer.raw

    refused = []
    with Tap(system.relay.address, shorter) as tap:
        system.write_client_config("tapped", relay=tap.url)
        said = system.chat("Thank you!", config="tapped")
    assert said.returncode in (4, 5), (said.returncode, said.stderr)
    assert refused and all(answer.status in (400, 403) for answer in refused), [answer.raw for answer in refused]
    say(f"   {said.stderr.splitlines()[0]}")


def cut_answers():
    """At many places, and in both ways: the connection ends, or HTTP's end is made to look right."""
    lengths, seen = [], {}

    def measure(found):
        answer = exchange(system.relay.address, found.raw)
        lengths.append(len(answer.body))
        return answer.raw

    with Tap(system.relay.address, measure) as tap:
        system.write_client_config("tapped", relay=tap.url)
        assert system.chat("Capital of Japan?", config="tapped").returncode == 0
    sealed, whole = len(lengths) - 1, lengths[-1]
    places = sorted({0, 1, 31, 32, 33, 34, 60, whole // 4, whole // 2, whole * 3 // 4, whole - 40, whole - 17, whole - 16, whole - 1})
    for good_end in (True, False):
        for place in places:
            count = []

            def cut(found, place=place, good_end=good_end, count=count):
                count.append(found)
                answer = exchange(system.relay.address, found.raw)
                if len(count) - 1 < sealed:  # cut is each that is sent again, too
                    return answer.raw
                length = place if good_end else whole
                return (f"HTTP/1.1 200 OK\r\ncontent-type: message/ohttp-chunked-res\r\ncontent-length: {length}\r\n"
                        "connection: close\r\n\r\n").encode() + answer.body[:place]

            with ClosingTap(system.relay.address, cut) as tap:
                system.write_client_config("tapped", relay=tap.url)
                said = system.chat("Capital of Japan?", config="tapped")
            assert said.returncode != 0, (place, whole, said.stdout)
            word = said.stderr.split("error: ")[1].split(":")[0].strip()
            seen[word] = seen.get(word, 0) + 1
            assert word == "client.truncated", (place, whole, good_end, said.stderr)
    say(f"   {2 * len(places)} cuts of an answer of {whole} bytes: {seen}")


class ClosingTap(Tap):
    """One answer a connection."""

    def serve(self, stream):
        found, _ = read_request(stream, b"")
        if found is not None:
            stream.sendall(self.on_request(found))


def cut_between_gateway_and_node():
    for tap in taps:
        tap.cut = lambda found: 400 if found.path == "/sealed" else None
    try:
        said = system.chat("Tell me a story.")
    finally:
        for tap in taps:
            tap.cut = None
    assert said.returncode == 4 and "truncated" in said.stderr, (said.returncode, said.stderr)


def an_answer_that_takes_too_long():
    with Slow(system.engine(1), of=0.2), Slow(system.engine(2), of=0.2):
        begun = time.monotonic()
        said = system.chat("Tell me a story.")
        took = time.monotonic() - begun
    assert said.returncode == 4 and "timed out" in said.stderr, (said.returncode, said.stderr)
    say(f"   after {took:.1f} s: {said.stderr.splitlines()[0]}")
    assert ANSWER_SECONDS <= took < ANSWER_SECONDS + 3
    until(lambda: all(system.status(number)["in_flight"] == 0 for number in (1, 2)), 2, "the engines are idle")


class LateBodies:
    """Requests whose bodies stop half way, at every hop, from the scenario's beginning to its end."""

    def __init__(self):
        self.took, self.answers, self.threads = {}, {}, []
        # Gateway and node read no further than where a body goes wrong: so theirs only does not come.
        for role, path, kind, begun in (
                (system.relay, "/ohttp", OHTTP, 7), (system.gateway, "/ohttp", OHTTP, 0), (system.nodes[0], "/sealed", SEALED, 0),
                (system.nodes[1], "/evidence/" + system.status(2)["statement"], "application/octet-stream", 7)):
            self.threads.append(threading.Thread(target=self._wait, args=(role, path, kind, b"\1" * begun), daemon=True))
            self.threads[-1].start()

    def _wait(self, role, path, kind, body):
        begun = time.monotonic()
        head = request("POST", path, [("content-type", kind)]).replace(b"content-length: 0", b"content-length: 30")
        self.answers[role.name] = exchange(role.address, head + body, seconds=LATE_BODY + 10)
        self.took[role.name] = time.monotonic() - begun


def late_bodies():
    for one in late.threads:
        one.join()
    assert len(late.took) == 4 and all(LATE_BODY - 1 < seconds < LATE_BODY + 5 for seconds in late.took.values()), late.took
    answers = {name: answer.status for name, answer in late.answers.items()}
    assert all(status in (400, 504, 0) for status in answers.values()), answers
    say(f"   answered or closed after {', '.join(f'{name} {seconds:.1f} s' for name, seconds in late.took.items())}: {answers}")


def slow_heads():
    """Who sends a head byte by byte is closed after ten seconds, at every hop at once; others are served meanwhile."""
    took = {}

    def drip(role):
        begun = time.monotonic()
        with connect(role.address, LATE + 5) as stream:
            stream.settimeout(0.2)
            for byte in b"GET /health HTTP/1.1\r\nhost: " + b"a" * 1000:
                try:
                    stream.sendall(bytes([byte]))
                    if not stream.recv(1000):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
        took[role.name] = time.monotonic() - begun

    drippers = [threading.Thread(target=drip, args=(role,)) for role in (system.relay, system.gateway, *system.nodes)]
    for one in drippers:
        one.start()
    time.sleep(1)
    assert system.chat("Thank you!").returncode == 0
    too_many_connections()
    for one in drippers:
        one.join()
    assert all(LATE - 1 < seconds < LATE + 4 for seconds in took.values()), took
    say(f"   closed after {', '.join(f'{name} {seconds:.1f} s' for name, seconds in took.items())}")


def too_many_connections():
    held = [connect(system.relay.address) for _ in range(40)]
    try:
        answer = http(system.relay.address, "GET", "/health")
        assert answer.status in (503, 0), answer.raw
    finally:
        for one in held:
            one.close()
    until(lambda: http(system.relay.address, "GET", "/health").status == 200, 3, "there is room again")


def scenario():
    global system, taps, late
    with Stage(start=False, relay_options="[limits]\nconnections = 32\n", 
               node_limits=f"request_bytes = {NODE_BYTES}\nanswer_seconds = {ANSWER_SECONDS}",
               gateway_options=f"[limits]\nrequest_bytes = {GATEWAY_BYTES}") as system:
        system.start_nodes(2)
        taps = [Tap(node.address) for node in system.nodes]
        system.start_gateway(nodes=[tap.url for tap in taps])
        system.start_relay()
        system.write_client_config()
        system.wait_ready()
        late = LateBodies()
        run(garbage_at_the_gateway, garbage_at_the_node, malformed_http, too_large, held_back_by_the_client, cut_answers,
            cut_between_gateway_and_node, an_answer_that_takes_too_long, slow_heads, late_bodies, cut_uploads)
        for role in (system.relay, system.gateway, *system.nodes):
            assert role.runs(), role.name


main(scenario)
