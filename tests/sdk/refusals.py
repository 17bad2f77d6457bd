# SPDX-License-Identifier: Apache-2.0
"""Ends and errors: what the SDK raises, and what it does not ask again."""

import openai
from processes import Slow
from scenario import until
from sdk import ASK, RED, STORY, at, case, chat, counting, raises, role


@case
def a_stream_that_is_closed_stops_the_engine():
    slow = [Slow(at.system.engine(number)) for number in (1, 2)]
    try:
        with at.proxy.chat.completions.create(model="demo", messages=STORY, stream=True) as stream:
            next(iter(stream))
            assert sum(at.system.status(number)["in_flight"] for number in (1, 2)) == 1
    finally:
        for one in slow:
            one.end()
    until(lambda: not any(at.system.status(number)["in_flight"] for number in (1, 2)), 5, "no engine works")


@case
def a_time_out_of_the_callers():
    slow = [Slow(at.system.engine(number)) for number in (1, 2)]
    try:
        raises(openai.APITimeoutError, lambda sdk: chat(STORY, max_tokens=600)(sdk.with_options(timeout=0.3, max_retries=0)), None)
    finally:
        for one in slow:
            one.end()


@case
def a_prompt_of_128_kib():
    """Longer than this engine's context: the engine refuses it, and so does the proxy, as one error of the API."""
    call = chat([{"role": "user", "content": "word " * 26_000}])
    raises(openai.BadRequestError, call, None, sdk=at.engine)
    raises(openai.BadRequestError, call, "node.engine_refused")


@case
def another_key():
    raises(openai.AuthenticationError, chat(), "proxy.no_key", sdk=openai.OpenAI(base_url=at.base, api_key="sk-somebody"))


@case
def another_model():
    raises(openai.NotFoundError, lambda sdk: sdk.chat.completions.create(model="gpt-5", messages=ASK), "openai.unknown_model")


@case
def a_model_that_is_not_there():
    for name in ("gpt-5", "maker/model", "demo?x=1", "größe"):
        raises(openai.NotFoundError, lambda sdk, name=name: sdk.models.retrieve(name), "openai.unknown_model")


@case
def a_member_that_is_not_served():
    found = raises(openai.BadRequestError, chat(logit_bias={"1": 1}), "openai.unsupported_field")
    assert "logit_bias" in found.body["message"]


@case
def a_member_that_nobody_knows():
    found = raises(openai.BadRequestError, chat(extra_body={"secret_name": 1}), "openai.unsupported_field")
    assert "secret_name" not in found.body["message"]


@case
def an_address_of_an_image():
    """Refused here, before anything is sent: an engine would fetch it."""
    for url in ("https://a.example/x.png", "file:///etc/passwd", "data:image/svg+xml;base64,PHN2Zy8+", RED + "="):
        image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]
        raises(openai.BadRequestError, chat(image), "openai.unsupported_field" if "://" in url else "openai.bad_request")


@case
def more_images_than_a_node_takes():
    many = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": RED}}] * 3}]
    raises(openai.APIStatusError, chat(many), "openai.too_large", exactly=False)


@case
def storing_is_refused():
    raises(openai.BadRequestError, chat(store=True), "openai.unsupported_field")


@case
def a_value_out_of_range():
    raises(openai.BadRequestError, lambda sdk: sdk.chat.completions.create(model="demo", messages=ASK, temperature=3), "openai.bad_request")


@case
def paths_that_are_not_served_are_not_asked_again():
    sdk, sent = counting(at.base)
    raises(openai.NotFoundError, lambda sdk: sdk.files.list(), "openai.unknown_path", sdk=sdk)
    raises(openai.NotFoundError, lambda sdk: sdk.responses.retrieve("resp_1"), "openai.unknown_path", sdk=sdk)
    assert len(sent) == 2, sent


@case
def a_service_that_is_not_verified_is_not_asked_again():
    with role("elsewhere", "elsewhere") as other:
        sdk, sent = counting(f"{other.url}/v1")
        found = raises(openai.PermissionDeniedError, chat(), "client.not_verified", sdk=sdk)
        assert found.body["type"] == "openpcc_verification_error" and len(sent) == 1, (found.body, sent)


@case
def a_service_that_is_away_is_asked_again():
    with role("away", "away") as other:
        sdk, sent = counting(f"{other.url}/v1")
        raises(openai.InternalServerError, chat(), "net.unreachable", sdk=sdk)
        assert len(sent) == 3, sent


@case
def a_proxy_that_is_away():
    sdk = openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key=at.key, max_retries=0)
    raises(openai.APIConnectionError, chat(), None, sdk=sdk)
