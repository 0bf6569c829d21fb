"""Server-sent events, at any split and with any line end."""

from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ProtocolError
from interlingua.wires.sse import ServerSentEvent, SSEParser, render_event


def parsed(data: bytes, size: int | None = None) -> list[ServerSentEvent]:
    parser = SSEParser()
    step = size or max(1, len(data))
    events = [event for start in range(0, len(data), step) for event in parser.feed(data[start : start + step])]
    return events + parser.close()


def test_one_event() -> None:
    assert SSEParser().feed(b'data: {"a": 1}\n\n') == [ServerSentEvent(b'{"a": 1}')]


def test_an_event_is_given_as_soon_as_its_blank_line_has_come() -> None:
    parser = SSEParser()

    assert parser.feed(b"data: a\n") == []
    assert parser.feed(b"\n") == [ServerSentEvent(b"a")]
    assert parser.feed(b"data: b\r\r") == [ServerSentEvent(b"b")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, None])
def test_all_line_ends_mean_the_same(end: bytes, size: int | None) -> None:
    lines = [
        b"event: delta",
        b"id: 7",
        b"retry: 30",
        b"data: a",
        b"data:b",
        b"",
        b": a comment",
        b"",
        b"data",
        b"",
        b"",
    ]

    assert parsed(end.join(lines), size) == [
        ServerSentEvent(b"a\nb", event=b"delta", id=b"7", retry=30),
        ServerSentEvent(b""),
    ]


@pytest.mark.parametrize("text", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_only_cr_and_lf_end_a_line(text: str) -> None:
    assert parsed(f"data: a{text}b\n\n".encode()) == [ServerSentEvent(f"a{text}b".encode())]


@pytest.mark.parametrize("size", [1, 2, None])
def test_a_byte_order_mark_is_left_out_at_the_start_only(size: int | None) -> None:
    assert parsed(b"\xef\xbb\xbfdata: a\n\ndata: \xef\xbb\xbf\n\n", size) == [
        ServerSentEvent(b"a"),
        ServerSentEvent(b"\xef\xbb\xbf"),
    ]


def test_the_last_event_needs_no_blank_line() -> None:
    assert parsed(b"data: a\n\ndata: b") == [ServerSentEvent(b"a"), ServerSentEvent(b"b")]


def test_fields_without_data_are_no_event() -> None:
    assert parsed(b"event: ping\n\n: keep-alive\n\nid: 1\n\n") == []


@pytest.mark.parametrize("piece", [b"x" * 100, b"data: xxxxxxxx\n"])
def test_an_event_that_does_not_end_is_bounded(piece: bytes) -> None:
    parser = SSEParser(max_line=1000)

    with pytest.raises(ProtocolError):
        deque((parser.feed(piece) for _ in range(200)), maxlen=0)


lines = st.sampled_from(
    [
        b"data: a",
        b"data:b",
        b"data",
        b"data:  c",
        b"event: e",
        b"id: 1",
        b"id: \0",
        b"retry: 5",
        b"retry: x",
        b": c",
        b"",
    ]
) | st.binary(max_size=4).map(lambda data: b"data: " + data.replace(b"\r", b"").replace(b"\n", b""))
ends = st.sampled_from([b"\n", b"\r", b"\r\n"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(lines, ends), max_size=12), st.lists(st.integers(0, 120), max_size=6))
def test_any_split_gives_the_same_events(pieces: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    data = b"".join(line + end for line, end in pieces)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parser = SSEParser()

    events = [event for start, end in pairwise(places) for event in parser.feed(data[start:end])]

    assert events + parser.close() == parsed(data)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30))
def test_what_was_written_is_read(data: bytes) -> None:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    assert parsed(render_event(data, event=b"delta")) == [ServerSentEvent(lines, event=b"delta")]
