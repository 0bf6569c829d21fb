"""Events that cannot be read: those of another answer are left out, and all others end the stream."""

import pytest

from interlingua.errors import ProtocolError
from interlingua.types import TextDelta
from interlingua.wires.chat_completions import stream_parser

PIECE = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n'


def read(*events: bytes) -> str:
    parser = stream_parser()
    found = [each for event in events for each in parser.feed(event)]
    return "".join(each.text for each in found if isinstance(each, TextDelta))


def test_one_of_another_answer_is_left_out() -> None:
    stray = b'data: {"id": "chatcmpl-2", "choices": [{"index": 0, "delta": {"con\n\n'

    assert read(PIECE % b"One", stray, PIECE % b" two") == "One two"


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"con',
        b'{"choices":[{"index":0,"delta":{"con',
        b'{"id":"","choices":[{"index":0,"delta":{"con',
        b"no JSON at all",
    ],
)
def test_one_that_may_be_of_this_answer_ends_it(broken: bytes) -> None:
    with pytest.raises(ProtocolError, match="not valid JSON"):
        read(PIECE % b"One", b"data: " + broken + b"\n\n")


def test_before_the_answer_has_an_id_nothing_is_left_out() -> None:
    with pytest.raises(ProtocolError, match="not valid JSON"):
        read(b'data: {"id":"chatcmpl-2","choices":[{"del\n\n', PIECE % b"One")
