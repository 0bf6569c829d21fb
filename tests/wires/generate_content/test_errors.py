"""Failures in Google's shape, held against what its SDK makes of them (google-genai 3.4; details read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from google.genai import errors as sdk

from interlingua.errors import (
    BadRequest,
    ContextTooLong,
    Error,
    Forbidden,
    InvalidConfig,
    InvalidRequest,
    NoSuchModel,
    NotFound,
    Overloaded,
    ProtocolError,
    ProviderError,
    QuotaExhausted,
    ServerFault,
    Throttled,
    TimedOut,
    Unauthorized,
    Unsupported,
)
from interlingua.types import ModelRequest
from interlingua.wires import generate_content
from interlingua.wires.generate_content import array

QUOTA = "You exceeded your current quota, please check your plan and billing details."
DELAY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "26.5s"}


def told(code: int, status: str, message: str = "told", details: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    return {"error": error if details is None else error | {"details": details}}


def passed(*limits: str) -> dict[str, Any]:
    violations = [{"quotaMetric": "generativelanguage.googleapis.com/requests", "quotaId": each} for each in limits]
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}


def reason(word: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": word, "domain": "googleapis.com"}


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        (400, "INVALID_ARGUMENT", BadRequest),
        (400, "FAILED_PRECONDITION", BadRequest),
        (401, "UNAUTHENTICATED", Unauthorized),
        (403, "PERMISSION_DENIED", Forbidden),
        (404, "NOT_FOUND", NotFound),
        (409, "ABORTED", ProviderError),
        (429, "RESOURCE_EXHAUSTED", Throttled),
        (499, "CANCELLED", BadRequest),
        (500, "INTERNAL", ServerFault),
        (503, "UNAVAILABLE", Overloaded),
        (504, "DEADLINE_EXCEEDED", ServerFault),
    ],
)
def test_each_failure_is_its_own_error(code: int, status: str, error: type[Error]) -> None:
    body = told(code, status)

    for data in (body, [body]):  # a stream that is no stream of events fails as a list
        found = generate_content.parse_error(code, {}, msgspec.json.encode(data))
        assert type(found) is error
        assert (found.status, found.message) == (code, "told")
        assert found.retryable is (code in (409, 429, 500, 503, 504))


@pytest.mark.parametrize(
    ("details", "error", "wait"),
    [
        ([passed("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"), DELAY], Throttled, 26.5),
        ([passed("GenerateContentInputTokensPerModelPerMinute-FreeTier")], Throttled, None),
        ([DELAY], Throttled, 26.5),
        ([passed("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), DELAY], QuotaExhausted, 26.5),
        ([passed("TokensPerMinute", "GenerateRequestsPerDayPerProjectPerModel-FreeTier")], QuotaExhausted, None),
        ([], QuotaExhausted, None),
        (None, QuotaExhausted, None),
    ],
)
def test_a_limit_of_a_minute_is_no_empty_account(
    details: list[dict[str, Any]] | None, error: type[Error], wait: float | None
) -> None:
    body = told(429, "RESOURCE_EXHAUSTED", QUOTA, details)

    found = generate_content.parse_error(429, {}, msgspec.json.encode(body))

    assert (type(found), found.retry_after, found.status) == (error, wait, 429)
    with pytest.raises(Throttled) as raised:
        generate_content.stream_parser().feed(b"data: %b\r\n\r\n" % msgspec.json.encode(body))
    assert (type(raised.value), raised.value.retry_after) == (error, wait)


def test_the_header_says_how_long_to_wait_before_the_details_do() -> None:
    body = msgspec.json.encode(told(429, "RESOURCE_EXHAUSTED", details=[DELAY]))

    assert generate_content.parse_error(429, {"Retry-After": "3"}, body).retry_after == 3


def test_a_key_that_is_refused_with_a_400_is_a_refused_key() -> None:
    message = "API key not valid. Please pass a valid API key."
    body = told(400, "INVALID_ARGUMENT", message, [reason("API_KEY_INVALID"), {"@type": "LocalizedMessage"}])

    found = generate_content.parse_error(400, {}, msgspec.json.encode(body))

    assert (type(found), found.status, found.message) == (Unauthorized, 400, message)


def test_a_prompt_that_is_too_long_is_told_as_such() -> None:
    message = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."

    found = generate_content.parse_error(400, {}, msgspec.json.encode(told(400, "INVALID_ARGUMENT", message)))

    assert isinstance(found, ContextTooLong)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The provider answered with status 502 and no message."),
        (b"<html>Bad gateway</html>", "The provider answered with status 502 with a web page and no message."),
        (b"upstream connect error", "upstream connect error"),
        (b'{"error":{"code":502,"details":[null,7,{"violations":7},{"retryDelay":"soon"}]}}', None),
        (b'{"error":[1]}', None),
        (b"[]", None),
    ],
)
def test_any_body_is_an_error(body: bytes, message: str | None) -> None:
    found = generate_content.parse_error(502, {}, body)

    assert (type(found), found.status) == (ServerFault, 502)
    assert message is None or found.message == message


@pytest.mark.parametrize("data", [told(503, "UNAVAILABLE", "Overloaded."), [told(503, "UNAVAILABLE", "Overloaded.")]])
def test_an_error_in_a_reply_that_began_well_is_raised(data: object) -> None:
    body = msgspec.json.encode(data)

    with pytest.raises(Overloaded, match=r"Overloaded\."):
        generate_content.parse_response(body)
    assert not generate_content.is_answer(body)


ERRORS: list[tuple[Error, int, str]] = [
    (InvalidRequest("no"), 400, "INVALID_ARGUMENT"),
    (Unsupported("audio"), 400, "INVALID_ARGUMENT"),
    (Unauthorized("no"), 401, "UNAUTHENTICATED"),
    (Forbidden("no"), 403, "PERMISSION_DENIED"),
    (NotFound("no"), 404, "NOT_FOUND"),
    (NoSuchModel("no"), 404, "NOT_FOUND"),
    (Throttled("no"), 429, "RESOURCE_EXHAUSTED"),
    (QuotaExhausted("no"), 429, "RESOURCE_EXHAUSTED"),
    (ServerFault("no"), 502, "INTERNAL"),
    (Overloaded("no"), 503, "UNAVAILABLE"),
    (TimedOut("total", 1.0), 504, "DEADLINE_EXCEEDED"),
    (ProtocolError("no"), 502, "INTERNAL"),
    (InvalidConfig("no"), 500, "INTERNAL"),
]


@pytest.mark.parametrize(("error", "code", "word"), ERRORS, ids=lambda value: type(value).__name__)
def test_every_error_is_written_as_googles_sdk_raises_it(error: Error, code: int, word: str) -> None:
    body = generate_content.render_error(error)

    raised = sdk.APIError(code, msgspec.json.decode(body))

    assert (raised.code, raised.status, raised.message) == (code, word, error.message)
    assert msgspec.json.decode(array.render_error(error)) == [msgspec.json.decode(body)]


@pytest.mark.parametrize(("error", "code", "word"), ERRORS, ids=lambda value: type(value).__name__)
def test_every_error_is_read_back_from_a_stream(error: Error, code: int, word: str) -> None:
    data = generate_content.stream_renderer(ModelRequest("m", [])).render_error(error)

    assert msgspec.json.decode(data.removeprefix(b"data: "))["error"]["status"] == word
    with pytest.raises(ProviderError) as raised:
        generate_content.stream_parser().feed(data)
    assert (raised.value.status, raised.value.message) == (code, error.message)
    watch = generate_content.stream_watch()
    watch.feed(data)
    assert watch.finished
    assert watch.error is not None
    assert watch.error.message == error.message


def test_what_looks_like_a_key_is_masked() -> None:
    assert b"AIzaSy" not in generate_content.render_error(BadRequest("bad key AIzaSyD-0123456789abcdef"))
