"""What a route may look at in a request before it chooses."""

from collections.abc import Hashable, Mapping
from typing import Final

import msgspec

from interlingua.routing.affinity import brings_state, conversation_of
from interlingua.types import AudioPart, FilePart, ImagePart, ModelMessage, ModelRequest, ToolResultPart
from interlingua.types.part import Part

_CHARACTERS_PER_TOKEN: Final = 4
_TOKENS_PER_MEDIUM: Final = 1000
"""What an image, a file or a sound counts as, since their size says little."""

_KINDS: Final[dict[type, str]] = {ImagePart: "image", AudioPart: "audio", FilePart: "file"}


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a request.

    `tokens` is a guess of the length of its prompt, good enough to choose by; `modalities` are
    the kinds of its parts (`text`, `image`, `audio`, `file`).
    """

    tokens: int = 0
    max_new_tokens: int | None = None
    modalities: frozenset[str] = frozenset()
    tools: bool = False
    metadata: Mapping[str, str] = {}
    conversation: Hashable = None
    """Names the conversation; None: it is not known."""
    goes_on: bool = False
    """Whether the conversation has been answered before, so that somebody may remember it."""
    bound: bool = False
    """Whether nobody else could go on with it, since whoever answered it keeps it."""
    state: bool = False
    """Whether it brings back what only the provider can read who gave it."""


def facts_of(request: ModelRequest) -> RequestFacts:
    """Look through a request once.

    Example:
        >>> facts_of(ModelRequest.build_request("m", "Hello there")).tokens
        2

    """
    characters, media = 0, 0
    kinds: set[str] = set()
    for message in request.messages:
        found, others = _measured(message, kinds)
        characters += found
        media += others
    conversation, goes_on = conversation_of(request)
    return RequestFacts(
        conversation=conversation,
        goes_on=goes_on,
        state=goes_on and brings_state(request),
        tokens=characters // _CHARACTERS_PER_TOKEN + media * _TOKENS_PER_MEDIUM,
        max_new_tokens=request.max_new_tokens,
        modalities=frozenset(kinds),
        tools=bool(request.tools),
        metadata=request.metadata or {},
    )


def _measured(message: ModelMessage, kinds: set[str]) -> tuple[int, int]:
    content = message.content
    if content is None:
        return 0, 0
    if isinstance(content, str):
        kinds.add("text")
        return len(content), 0
    return _measured_parts(content, kinds)


def _measured_parts(parts: list[Part], kinds: set[str]) -> tuple[int, int]:
    characters = media = 0
    for part in parts:
        kind = _KINDS.get(type(part))
        if kind is not None:
            kinds.add(kind)
            media += 1
        elif isinstance(part, ToolResultPart):
            if isinstance(part.content, str):
                characters += len(part.content)
            elif part.content is not None:
                more, others = _measured_parts(list(part.content), kinds)
                characters, media = characters + more, media + others
        else:
            text = getattr(part, "text", None) or getattr(part, "arguments", None)
            characters += len(text) if isinstance(text, str) else 0
            kinds.add("text")
    return characters, media
