# SPDX-License-Identifier: Apache-2.0
"""ask.py CONFIG PROMPT [MODEL]: asks verified nodes, and prints the answer as it comes (docs/reference/python.md)."""

import json
import sys

import openpcc


def main() -> int:
    config, prompt, model = (sys.argv[1:] + ["demo"])[:3]
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": prompt}]}
    try:
        with openpcc.Session(config=config) as session, session.ask("/v1/chat/completions", body) as answer:
            waiting = b""
            for piece in answer:
                *lines, waiting = (waiting + piece).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: {"):
                        for choice in json.loads(line[6:])["choices"]:
                            print(choice["delta"].get("content") or "", end="", flush=True)
            print(f"\nanswered by {answer.answered_by}")
    except openpcc.Error as error:
        print(f"ask: error: {error}\nask: hint: {error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
