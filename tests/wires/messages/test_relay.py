"""Looking at a stream of Messages that passes by."""

import pytest

from interlingua.testing.voice import Line
from interlingua.testing.voices import messages as voice
from interlingua.wires import messages

EVENTS = list(voice.streamed(Line(pieces=["Hel", "lo."]), model="m", body={}))


def watched(data: bytes) -> messages.StreamWatch:
    watch = messages.stream_watch()
    watch.feed(data)
    return watch


def test_the_reason_to_stop_is_enough_for_a_whole_answer() -> None:
    assert not watched(b"".join(EVENTS[:-2])).finished
    assert watched(b"".join(EVENTS[:-1])).finished
    assert watched(b"".join([*EVENTS[:-1], voice.HEARTBEAT])).finished


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_lines_may_end_in_any_way(end: bytes) -> None:
    whole = watched(b"".join(EVENTS).replace(b"\n", end))
    failed = watched((EVENTS[0] + voice.failure_in_stream("Overloaded")).replace(b"\n", end))

    assert whole.finished
    assert whole.error is None
    assert whole.usage is not None
    assert whole.usage.output_tokens == 2
    assert failed.finished
    assert failed.error is not None
    assert failed.error.message == "Overloaded"
