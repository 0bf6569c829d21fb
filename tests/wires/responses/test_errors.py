"""Failures of the Responses API: whole, inside a stream, and as a failed response (openai 3.54, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from openai.types.responses import ResponseErrorEvent
from openresponses_types import ErrorStreamingEvent

from interlingua.errors import (
    BadRequest,
    ContextTooLong,
    Error,
    InvalidRequest,
    NoSuchModel,
    Overloaded,
    ProtocolError,
    ProviderError,
    QuotaExhausted,
    StreamInterrupted,
    Throttled,
    Unauthorized,
    Unsupported,
)
from interlingua.types import ModelRequest, StreamStart, TextDelta
from interlingua.wires import responses
from tests.wires.responses.published import RESPONSE, event


def body_of(**fields: Any) -> bytes:
    return msgspec.json.encode({"error": {"message": "no", "type": "invalid_request_error", "param": None, **fields}})


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (400, {"code": "context_length_exceeded"}, ContextTooLong),
        (400, {"code": "unsupported_parameter", "param": "temperature"}, BadRequest),
        (401, {"code": "invalid_api_key"}, Unauthorized),
        (429, {"code": "rate_limit_exceeded", "type": "rate_limit_error"}, Throttled),
        (429, {"code": "insufficient_quota", "type": "insufficient_quota"}, QuotaExhausted),
        (503, {"code": None, "type": "server_error"}, Overloaded),
        (500, {"code": "server_error", "type": "server_error"}, ProviderError),
    ],
)
def test_failures_are_read(status: int, fields: dict[str, Any], kind: type[ProviderError]) -> None:
    error = responses.parse_error(status, {"x-request-id": "req_1"}, body_of(**fields))

    assert isinstance(error, kind)
    assert (error.status, error.request_id, error.param) == (status, "req_1", fields.get("param"))


@pytest.mark.parametrize(
    ("error", "written"),
    [
        (
            InvalidRequest("input must be a list.", param="input"),
            {"message": "input must be a list.", "type": "invalid_request_error", "param": "input", "code": None},
        ),
        (
            NoSuchModel("There is no model 'x'."),
            {"message": "There is no model 'x'.", "type": "invalid_request_error", "param": None,
             "code": "model_not_found"},
        ),
        (
            ContextTooLong("too long"),
            {"message": "too long", "type": "invalid_request_error", "param": None, "code": "context_length_exceeded"},
        ),
        (
            Throttled("slow down"),
            {"message": "slow down", "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded"},
        ),
    ],
)  # fmt: skip
def test_failures_are_written(error: Error, written: dict[str, Any]) -> None:
    assert msgspec.json.decode(responses.render_error(error)) == {"error": written}


def test_what_is_unsupported_names_its_feature() -> None:
    body = msgspec.json.decode(responses.render_error(Unsupported("background", model="m")))

    assert "background" in body["error"]["message"]


def test_a_failure_in_a_stream_is_an_event_of_both_specifications() -> None:
    renderer = responses.stream_renderer(ModelRequest("m", []))
    begun = renderer.render(StreamStart(id="resp_1", model="m")) + renderer.render(TextDelta("Hi"))

    data = renderer.render_error(Overloaded("try later"))

    name, payload = data.decode().rstrip("\n").split("\n")
    fields = msgspec.json.decode(payload.removeprefix("data: "))
    assert name == "event: error"
    assert fields == {
        "type": "error",
        "code": "overloaded",
        "message": "try later",
        "param": None,
        "error": {"message": "try later", "type": "overloaded_error", "param": None, "code": "overloaded"},
        "sequence_number": begun.count(b"event: "),
    }
    ResponseErrorEvent.model_validate(fields)
    ErrorStreamingEvent.model_validate(fields)


@pytest.mark.parametrize(
    "told",
    [
        event("error", 1, code="rate_limit_exceeded", message="slow down", param=None),
        event("error", 1, error={"type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "slow down"}),
        event("response.failed", 1, response={
            **RESPONSE, "status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow down"}}),
        b'data: {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}\n\n',
    ],
)  # fmt: skip
def test_failures_in_a_stream_are_raised_whatever_their_shape(told: bytes) -> None:
    parser = responses.stream_parser()
    parser.feed(event("response.created", 0, response={**RESPONSE, "output": []}))

    with pytest.raises(Throttled, match="slow down"):
        parser.feed(told)


def test_what_is_no_event_is_said_to_be_none() -> None:
    for data in (b"data: {\n\n", b"data: 7\n\n", b'data: {"type":"response.output_item.added"}\n\n'):
        with pytest.raises(ProtocolError):
            responses.stream_parser().feed(data)


def test_a_stream_that_ends_early_is_interrupted() -> None:
    parser = responses.stream_parser()
    parser.feed(event("response.created", 0, response={**RESPONSE, "output": []}))
    parser.feed(event("response.output_text.delta", 1, delta="Hi", output_index=0, content_index=0))

    with pytest.raises(StreamInterrupted) as raised:
        parser.close()

    assert raised.value.partial == "Hi"
