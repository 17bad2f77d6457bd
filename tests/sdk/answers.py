# SPDX-License-Identifier: Apache-2.0
"""Answers: the proxy's are the engine's."""

import asyncio
import concurrent.futures
import json

import openai
from sdk import ASK, RED, STORY, WHITE, TOOL, at, case, chat, compared, streamed


@case
def plain():
    assert "Tokyo" in compared(chat())["choices"][0]["message"]["content"]


@case
def usage_is_counted():
    assert compared(chat())["usage"]["total_tokens"] > 0


@case
def streams():
    text, reasons, usage = streamed(chat(stream=True))
    assert "Tokyo" in text[0] and reasons == {0: "stop"} and usage is None


@case
def streams_with_usage():
    assert streamed(chat(stream=True, stream_options={"include_usage": True}))[2][1] > 0


@case
def a_long_answer_streams():
    assert len(streamed(chat(STORY, stream=True, max_tokens=400))[0][0]) > 200


@case
def ends_at_max_tokens():
    assert compared(chat(max_tokens=3))["choices"][0]["finish_reason"] == "length"


@case
def ends_at_max_completion_tokens():
    def call(sdk):
        return sdk.chat.completions.create(model="demo", messages=ASK, temperature=0, max_completion_tokens=3)
    assert compared(call)["choices"][0]["finish_reason"] == "length"


@case
def stops_at_a_word():
    assert "Tokyo" not in compared(chat(stop=["Tokyo"]))["choices"][0]["message"]["content"]


@case
def stops_at_a_word_in_a_stream():
    assert "Tokyo" not in streamed(chat(stop="Tokyo", stream=True))[0][0]


@case
def a_system_message():
    compared(chat([{"role": "system", "content": "Be brief."}, *ASK]))


@case
def a_developer_message():
    compared(lambda sdk: chat([{"role": "developer" if sdk is at.proxy else "system", "content": "Be brief."}, *ASK])(sdk))


@case
def many_turns():
    compared(chat([*ASK, {"role": "assistant", "content": "Tokyo."}, {"role": "user", "content": "Thank you!"}]))


@case
def parts_of_text():
    compared(chat([{"role": "user", "content": [{"type": "text", "text": "Capital of Japan?"}]}]))


@case
def a_name_of_the_user():
    compared(chat([{"role": "user", "name": "ann", "content": "Capital of Japan?"}]))


@case
def several_choices():
    assert len(compared(chat(n=2))["choices"]) == 2


@case
def several_choices_in_a_stream():
    assert set(streamed(chat(n=2, stream=True))[0]) == {0, 1}


@case
def log_probabilities():
    content = compared(chat(max_tokens=2, logprobs=True, top_logprobs=2))["choices"][0]["logprobs"]["content"]
    assert len(content) == 2 and len(content[0]["top_logprobs"]) == 2


@case
def json_mode():
    json.loads(compared(chat(response_format={"type": "json_object"}, max_tokens=200))["choices"][0]["message"]["content"])


@case
def a_json_schema():
    schema = {"name": "city", "strict": True, "schema": {"type": "object", "properties": {"city": {"enum": ["Tokyo", "Kyoto"]}},
                                                         "required": ["city"], "additionalProperties": False}}
    content = compared(chat(response_format={"type": "json_schema", "json_schema": schema}))["choices"][0]["message"]["content"]
    assert json.loads(content)["city"] in ("Tokyo", "Kyoto")


@case
def tools_that_are_not_used():
    compared(chat(tools=[TOOL], tool_choice="none"))


@case
def tools_for_a_model_that_has_none():
    """The demo's model answers in words whatever it is told of tools: the same words."""
    compared(chat(tools=[TOOL], tool_choice="required", parallel_tool_calls=False))


@case
def a_result_of_a_tool():
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    compared(chat([*ASK, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "call_1", "content": "sun"}],
                  tools=[TOOL]))


@case
def images():
    """The eyes are random (projector.py), but the same for both; another picture makes another answer, or none would look."""
    def look(url):
        return [{"role": "user", "content": [{"type": "text", "text": "What is this?"},
                                             {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]}]
    red = compared(chat(look(RED), logprobs=True, max_tokens=4))
    white = compared(chat(look(WHITE), logprobs=True, max_tokens=4))
    assert red["choices"][0]["logprobs"] != white["choices"][0]["logprobs"]
    assert streamed(chat(look(RED), stream=True))[0][0]
    compared(chat(look(RED)[0:1] + [{"role": "assistant", "content": "A picture."}, *look(WHITE)]))


@case
def penalties_and_seed():
    compared(chat(seed=7, presence_penalty=0.5, frequency_penalty=0.5, top_p=0.9))


@case
def completions():
    compared(lambda sdk: sdk.completions.create(model="demo", prompt="Once upon", max_tokens=8, temperature=0))


@case
def completions_that_stream():
    streamed(lambda sdk: sdk.completions.create(model="demo", prompt="Once upon", max_tokens=8, temperature=0, stream=True,
                                              stream_options={"include_usage": True}))


@case
def the_models():
    assert [model.id for model in at.proxy.models.list()] == ["demo"]


@case
def one_model():
    assert at.proxy.models.retrieve("demo").owned_by == "openpcc"


@case
def unicode_in_and_out():
    text = "Größe, 東京, 🦊, \u0000\u202e\n" * 5
    compared(chat([{"role": "user", "content": text}]))
    streamed(chat([{"role": "user", "content": text}], stream=True))


@case
def what_says_who_asks_is_taken():
    def call(sdk):
        return chat(**({"user": "ann", "metadata": {"a": "b"}, "safety_identifier": "c", "store": False} if sdk is at.proxy else {}))(sdk)
    compared(call)


@case
def many_threads():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: chat()(at.proxy).choices[0].message.content, range(24)))
    assert len(set(said)) == 1


@case
def the_asynchronous_client():
    async def both():
        async with openai.AsyncOpenAI(base_url=at.base, api_key=at.key) as sdk:
            whole = await sdk.chat.completions.create(model="demo", messages=ASK, temperature=0, max_tokens=64)
            stream = await sdk.chat.completions.create(model="demo", messages=ASK, temperature=0, max_tokens=64, stream=True)
            return whole.choices[0].message.content, "".join([event.choices[0].delta.content or "" async for event in stream])
    whole, stream = asyncio.run(both())
    assert whole == stream == chat()(at.engine).choices[0].message.content


@case
def raw_answers():
    raw = at.proxy.chat.completions.with_raw_response.create(model="demo", messages=ASK, max_tokens=8)
    assert raw.status_code == 200 and raw.headers["content-type"] == "application/json" and raw.parse().choices
