# SPDX-License-Identifier: Apache-2.0
"""OpenAI's Responses and embeddings: the proxy's answers are the engine's, and nothing is remembered."""

import json

import openai
from processes import Slow
from scenario import until
from sdk import ASK, RED, STORY, at, case, counting, raises, role

TOOL = {"type": "function", "name": "weather", "description": "Weather of a city", "strict": False,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


def response(given="Capital of Japan?", **options):
    options.setdefault("max_output_tokens", 64)
    return lambda sdk: sdk.responses.create(model="demo", input=given, temperature=0, **options)


def essence(answer):
    """What two answers have in common: kinds, roles and words of the items, and the counts."""
    items = [(one.type, getattr(one, "role", None), [(part.type, part.text) for part in one.content]) for one in answer.output]
    return items, answer.model, answer.object, answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens


def compared(call):
    ours, theirs = call(at.proxy), call(at.engine)
    assert essence(ours) == essence(theirs), f"\nproxy  {essence(ours)}\nengine {essence(theirs)}"
    return ours


def told(call, sdk):
    text, kinds, final = "", [], None
    for event in call(sdk):
        if not kinds or kinds[-1] != event.type:
            kinds.append(event.type)
        if event.type == "response.output_text.delta":
            text += event.delta
        if event.type in ("response.completed", "response.incomplete"):
            final = event.response
    return text, kinds, final


def streamed(call):
    (ours, kinds, final), (theirs, engines, other) = told(call, at.proxy), told(call, at.engine)
    assert ours == theirs and essence(final) == essence(other), (ours, theirs)
    return ours, kinds, engines, final


@case
def responses_plain():
    whole = compared(response())
    assert "Tokyo" in whole.output_text and whole.status == "completed" and whole.store is False
    assert whole.id.startswith("resp_") and whole.tools == [] and whole.parallel_tool_calls is True


@case
def responses_stream():
    text, kinds, engines, final = streamed(response(stream=True))
    assert "Tokyo" in text and final.output_text == text and kinds == engines, (kinds, engines)


@case
def responses_stream_by_the_sdks_own_gatherer():
    with at.proxy.responses.stream(model="demo", input="Capital of Japan?", temperature=0, max_output_tokens=64) as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    assert final.output_text == response()(at.engine).output_text


@case
def responses_long_stream():
    assert len(streamed(response("Tell me a story.", stream=True, max_output_tokens=400))[0]) > 200


@case
def responses_end_at_the_limit():
    """llama-server's own says completed of an answer that was cut; the API says incomplete, and so does the node."""
    whole = compared(response(max_output_tokens=3))
    assert whole.status == "incomplete" and whole.incomplete_details.reason == "max_output_tokens"
    assert streamed(response(max_output_tokens=3, stream=True))[1][-1] == "response.incomplete"


@case
def responses_with_instructions():
    compared(response(instructions="Be brief."))


@case
def responses_with_items():
    compared(response([{"role": "user", "content": [{"type": "input_text", "text": "Capital of Japan?"}]},
                       {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Tokyo.", "annotations": []}]},
                       {"role": "user", "content": "Thank you!"}]))


@case
def responses_that_go_on_by_sending_items_again():
    """How a conversation goes on where nothing is remembered."""
    first = response()(at.proxy)
    again = response([*ASK, *(one.model_dump(exclude_none=True) for one in first.output), {"role": "user", "content": "Thank you!"}])(at.proxy)
    assert again.status == "completed" and again.output_text


@case
def responses_with_a_result_of_a_tool():
    compared(response([*ASK, {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"},
                       {"type": "function_call_output", "call_id": "c", "output": "sun"}], tools=[TOOL]))


@case
def responses_with_tools_for_a_model_that_has_none():
    whole = compared(response(tools=[TOOL], tool_choice="required", parallel_tool_calls=False))
    assert whole.tools[0].name == "weather" and whole.tool_choice == "required" and whole.parallel_tool_calls is False


@case
def responses_in_json():
    """llama-server's own /v1/responses passes over this member; the node's does not."""
    schema = {"type": "object", "properties": {"city": {"enum": ["Tokyo", "Kyoto"]}}, "required": ["city"], "additionalProperties": False}
    whole = response(text={"format": {"type": "json_schema", "name": "city", "schema": schema, "strict": True}})(at.proxy)
    assert json.loads(whole.output_text)["city"] in ("Tokyo", "Kyoto"), whole.output_text


@case
def responses_unicode_in_and_out():
    text = "Größe, 東京, 🦊, \u0000\u202e\n" * 5
    compared(response(text))
    streamed(response(text, stream=True))


@case
def responses_what_says_who_asks_is_taken():
    who = {"user": "ann", "metadata": {"a": "b"}, "safety_identifier": "c", "prompt_cache_key": "d", "store": False}
    compared(lambda sdk: response(**(who if sdk is at.proxy else {}))(sdk))


@case
def responses_remember_nothing():
    for member in ({"store": True}, {"previous_response_id": "resp_1"}, {"background": True}, {"conversation": "conv_1"},
                   {"include": ["reasoning.encrypted_content"]}, {"reasoning": {"effort": "low"}}):
        found = raises(openai.BadRequestError, response(**member), "openai.unsupported_field")
        assert next(iter(member)) in found.body["message"], found.body


@case
def responses_another_model():
    raises(openai.NotFoundError, lambda sdk: sdk.responses.create(model="gpt-5", input="a"), "openai.unknown_model")


@case
def responses_a_prompt_of_128_kib():
    raises(openai.BadRequestError, response("word " * 26_000), None, sdk=at.engine)
    raises(openai.BadRequestError, response("word " * 26_000), "node.engine_refused")


@case
def responses_with_images():
    def look(url):
        return [{"role": "user", "content": [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": url, "detail": "auto"}]}]
    compared(response(look(RED)))
    raises(openai.BadRequestError, response(look("https://a.example/x.png")), "openai.unsupported_field")


@case
def responses_closed_stop_the_engine():
    slow = [Slow(at.system.engine(number)) for number in (1, 2)]
    try:
        with response(STORY[0]["content"], stream=True, max_output_tokens=600)(at.proxy) as stream:
            next(iter(stream))
            assert sum(at.system.status(number)["in_flight"] for number in (1, 2)) == 1
    finally:
        for one in slow:
            one.end()
    until(lambda: not any(at.system.status(number)["in_flight"] for number in (1, 2)), 5, "no engine works")


@case
def responses_of_a_service_that_is_not_verified():
    with role("elsewhere", "elsewhere") as other:
        sdk, sent = counting(f"{other.url}/v1")
        raises(openai.PermissionDeniedError, response(), "client.not_verified", sdk=sdk)
        assert len(sent) == 1, sent


def embedded(sdk, **options):
    said = sdk.embeddings.create(model="demo", **options)
    return [one.embedding for one in said.data], said.model, said.usage.prompt_tokens


@case
def embeddings_are_the_engines():
    for options in ({"input": "Größe, 東京"}, {"input": ["a", "b", "c"]}, {"input": "a", "encoding_format": "float"}):
        ours, theirs = embedded(at.proxy, **options), embedded(at.engine, **options)
        assert ours == theirs and len(ours[0][0]) > 8, (options, ours[1:], theirs[1:])


@case
def embeddings_as_they_are_on_the_wire():
    ours, theirs = (sdk.embeddings.with_raw_response.create(model="demo", input="a", encoding_format="base64").http_response.json()
                    for sdk in (at.proxy, at.engine))
    assert ours["data"][0]["embedding"] == theirs["data"][0]["embedding"] and isinstance(ours["data"][0]["embedding"], str)


@case
def embeddings_of_odd_things():
    for given in ("", [], [1, 2], ["a", ""]):
        raises(openai.BadRequestError, lambda sdk, given=given: sdk.embeddings.create(model="demo", input=given), "openai.bad_request")
    raises(openai.BadRequestError, lambda sdk: sdk.embeddings.create(model="demo", input="a", dimensions=3), "openai.unsupported_field")
    raises(openai.BadRequestError, lambda sdk: sdk.embeddings.create(model="demo", input="word " * 2000), "node.engine_refused")
