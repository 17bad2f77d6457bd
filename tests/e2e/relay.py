# SPDX-License-Identifier: Apache-2.0
"""What a relay must do and must not, the same for relayd and for nginx: relay.py relayd|nginx. Over TLS."""

import contextlib
import os
import ssl
import sys
import threading
import time

import relays
from processes import Slow
from scenario import main, run, say, until
from stage import SOURCE, Stage
from tap import Recorder
from wire import connect, exchange, free_port, http, read_to_end, request, unchunk

KIND = sys.argv[1]
REQUEST, RESPONSE = "message/ohttp-chunked-req", "message/ohttp-chunked-res"
KEYS = "application/openpcc-gateway-keys"
CLIENT = "127.0.0.2"  # the address that must appear nowhere
MEGABYTE = 1 << 20
# What would say who asks.
MARKS = [("cookie", "session=mark-1"), ("authorization", "Bearer mark-2"), ("user-agent", "mark-3"),
         ("x-forwarded-for", "203.0.113.4"), ("forwarded", "for=203.0.113.4;by=mark-4"), ("via", "1.1 mark-5"),
         ("x-real-ip", "203.0.113.4"), ("referer", "https://mark-6.example/"), ("accept-language", "tlh"),
         ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("x-request-id", "mark-7"),
         ("from", "mark-8@example.org"), ("origin", "https://mark-9.example"), ("priority", "u=1"), ("x-unknown", "mark-10"),
         ("accept", "text/mark-11"), ("proxy-authorization", "Basic mark-12"), ("content-encoding", "identity"),
         ("if-none-match", '"mark-13"'), ("range", "bytes=0-1")]
# What would mark who asked, or send a browser elsewhere.
ANSWER_MARKS = ["set-cookie: a=mark", "etag: \"mark\"", "location: https://mark.example/", "link: <https://mark.example/>",
                "alt-svc: h2=\"mark.example:443\"", "via: 1.1 mark", "server: mark", "x-powered-by: mark", "nel: {\"a\":\"mark\"}",
                "report-to: {\"a\":\"mark\"}", "strict-transport-security: max-age=31536000", "age: 17", "x-request-id: mark",
                "x-accel-redirect: /health", "x-accel-limit-rate: 1", "refresh: 0; url=https://mark.example/",
                "last-modified: Wed, 25 Nov 2026 07:00:00 GMT", "expires: Thu, 26 Nov 2026 07:00:00 GMT"]


def start_relay(port):
    """A relay of the kind, before a gateway at that port."""
    name = f"relay-{len(logs) + 1}"
    if KIND == "nginx":
        return relays.start_nginx(system, port, SOURCE, name)
    return relays.start_relayd(system, port, tls=True, name=name)


@contextlib.contextmanager
def relay_before(answer):
    """A relay before a far end of ours: (address of the relay, the far end)."""
    with Recorder(answer) as far:
        role = start_relay(far.port)
        try:
            yield role.address, far
        finally:
            role.end()
            logs.append(role.log_text())


def send(address, method, path, fields=(), body=b"", **how):
    return http(address, method, path, fields, body, tls=True, source=CLIENT, **how)


def good(found, stream):
    content = b"answer to " + found.path.encode()
    kind = KEYS if found.path == "/gateway-keys" else RESPONSE
    lines = ["HTTP/1.1 200 OK", f"content-type: {kind}", f"content-length: {len(content)}", *ANSWER_MARKS]
    stream.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def nothing_identifies_who_asks():
    with relay_before(good) as (address, far):
        fields = [("content-type", REQUEST), *MARKS]
        body = os.urandom(20000)
        for chunked in (False, True):
            answer = send(address, "POST", "/ohttp", fields, body, chunked=chunked)
            assert (answer.status, answer.body) == (200, b"answer to /ohttp"), answer.raw
        answer = send(address, "GET", "/gateway-keys", MARKS)
        assert (answer.status, answer.body) == (200, b"answer to /gateway-keys"), answer.raw
        assert len(far.requests) == 3
        for found in far.requests:
            allowed = {"host", "connection", "content-length", "transfer-encoding"}
            if found.method == "POST":
                allowed |= {"content-type", "incremental"}
                assert found.content == body and found.field("content-type") == REQUEST and found.field("incremental") == "?1"
            assert {name for name, _ in found.fields} <= allowed, found.head
            assert b"mark" not in found.head and b"203.0.113" not in found.head and CLIENT.encode() not in found.head
            assert b"relay.example" not in found.head, "the client's Host went on"
    names = sorted({name for found in far.requests for name, _ in found.fields})
    say(f"   reached the gateway: {', '.join(names)}; of {len(MARKS)} marks: none")


