"""Error replies, whatever their shape."""

import email.utils
import time
from typing import Any

import msgspec
import pytest

from interlingua.errors import (
    BadRequest,
    ContentBlocked,
    ContextTooLong,
    Error,
    Forbidden,
    InvalidRequest,
    NoSuchModel,
    NotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    ServerFault,
    Throttled,
    Unauthorized,
    Unsupported,
    error_tree,
)
from interlingua.wires.chat_completions import parse_error, render_error

OPENAI_KEY = b"""{"error":{"message":"Incorrect API key provided: sk-abc.","type":"invalid_request_error",
    "param":null,"code":"invalid_api_key"}}"""
OPENAI_CONTEXT = b"""{"error":{"message":"This model's maximum context length is 128000 tokens. Yours has 200000.",
    "type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"""
OPENAI_QUOTA = b"""{"error":{"message":"You exceeded your current quota, please check your plan.",
    "type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"""
AZURE_FILTER = b"""{"error":{"message":"It was filtered.","type":null,"param":"prompt","code":"content_filter",
    "status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{}}}}"""
GOOGLE = b'[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[]}}]'
LLAMA_CPP = b"""{"error":{"code":400,"message":"the request exceeds the available context size",
    "type":"exceed_context_size_error"}}"""
FASTAPI = b'{"detail":[{"loc":["body","stream_options"],"msg":"extra fields not permitted"}]}'


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"error":{"message":"bad"}}', BadRequest),
        (400, OPENAI_CONTEXT, ContextTooLong),
        (400, LLAMA_CPP, ContextTooLong),
        (400, b'{"message":"Prompt is too long: 9 > 8"}', ContextTooLong),
        (413, b"Input is too long for requested model.", ContextTooLong),
        (413, b"", BadRequest),
        (422, b'{"error":{"message":"Input length exceeds the limit"}}', ContextTooLong),
        (400, b'{"error":{"message":"max_tokens is too large: 99999"}}', BadRequest),
        (400, AZURE_FILTER, ContentBlocked),
        (400, b'{"error":{"code":"content_policy_violation","message":"x"}}', ContentBlocked),
        (403, b'{"error":{"code":"content_filter","message":"x"}}', ContentBlocked),
        (400, b'{"error":{"code":"model_not_found","message":"x"}}', NotFound),
        (400, GOOGLE, BadRequest),
        (401, OPENAI_KEY, Unauthorized),
        (402, b'{"error":{"message":"Insufficient Balance"}}', QuotaExhausted),
        (403, b'{"error":"Forbidden"}', Forbidden),
        (404, b'{"error":{"code":"DeploymentNotFound","message":"x"}}', NotFound),
        (404, b"<html>nginx</html>", NotFound),
        (405, b"", BadRequest),
        (408, b"", ProviderError),
        (409, b'{"error":{"message":"conflict"}}', ProviderError),
        (422, FASTAPI, BadRequest),
        (429, b'{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}', Throttled),
        (429, OPENAI_QUOTA, QuotaExhausted),
        (429, b"", Throttled),
        (498, b"", Overloaded),
        (500, b'{"error":{"message":"oops","type":"server_error"}}', ServerFault),
        (502, b"<html>Bad Gateway</html>", ServerFault),
        (503, b"upstream connect error", Overloaded),
        (504, b"", ServerFault),
        (529, b'{"error":{"type":"overloaded_error","message":"Overloaded"}}', Overloaded),
        (302, b"", ProviderError),
        (200, b'{"error":{"message":"busy","type":"overloaded_error"}}', Overloaded),
        (200, b'{"error":{"message":"slow","code":429}}', Throttled),
        (200, b'{"error":{"message":"x","type":"invalid_request_error"}}', BadRequest),
        (200, b'{"error":{"message":"boom"}}', ServerFault),
    ],
)
def test_an_error_has_the_class_of_its_kind(status: int, body: bytes, expected: type[ProviderError]) -> None:
    error = parse_error(status, {}, body)

    assert type(error) is expected
    assert error.body == body
    assert error.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"message":"m"}}', "m"),
        (b'{"error":"m"}', "m"),
        (b'{"detail":"m"}', "m"),
        (b'{"message":"m"}', "m"),
        (b'{"error_description":"m","error":{}}', "The provider answered with status 400 and no message."),
        (FASTAPI, '[{"loc":["body","stream_options"],"msg":"extra fields not permitted"}]'),
        (b"plain text", "plain text"),
        (b"<html>page</html>", "The provider answered with status 400 with a web page and no message."),
        (b"", "The provider answered with status 400 and no message."),
        (b"null", "The provider answered with status 400 and no message."),
        (b"[]", "The provider answered with status 400 and no message."),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 5000, "[" * 600 + "…"),
    ],
)
def test_the_message_is_found_in_every_shape(body: bytes, message: str) -> None:
    assert parse_error(400, {}, body).message == message


