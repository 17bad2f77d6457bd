# SPDX-License-Identifier: Apache-2.0
"""`openpcc watch`: cards on a terminal, lines and JSON elsewhere; what ends, changes or cannot be checked is said."""

import json
import os
import pty
import re
import select
import signal

from scenario import main, run, until
from stage import PROGRAMS, Stage

TITLES = ["1  Who can read this?", "2  Which machine?", "3  Which code and model?", "4  Log and witnesses", "5  What changed"]


class Terminal:
    """A command on a terminal of its own; `screen` is what it shows now, without colours."""

    def __init__(self, *arguments, colours=True):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if not colours:
                os.environ["NO_COLOR"] = "1"
            os.execv(PROGRAMS / "openpcc", ["openpcc", *map(str, arguments)])
        self.raw = ""

    def read(self, seconds=0.2):
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                self.raw += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                break
            seconds = 0.05
        return self.raw

    def screen(self):
        last = self.read().split("\x1b[H\x1b[2J")[-1]
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", last).replace("\r\n", "\n")

    def end(self):
        os.kill(self.pid, signal.SIGINT)
        self.read(1)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return code


def config():
    return "--config", system.path("client.toml")


def lines_where_no_terminal_is():
    said = system.openpcc("watch", *config(), "--times", "2", "--every", "1")
    assert said.returncode == 7 and not said.stderr, said
    lines = said.stdout.splitlines()
    assert len(lines) == 2 and all("SIMULATED: 2 of 2 nodes may get prompts, judged 0 s ago" in line for line in lines), lines
    assert "\x1b" not in said.stdout


def the_same_verdicts_as_verify():
    said = system.openpcc("watch", *config(), "--times", "1", "--json")
    watched = json.loads(said.stdout)
    assert said.returncode == 7 and watched["exit_code"] == 7 and len(watched["nodes"]) == 2, watched
    verified = [json.loads(line) for line in system.openpcc("verify", *config(), "--json").stdout.splitlines()]
    ids = [[check["id"] for check in node["checks"]] for node in watched["nodes"]]
    assert ids == [[check["id"] for check in node["checks"]] for node in verified]
    assert {node["state"] for node in watched["nodes"]} == {"simulated"}


def cards_on_a_terminal():
    terminal = Terminal("watch", *config(), "--every", "1")
    screen = until(lambda: "Ctrl-C" in terminal.screen() and terminal.screen(), 10, "the cards")
    assert all(title in screen for title in TITLES) and "SIMULATED: 2 of 2" in screen, screen
    assert "not checked there is no log yet" in screen and "the statement claims no device" in screen, screen
    assert "\x1b[7;35m" in terminal.raw  # simulated stands out
    assert terminal.end() == 7 and terminal.raw.endswith("\x1b[?25h\x1b[?1049l"), terminal.raw[-100:]
    plain = Terminal("watch", *config(), "--every", "1", colours=False)
    until(lambda: "Ctrl-C" in plain.screen(), 10, "the cards without colours")
    assert "\x1b[7;35m" not in plain.raw and plain.end() == 7


def a_verdict_ages_and_ends_by_itself():
    system.path("short.json").write_text(json.dumps(dict(system.policy, max_evidence_age=4)))
    system.write_client_config("short", policy="short.json")
    terminal = Terminal("watch", "--config", system.path("short.toml"), "--every", "60")
    until(lambda: re.search(r"judged [12] s ago, holds [0-9] s more", terminal.screen()), 10, "it grows old")
    until(lambda: "NOT CHECKED ANY MORE" in terminal.screen(), 10, "it has ended")
    assert "SIMULATED:" not in terminal.screen(), terminal.screen()
    terminal.end()


def changes_are_kept_and_errors_are_above_what_was_known():
    terminal = Terminal("watch", *config(), "--every", "1")
    until(lambda: "Ctrl-C" in terminal.screen(), 10, "the cards")
    system.nodes[0].stop()
    until(lambda: "1 of 1 nodes may get prompts" in terminal.screen(), 20, "one node is gone")
    changed = terminal.screen().split(TITLES[4])[1]
    assert changed.count("simulated") == 3, changed  # two nodes, then one
    system.gateway.end()
    screen = until(lambda: "CANNOT BE CHECKED NOW" in terminal.screen() and terminal.screen(), 10, "it says so")
    assert "client.relay_refused" in screen and "->" in screen and TITLES[1] in screen, screen
    assert terminal.end() == 4


def what_cannot_be_asked():
    said = system.openpcc("watch", *config(), "--times", "1", "--json")
    assert said.returncode == 4 and json.loads(said.stdout)["error"] == "client.relay_refused", said
    assert system.openpcc("watch", "--every", "0").returncode == 1
    assert "profiles.unknown" in system.openpcc("watch").stderr


def scenario():
    global system
    with Stage() as system:
        run(lines_where_no_terminal_is, the_same_verdicts_as_verify, cards_on_a_terminal, a_verdict_ages_and_ends_by_itself,
            changes_are_kept_and_errors_are_above_what_was_known, what_cannot_be_asked)


main(scenario)
