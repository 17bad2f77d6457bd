#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ask a running engine every prompt of prompts.json at temperature 0 and compare the answers, word for word.

usage: check.py (--uds PATH | --url http://HOST:PORT) [--model NAME] [--prompts FILE]
"""
import argparse
import http.client
import json
import os
import socket
import sys
import urllib.parse


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def ask(connection, model, prompt):
    body = {"model": model, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        return f"status {response.status}: {text[:200]!r}", None
    choice = json.loads(text)["choices"][0]
    return choice["message"]["content"], choice["finish_reason"]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    options = argparse.ArgumentParser(description="compare an engine's answers with prompts.json")
    where = options.add_mutually_exclusive_group(required=True)
    where.add_argument("--uds")
    where.add_argument("--url")
    options.add_argument("--model", default="demo")
    options.add_argument("--prompts", default=os.path.join(here, "prompts.json"))
    options = options.parse_args()
    if options.uds:
        connection = UnixConnection(options.uds)
    else:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(options.url).netloc)
    with open(options.prompts, encoding="utf-8") as f:
        prompts = json.load(f)
    wrong = 0
    for entry in prompts:
        answer, reason = ask(connection, options.model, entry["prompt"])
        if answer != entry["answer"] or reason != "stop":
            wrong += 1
            print(f"check: wrong: {entry['prompt']!r}\n  expected {entry['answer']!r}\n  got      {answer!r} ({reason})")
    print(f"check: {len(prompts) - wrong} of {len(prompts)} answers as expected")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