def test_the_providers_own_words_are_kept() -> None:
    error = parse_error(400, {"X-Request-Id": "req_1"}, OPENAI_CONTEXT)

    assert (error.status, error.code, error.param) == (400, "context_length_exceeded", "messages")
    assert error.request_id == "req_1"
    assert not error.retryable


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}, 360),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-reset": "20ms"}, 0.02),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"x-ratelimit-reset": "tomorrow"}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_read_from_every_header(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_error(429, headers, b"").retry_after == seconds


def test_a_date_is_a_time_to_wait() -> None:
    later = email.utils.formatdate(time.time() + 100, usegmt=True)
    earlier = email.utils.formatdate(time.time() - 100, usegmt=True)

    assert 95 < (parse_error(503, {"retry-after": later}, b"").retry_after or 0) <= 100
    assert parse_error(503, {"retry-after": earlier}, b"").retry_after == 0
    moment = str(int((time.time() + 100) * 1000))
    assert 95 < (parse_error(429, {"x-ratelimit-reset": moment}, b"").retry_after or 0) <= 100


@pytest.mark.parametrize(
    ("status", "retryable"), [(408, True), (409, True), (425, True), (429, True), (500, True), (400, False)]
)
def test_some_statuses_may_be_tried_again(status: int, retryable: bool) -> None:
    assert parse_error(status, {}, b"").retryable is retryable


def test_the_provider_may_say_whether_to_try_again() -> None:
    assert parse_error(400, {"x-should-retry": "true"}, b"").retryable
    assert not parse_error(500, {"X-Should-Retry": "false"}, b"").retryable


@pytest.mark.parametrize("cls", list(error_tree(ProviderError)))
def test_an_error_that_was_written_is_read_as_the_same_class(cls: type[ProviderError]) -> None:
    error = cls("It failed.", param="messages")

    again = parse_error(error.status_hint, {}, render_error(error))

    assert type(again) is cls or (cls is ProviderError and isinstance(again, ServerFault))
    assert again.message == "It failed."
    assert again.param == "messages"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InvalidRequest("x", param="messages[0].role"), ("invalid_request_error", "messages[0].role", None)),
        (Unsupported("top_k"), ("invalid_request_error", None, "unsupported_parameter")),
        (NoSuchModel("x"), ("invalid_request_error", None, "model_not_found")),
        (Error("x"), ("server_error", None, "error")),
    ],
)
def test_our_own_errors_are_written_in_openais_words(
    error: Error, expected: tuple[str, str | None, str | None]
) -> None:
    fields = msgspec.json.decode(render_error(error))["error"]

    assert (fields["type"], fields["param"], fields["code"]) == expected


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop",
        "gsk_abcdefghijklmnop",
        "Bearer abc.def",
        "AIzaSyA1234567890abcdef",
        "sk-ab**********yz12",
    ],
)
def test_what_looks_like_a_key_is_masked(secret: str) -> None:
    written = render_error(Unauthorized(f"Incorrect API key provided: {secret}. See the page."))

    assert secret.rpartition(" ")[2] not in written.decode()
    assert b"Incorrect API key provided: ***" in written


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (BadRequest("x"), "BadRequestError"),
        (ContextTooLong("x"), "BadRequestError"),
        (Unauthorized("x"), "AuthenticationError"),
        (Forbidden("x"), "PermissionDeniedError"),
        (NotFound("x"), "NotFoundError"),
        (NoSuchModel("x"), "NotFoundError"),
        (Throttled("x"), "RateLimitError"),
        (QuotaExhausted("x"), "RateLimitError"),
        (Overloaded("x"), "InternalServerError"),
        (ServerFault("x"), "InternalServerError"),
    ],
)
def test_the_official_sdk_raises_its_own_class(error: Error, name: str) -> None:
    openai = pytest.importorskip("openai")
    httpx = pytest.importorskip("httpx2")
    reply = httpx.Response(error.status_hint, content=render_error(error), headers={"content-type": "application/json"})

    def answer(request: object) -> Any:
        del request
        return reply

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        openai.OpenAI(api_key="k", base_url="http://x/v1", http_client=http, max_retries=0) as sdk,
        pytest.raises(getattr(openai, name)) as caught,
    ):
        sdk.chat.completions.create(model="m", messages=[])

    assert caught.value.message.endswith("x") or "'x'" in caught.value.message
    assert caught.value.type == msgspec.json.decode(render_error(error))["error"]["type"]
