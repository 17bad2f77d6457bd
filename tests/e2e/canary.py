# SPDX-License-Identifier: Apache-2.0
"""A prompt that occurs nowhere else is asked, and looked for while the answer streams and after it: in a capture of
every hop, in files and logs, in the memory of every process. It is in the client, the node and the engine (the control
that the search finds what is there), and nowhere else. canary.py relayd|nginx."""

import os
import re
import secrets
import signal
import subprocess
import sys
import time

import hunt
from processes import Slow, children, program_of
from scenario import Skip, main, need, run, say, until
from stage import Stage
from tap import Recorder
from wire import http

KIND = sys.argv[1]
STORY = "Tell me a story."  # 570 tokens: time to look
ANSWER = "A letter wished to cross the city unread."
# A quote and a letter outside ASCII, so that it is written in several ways.
CANARY, CONTROL = (f'{secrets.token_urlsafe(15)} "é" {secrets.token_urlsafe(15)}' for _ in range(2))
ANSWER_RUN = 16  # of words that may stand elsewhere too


class Capture:
    """tcpdump on loopback, everything on some ports."""

    def __init__(self, path, ports):
        self.path = path
        self.argv = [need("tcpdump"), "-i", "lo", "-s", "66000", "-U", "-B", "65536", "-w", str(path), "-Z", "root",
                     " or ".join(f"tcp port {port}" for port in ports)]
        self.process = subprocess.Popen(self.argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        said = ""
        while "listening on" not in said:
            line = self.process.stderr.readline().decode()
            if not line:
                raise Skip(f"tcpdump may not capture here: {said.strip()}")
            said += line

    def end(self):
        """Its own account of what it saw."""
        time.sleep(1.2)  # it looks once a second
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=10)[1].decode()
        numbers = {name: int(count) for count, name in re.findall(r"(\d+) packets? (captured|dropped by kernel)", said)}
        assert numbers["captured"] > 0 and numbers["dropped by kernel"] == 0, said
        return numbers["captured"]


def in_memory(looking, pid, first=False):
    """(the longest find, or the first; bytes searched)"""
    best, size = None, 0
    for region in hunt.memory(pid):
        size += len(region)
        found = looking.search(region)
        if found and (best is None or found > best):
            best = found
            if first:
                break
    return best, size


def row(name, what, found, size):
    text = f"FOUND, {found[0]} bytes, {found[1]}" if found else "not found"
    say(f"   {name:<34} {what:<12} {size / 1e6:7.1f} MB  {text}")


def look_into(role, pid, expected, texts):
    for what, looking in texts:
        found, size = in_memory(looking, pid, first=expected)
        row(f"memory of {role} (pid {pid})", what, found, size)
        assert bool(found) == expected, f"{role}: {what}: {found}"


def while_it_streams():
    texts = [("prompt", hunt.Hunt(CANARY)), ("answer", hunt.Hunt(ANSWER, ANSWER_RUN))]
    engines = [system.engine(1), system.engine(2)]
    slow = [Slow(pid) for pid in engines]
    client = system.start_chat(STORY, "--system", CANARY)
    seen = b""
    while ANSWER.encode() not in seen:
        piece = client.stdout.read(64)
        assert piece, (seen, client.stderr.read())
        seen += piece
    for one in slow:
        one.freeze()
    node = until(lambda: next((n for n in (1, 2) if system.status(n)["in_flight"]), None), 5, "a node answers")
    os.kill(client.pid, signal.SIGSTOP)
    say(f"   held in the middle of the answer; tool: /proc/PID/mem by /proc/PID/smaps, all but unaltered pages of files and zeros;")
    say(f"   {len(texts[0][1].forms)} ways of writing it ({'; '.join(texts[0][1].forms)}), and runs of {hunt.RUN} bytes of each")
    try:
        say("   control: it is where it must be")
        look_into("client", client.pid, True, texts)
        look_into("node", system.nodes[node - 1].pid, True, texts[:1])
        look_into("engine", engines[node - 1], True, texts[:1])
        say("   claim: and nowhere else")
        for name, role in (("relay", system.relay), ("gateway", system.gateway)):
            for pid in children(role.pid):
                # That memory is read at all: what must be in it is found.
                known = hunt.Hunt(f"127.0.0.1:{system.nodes[0].port if name == 'gateway' else system.gateway.port}", 14)
                assert in_memory(known, pid, first=True)[0], f"the search does not see into {name}"
                look_into(f"{name}, {program_of(pid)}", pid, False, texts)
        look_into("the node that was not asked", system.nodes[2 - node].pid, False, texts)
        for role in (system.relay, system.gateway, *system.nodes):
            for pid in children(role.pid):
                files = {str(path) for path in hunt.written_by(pid)}
                assert files <= {str(role.log), str(system.path("nginx/nginx.pid"))} | system_files(pid), (role.name, files)
    finally:
        for pid in (*engines, client.pid):
            os.kill(pid, signal.SIGCONT)
    rest, errors = client.communicate(timeout=20)
    assert client.returncode == 0 and not errors and ANSWER.encode() in seen + rest, (client.returncode, errors)


