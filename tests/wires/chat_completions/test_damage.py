"""Damaged replies: whatever the bytes, the outcome is events or a typed error, and the split does not matter."""

import contextlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import Error
from interlingua.types import Event
from interlingua.wires.chat_completions import parse_error, parse_request, parse_response, stream_parser
from interlingua.wires.chat_completions.relay import StreamWatch, UsageFilter, read_head, replace_fields

CASES = Path(__file__).parent / "cases"
STREAMS = [path.read_bytes() for path in sorted(CASES.glob("*.sse"))]
BODIES = [path.read_bytes() for path in sorted(CASES.glob("*.json"))]
SNIPPETS = [
    b"null",
    b"{}",
    b"[]",
    b'""',
    b"0",
    b'"',
    b"\\",
    b"\n",
    b"\r",
    b"\n\n",
    b"data: ",
    b"\xff",
    b",",
    b"}",
    b"[[[[",
]


@st.composite
def damaged(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """Draw a sample in which some bytes are replaced by others."""
    data = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.integers(0, 12))
        data = data[:start] + draw(st.sampled_from(SNIPPETS) | st.binary(max_size=3)) + data[end:]
    return data


def outcome(data: bytes, cuts: list[int]) -> tuple[list[Event], str | None]:
    """Give the events, neighbouring empty splits included, and the name of the error."""
    parser = stream_parser()
    events: list[Event] = []
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    try:
        for start, end in pairwise(places):
            events += parser.feed(data[start:end])
        events += parser.close()
    except Error as error:
        return events, type(error).__name__
    return events, None


@settings(max_examples=300, deadline=None)
@given(damaged(STREAMS), st.lists(st.integers(0, 4000), max_size=5))
def test_a_damaged_stream_gives_the_same_at_any_split(data: bytes, cuts: list[int]) -> None:
    assert outcome(data, cuts) == outcome(data, [])


@settings(max_examples=200, deadline=None)
@given(damaged(STREAMS))
def test_a_damaged_stream_can_be_watched(data: bytes) -> None:
    watch, passing = StreamWatch(), UsageFilter()

    watch.feed(data)

    assert isinstance(watch.finished, bool)
    assert watch.usage is None or watch.usage.total_tokens >= 0
    assert len(passing.feed(data) + passing.close()) <= len(data)


@settings(max_examples=200, deadline=None)
@given(damaged(BODIES), st.integers(200, 599))
def test_a_damaged_body_is_read_or_a_typed_error(data: bytes, status: int) -> None:
    assert parse_error(status, {}, data).message
    for read in (parse_response, parse_request, read_head, replace_fields):
        with contextlib.suppress(Error):
            assert read(data) is not None


@pytest.mark.parametrize(
    "data", [b"\r", b"\n", b"\xef", b"\xef\xbb", b"\xef\xbb\xbf", b"data", b"data:", b": \xff\n\n"]
)
def test_crumbs_are_no_answer(data: bytes) -> None:
    assert outcome(data, [1]) == outcome(data, []) == ([], "StreamInterrupted")
