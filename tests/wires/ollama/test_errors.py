"""Failures in Ollama's shape, held against what its client makes of them (ollama 0.6.3; server's words 2026-11-25)."""

import msgspec
import ollama as sdk
import pytest

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
    ServerFault,
    Throttled,
    TimedOut,
    Unauthorized,
    Unsupported,
)
from interlingua.types import ModelRequest, StreamStart, TextDelta
from interlingua.wires import ollama
from interlingua.wires.ollama import generate

TEXT = (
    b'{"model":"m","created_at":"2026-11-25T00:00:00Z","message":{"role":"assistant","content":"Hel"},"done":false}\n'
)


def told(message: str, **fields: str) -> bytes:
    return msgspec.json.encode({"error": message, **fields})


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (400, told('"m" does not support tools'), BadRequest, '"m" does not support tools'),
        (400, told("input length exceeds maximum context length"), ContextTooLong, None),
        (401, told("unauthorized", signin_url="https://ollama.example/connect"), Unauthorized, "unauthorized"),
        (403, told("this model requires a subscription"), Forbidden, None),
        (404, told("model 'x' not found"), NotFound, "model 'x' not found"),
        (404, b"404 page not found", NotFound, "404 page not found"),
        (429, told("you have reached your weekly usage limit"), Throttled, None),
        (500, told("llama runner process has terminated: exit status 2"), ServerFault, None),
        (502, b"<html>", ServerFault, None),
        (503, told("server busy, please try again.  maximum pending requests exceeded"), Overloaded, None),
    ],
)
def test_each_failure_is_its_own_error(status: int, body: bytes, error: type[Error], message: str | None) -> None:
    found = ollama.parse_error(status, {}, body)

    assert (type(found), found.status) == (error, status)
    assert message is None or found.message == message
    assert found.retryable is (status in (429, 500, 502, 503))


@pytest.mark.parametrize("wire", [ollama, generate])
def test_an_error_in_a_reply_that_began_well_is_raised(wire: object) -> None:
    spoken = ollama if wire is ollama else generate
    body = told("model runner has unexpectedly stopped")

    with pytest.raises(ServerFault, match="unexpectedly stopped"):
        spoken.parse_response(body)
    assert not spoken.is_answer(body)


def test_an_error_line_follows_what_was_said() -> None:
    parser = ollama.stream_parser()
    events = parser.feed(TEXT + told("an error was encountered while running the model") + b"\n")

    assert [type(each) for each in events] == [StreamStart, TextDelta]
    assert isinstance(parser.failure, ServerFault)
    with pytest.raises(ServerFault, match="while running the model"):
        parser.close()


def test_an_error_line_may_be_the_only_one() -> None:
    with pytest.raises(ServerFault, match="no luck"):
        ollama.stream_parser().feed(told("no luck") + b"\n")


ERRORS: list[Error] = [
    InvalidRequest("no"),
    Unsupported("audio"),
    Unauthorized("no"),
    Forbidden("no"),
    NotFound("no"),
    NoSuchModel("no"),
    Throttled("no"),
    ServerFault("no"),
    Overloaded("no"),
    TimedOut("total", 1.0),
    ProtocolError("no"),
    InvalidConfig("no"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_written_as_ollamas_client_raises_it(error: Error) -> None:
    body = ollama.render_error(error)

    raised = sdk.ResponseError(body.decode(), error.status_hint)

    assert (raised.error, raised.status_code) == (error.message, error.status_hint)
    assert generate.render_error(error) == body


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_a_line_of_a_stream(error: Error) -> None:
    data = ollama.stream_renderer(ModelRequest("m", [])).render_error(error)

    assert (data.count(b"\n"), data[-1:]) == (1, b"\n")
    assert msgspec.json.decode(data) == {"error": error.message}
    with pytest.raises(ProviderError) as raised:
        ollama.stream_parser().feed(data)
    assert raised.value.message == error.message
    watch = ollama.stream_watch()
    watch.feed(TEXT + data)
    assert watch.finished
    assert watch.error is not None


def test_what_looks_like_a_key_is_masked() -> None:
    assert b"sk-0123" not in ollama.render_error(BadRequest("bad key sk-0123456789abcdef"))