def system_files(pid):
    """What an engine reads: its weights and libraries."""
    return {str(path) for path in hunt.written_by(pid) if path.suffix in (".gguf", ".so") or str(path).startswith("/usr/")}


def after_it():
    texts = [("prompt", hunt.Hunt(CANARY)), ("answer", hunt.Hunt(ANSWER, ANSWER_RUN))]
    for name, role in (("relay", system.relay), ("gateway", system.gateway)):
        for pid in children(role.pid):
            look_into(f"{name}, {program_of(pid)}", pid, False, texts)
    say("   no claim yet: what is left in the nodes after the answer (an engine keeps its slot's text until the next)")
    for number in (1, 2):
        found, size = in_memory(texts[0][1], system.nodes[number - 1].pid)
        row(f"memory of node {number}", "prompt", found, size)


def in_the_capture():
    # Control: what goes over loopback in clear, at the same time and through the same capture, is found in it.
    http(("127.0.0.1", plain.port), "POST", "/", body=CONTROL.encode())
    packets = capture.end()
    raw = capture.path.read_bytes()
    say(f"   tool: {' '.join(capture.argv[:8])} ...; {packets} packets, none dropped")
    found = hunt.Hunt(CONTROL).search(raw)
    row("control: another canary, in clear", "prompt", found, len(raw))
    assert found and found[0] >= len(CONTROL), found
    assert raw.count(b"message/ohttp-chunked-req") >= (4 if KIND == "relayd" else 2), "the hops are not in the capture"
    assert b"POST /sealed" in raw, "the hop to the node is not in the capture"
    for what, looking in (("prompt", hunt.Hunt(CANARY)), ("answer", hunt.Hunt(ANSWER, ANSWER_RUN))):
        found = looking.search(raw)
        row("capture: client-relay-gateway-node", what, found, len(raw))
        assert not found, found


def in_files():
    looking, total, count = hunt.Hunt(CANARY), 0, 0
    folder = system.folder
    paths = [path for path in folder.rglob("*") if path.is_file() and path != capture.path]
    assert any(path.name == "gateway.log" for path in paths)
    for path in paths:
        content = path.read_bytes()
        total, count = total + len(content), count + 1
        assert not looking.search(content), path
    row(f"{count} files and logs of all roles", "prompt", None, total)
    (folder / "control").write_text(f"x{CANARY}y")
    found = looking.search((folder / "control").read_bytes())
    row("control: a file with it", "prompt", found, 0)
    assert found


def scenario():
    global system, capture, plain
    if os.geteuid() != 0:
        raise Skip("only root may capture and read other processes' memory")
    with Stage(relay=KIND) as system, Recorder(lambda _, stream: stream.sendall(b"HTTP/1.1 204 No Content\r\n\r\n") or False) as plain:
        roles = [system.relay, system.gateway, *system.nodes]
        capture = Capture(system.path("all.pcap"), [*(role.port for role in roles), plain.port])
        try:
            run(while_it_streams, after_it, in_the_capture, in_files)
        finally:
            if capture.process.poll() is None:
                capture.process.kill()


main(scenario)
