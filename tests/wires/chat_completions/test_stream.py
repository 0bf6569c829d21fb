"""Streamed replies, good, odd and broken."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import ContextTooLong, Error, Overloaded, ProtocolError, ProviderError, StreamInterrupted
from interlingua.types import (
    Event,
    Finish,
    OpaqueDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from interlingua.wires.chat_completions import stream_parser
from interlingua.wires.dialect import Dialect

DONE = b"data: [DONE]\n\n"


def chunk(delta: Any, finish: str | None = None, index: int = 0, **fields: Any) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return b"data: " + msgspec.json.encode({"id": "c", "model": "m", "choices": [choice], **fields}) + b"\n\n"


def events_of(*data: bytes, dialect: Dialect | None = None) -> list[Event]:
    """Read a stream and leave out its start."""
    parser = stream_parser(dialect=dialect or Dialect())
    events = [event for each in data for event in parser.feed(each)]
    events += parser.close()
    assert isinstance(events[0], StreamStart)
    return events[1:]


def test_a_text() -> None:
    events = events_of(
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "He"}),
        chunk({"content": "y"}),
        chunk({}, "stop"),
        DONE,
    )

    assert events == [TextDelta("He"), TextDelta("y"), Finish("stop", 0, "stop"), StreamEnd()]


def test_a_chunk_with_a_role_alone_is_the_start_and_no_text() -> None:
    events = stream_parser().feed(chunk({"role": "assistant", "content": ""}, created=5))

    assert events == [StreamStart(id="c", model="m", created=5)]


@pytest.mark.parametrize("text", ['"', "\\", "\n", "\u2028", "\U0001f600", "\x7f", "</script>", '"}}]}', "\\u0041"])
def test_any_text_is_read_after_many_like_it(text: str) -> None:
    data = [chunk({"content": "a"}) for _ in range(5)]

    events = events_of(*data, chunk({"content": text}), chunk({}, "stop"), DONE)

    assert events[5] == TextDelta(text)


def test_an_event_that_only_looks_like_the_last_one_is_read_in_full() -> None:
    plain = [chunk({"content": "a"}), chunk({"content": "b"})]
    twice = b'"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"choices":'
    odd = chunk({"content": "y"}).replace(b'"choices":', twice)
    sneaky = chunk({"content": "z"}).replace(b'"z"', b'"z","content":"w"')

    events = events_of(*plain, odd, sneaky, chunk({}, "stop"), DONE)

    assert events[:4] == [TextDelta("a"), TextDelta("b"), TextDelta("y"), TextDelta("w")]


def test_a_null_delta_null_content_and_empty_choices_are_nothing() -> None:
    events = events_of(
        chunk(None), chunk({"content": None}), chunk({}, choices=[]), chunk({"content": "x"}, "stop"), DONE
    )

    assert events == [TextDelta("x"), Finish("stop", 0, "stop"), StreamEnd()]


def test_usage_stands_in_a_chunk_without_choices() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}

    events = events_of(chunk({"content": "x"}, "stop", usage=None), chunk({}, choices=[], usage=usage), DONE)

    assert events[-2:] == [UsageReport(Usage(input_tokens=3, output_tokens=2)), StreamEnd()]


def test_usage_may_stand_on_every_chunk() -> None:
    events = events_of(
        chunk({"content": "a"}, usage={"completion_tokens": 1}),
        chunk({"content": "b"}, "stop", usage={"completion_tokens": 2}),
        DONE,
    )

    assert [event.usage.output_tokens for event in events if isinstance(event, UsageReport)] == [1, 2]


def test_several_choices_in_one_chunk() -> None:
    both = [{"index": 0, "delta": {"content": "a"}}, {"index": 1, "delta": {"content": "b"}}]

    events = events_of(chunk({}, choices=both), chunk({}, "stop"), chunk({}, "length", index=1), DONE)

    assert events[:2] == [TextDelta("a", 0), TextDelta("b", 1)]


def calls_of(*deltas: dict[str, Any]) -> list[tuple[int, str | None, str | None, str]]:
    data = [chunk({"tool_calls": [delta]}) for delta in deltas]
    events = events_of(*data, chunk({}, "tool_calls"), DONE)
    return [(each.index, each.id, each.name, each.arguments) for each in events if isinstance(each, ToolCallDelta)]


def test_tool_calls_without_an_index_are_told_apart_by_their_id() -> None:
    calls = calls_of(
        {"id": "a", "function": {"name": "f", "arguments": "{"}},
        {"function": {"arguments": "}"}},
        {"id": "b", "function": {"name": "f", "arguments": "{}"}},
        {"id": "a", "function": {"arguments": "!"}},
    )

    assert calls == [(0, "a", "f", "{"), (0, None, None, "}"), (1, "b", "f", "{}"), (0, None, None, "!")]


def test_tool_calls_with_neither_are_told_apart_by_a_new_name() -> None:
    calls = calls_of({"function": {"name": "f", "arguments": "1"}}, {"function": {"name": "g", "arguments": "2"}})

    assert calls == [(0, None, "f", "1"), (1, None, "g", "2")]


def test_an_id_and_a_name_on_every_piece_are_given_once() -> None:
    piece = {"index": 0, "id": "a", "type": "function"}

    calls = calls_of(
        {**piece, "function": {"name": "f", "arguments": "{"}}, {**piece, "function": {"name": "f", "arguments": "}"}}
    )

    assert calls == [(0, "a", "f", "{"), (0, None, None, "}")]


def test_another_id_at_the_same_index_is_another_call() -> None:
    calls = calls_of(
        {"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}},
        {"index": 0, "id": "b", "function": {"name": "f", "arguments": "2"}},
        {"index": 0, "function": {"arguments": "3"}},
    )

    assert calls == [(0, "a", "f", "1"), (1, "b", "f", "2"), (1, None, None, "3")]


def test_parallel_calls_may_alternate() -> None:
    calls = calls_of(
        {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}},
        {"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}},
        {"index": 0, "function": {"arguments": "1"}},
        {"index": 1, "function": {"arguments": "2"}},
    )

    assert [(index, arguments) for index, _, _, arguments in calls] == [(0, ""), (1, ""), (0, "1"), (1, "2")]


def test_unknown_fields_are_kept() -> None:
    events = events_of(
        chunk({"content": "a", "x_delta": 1}),
        chunk({"content": "b"}, x_chunk="new"),
        chunk({}, choices=[{"index": 0, "delta": {}, "finish_reason": "stop", "stop_reason": 128}]),
        DONE,
    )

    assert [event for event in events if isinstance(event, OpaqueDelta)] == [
        OpaqueDelta("chat_completions", {"message": {"x_delta": 1}}, 0),
        OpaqueDelta("chat_completions", {"x_chunk": "new"}),
        OpaqueDelta("chat_completions", {"stop_reason": 128}, 0),
    ]


def test_a_field_that_stays_the_same_is_told_once() -> None:
    events = stream_parser().feed(
        b"".join(chunk({"content": "a"}, provider="P", service_tier="flex") for _ in range(3))
    )

    assert events[0] == StreamStart(
        id="c", model="m", extensions={"chat_completions": {"provider": "P", "service_tier": "flex"}}
    )
    assert len(events) == 4


def test_tags_may_be_cut_anywhere() -> None:
    pieces = [chunk({"content": text}) for text in "<think>so</think>42"]

    events = events_of(*pieces, chunk({}, "stop"), DONE, dialect=Dialect(think_tags=True))

    assert "".join(each.text for each in events if isinstance(each, ThinkingDelta)) == "so"
    assert "".join(each.text for each in events if isinstance(each, TextDelta)) == "42"


def test_what_a_tag_held_back_comes_at_the_end() -> None:
    events = events_of(chunk({"content": "<thi"}), chunk({}, "stop"), DONE, dialect=Dialect(think_tags=True))

    assert events == [TextDelta("<thi"), Finish("stop", 0, "stop"), StreamEnd()]


def test_a_finish_reason_without_an_end_mark_is_an_end() -> None:
    assert events_of(chunk({"content": "x"}, "stop"))[-1] == StreamEnd(marked=False)


def test_an_end_mark_without_a_blank_line_is_an_end() -> None:
    assert events_of(chunk({"content": "x"}, "stop"), b"data: [DONE]")[-1] == StreamEnd(marked=True)


def test_nothing_after_the_end_mark_is_read() -> None:
    assert events_of(chunk({"content": "x"}, "stop"), DONE, b"data: {broken\n\n", b"<html>")[-1] == StreamEnd()


@pytest.mark.parametrize(
    ("rest", "partial"),
    [(b"", "Hey"), (b'data: {"id":"c","choi', "Hey"), (b": ping\n\n", "Hey"), (b"data: {}", "Hey")],
)
def test_a_stream_without_an_end_was_cut(rest: bytes, partial: str) -> None:
    parser = stream_parser()
    parser.feed(chunk({"content": "He"}) + chunk({"content": "y"}) + rest)

    with pytest.raises(StreamInterrupted) as caught:
        parser.close()

    assert caught.value.partial == partial


def test_one_choice_that_did_not_end_was_cut() -> None:
    parser = stream_parser()
    parser.feed(chunk({"content": "a"}) + chunk({"content": "b"}, index=1) + chunk({}, "stop"))

    with pytest.raises(StreamInterrupted):
        parser.close()


@pytest.mark.parametrize("data", [b"", b"\n\n", b": keep-alive\n\n", b"Internal Server Error"])
def test_an_empty_stream_was_cut(data: bytes) -> None:
    parser = stream_parser()
    parser.feed(data)

    with pytest.raises(StreamInterrupted):
        parser.close()


def fail(*data: bytes) -> Error:
    with pytest.raises(Error) as caught:
        read_all(*data)
    return caught.value


def read_all(*data: bytes) -> None:
    parser = stream_parser()
    for each in data:
        parser.feed(each)
    parser.close()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'data: {"error":{"message":"busy","type":"overloaded_error"}}\n\n', Overloaded),
        (b'event: error\ndata: {"message":"This model\'s maximum context length is 8 tokens"}\n\n', ContextTooLong),
        (b'data: {"error":"boom"}\n\n', ProviderError),
        (b'data: {"object":"error","message":"boom"}\n\n', ProviderError),
        (b'{"error":{"message":"busy","code":"overloaded"}}', Overloaded),
        (b'\n{"error":{"message":"busy","code":503}}', Overloaded),
        (b'{"choices":[]}', ProtocolError),
        (b"<!doctype html><title>Sign in</title>", ProtocolError),
        (b"data: {broken\n\n", ProtocolError),
        (b"data: [1]\n\n", ProtocolError),
        (b'data: "x"\n\n', ProtocolError),
        (b'data: {"choices":{}}\n\n', ProtocolError),
        (b'data: {"choices":[1]}\n\n', ProtocolError),
        (b'data: {"choices":[{"delta":"x"}]}\n\n', ProtocolError),
        (b'data: {"choices":[{"delta":{"tool_calls":[1]}}]}\n\n', ProtocolError),
        (b'data: {"choices":[{"delta":{"content":[{}]}}]}\n\n', ProtocolError),
        (b"data: " + b"[" * 5000 + b"\n\n", ProtocolError),
        (b'data: "' + b"x" * (9 * 1024 * 1024), ProtocolError),
    ],
)
def test_what_is_no_stream_is_an_error_of_its_kind(data: bytes, error: type[Error]) -> None:
    assert isinstance(fail(data), error)
    assert isinstance(fail(*[data[start : start + 700_000 or 1] for start in range(0, len(data), 700_000)]), error)


def test_a_broken_event_is_named() -> None:
    error = fail(chunk({"content": "a"}), chunk({"content": "b"}), b"data: {broken\n\n")

    assert "after 2 others" in error.message
    assert "{broken" in error.message


def test_events_before_a_failure_are_not_lost() -> None:
    parser = stream_parser()

    events = parser.feed(chunk({"content": "a"}) + b'data: {"error":{"message":"busy","code":503}}\n\n')

    assert events[-1] == TextDelta("a")
    assert isinstance(parser.failure, Overloaded)
    with pytest.raises(Overloaded):
        parser.close()


def test_half_an_emoji_does_not_end_the_stream() -> None:
    data = chunk({"content": "a"}), chunk({"content": "@"}).replace(b"@", rb"\ud83d"), chunk({}, "stop"), DONE

    assert events_of(*data)[1] == TextDelta("\ufffd")
