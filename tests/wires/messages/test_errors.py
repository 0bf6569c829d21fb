"""Failures in Anthropic's shape, held against what the SDK makes of them (anthropic 2.12)."""

from typing import Any

import anthropic
import httpx2
import msgspec
import pytest
from anthropic.types import ErrorResponse
from pydantic import TypeAdapter

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
    ProviderError,
    QuotaExhausted,
    ServerFault,
    Throttled,
    TimedOut,
    Unauthorized,
    Unsupported,
)
from interlingua.types import ModelRequest
from interlingua.wires import messages


def told(kind: str, message: str = "told", **fields: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message, **fields}, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "invalid_request_error", BadRequest),
        (401, "authentication_error", Unauthorized),
        (402, "billing_error", QuotaExhausted),
        (403, "permission_error", Forbidden),
        (404, "not_found_error", NotFound),
        (413, "request_too_large", BadRequest),
        (429, "rate_limit_error", Throttled),
        (500, "api_error", ServerFault),
        (504, "timeout_error", ProviderError),
        (529, "overloaded_error", Overloaded),
    ],
)
def test_each_failure_is_its_own_error(status: int, kind: str, error: type[Error]) -> None:
    found = messages.parse_error(status, {"retry-after": "7"}, msgspec.json.encode(told(kind)))
    assert isinstance(found, error)
    assert (found.status, found.message, found.request_id) == (status, "told", "req_1")
    assert found.retryable is (status in (429, 500, 504, 529))


def test_a_prompt_that_is_too_long_is_told_as_such() -> None:
    body = told("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")
    assert isinstance(messages.parse_error(400, {}, msgspec.json.encode(body)), ContextTooLong)


@pytest.mark.parametrize(
    ("error", "kind", "raised"),
    [
        (InvalidRequest("no"), "invalid_request_error", anthropic.BadRequestError),
        (Unsupported("audio"), "api_error", anthropic.BadRequestError),
        (Unauthorized("no"), "authentication_error", anthropic.AuthenticationError),
        (Forbidden("no"), "permission_error", anthropic.PermissionDeniedError),
        (NotFound("no"), "not_found_error", anthropic.NotFoundError),
        (NoSuchModel("no"), "not_found_error", anthropic.NotFoundError),
        (Throttled("no"), "rate_limit_error", anthropic.RateLimitError),
        (Overloaded("no"), "overloaded_error", anthropic.InternalServerError),
        (ServerFault("no"), "api_error", anthropic.InternalServerError),
        (TimedOut("total", 1.0), "timeout_error", anthropic.InternalServerError),
        (InvalidConfig("no"), "api_error", anthropic.InternalServerError),
    ],
)
def test_the_sdk_raises_its_own_error(error: Error, kind: str, raised: type[anthropic.APIStatusError]) -> None:
    body = messages.render_error(error)
    TypeAdapter(ErrorResponse).validate_json(body)

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(error.status_hint, content=body, request=request)

    client = anthropic.Anthropic(
        api_key="k", max_retries=0, http_client=httpx2.Client(transport=httpx2.MockTransport(answer))
    )
    with pytest.raises(raised) as caught:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "hi"}])
    assert (caught.value.type, caught.value.api_message) == (kind, error.message)


def test_an_error_of_this_wire_goes_on_as_it_came() -> None:
    body = told("invalid_request_error", details={"error_code": "file_expired", "file_id": "file_1"})
    error = messages.parse_error(400, {}, msgspec.json.encode(body))
    assert error.code == "file_expired"
    assert msgspec.json.decode(messages.render_error(error)) == body
    data = messages.stream_renderer(ModelRequest("m", [])).render_error(error)
    assert msgspec.json.decode(data.partition(b"\ndata: ")[2]) == body


def test_an_error_of_another_wire_is_told_in_this_ones_shape() -> None:
    error = BadRequest(
        "no sk-ant-abcdefghijklmnopqrstuvwxyz", body=b'{"error":{"message":"no","type":"x"}}', status=400
    )
    fields = msgspec.json.decode(messages.render_error(error))
    assert (fields["type"], fields["error"]["type"]) == ("error", "invalid_request_error")
    assert "abcdefghijklmnopqrstuvwxyz" not in fields["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", b'{"error":1}', b"\xff", b"[" * 9999])
def test_a_failure_without_words_is_one_all_the_same(body: bytes) -> None:
    error = messages.parse_error(502, {}, body)
    assert (error.status, error.retryable) == (502, True)
    assert error.message
