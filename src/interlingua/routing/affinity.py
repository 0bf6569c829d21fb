"""Which target a conversation was answered by, so that its caches and its state are where it goes on."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import takewhile
from typing import Final

from interlingua.types import (
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OpaquePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)

_MOST: Final = 10_000
_LIFE: Final = 3600.0
"""Seconds for which a conversation is remembered; prompt caches live for minutes to an hour."""
_OPENING: Final = 4
"""Turns that a conversation is known by: a system's and the user's first."""


class Affinity:
    """Remembers the newest conversations, and by whom each was answered.

    Example:
        >>> affinity = Affinity()
        >>> affinity.note("c1", "openai/gpt-6-luna")
        >>> affinity.find("c1")
        'openai/gpt-6-luna'

    """

    __slots__ = ("_clock", "_known")

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[Hashable, tuple[str, float]] = OrderedDict()

    def find(self, conversation: Hashable) -> str | None:
        """Give who answered it last; None if that is not known any more."""
        found = self._known.get(conversation)
        return found[0] if found is not None and found[1] > self._clock() else None

    def note(self, conversation: Hashable, target: str) -> None:
        """Note who answered it."""
        self._known[conversation] = (target, self._clock() + _LIFE)
        self._known.move_to_end(conversation)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


def conversation_of(request: ModelRequest) -> tuple[Hashable, bool]:
    """Name the conversation that a request belongs to, and tell whether it goes on with one.

    Its own cache key names it, or else how it began: what the system and the user said first.
    One that has not been answered yet goes nowhere, unless it has a cache key.

    Example:
        >>> conversation_of(ModelRequest.build_request("m", "Hello"))[1]
        False

    """
    if request.prompt_cache_key is not None:
        return ("cache", request.prompt_cache_key), True
    spoken = list(takewhile(lambda message: message.role != "assistant", request.messages))
    opening = tuple(message.text for message in spoken[:_OPENING])
    return ("opening", hash(opening)), len(spoken) < len(request.messages)


def brings_state(request: ModelRequest) -> bool:
    """Tell whether a request has what only one provider can read: signatures, sealed thoughts, own blocks, files."""
    return any(
        _brings_state(message) if message.role == "assistant" else _names_files(message) for message in request.messages
    )


def _names_files(message: ModelMessage) -> bool:
    return isinstance(message.content, list) and any(
        isinstance(part, FilePart | ImagePart) and part.file_id is not None for part in message.content
    )


def _brings_state(message: ModelMessage) -> bool:
    return isinstance(message.content, list) and any(
        isinstance(part, OpaquePart)
        or (isinstance(part, ThinkingPart) and (part.signature is not None or part.encrypted is not None))
        or (isinstance(part, TextPart | ToolCallPart) and part.signature is not None)
        for part in message.content
    )
