"""Looking at a stream of generateContent that passes by."""

import pytest

from interlingua.testing.voice import Line
from interlingua.testing.voices import generate_content as voice
from interlingua.wires import generate_content

EVENTS = list(voice.streamed(Line(pieces=["Hel", "lo."]), model="m", body={}))
SPREAD = b'data: {\ndata: "candidates": [\ndata: {"finishReason": "STOP"}\ndata: ]}\n\n'


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_may_end_in_any_way(end: bytes) -> None:
    whole, cut = generate_content.stream_watch(), generate_content.stream_watch()
    whole.feed(b"".join(EVENTS).replace(b"\r\n", end))
    cut.feed(EVENTS[0].replace(b"\r\n", end))

    assert (whole.finished, cut.finished) == (True, False)
    assert whole.usage is not None
    assert whole.usage.output_tokens == 2


def test_an_event_may_have_several_lines() -> None:
    watch = generate_content.stream_watch()
    watch.feed(EVENTS[0] + SPREAD)

    assert watch.finished
