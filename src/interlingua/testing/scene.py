"""One answer of the fault wall, before a fault befalls it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from interlingua.testing.reply import Ending, Framing, Pause, Piece, Reply
from interlingua.testing.voice import Line, Voice

Unit: TypeAlias = Literal["pieces", "events", "bytes"]
"""What the number of a fault may count: pieces of text, events of the stream, bytes of its body."""

SLICE: Final = 64
"""Bytes of a whole answer that go for one event and for one piece of text."""


class Scene(msgspec.Struct, kw_only=True):
    """What is about to be said, in which wire, and what the fault may want to know.

    Args:
        voice: the wire.
        line: what is said.
        model: the model's name, as it was asked for.
        body: the request.
        target: the request's path and query.
        streamed: whether the answer is.
        number: the fault's number.
        second: how long a second of a fault lasts, in seconds.
        stall: how long a silence lasts, in seconds; None until the caller leaves.
        elsewhere: another origin, to which no key may go.

    """

    voice: Voice
    line: Line
    model: str
    body: Mapping[str, Any]
    target: str
    streamed: bool
    number: int = 0
    second: float = 1.0
    stall: float | None = None
    elsewhere: str = ""

    def events(self) -> Sequence[bytes]:
        """Write the healthy answer: its events, or the slices of a whole one."""
        if self.streamed:
            return self.voice.streamed(self.line, model=self.model, body=self.body)
        body = self.voice.whole(self.line, model=self.model, body=self.body)
        return [body[start : start + SLICE] for start in range(0, len(body), SLICE)]

    def begun(self, unit: Unit, number: int) -> tuple[list[bytes], list[bytes]]:
        """Divide the answer after so many pieces of text, events or bytes."""
        events = list(self.events())
        if unit == "bytes":
            body = b"".join(events)
            return [body[:number]], [body[number:]]
        if unit == "pieces" and self.streamed:
            number = self.place_of(events, number)
        return events[:number], events[number:]

    def place_of(self, events: Sequence[bytes], pieces: int) -> int:
        """Give the number of events that it takes to say so many pieces: up to the first that says more."""
        place = 0
        for piece in self.line.pieces[:pieces]:
            wanted = quoted(piece)
            place = next((n + 1 for n in range(place, len(events)) if wanted in events[n]), len(events))
        if pieces == 0 and self.line.pieces:
            first = quoted(self.line.pieces[0])
            place = next((n for n, event in enumerate(events) if first in event), 0)
        return place

    def finishes_at(self, events: Sequence[bytes]) -> int:
        """Give the place of the event that tells why the answer ends."""
        return next((n for n, event in enumerate(events) if self.voice.FINISH_MARK in event), len(events))

    def enough(self) -> int:
        """Give the bytes of the body that a caller needs to have the whole answer, with the reason why it ends."""
        events = self.events()
        needed = events[: self.finishes_at(events) + 1] if self.streamed else events
        return len(b"".join(needed).rstrip(b"\r\n"))

    def silence(self) -> Pause:
        """Give the wait of a stall."""
        return Pause(self.stall)

    def healthy(self) -> Reply:
        """Answer as if nothing were wrong."""
        return self.reply(self.events())

    def reply(
        self,
        pieces: Iterable[Piece],
        *,
        ending: Ending = "clean",
        framing: Framing = "chunked",
        headers: Sequence[tuple[str, str]] = (),
        content_type: str | None = None,
    ) -> Reply:
        """Answer with a status of 200 and those pieces."""
        usual = self.voice.STREAM_CONTENT_TYPE if self.streamed else self.voice.CONTENT_TYPE
        return Reply(
            headers=(("content-type", content_type or usual), ("x-request-id", "req_wall"), *headers),
            pieces=pieces,
            ending=ending,
            framing=framing,
        )


def quoted(text: str) -> bytes:
    """Give a text as a string of JSON."""
    return msgspec.json.encode(text)
