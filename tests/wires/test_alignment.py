"""Whole events pass, the beginning of one waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import ProtocolError
from interlingua.wires.alignment import MAX_EVENT, EventAligner
from interlingua.wires.framing import SERVER_SENT_EVENTS

ENDS = SERVER_SENT_EVENTS.ends
LINES = st.lists(st.sampled_from([b"data: {}", b": c", b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"x"]), max_size=30)


@given(LINES, st.lists(st.integers(1, 6), max_size=60))
def test_bytes_pass_unchanged_however_they_are_cut(lines: list[bytes], sizes: list[int]) -> None:
    stream, aligner, passed, start = b"".join(lines), EventAligner(ENDS), b"", 0
    for size in sizes:
        passed += aligner.feed(stream[start : start + size])
        start += size
    passed += aligner.feed(stream[start:])
    assert passed + aligner.rest() == stream
    assert not passed or passed.endswith((b"\n\n", b"\n\r\n", b"\r\r"))
    assert all(end not in aligner.rest() for end in (b"\n\n", b"\n\r\n", b"\r\r"))


def test_a_piece_that_ends_with_an_event_is_not_copied() -> None:
    piece = b"data: 1\n\ndata: 2\n\n"
    assert EventAligner(ENDS).feed(piece) is piece


def test_an_event_without_end_is_an_error() -> None:
    aligner = EventAligner(ENDS)
    for _ in range(MAX_EVENT // 65536):
        assert aligner.feed(bytes(65536)) == b""
    with pytest.raises(ProtocolError, match="8388608 bytes"):
        aligner.feed(b"x")
