# SPDX-License-Identifier: Apache-2.0
"""Anthropic's SDK: its answers through the proxy are the engine's own, its errors are the API's."""

import asyncio
import json

import anthropic
import httpx2 as httpx
from processes import Slow
from scenario import until
from sdk import ASK, RED, STORY, at, case, role, same

TOOL = {"name": "weather", "description": "Weather of a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def message(messages=ASK, **options):
    options.setdefault("max_tokens", 64)
    # This SDK has no argument for the temperature any more; the API has.
    return lambda sdk: sdk.messages.create(model="demo", messages=messages, extra_body={"temperature": 0}, **options)


def compared(call):
    ours, theirs = call(at.claude).model_dump(), call(at.claude_engine).model_dump()
    theirs["usage"].pop("cache_read_input_tokens")  # a node does not tell
    assert same(ours) == same(theirs), f"\nproxy  {same(ours)}\nengine {same(theirs)}"
    return ours


def told(call, sdk):
    """What a stream says in all: texts, reason, tokens, and the kinds of its events, each kind once in a row."""
    text, kinds, reason, tokens = "", [], None, {}
    for event in call(sdk):
        if not kinds or kinds[-1] != event.type:
            kinds.append(event.type)
        if event.type == "message_start":
            tokens["in"] = event.message.usage.input_tokens
        if event.type == "content_block_delta":
            text += event.delta.text
        if event.type == "message_delta":
            reason, tokens["out"] = event.delta.stop_reason, event.usage.output_tokens
    return text, kinds, reason, tokens


def streamed(call):
    ours, theirs = told(call, at.claude), told(call, at.claude_engine)
    assert ours == theirs, f"\nproxy  {ours}\nengine {theirs}"
    return ours


def raises(error, call, code, sdk=None):
    try:
        call(sdk or at.claude)
    except error as found:
        assert type(found) is error, type(found)
        if code is not None:
            assert found.body["type"] == "error" and found.body["error"]["code"] == code, found.body
            assert found.body["error"]["message"] and found.body["error"]["type"], found.body
        return found
    raise AssertionError(f"no {error.__name__}")


def counting(base):
    sent = []
    client = httpx.Client(event_hooks={"request": [sent.append]})
    return anthropic.Anthropic(base_url=base, api_key=at.key, http_client=client), sent


@case
def claude_plain():
    whole = compared(message())
    assert "Tokyo" in whole["content"][0]["text"] and whole["stop_reason"] == "end_turn", whole
    assert whole["id"].startswith("msg_") and whole["usage"]["input_tokens"] > 0, whole


@case
def claude_streams():
    text, kinds, reason, tokens = streamed(message(stream=True))
    assert "Tokyo" in text and reason == "end_turn" and tokens["in"] > 0 and tokens["out"] > 0
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds


@case
def claude_streams_by_the_sdks_own_gatherer():
    with at.claude.messages.stream(model="demo", messages=ASK, max_tokens=64, extra_body={"temperature": 0}) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == final.content[0].text == message()(at.claude_engine).content[0].text
    assert final.usage.output_tokens > 0 and final.stop_reason == "end_turn"


@case
def claude_a_long_answer_streams():
    assert len(streamed(message(STORY, stream=True, max_tokens=400))[0]) > 200


@case
def claude_ends_at_max_tokens():
    assert compared(message(max_tokens=3))["stop_reason"] == "max_tokens"
    assert streamed(message(max_tokens=3, stream=True))[2] == "max_tokens"


@case
def claude_stops_at_a_word():
    """llama-server's chat does not say at which text it stopped (docs/reference/api.md): the words are the same."""
    ours, theirs = (message(stop_sequences=["Tokyo"])(sdk) for sdk in (at.claude, at.claude_engine))
    assert ours.content[0].text == theirs.content[0].text and "Tokyo" not in ours.content[0].text
    assert ours.usage.output_tokens == theirs.usage.output_tokens and ours.stop_reason == "end_turn"


@case
def claude_a_system_prompt():
    compared(message(system="Be brief."))
    compared(message(system=[{"type": "text", "text": "Be "}, {"type": "text", "text": "brief.", "cache_control": {"type": "ephemeral"}}]))


@case
def claude_many_turns():
    compared(message([*ASK, {"role": "assistant", "content": "Tokyo."}, {"role": "user", "content": "Thank you!"}]))


@case
def claude_parts_of_text():
    compared(message([{"role": "user", "content": [{"type": "text", "text": "Capital of"}, {"type": "text", "text": "Japan?"}]}]))


@case
def claude_tools_that_are_not_used():
    compared(message(tools=[TOOL], tool_choice={"type": "none"}))


@case
def claude_tools_for_a_model_that_has_none():
    compared(message(tools=[TOOL], tool_choice={"type": "any", "disable_parallel_tool_use": True}))


@case
def claude_a_result_of_a_tool():
    compared(message([*ASK, {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Tokyo"}}]},
                      {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "sun"}]}], tools=[TOOL]))


@case
def claude_a_json_schema():
    """llama-server's own /v1/messages passes over this member; the node's does not."""
    schema = {"type": "object", "properties": {"city": {"enum": ["Tokyo", "Kyoto"]}}, "required": ["city"], "additionalProperties": False}
    whole = message(output_config={"format": {"type": "json_schema", "schema": schema}})(at.claude)
    assert json.loads(whole.content[0].text)["city"] in ("Tokyo", "Kyoto"), whole


