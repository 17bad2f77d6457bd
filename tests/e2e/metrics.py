# SPDX-License-Identifier: Apache-2.0
"""What each role counts, as Prometheus reads it, and the dashboard that shows it."""

import json
import re
import subprocess

from scenario import main, need, run
from stage import SOURCE, Stage
from wire import http

ROLES = ("relay", "gateway", "node-1")


def text(role):
    return http(str(stage.path(role + ".metrics")), "GET", "/metrics").body


def names():
    return {name for role in ROLES for name in re.findall(r"^# TYPE (\S+) ", text(role).decode(), re.M)}


def prometheus_reads_it():
    promtool = need("promtool")
    for role in ROLES:
        said = subprocess.run([promtool, "check", "metrics"], input=text(role), capture_output=True, check=False)
        assert said.returncode == 0 and not said.stderr, (role, said.stderr)
    bad = subprocess.run([promtool, "check", "metrics"], input=b"# TYPE x_total counter\nx_total one\n", capture_output=True,
                         check=False)
    assert bad.returncode != 0, "promtool takes anything"


def dashboard_shows_what_exists():
    dashboard = json.loads((SOURCE / "deploy/grafana/openpcc.json").read_text())
    shown = {name for panel in dashboard["panels"] for target in panel["targets"]
             for name in re.findall(r"openpcc_\w+", target["expr"])}
    assert shown == names(), shown ^ names()


def scenario():
    global stage
    need("promtool")
    with Stage(nodes=1, tls=True) as stage:
        stage.openpcc("chat", "--config", stage.path("client.toml"), "Hello")
        run(prometheus_reads_it, dashboard_shows_what_exists)


main(scenario)
