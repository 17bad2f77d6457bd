# SPDX-License-Identifier: Apache-2.0
"""The local proxy as a program meets it: an unchanged API, a door, and nothing on the wire that tells who asks."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import socket
import stat
import subprocess
import sys
import time

from processes import Role, Slow
from scenario import main, run, say, until
from stage import PROGRAMS, Stage
from tap import Tap

PROMPT = "Capital of Japan?"
ANSWER = "The capital of Japan is Tokyo."
STORY = "Tell me a story."  # 570 tokens
# What SDKs send besides, with what tells one user from another.
PYTHON = {"user-agent": "OpenAI/Python 3.57.0", "x-stainless-lang": "python", "x-stainless-os": "Linux", "x-stainless-arch": "x64",
          "x-stainless-runtime": "CPython", "x-stainless-runtime-version": "3.11.7", "x-stainless-retry-count": "0",
          "x-stainless-async": "false", "accept-encoding": "gzip, deflate", "openai-organization": "org-of-ann"}
NODE = {"user-agent": "OpenAI/JS 6.49.0", "x-stainless-lang": "js", "x-stainless-retry-count": "2", "accept-language": "*",
        "sec-fetch-mode": "cors", "x-stainless-runtime-version": "v20.20.2", "openai-project": "a-much-longer-name-of-a-project-of-bob"}


def start(name="proxy", config="client", listen="http://127.0.0.1:0", key_file="user/proxy.key"):
    """`openpcc proxy`; what it printed after its first line can be read from `process.stdout`."""
    return Role(name, [PROGRAMS / "openpcc", "proxy", "--config", system.path(config + ".toml"), "--listen", listen,
                       "--key-file", system.path(key_file)], system.path(name + ".log"))


def on_a_terminal(key_file):
    """What a start prints on a terminal."""
    ours, theirs = os.openpty()
    process = subprocess.Popen([PROGRAMS / "openpcc", "proxy", "--config", system.path("client.toml"), "--listen", "http://127.0.0.1:0",
                                "--key-file", key_file], stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    printed = b""
    with contextlib.suppress(OSError):  # the terminal's end
        while piece := os.read(ours, 4096):
            printed += piece
            if b"API key" in printed and process.poll() is None:
                time.sleep(0.2)
                process.terminate()
    process.wait(10)
    os.close(ours)
    return printed.decode()


def said(**options):
    return subprocess.run([PROGRAMS / "openpcc", "proxy", "--config", system.path("client.toml"),
                           *(part for name, value in options.items() for part in ("--" + name.replace("_", "-"), str(value)))],
                          capture_output=True, text=True, timeout=20, check=False)


def ask(prompt=PROMPT, port=None, fields=None, stream=False, **members):
    """(status, body) of one chat."""
    connection = http.client.HTTPConnection("127.0.0.1", port or proxy.port, timeout=60)
    body = {"model": "demo", "stream": stream, "messages": [{"role": "user", "content": prompt}], **members}
    connection.request("POST", "/v1/chat/completions", json.dumps(body),
                       {"content-type": "application/json", "authorization": f"Bearer {key}", **(fields or {})})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, content


def words(content):
    """The text of a streamed answer."""
    events = [line[6:] for line in content.splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]", events[-3:]
    return "".join(choice["delta"].get("content") or "" for event in events[:-1] for choice in json.loads(event)["choices"])


def the_api():
    status, content = ask()
    whole = json.loads(content)
    assert status == 200 and whole["choices"][0]["message"]["content"].startswith(ANSWER), content
    assert whole["object"] == "chat.completion" and whole["usage"]["total_tokens"] > 0, whole
    status, content = ask(stream=True)
    assert status == 200 and words(content).startswith(ANSWER), content
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port)
    connection.request("GET", "/v1/models", headers={"x-api-key": key})
    assert [model["id"] for model in json.loads(connection.getresponse().read())["data"]] == ["demo"]
    status, content = ask(logit_bias={})
    assert status == 400 and json.loads(content)["error"]["code"] == "openai.unsupported_field", content


def the_key():
    """Printed once, in a file of one's own, and nobody gets in without."""
    path = system.path("user/proxy.key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    line = proxy.process.stdout.readline().decode()
    assert str(path) in line and key not in line, line
    line = proxy.process.stdout.readline().decode()
    assert f"{proxy.url}/verify" in line and key not in line, line
    os.set_blocking(proxy.process.stdout.fileno(), False)
    time.sleep(0.2)
    assert not proxy.process.stdout.read(), "a key is no line of a journal"
    fresh = system.path("user/fresh.key")
    shown = [on_a_terminal(fresh) for _ in range(2)]
    assert shown[0].count(fresh.read_text().strip()) == 1 and "shown this once" in shown[0], shown
    assert fresh.read_text().strip() not in shown[1], "the key is shown once"
    for fields in ({"authorization": "Bearer sk-other"}, {"authorization": ""}, {"host": "evil.example"},
                   {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        status, content = ask(fields=fields)
        assert status in (401, 403) and "error" in json.loads(content), (fields, status, content)


def a_socket():
    """No key: the socket is its owner's."""
    path = system.path("proxy.sock")
    other = subprocess.Popen([PROGRAMS / "openpcc", "proxy", "--config", system.path("client.toml"), "--listen", f"unix:{path}"],
                             stdout=subprocess.PIPE, env={**os.environ, "XDG_CONFIG_HOME": str(system.path("xdg"))})
    try:
        assert b"listening on unix:" in other.stdout.readline()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and not system.path("xdg").exists()
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(path))
        body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": PROMPT}]})
        connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200 and ANSWER in answer.read().decode()
    finally:
        other.kill()
        other.wait()


def another_user_of_this_machine():
    """May not read the key, nor use the socket, and the port answers nobody without."""
    if os.geteuid() != 0:
        return say("   NOT TRIED: only root can be somebody else")
    # Whatever it needs is there before it is somebody else, who may not even read the interpreter's files.
    program = ("import os, sys, socket\n"
               "stream = socket.create_connection(('127.0.0.1', int(sys.argv[2])))\n"
               "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
               "try: key = open(sys.argv[1]).read().strip()\n"
               "except OSError: key = 'none'\n"
               "head = f'GET /v1/models HTTP/1.1\\r\\nhost: 127.0.0.1:{sys.argv[2]}\\r\\nauthorization: Bearer {key}\\r\\n\\r\\n'\n"
               "stream.sendall(head.encode())\n"
               "print(key, stream.recv(65536).split()[1].decode())")
    os.chmod(system.folder, 0o755)  # so that the key's own folder and mode decide
    found = subprocess.run([sys.executable, "-c", program, system.path("user/proxy.key"), str(proxy.port)], capture_output=True,
                           text=True, check=True).stdout
    os.chmod(system.folder, 0o700)
    assert found == "none 401\n", found


def begin_slow_body(token):
    """A body that is announced and never comes."""
    stream = socket.create_connection(("127.0.0.1", proxy.port))
    stream.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{proxy.port}\r\nauthorization: Bearer {token}\r\n"
                   "content-type: application/json\r\ncontent-length: 1000\r\n\r\n{".encode())
    return stream


def a_slow_body():
    """Without the key the answer does not wait for it; with the key it ends, and the connection with it."""
    with begin_slow_body("sk-other") as stranger:
        stranger.settimeout(2)
        assert stranger.recv(65536).startswith(b"HTTP/1.1 401"), "a stranger waits"
    slow.settimeout(40)
    got = slow.recv(65536)
    assert got.startswith(b"HTTP/1.1 408"), got
    assert 25 < time.monotonic() - slow_since < 40, time.monotonic() - slow_since


def the_wire_does_not_tell_who_asks():
    """Two SDKs, two users, one question: on the wire to the relay the requests differ in ciphertext only."""
    def shapes(fields, **members):
        with Tap(system.relay.address) as tap:
            system.write_client_config("tapped", relay=tap.url)
            role = start("tapped", "tapped")
            try:
                assert ask(port=role.port, fields=fields, **members)[0] == 200
            finally:
                role.end()
            for found in tap.requests:
                text = (found.head + found.content).lower()
                assert not any(word in text for word in (b"stainless", b"openai", b"of-ann", b"of-bob", b"python", b"ann@")), text[:300]
            return [(found.method, found.path, found.head.replace(str(tap.port).encode(), b"PORT"), len(found.content))
                    for found in tap.requests]

    ann = shapes(PYTHON, user="ann@example.org", metadata={"team": "one"})
    bob = shapes(NODE, user="bob@a-longer-example.org", safety_identifier="b" * 60, stream=False)
    assert ann == bob, (ann, bob)
    say(f"   {len(ann)} requests, {sum(size for *_, size in ann)} bytes of ciphertext, the same for both")


def a_program_that_leaves_stops_the_engine():
    with socket.create_connection(("127.0.0.1", proxy.port)) as stream:
        body = json.dumps({"model": "demo", "stream": True, "messages": [{"role": "user", "content": STORY}]})
        stream.sendall((f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{proxy.port}\r\nauthorization: Bearer {key}\r\n"
                        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}").encode())
        slow = [Slow(system.engine(number)) for number in (1, 2)]
        until(lambda: stream.recv(65536, socket.MSG_PEEK).count(b"data: ") > 3, 20, "the answer has begun")
        assert sum(system.status(number)["in_flight"] for number in (1, 2)) == 1
        for one in slow:
            one.end()
    until(lambda: not any(system.status(number)["in_flight"] for number in (1, 2)), 5, "no engine works")


def many_at_once():
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: ask(stream=number % 2 == 0), range(48)))
    assert [status for status, _ in answers] == [200] * 48, [status for status, _ in answers]
    texts = {words(content) if number % 2 == 0 else json.loads(content)["choices"][0]["message"]["content"]
             for number, (_, content) in enumerate(answers)}
    assert len(texts) == 1 and texts.pop().startswith(ANSWER), texts


