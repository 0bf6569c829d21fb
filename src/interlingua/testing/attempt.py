"""What the fault wall saw of one request."""

import asyncio
from collections.abc import Sequence
from typing import Any

from interlingua.testing.faults import Choice
from interlingua.testing.reply import Outcome, SeenRequest
from interlingua.testing.scene import quoted


class Attempt:
    """One request for an answer, and what became of it.

    `number` counts from 1. `failed` says whether the fault was shown: one of a `-once`
    or of a flapping model is not, when its turn is over. `continued` is the text that
    the request gave as the beginning of the answer, which the wall goes on from.
    """

    def __init__(
        self,
        number: int,
        seen: SeenRequest,
        *,
        wire: str,
        model: str,
        choice: Choice | None,
        streamed: bool,
        start: float,
    ) -> None:
        self.number = number
        self.request = seen
        self.wire = wire
        self.model = model
        self.choice = choice
        self.streamed = streamed
        self.failed = False
        self.continued = ""
        self.pieces: Sequence[str] = ()
        self._start = start
        self._tokens: int | None = None

    def __repr__(self) -> str:
        way = "streamed" if self.streamed else "whole"
        return f"Attempt({self.number}, {self.wire} {self.model}, {way}, {self.sent} bytes, {self.outcome or 'open'})"

    @property
    def began(self) -> float:
        """When it began, in seconds since the wall stood."""
        return self.request.began - self._start

    @property
    def ended(self) -> float | None:
        """When nothing more was sent, in seconds since the wall stood; None while it goes on."""
        return None if self.request.ended is None else self.request.ended - self._start

    @property
    def over(self) -> asyncio.Event:
        """Is set when nothing more will be sent."""
        return self.request.over

    @property
    def sent(self) -> int:
        """The bytes of the body that were sent, as they were encoded, without their framing."""
        return self.request.sent

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, None while it goes on: sent `whole`, `cut` or `stopped` by the wall, or the caller `left`."""
        return self.request.outcome

    @property
    def tokens(self) -> int:
        """The pieces of text that were told, each a token; none is counted in a body that was encoded."""
        if self._tokens is not None:
            return self._tokens
        told, place, count = bytes(self.request.kept or b""), 0, 0
        for piece in self.pieces:
            wanted = quoted(piece) if self.streamed else quoted(piece)[1:-1]
            place = told.find(wanted, place)
            if place < 0:
                break
            place += len(wanted)
            count += 1
        if self.outcome is not None:
            self._tokens = count
            self.request.kept = None
        return count

    def to_dict(self) -> dict[str, Any]:
        """Give it as a line of a log; moments are seconds since the wall stood, rounded to microseconds."""
        return {
            "number": self.number,
            "wire": self.wire,
            "model": self.model,
            "streamed": self.streamed,
            "failed": self.failed,
            "began": round(self.began, 6),
            "ended": None if self.ended is None else round(self.ended, 6),
            "sent": self.sent,
            "tokens": self.tokens,
            "outcome": self.outcome,
        }
