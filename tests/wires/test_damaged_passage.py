"""Damaged streams that pass by: whatever the bytes, what passes can be read, and does not depend on the cuts."""

from itertools import pairwise
from typing import cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_named
from interlingua.wires.contract import RelayedWire
from interlingua.wires.sse import SSEParser
from interlingua.wires.table import WIRES

NAMES = ("chat_completions", "responses", "messages", "generate_content", "ollama")
LINE = Line(pieces=["Hé", " lo."], thinking="Hm.", tool_calls=[("f", '{"a":1}')])
STREAMS = {name: b"".join(voice_named(name).streamed(LINE, model="m", body={})) for name in NAMES}
SNIPPETS = (
    *(b"null", b"{}", b"[]", b'""', b'"', b"\\", b"\n", b"\r", b"\n\n", b"\r\n\r\n", b"\r\r", b": c\n\n", b"data: "),
    *(b"data:\n\n", b"event: x\n", b"id: 1\n", b"data: [DONE]\n\n", b"\xff", b"\xef\xbb\xbf", "\u2028".encode()),
)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Draw the stream with some of its bytes replaced by others."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.integers(0, 12))
        data = data[:start] + draw(st.sampled_from(SNIPPETS) | st.binary(max_size=3)) + data[end:]
    return data


def passed(name: str, data: bytes, cuts: list[int]) -> tuple[bytes, str | None, bool]:
    """Give what passes, what stopped it, and whether it is whole."""
    watch = cast("RelayedWire", WIRES[name]).stream_watch()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    given = b""
    for start, end in pairwise(places):
        given += watch.feed(data[start:end])
        if watch.failure is not None:
            return given, type(watch.failure).__name__, False
    given += watch.close()
    return given, None, watch.finished


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=250, deadline=None)
@given(data=st.data(), cuts=st.lists(st.integers(0, 3000), max_size=5))
def test_what_passes_is_readable_and_the_same_at_any_split(name: str, data: st.DataObject, cuts: list[int]) -> None:
    stream = data.draw(damaged(STREAMS[name]))

    given, failure, finished = passed(name, stream, cuts)

    assert (given, failure, finished) == passed(name, stream, [])
    given.decode()
    if name == "ollama":
        texts = [line.encode() for line in given.decode().splitlines()]
    else:
        parser = SSEParser()
        texts = [event.data for event in [*parser.feed(given), *parser.close()]]
    for text in texts:
        if text.strip() != b"[DONE]":
            msgspec.json.decode(text)
