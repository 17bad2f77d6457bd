# SPDX-License-Identifier: Apache-2.0
"""Every role is restarted while programs ask through the proxy: in order, and killed."""

import http.client
import json
import threading
import time

from processes import Role
from scenario import main, run, say, until
from stage import PROGRAMS, Stage

ASKERS = 4
PROMPT, ANSWER = "Capital of Japan?", "The capital of Japan is Tokyo."


class Load:
    """Programs that ask without a pause and never try again themselves: what failed is what a user would see."""

    def __enter__(self):
        self.good, self.bad, self.ended = 0, [], False
        self.threads = [threading.Thread(target=self.ask) for _ in range(ASKERS)]
        for one in self.threads:
            one.start()
        until(lambda: self.good >= ASKERS, 30, "the first answers")
        return self

    def __exit__(self, *_):
        self.ended = True
        for one in self.threads:
            one.join()

    def ask(self):
        body = json.dumps({"model": "demo", "stream": True, "messages": [{"role": "user", "content": PROMPT}]})
        while not self.ended:
            connection, content = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=60), ""
            try:
                connection.request("POST", "/v1/chat/completions", body,
                                   {"content-type": "application/json", "authorization": f"Bearer {key}"})
                answer = connection.getresponse()
                while piece := answer.read1(65536):
                    content += piece.decode()
                words = "".join(json.loads(line[6:])["choices"][0]["delta"].get("content") or "" for line in content.split("\n\n")
                                if line.startswith('data: {"') and '"choices":[{' in line)
                if answer.status == 200 and words == ANSWER and content.endswith("data: [DONE]\n\n"):
                    self.good += 1
                else:
                    self.bad.append((answer.status, content[-300:]))
            except (OSError, http.client.HTTPException) as error:
                self.bad.append((repr(error), content[-300:]))
            finally:
                connection.close()

    def goes_on(self):
        """All askers have been answered again."""
        wanted = self.good + 2 * ASKERS
        until(lambda: self.good >= wanted, 30, "answers again")


def restart_relay(end):
    port = system.relay.port
    end(system.relay)
    text = system.path("relay.toml").read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}", 1)
    system.relay = system.start_role("relay", "relayd", text)


def restart_gateway(end):
    port = system.gateway.port
    end(system.gateway)
    system.start_gateway(port)


def restart_node(end, number=1):
    port = system.nodes[number - 1].port
    end(system.nodes[number - 1])
    system.nodes[number - 1] = system.start_node(number, port)
    until(lambda: system.status(number)["ready"], 30, "the node is ready again")


def in_order():
    """SIGTERM: what runs is finished, and what comes meanwhile finds its way. Nobody sees anything."""
    for restart in (restart_relay, restart_gateway, restart_node):
        with Load() as load:
            restart(Role.stop)
            load.goes_on()
        say(f"   {restart.__name__}: {load.good} answers, {len(load.bad)} failed")
        assert not load.bad, (restart.__name__, load.bad[:3])
        time.sleep(1)  # the directory has the node again


def killed():
    """SIGKILL: what was in flight there may be lost, each with a clear error, and nothing else."""
    for restart in (restart_relay, restart_gateway, restart_node):
        with Load() as load:
            restart(Role.end)
            load.goes_on()
        say(f"   {restart.__name__}: {load.good} answers, {len(load.bad)} failed")
        assert len(load.bad) <= ASKERS, (restart.__name__, load.bad[:5])
        assert all('"error"' in one[1] for one in load.bad), load.bad
        time.sleep(1)


def scenario():
    global system, proxy, key
    with Stage(parallel=ASKERS) as system:
        proxy = Role("proxy", [PROGRAMS / "openpcc", "proxy", "--config", system.path("client.toml"), "--listen",
                               "http://127.0.0.1:0", "--key-file", system.path("proxy.key")], system.path("proxy.log"))
        system.clients.append(proxy.process)
        key = system.path("proxy.key").read_text().strip()
        run(in_order, killed)


main(scenario)
