# SPDX-License-Identifier: Apache-2.0
"""Starts a service and its proxies for js/contract.mjs: node.py FOLDER, where the SDK for Node is installed."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from processes import Role  # noqa: E402
from projector import abilities  # noqa: E402
from scenario import main  # noqa: E402
from stage import PROGRAMS, Stage  # noqa: E402
from tap import Tap  # noqa: E402


def scenario():
    with abilities() as options, Stage(engine_options=options) as system, contextlib.ExitStack() as stack:
        system.path("wrong.json").write_text(json.dumps({**system.policy, "models": ["00" * 32]}))
        system.write_client_config("elsewhere", policy="wrong.json")
        system.write_client_config("away", relay="http://127.0.0.1:9")

        def proxy(config):
            one = Role(config, [PROGRAMS / "openpcc", "proxy", "--config", system.path(config + ".toml"), "--listen",
                                "http://127.0.0.1:0", "--key-file", system.path("proxy.key")], system.path(f"proxy-{config}.log"))
            stack.callback(one.end)
            return one.url

        # The engine is on a UNIX socket, which this SDK cannot name.
        engine = stack.enter_context(Tap(str(system.path("engine-1/e.sock"))))
        where = {"PROXY": proxy("client"), "ELSEWHERE": proxy("elsewhere"), "AWAY": proxy("away"), "ENGINE": engine.url,
                 "KEY": system.path("proxy.key").read_text().strip()}
        subprocess.run(["node", pathlib.Path(sys.argv[1]) / "contract.mjs"], env={**os.environ, **where}, check=True, timeout=240)


main(scenario)