def nothing_marks_who_asked():
    with relay_before(good) as (address, _):
        for method, path in (("POST", "/ohttp"), ("GET", "/gateway-keys")):
            answer = send(address, method, path, [("content-type", REQUEST)] if method == "POST" else ())
            assert answer.status == 200 and b"mark" not in answer.raw, answer.raw
            names = {name for name, _ in answer.fields}
            allowed = {"content-type", "content-length", "transfer-encoding", "incremental", "cache-control", "connection"}
            # nginx gives its own name and the time.
            assert names <= allowed | ({"server", "date"} if KIND == "nginx" else set()), answer.fields
            assert answer.field("cache-control") == "no-store"


def only_what_a_relay_serves():
    with relay_before(good) as (address, far):
        message = [("content-type", REQUEST)]
        table = [
            ("GET", "/health", (), 200), ("GET", "/", (), 404), ("GET", "/ohttp", (), 404), ("PUT", "/ohttp", message, 404),
            ("DELETE", "/ohttp", (), 404), ("POST", "/gateway-keys", (), 404), ("POST", "/health", (), 404),
            ("POST", "/ohttp/", message, 404), ("POST", "/ohttp?who=mark", message, 404), ("GET", "/gateway-keys?mark", (), 404),
            ("GET", "/status", (), 404), ("GET", "/metrics", (), 404), ("POST", "/sealed", message, 404),
            ("POST", "/ohttp", (), 415), ("POST", "/ohttp", [("content-type", "message/ohttp-req")], 415),
            ("POST", "/ohttp", [("content-type", REQUEST + "-x")], 415),
            ("POST", "/ohttp", [("content-type", "application/json")], 415),
            ("GET", "/../status", (), (400, 404)), ("GET", "/gateway-keys/../status", (), 404),
            ("CONNECT", "example.org:443", (), (400, 404)), ("GET", "http://example.org/", (), (400, 404)), ("TRACE", "/", (), 404),
        ]
        for method, path, fields, status in table:
            answer = send(address, method, path, fields)
            wanted = status if isinstance(status, tuple) else (status,)
            assert answer.status in wanted, (method, path, answer.status, status)
            if answer.status != 200:
                assert answer.field("content-type") == "application/problem+json" and b'"type":"about:blank"' in answer.body, answer.raw
        assert not far.requests, [found.head for found in far.requests]
    say(f"   {len(table)} requests, none of which reached the gateway")


