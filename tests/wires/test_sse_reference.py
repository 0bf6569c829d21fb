"""Server-sent events, held against the format's own rules read line by line."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interlingua.errors import ProtocolError
from interlingua.wires.sse import ServerSentEvent, SSEParser, render_event


def parse(*pieces: bytes) -> list[ServerSentEvent]:
    parser = SSEParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


def parse_in_the_plain_way(stream: bytes) -> list[ServerSentEvent]:
    """The format's own rules, one line at a time, for comparison."""
    lines = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if lines[-1]:
        lines.append(b"")
    events: list[ServerSentEvent] = []
    data: list[bytes] = []
    fields: dict[str, bytes | int | None] = {}
    for line in [*lines, b""]:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data:
                events.append(ServerSentEvent(b"\n".join(data), **fields))  # pyright: ignore[reportArgumentType]
            data, fields = [], {}
        elif name == b"data":
            data.append(value)
        elif name == b"event":
            fields["event"] = value
        elif name == b"id" and b"\0" not in value:
            fields["id"] = value
        elif name == b"retry" and value.isdigit() and len(value) <= 18:
            fields["retry"] = int(value)
    return events


PIECES = [
    b"data: ", b"data:", b"data", b"event: ", b"event:message", b"id: 7", b"retry: 10", b"retry: soon", b": comment",
    b":", b"\n", b"\n", b"\n\n", b"\r", b"\r\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"{}", b"\xe2\x80\xa8", b"\xc2\x85",
    b"\x0b\x0c\x1c", b" ", b"\0", b"x", "ü".encode(), b'data: {"a": 1}\n\n', b"data: [DONE]\n\n",
    b"event: delta\ndata: {}\n\n",
]  # fmt: skip
streams = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)


@given(streams, st.lists(st.integers(0, 200), max_size=12))
@example(b"data: a\r\n\r\ndata: b", [9, 10])
@example(b"data: a\n\ndata: b\n\n", [])
@example(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", [1, 2])
def test_any_split_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert parse(*pieces) == parse_in_the_plain_way(stream)


@given(streams)
def test_one_byte_at_a_time_gives_the_same_events(stream: bytes) -> None:
    assert parse(*[stream[index : index + 1] for index in range(len(stream))]) == parse_in_the_plain_way(stream)


@given(
    st.lists(
        st.tuples(
            st.binary().filter(lambda data: b"\r" not in data),
            st.none() | st.binary().filter(lambda name: b"\r" not in name and b"\n" not in name),
        )
    )
)
def test_what_is_rendered_is_parsed_back(events: list[tuple[bytes, bytes | None]]) -> None:
    stream = b"".join(render_event(data, event) for data, event in events)
    assert parse(b"", stream) == [ServerSentEvent(data, event) for data, event in events] or stream.startswith(b"\xef")


def test_fields_of_one_event_do_not_reach_the_next() -> None:
    assert parse(b"event: a\ndata: 1\n\ndata: 2\n\n") == [ServerSentEvent(b"1", b"a"), ServerSentEvent(b"2")]


@pytest.mark.parametrize("filler", [b"data: " + b"x" * 100, b"x" * 100, b"data: " + b"x" * 93 + b"\n"])
def test_a_line_or_event_without_an_end_is_cut_off(filler: bytes) -> None:
    parser = SSEParser(max_line=1000)
    parser.feed(b"data: fine\n\n")
    for _ in range(1000 // len(filler) - 1):
        assert parser.feed(filler) == []
    with pytest.raises(ProtocolError, match="1000"):
        parser.feed(filler * 3)


def test_a_line_beyond_the_bound_is_refused_in_one_piece_too() -> None:
    for stream in (b"data: " + b"x" * 1001 + b"\n\n", b"data: a\n\ndata: " + b"x" * 1001):
        parser = SSEParser(max_line=1000)
        parser.feed(b"data: fine\n\n")
        with pytest.raises(ProtocolError):
            parser.feed(stream)


def test_many_small_events_are_no_long_line() -> None:
    parser = SSEParser(max_line=100)
    parser.feed(b"data: fine\n\n")
    assert len(parser.feed(b"data: x\n\n" * 1000)) == 1000


def test_comments_without_an_end_of_the_event_are_let_go() -> None:
    parser = SSEParser(max_line=100)
    for _ in range(1000):
        assert parser.feed(b": keepalive\n") == []
    assert parser.feed(b"data: x\n\n") == [ServerSentEvent(b"x")]


def test_an_events_name_stays_on_its_line() -> None:
    with pytest.raises(ValueError, match="one line"):
        render_event(b"x", b"a\ndata: injected")
