"""Going on with an answer that was cut, at another target, without the caller noticing a seam."""

from collections.abc import Sequence
from typing import Final

import msgspec

from interlingua.types import (
    Event,
    Finish,
    ModelMessage,
    ModelRequest,
    OpaqueDelta,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    UsageReport,
)

_BESIDE: Final = (StreamStart, UsageReport, Finish)


class Declined(Exception):
    """A target's answer does not go on from what the caller has got; another one may."""


class Told:
    """What the caller has got of an answer until now.

    Only a text can be gone on with: a call of a tool, an image or a second choice that was
    begun is `fixed`, and so is what is said of no part, which only one wire knows.
    """

    __slots__ = ("_pieces", "fixed")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.fixed = False

    def add(self, event: Event) -> None:
        """Note what is given to the caller."""
        if isinstance(event, TextDelta) and event.choice == 0:
            self._pieces.append(event.text)
        elif not isinstance(event, ThinkingDelta | OpaqueDelta | StreamStart | UsageReport):
            self.fixed = True

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)


class Splice:
    """Leaves out of a second answer what the first one has told already.

    Raises:
        Declined: from `feed`, when the second answer says something else.

    """

    __slots__ = ("_left", "whole")

    def __init__(self, told: str) -> None:
        self._left = told
        self.whole = not told
        """Whether all that was told has been said again."""

    def feed(self, event: Event) -> Sequence[Event]:
        """Give what is new of an event."""
        if isinstance(event, StreamStart) or (isinstance(event, ThinkingDelta) and not self.whole):
            return ()
        if self.whole:
            return (event,)
        if isinstance(event, TextDelta) and event.choice == 0:
            return self._match(event)
        if isinstance(event, OpaqueDelta | UsageReport):
            return (event,)
        raise Declined("it ends, or does something else, before it has said what the first answer said")

    def _match(self, event: TextDelta) -> Sequence[Event]:
        text, left = event.text, self._left
        if left.startswith(text):
            self._left = left[len(text) :]
            self.whole = not self._left
            return ()
        if not text.startswith(left):
            raise Declined("its text is another one")
        self._left, self.whole = "", True
        return (msgspec.structs.replace(event, text=text[len(left) :]),)


def continued(request: ModelRequest, told: str) -> ModelRequest:
    """Ask for the rest of an answer, by giving its beginning as the model's own words.

    Example:
        >>> request = ModelRequest.build_request("m", "Count to three.")
        >>> continued(request, "One, two,").messages[-1].content
        'One, two,'

    """
    return msgspec.structs.replace(request, messages=[*request.messages, ModelMessage("assistant", told)])


def goes_beside(event: Event) -> bool:
    """Tell whether an event is no content: nobody has to be committed to an answer for it."""
    return isinstance(event, _BESIDE) or (isinstance(event, OpaqueDelta) and event.choice is None)
