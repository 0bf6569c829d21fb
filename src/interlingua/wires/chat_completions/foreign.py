"""What other wires put into a conversation, made sayable in a Chat Completions request or noted as left out."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from interlingua.types import (
    Adaptation,
    AudioPart,
    CacheBreakpoint,
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OpaquePart,
    Part,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from interlingua.types.chat_content import WIRE, own
from interlingua.types.chat_reasoning import EXTRA
from interlingua.wires.dialect import Dialect
from interlingua.wires.foreign_fields import foreign_fields

_CACHED: Final = (TextPart, ImagePart, AudioPart, FilePart, ToolCallPart, ToolResultPart)

_EFFORTS: Final = ((1024, "minimal"), (4096, "low"), (16384, "medium"))
"""Up to how many tokens of thinking which effort stands for; above, it is `high`."""


class Found(NamedTuple):
    """What there is in a conversation that takes more than writing it down."""

    marked: bool
    """Breakpoints of a cache, or signatures."""
    nested: bool
    """Results of tools that are made of parts."""
    extended: bool
    """Fields of some wire's own."""


def found_in(messages: Sequence[ModelMessage]) -> Found:
    """Look through a conversation once; most have nothing of the kind."""
    marked = nested = extended = False
    for message in messages:
        if message.extensions:
            extended = True
        if type(message.content) is not list:
            continue
        for part in message.content:
            kind = type(part)
            if kind is OpaquePart or kind is ThinkingPart:
                continue
            if part.extensions:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - all others have them
                extended = True
            if isinstance(part, _CACHED):
                if part.cache is not None:
                    marked = True
                if type(part) is ToolResultPart:
                    nested = nested or type(part.content) is list
                elif isinstance(part, TextPart | ToolCallPart) and part.signature is not None:
                    marked = True
    return Found(marked, nested, extended)


def said_here(messages: Sequence[ModelMessage], dialect: Dialect, dropped: list[Adaptation]) -> Sequence[ModelMessage]:
    """Give the messages with cache breakpoints and signatures in this form; the given ones stay as they are."""
    if not any(_needs_care(message) for message in messages):
        return messages
    return [_said_message(message, dialect, dropped) if _needs_care(message) else message for message in messages]


def left_behind(messages: Sequence[ModelMessage]) -> list[Adaptation]:
    """Tell the fields of messages and of their parts that only another wire knows."""
    told: list[Adaptation] = []
    for message in messages:
        if message.extensions:
            told += foreign_fields(message.extensions, WIRE, of="message")
        if type(message.content) is list:
            told += _left_of(message.content)
    return told


def _left_of(parts: Sequence[Part]) -> list[Adaptation]:
    told: list[Adaptation] = []
    for part in parts:
        if isinstance(part, ThinkingPart | OpaquePart):
            continue
        if part.extensions:
            told += foreign_fields(part.extensions, WIRE, of=str(type(part).__struct_config__.tag))
        if type(part) is ToolResultPart and type(part.content) is list:
            told += _left_of(part.content)
    return told


def effort_of(request: ModelRequest, dropped: list[Adaptation]) -> str | None:
    """Give the effort to ask for; how long a model may think is said here in no other way."""
    thinking = request.thinking
    if thinking is None:
        return request.reasoning_effort
    dropped += foreign_fields(thinking.extensions, WIRE, of="thinking")
    if thinking.summary not in (None, "auto"):
        dropped.append(Adaptation("dropped", "thinking.summary", "this wire shows what the provider shows"))
    if request.reasoning_effort is not None:
        if thinking.budget_tokens is not None:
            dropped.append(Adaptation("dropped", "thinking.budget_tokens", "the effort says how much"))
        return request.reasoning_effort
    effort = _effort_for(thinking)
    if effort is not None:
        dropped.append(Adaptation("emulated", "thinking", f"as reasoning_effort {effort}"))
    return effort


def _effort_for(thinking: ThinkingConfig) -> str | None:
    if thinking.mode == "disabled":
        return "none"
    if thinking.budget_tokens is None:
        return "medium" if thinking.mode == "enabled" else None
    return next((effort for most, effort in _EFFORTS if thinking.budget_tokens <= most), "high")


def _needs_care(message: ModelMessage) -> bool:
    content = message.content
    return isinstance(content, list) and any(
        (isinstance(part, _CACHED) and part.cache is not None)
        or (isinstance(part, TextPart | ToolCallPart) and part.signature is not None)
        for part in content
    )


def _said_message(message: ModelMessage, dialect: Dialect, dropped: list[Adaptation]) -> ModelMessage:
    parts: list[Part] = [_said_part(part, dialect, dropped) for part in message.parts]
    return msgspec.structs.replace(message, content=parts)


def _said_part(part: Part, dialect: Dialect, dropped: list[Adaptation]) -> Part:
    changes: dict[str, Any] = {}
    if (
        isinstance(part, TextPart | ToolCallPart)
        and part.signature is not None
        and EXTRA not in own(part.extensions)
        and not dialect.thought_signatures
    ):
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
        changes["signature"] = None
    if isinstance(part, _CACHED) and part.cache is not None:
        mark = _mark_of(part.cache, dialect)
        if isinstance(part, ToolResultPart):
            changes |= _marked_result(part, mark)
        elif not isinstance(part, ToolCallPart):
            changes["cache"] = mark
        if mark is None or isinstance(part, ToolCallPart):
            dropped.append(Adaptation("dropped", "cache", "a breakpoint that this provider has no word for"))
    return msgspec.structs.replace(part, **changes) if changes else part


def _mark_of(cache: CacheBreakpoint, dialect: Dialect) -> CacheBreakpoint | None:
    """Give a breakpoint with this provider's form of it; None if it has none."""
    if cache.extensions.get(WIRE):
        return cache
    if dialect.cache_field is None:
        return None
    mark: dict[str, Any] = dict(_MARKS[dialect.cache_field])
    if cache.ttl is not None and dialect.cache_field == "cache_control":
        mark["ttl"] = cache.ttl
    return CacheBreakpoint(ttl=cache.ttl, extensions={WIRE: {dialect.cache_field: mark}})


_MARKS: Final[dict[str, dict[str, str]]] = {
    "prompt_cache_breakpoint": {"mode": "explicit"},
    "cache_control": {"type": "ephemeral"},
}


def _marked_result(part: ToolResultPart, mark: CacheBreakpoint | None) -> dict[str, Any]:
    """Put a result's breakpoint on its last block, which is the same place."""
    content = part.content
    if mark is None or content is None:
        return {"cache": None}
    parts: list[Part] = [TextPart(content)] if isinstance(content, str) else list(content)
    if not parts or not isinstance(parts[-1], TextPart | ImagePart | FilePart):
        return {"cache": None}
    parts[-1] = msgspec.structs.replace(parts[-1], cache=mark)
    return {"content": parts, "cache": None}
