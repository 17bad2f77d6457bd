# SPDX-License-Identifier: Apache-2.0
"""The official SDKs for Python of OpenAI and Anthropic, as they are published, through the local proxy; each call is
compared with the same call at the engine itself. What may differ is in sdk.DIFFERS and in docs/reference/api.md."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import answers  # noqa: E402, F401 (its cases)
import anthropic  # noqa: E402
import claude  # noqa: E402, F401 (its cases)
import httpx2 as httpx  # noqa: E402
import openai  # noqa: E402
import refusals  # noqa: E402, F401 (its cases)
import responses  # noqa: E402, F401 (its cases)
from projector import abilities  # noqa: E402
from scenario import main, say  # noqa: E402
from sdk import CASES, at, role  # noqa: E402
from stage import Stage  # noqa: E402


def scenario():
    with abilities() as options, Stage(engine_options=options) as at.system:
        at.system.path("wrong.json").write_text(json.dumps({**at.system.policy, "models": ["00" * 32]}))
        at.system.write_client_config("elsewhere", policy="wrong.json")
        at.system.write_client_config("away", relay="http://127.0.0.1:9")
        with role("proxy", "client") as served:
            at.root, at.base, at.key = served.url, f"{served.url}/v1", at.system.path("proxy.key").read_text().strip()
            at.proxy = openai.OpenAI(base_url=at.base, api_key=at.key)
            straight = httpx.Client(transport=httpx.HTTPTransport(uds=str(at.system.path("engine-1/e.sock"))))
            at.engine = openai.OpenAI(base_url="http://localhost/v1", api_key="none", http_client=straight)
            at.claude = anthropic.Anthropic(base_url=at.root, api_key=at.key)
            at.claude_engine = anthropic.Anthropic(base_url="http://localhost", api_key="none", http_client=straight)
            failed = 0
            for one in CASES:
                try:
                    one()
                except Exception as error:  # of any kind: it is a failure
                    failed += 1
                    say(f"FAILED {one.__name__}: {type(error).__name__}: {error}")
                else:
                    say(f"ok {one.__name__}")
            say(f"{len(CASES) - failed} passed, {failed} failed: openai {openai.__version__}, anthropic {anthropic.__version__}")
            if failed:
                raise SystemExit(1)


main(scenario)
