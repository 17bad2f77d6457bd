# SPDX-License-Identifier: Apache-2.0
"""What the cases share: the SDK at the proxy and at the engine, and how their answers are compared."""

import base64
import contextlib
import struct
import types
import zlib

import httpx2 as httpx  # what this SDK is built on
import openai
from processes import Role
from stage import PROGRAMS

at = types.SimpleNamespace()  # system, proxy, engine, base, key: while the scenario runs
# Members of an answer that are the node's own, or that an engine adds and a node leaves out.
DIFFERS = {"id", "created", "model", "system_fingerprint", "timings", "__verbose", "prompt_progress", "service_tier",
           "prompt_tokens_details", "completion_tokens_details", "token_ids"}
ASK = [{"role": "user", "content": "Capital of Japan?"}]
STORY = [{"role": "user", "content": "Tell me a story."}]


def picture(red, green, blue):
    """A PNG of one colour, as a data URL."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = b"".join(b"\0" + bytes((red, green, blue)) * 8 for _ in range(8))
    png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) +
           chunk(b"IEND", b""))
    return "data:image/png;base64," + base64.b64encode(png).decode()


RED, WHITE = picture(255, 0, 0), picture(255, 255, 255)
TOOL = {"type": "function", "function": {"name": "weather", "description": "Weather of a city",
                                         "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}
CASES = []


def case(function):
    CASES.append(function)
    return function


def same(value):
    """An answer without what may differ, and without what is empty."""
    if isinstance(value, dict):
        return {name: same(one) for name, one in value.items() if name not in DIFFERS and one not in (None, [], {})}
    return [same(one) for one in value] if isinstance(value, list) else value


def compared(call):
    """The proxy's answer, when it is the engine's but for DIFFERS."""
    ours, theirs = call(at.proxy).model_dump(), call(at.engine).model_dump()
    assert same(ours) == same(theirs), f"\nproxy  {same(ours)}\nengine {same(theirs)}"
    return ours


def chat(messages=ASK, **options):
    options.setdefault("max_tokens", 64)
    return lambda sdk: sdk.chat.completions.create(model="demo", messages=messages, temperature=0, **options)


def gathered(call, sdk):
    """What a stream says in all: texts, reasons, usage. Where it is cut into events is nobody's promise."""
    text, reasons, usage = {}, {}, None
    for event in call(sdk):
        for choice in event.choices:
            said = choice.text if hasattr(choice, "text") else (choice.delta.content or "")
            text[choice.index] = text.get(choice.index, "") + said
            reasons[choice.index] = choice.finish_reason or reasons.get(choice.index)
        if event.usage:
            usage = (event.usage.prompt_tokens, event.usage.completion_tokens)
    return text, reasons, usage


def streamed(call):
    ours, theirs = gathered(call, at.proxy), gathered(call, at.engine)
    assert ours == theirs, f"\nproxy  {ours}\nengine {theirs}"
    return ours


def raises(error, call, code, **about):
    try:
        call(about.get("sdk", at.proxy))
    except error as found:
        assert type(found) is error or not about.get("exactly", True), type(found)
        if code is not None:
            assert found.code == code and found.body["message"], (found.code, found.body)
        return found
    raise AssertionError(f"no {error.__name__}")


def counting(url):
    """An SDK with its own two retries, and the list of what it sends."""
    sent = []
    return openai.OpenAI(base_url=url, api_key=at.key, http_client=httpx.Client(event_hooks={"request": [sent.append]})), sent


@contextlib.contextmanager
def role(name, config):
    one = Role(name, [PROGRAMS / "openpcc", "proxy", "--config", at.system.path(config + ".toml"), "--listen", "http://127.0.0.1:0",
                      "--key-file", at.system.path("proxy.key")], at.system.path(name + ".log"))
    try:
        yield one
    finally:
        one.end()