def malformed_heads():
    with relay_before(good) as (address, far):
        head = f"POST /ohttp HTTP/1.1\r\nhost: a\r\ncontent-type: {REQUEST}\r\n".encode()
        table = {
            "garbage": (os.urandom(64).replace(b"\n", b"x") + b"\r\n\r\n", 400),
            "HTTP/9": (b"GET / HTTP/9.9\r\nhost: a\r\n\r\n", (400, 505)),
            "no host": (b"GET /health HTTP/1.1\r\n\r\n", 400),
            "two lengths": (head + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab", 400),
            "length and chunks": (head + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            "unknown coding": (head + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400, 404)),
            "negative length": (head + b"content-length: -1\r\n\r\n", 400),
            "long head": (b"GET /health HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 40000 + b"\r\n\r\n", 431),
        }
        for name, (raw, status) in table.items():
            answer = exchange(address, raw, tls=True, source=CLIENT)
            wanted = status if isinstance(status, tuple) else (status,)
            assert answer.status in wanted, (name, answer.status, answer.raw[:200])
            if answer.status != 505:  # nginx's own page
                assert answer.field("content-type") == "application/problem+json", (name, answer.raw)
        # A bad chunk size comes after the head: whatever the gateway has seen of it, it has not seen an end.
        exchange(address, head + b"transfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n", tls=True, source=CLIENT)
        assert not far.requests, [found.head for found in far.requests]


def too_large():
    with relay_before(good) as (address, far):
        message = [("content-type", REQUEST)]
        begun = time.monotonic()
        head = request("POST", "/ohttp", message).replace(b"content-length: 0", b"content-length: %d" % (5 * MEGABYTE))
        announced = exchange(address, head, tls=True, source=CLIENT)
        assert announced.status == 413 and b"about:blank" in announced.body, announced.raw
        assert time.monotonic() - begun < 5
        # Without an announcement it is found out on the way: no end reaches the gateway.
        streamed = send(address, "POST", "/ohttp", message, b"x" * (5 * MEGABYTE), chunked=True)
        assert streamed.status in (413, 400, 0), streamed.raw[:300]
        assert not far.requests
        say(f"   announced: 413; streamed: {streamed.status or 'closed'}")
        assert send(address, "POST", "/ohttp", message, b"x" * (3 * MEGABYTE)).status == 200


def uploads_stream_and_may_break():
    seen = []

    class Far(Recorder):
        def serve(self, stream):
            seen.append(b"")
            while piece := stream.recv(65536):
                seen[-1] += piece

    far = Far(None)
    role = start_relay(far.port)
    with far, connect(role.address, tls=True, source=CLIENT) as stream:
        stream.sendall(f"POST /ohttp HTTP/1.1\r\nhost: a\r\ncontent-type: {REQUEST}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        stream.sendall(b"6\r\nfirst!\r\n")
        until(lambda: seen and b"first!" in seen[0], 5, "the first piece is at the gateway before the second is sent")
        stream.sendall(b"7\r\nsecond!\r\n")
        until(lambda: b"second!" in seen[0], 5, "so is the second")
        stream.close()
        time.sleep(0.3)
        content, ended, _ = unchunk(seen[0].partition(b"\r\n\r\n")[2])
        assert content == b"first!second!" and not ended, "the gateway was told that a request is whole that is not"
    role.end()
    logs.append(role.log_text())


def answers_stream_and_may_break():
    go_on, mode, gone = threading.Event(), [""], threading.Event()

    def far_end(_, stream):
        stream.sendall(f"HTTP/1.1 200 OK\r\ncontent-type: {RESPONSE}\r\ntransfer-encoding: chunked\r\n\r\n6\r\nfirst!\r\n".encode())
        if mode[0] == "client gone":
            stream.settimeout(5)
            if stream.recv(1) == b"":
                gone.set()
            return False
        go_on.wait(10)
        if mode[0] == "cut":
            return False
        stream.sendall(b"7\r\nsecond!\r\n0\r\n\r\n")
        return None

    with relay_before(far_end) as (address, _):
        raw = request("POST", "/ohttp", [("content-type", REQUEST)], b"x")
        for mode[0] in ("whole", "cut"):
            go_on.clear()
            with connect(address, tls=True, source=CLIENT) as stream:
                stream.sendall(raw)
                begun = b""
                while b"first!" not in begun:
                    piece = stream.recv(65536)
                    assert piece, begun
                    begun += piece
                go_on.set()
                content, ended, _ = unchunk((begun + read_to_end(stream)).partition(b"\r\n\r\n")[2])
            assert ended == (mode[0] == "whole"), (mode, content, ended)
            assert content == (b"first!second!" if ended else b"first!")
        mode[0] = "client gone"
        with connect(address, tls=True, source=CLIENT) as stream:
            stream.sendall(raw)
            while b"first!" not in (piece := stream.recv(65536)):
                assert piece
        begun = time.monotonic()
        assert gone.wait(5), "the gateway did not learn that the client is gone"
        say(f"   the gateway learns after {1000 * (time.monotonic() - begun):.0f} ms that the client is gone")


def refusals_of_the_gateway():
    key_problem = b'{"type":"https://iana.org/assignments/http-problem-types#ohttp-key","title":"x","status":400}'

    def far_end(found, stream):
        kind, content, status = {b"key": ("application/problem+json", key_problem, 400), b"html": ("text/html", b"<p>mark</p>", 200),
                                 b"busy": ("application/problem+json", b"{}", 503)}[found.content]
        stream.sendall(f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)

    with relay_before(far_end) as (address, _):
        message = [("content-type", REQUEST)]
        answer = send(address, "POST", "/ohttp", message, b"key")
        assert (answer.status, answer.field("content-type"), answer.body) == (400, "application/problem+json", key_problem), answer.raw
        assert send(address, "POST", "/ohttp", message, b"busy").status == 503
        answer = send(address, "POST", "/ohttp", message, b"html")
        if KIND == "relayd":  # nginx passes the type on; clients take nothing but RESPONSE
            assert answer.field("content-type") is None, answer.raw


def gateway_unreachable():
    role = start_relay(free_port())
    try:
        begun = time.monotonic()
        for method, path in (("POST", "/ohttp"), ("GET", "/gateway-keys")):
            answer = send(role.address, method, path, [("content-type", REQUEST)], b"x" if method == "POST" else b"")
            assert answer.status == 503 and answer.field("content-type") == "application/problem+json", answer.raw
        assert time.monotonic() - begun < 5
        config = system.write_client_config("lost", relay=role.url, extra=f'relay_roots = "{system.folder}/relay.pem"')
        said = system.chat("Hello", config=config.stem)
        assert said.returncode == 4 and "503" in said.stderr, (said.returncode, said.stderr)
    finally:
        role.end()
        logs.append(role.log_text())


def tls_is_1_3_only():
    with relay_before(good) as (address, _):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            with connect(address) as plain:
                context.wrap_socket(plain).close()
        except OSError:  # SSLError is one
            return
        raise AssertionError("TLS 1.2 was spoken")


def the_whole_path():
    said = system.chat("Count to ten.")
    assert said.returncode == 0 and "one, two, three" in said.stdout, (said.returncode, said.stderr)
    said = system.chat("Tell me a story.", "--json")
    assert said.returncode == 0 and "nobody in the city knew what it had said." in said.stdout, (said.returncode, said.stderr)
    with Slow(system.engine(1)) as slow:
        client = system.start_chat("Tell me a story.")
        seen = b""
        while b"A letter" not in seen:  # the answer streams through
            seen += client.stdout.read(64)
        assert system.status(1)["in_flight"] == 1
        system.nodes[0].kill()
        slow.end()
    _, errors = client.communicate(timeout=10)
    assert client.returncode == 4 and b"truncated" in errors, (client.returncode, errors)


def no_address_was_written():
    every = "\n".join([*logs, system.relay.log_text()])
    assert CLIENT not in every and "mark" not in every and "203.0.113" not in every, every[-2000:]
    files = [path for path in system.folder.rglob("*") if path.is_file()]
    for path in files:
        assert CLIENT.encode() not in path.read_bytes(), path
    say(f"   {len(logs) + 1} logs ({len(every)} bytes) and {len(files)} files without {CLIENT}")


def scenario():
    global system
    with Stage(nodes=1, relay=KIND, tls=True) as system:
        run(the_whole_path, nothing_identifies_who_asks, nothing_marks_who_asked, only_what_a_relay_serves, malformed_heads,
            too_large, uploads_stream_and_may_break, answers_stream_and_may_break, refusals_of_the_gateway, gateway_unreachable,
            tls_is_1_3_only, no_address_was_written)


logs = []
main(scenario)