def stopping_lets_answers_end():
    role = start("stopped")
    connection = http.client.HTTPConnection("127.0.0.1", role.port, timeout=60)
    body = {"model": "demo", "stream": True, "messages": [{"role": "user", "content": STORY}]}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json",
                                                                          "authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    role.kill(15)
    content = answer.read().decode()
    assert len(words(content)) > 500, len(content)
    assert role.process.wait(15) == 0


def what_is_wrong_is_said():
    def expect(found, code, text):
        assert found.returncode == code and text in found.stderr, (found.returncode, found.stdout, found.stderr)

    expect(said(listen="http://0.0.0.0:0"), 1, "others on the network are never served")
    expect(said(listen="https://127.0.0.1:1"), 1, "--listen")
    expect(said(listen=f"http://127.0.0.1:{proxy.port}", key_file=system.path("user/proxy.key")), 4, "in use")
    system.path("open.key").write_text("x")
    system.path("open.key").chmod(0o644)
    expect(said(key_file=system.path("open.key")), 1, "chmod 600")
    other = start("elsewhere", "elsewhere")
    try:
        status, content = ask(port=other.port)
        error = json.loads(content)["error"]
        assert status == 403 and error["type"] == "openpcc_verification_error" and "openpcc verify" in error["message"], content
    finally:
        other.end()
    system.relay.end()
    status, content = ask()
    assert status == 503 and json.loads(content)["error"]["code"] in ("net.unreachable", "client.relay_refused"), (status, content)


def scenario():
    global system, proxy, key, slow, slow_since
    with Stage() as system, contextlib.ExitStack() as stack:
        system.path("wrong.json").write_text(json.dumps({**system.policy, "models": ["00" * 32]}))
        system.write_client_config("elsewhere", policy="wrong.json")
        proxy = start()
        stack.callback(proxy.end)
        key = system.path("user/proxy.key").read_text().strip()
        slow, slow_since = begin_slow_body(key), time.monotonic()
        stack.callback(slow.close)
        run(the_api, the_key, a_socket, another_user_of_this_machine, the_wire_does_not_tell_who_asks, a_program_that_leaves_stops_the_engine, many_at_once, a_slow_body,
            stopping_lets_answers_end, what_is_wrong_is_said)


main(scenario)
