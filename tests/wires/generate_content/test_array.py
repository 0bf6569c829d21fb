"""Streams as JSON arrays, as Google answers without `?alt=sse` (blanks as its clients' tests have them, 2026-11-25)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import Error, StreamInterrupted, Throttled
from interlingua.types import Event, Finish, ModelRequest, StreamEnd, StreamStart, TextDelta, Usage, UsageReport
from interlingua.wires.generate_content import array

PIECES: list[dict[str, Any]] = [
    {"candidates": [{"content": {"role": "model", "parts": [{"text": 'O"ne\\{'}]}, "index": 0}]},
    {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "}]\r\n"}]}, "index": 0, "finishReason": "STOP"}
        ],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
    },
]
COMPACT = msgspec.json.encode(PIECES)
GOOGLES = b"[" + b"\n,\r\n".join(msgspec.json.format(msgspec.json.encode(each)) for each in PIECES) + b"\n]\n"


def events_of(data: bytes, size: int) -> list[Event]:
    parser = array.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
    return [*events, *parser.close()]


@pytest.mark.parametrize("data", [COMPACT, GOOGLES])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100_000])
def test_an_array_is_read_at_any_split(data: bytes, size: int) -> None:
    events = events_of(data, size)

    assert "".join(each.text for each in events if isinstance(each, TextDelta)) == 'O"ne\\{}]\r\n'
    assert [each for each in events if isinstance(each, Finish)] == [Finish("stop", 0, "STOP")]
    assert isinstance(events[-1], StreamEnd)


def test_an_element_is_read_before_the_next_one_comes() -> None:
    parser = array.stream_parser()

    assert any(isinstance(each, TextDelta) for each in parser.feed(GOOGLES[: GOOGLES.index(b"\n,\r\n")]))


@pytest.mark.parametrize("data", [COMPACT[:60], GOOGLES[: GOOGLES.index(b"finishReason")], b"", b"["])
def test_an_array_that_was_cut_is_no_answer(data: bytes) -> None:
    with pytest.raises(StreamInterrupted):
        events_of(data, 7)


def test_an_error_is_an_element() -> None:
    error = {"error": {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED"}}

    with pytest.raises(Throttled, match=r"Quota exceeded\."):
        events_of(msgspec.json.encode([error]), 7)


def written(events: list[Event], failure: Error | None = None) -> bytes:
    renderer = array.stream_renderer(ModelRequest("m", []))
    data = b"".join(renderer.render(event) for event in events)
    return data if failure is None else data + renderer.render_error(failure)


def test_a_written_stream_is_an_array_in_googles_form() -> None:
    end: list[Event] = [UsageReport(Usage(input_tokens=3, output_tokens=2)), Finish("stop"), StreamEnd()]
    data = written([StreamStart(id="r1", model="m"), TextDelta("One"), TextDelta("two"), *end])

    first, second, last = msgspec.json.decode(data)
    texts = [each["candidates"][0]["content"]["parts"][0]["text"] for each in (first, second)]
    assert texts == ["One", "two"]
    assert (last["candidates"][0]["finishReason"], last["usageMetadata"]["totalTokenCount"]) == ("STOP", 5)
    assert data.startswith(b'[{"')
    assert data.count(b"}\n,\r\n{") == 2
    assert data.endswith(b"}\n]\n")


@pytest.mark.parametrize("events", [[StreamStart(model="m")], [StreamStart(model="m"), TextDelta("One")]])
def test_a_failure_is_the_arrays_last_element(events: list[Event]) -> None:
    *said, last = msgspec.json.decode(written(events, Throttled("Slow down.", status=429)))

    assert len(said) == len(events) - 1
    assert last == {"error": {"code": 429, "message": "Slow down.", "status": "RESOURCE_EXHAUSTED"}}


def test_a_failure_before_the_stream_is_an_array_too() -> None:
    assert msgspec.json.decode(array.render_error(Throttled("Slow down.", status=429))) == [
        {"error": {"code": 429, "message": "Slow down.", "status": "RESOURCE_EXHAUSTED"}}
    ]


@pytest.mark.parametrize("data", [COMPACT, GOOGLES])
@pytest.mark.parametrize("size", [5, 100_000])
def test_a_watch_sees_how_an_array_ended(data: bytes, size: int) -> None:
    watch = array.stream_watch()
    passed = [watch.feed(data[start : start + size]) for start in range(0, len(data), size)]

    assert b"".join(passed) + watch.close() == data
    assert not watch.ended
    assert watch.finished
    assert watch.error is None
    assert watch.usage == Usage(input_tokens=3, output_tokens=2)


def test_a_watch_sees_an_error_and_a_cut() -> None:
    watch = array.stream_watch()
    watch.feed(GOOGLES[: GOOGLES.index(b"\n,\r\n") + 4])
    assert not watch.finished
    watch.feed(b'{"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}\n]')

    assert watch.finished
    assert watch.error is not None
    assert watch.error.status == 503