@case
def claude_unicode_in_and_out():
    text = [{"role": "user", "content": "Größe, 東京, 🦊, \u0000\u202e\n" * 5}]
    compared(message(text))
    streamed(message(text, stream=True))


@case
def claude_counts_tokens():
    ours, theirs = (sdk.messages.count_tokens(model="demo", messages=ASK, system="Be brief.") for sdk in (at.claude, at.claude_engine))
    assert ours.model_dump() == theirs.model_dump() and ours.input_tokens > 0, (ours, theirs)


@case
def claude_what_says_who_asks_is_taken():
    compared(lambda sdk: message(**({"metadata": {"user_id": "ann"}} if sdk is at.claude else {}))(sdk))


@case
def claude_the_models():
    assert [model.id for model in at.claude.models.list()] == ["demo"]


@case
def claude_one_model():
    assert at.claude.models.retrieve("demo").display_name == "demo"
    raises(anthropic.NotFoundError, lambda sdk: sdk.models.retrieve("claude"), None)


@case
def claude_the_beta_client():
    whole = at.claude.beta.messages.create(model="demo", messages=ASK, max_tokens=64, extra_body={"temperature": 0})
    assert "Tokyo" in whole.content[0].text


@case
def claude_the_asynchronous_client():
    async def both():
        async with anthropic.AsyncAnthropic(base_url=at.root, api_key=at.key) as sdk:
            options = {"model": "demo", "messages": ASK, "max_tokens": 64, "extra_body": {"temperature": 0}}
            whole = await sdk.messages.create(**options)
            async with sdk.messages.stream(**options) as stream:
                return whole.content[0].text, (await stream.get_final_message()).content[0].text
    whole, stream = asyncio.run(both())
    assert whole == stream == message()(at.claude_engine).content[0].text


@case
def claude_a_stream_that_is_closed_stops_the_engine():
    slow = [Slow(at.system.engine(number)) for number in (1, 2)]
    try:
        with message(STORY, stream=True, max_tokens=600)(at.claude) as stream:
            next(iter(stream))
            assert sum(at.system.status(number)["in_flight"] for number in (1, 2)) == 1
    finally:
        for one in slow:
            one.end()
    until(lambda: not any(at.system.status(number)["in_flight"] for number in (1, 2)), 5, "no engine works")


@case
def claude_a_time_out_of_the_callers():
    slow = [Slow(at.system.engine(number)) for number in (1, 2)]
    try:
        raises(anthropic.APITimeoutError, lambda sdk: message(STORY, max_tokens=600)(sdk.with_options(timeout=0.3, max_retries=0)), None)
    finally:
        for one in slow:
            one.end()


@case
def claude_a_prompt_of_128_kib():
    call = message([{"role": "user", "content": "word " * 26_000}])
    raises(anthropic.BadRequestError, call, None, sdk=at.claude_engine)
    raises(anthropic.BadRequestError, call, "node.engine_refused")


@case
def claude_another_key():
    raises(anthropic.AuthenticationError, message(), "proxy.no_key", sdk=anthropic.Anthropic(base_url=at.root, api_key="sk-somebody"))


@case
def claude_another_model():
    raises(anthropic.NotFoundError, lambda sdk: sdk.messages.create(model="claude", messages=ASK, max_tokens=9), "openai.unknown_model")


@case
def claude_a_member_that_is_not_served():
    found = raises(anthropic.BadRequestError, message(service_tier="auto"), "openai.unsupported_field")
    assert "service_tier" in found.body["error"]["message"]
    raises(anthropic.BadRequestError, message(thinking={"type": "enabled", "budget_tokens": 1024}), "openai.unsupported_field")


@case
def claude_a_member_that_nobody_knows():
    found = raises(anthropic.BadRequestError, lambda sdk: sdk.messages.create(model="demo", messages=ASK, max_tokens=9, extra_body={"secret_name": 1}),
                   "openai.unsupported_field")
    assert "secret_name" not in found.body["error"]["message"]


def seen(source):
    return [{"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]}]


@case
def claude_images():
    compared(message(seen({"type": "base64", "media_type": "image/png", "data": RED.partition(",")[2]})))


@case
def claude_an_address_of_an_image():
    for source in ({"type": "url", "url": "https://a.example/x.png"}, {"type": "file", "file_id": "file_1"}):
        raises(anthropic.BadRequestError, message(seen(source)), "openai.unsupported_field")


@case
def claude_a_value_out_of_range():
    raises(anthropic.BadRequestError, message(max_tokens=0), "openai.bad_request")


@case
def claude_too_much():
    found = raises(anthropic.RequestTooLargeError, message([{"role": "user", "content": "a" * (3 << 20)}]), "openai.too_large")
    assert found.body["error"]["type"] == "request_too_large"


@case
def claude_a_service_that_is_not_verified_is_not_asked_again():
    with role("elsewhere", "elsewhere") as other:
        sdk, sent = counting(other.url)
        found = raises(anthropic.PermissionDeniedError, message(), "client.not_verified", sdk=sdk)
        assert found.body["error"]["type"] == "openpcc_verification_error" and len(sent) == 1, (found.body, sent)


@case
def claude_a_service_that_is_away_is_asked_again():
    with role("away", "away") as other:
        sdk, sent = counting(other.url)
        raises(anthropic.ServiceUnavailableError, message(), "net.unreachable", sdk=sdk)
        assert len(sent) == 3, sent
