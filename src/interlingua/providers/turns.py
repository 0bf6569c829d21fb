"""The turns of a conversation as a model takes them: whose they are, in which order, and with which reasoning."""

from collections.abc import Sequence
from typing import Final

import msgspec

from interlingua.types import ModelMessage, Part, TextPart, ThinkingPart
from interlingua.types.chat_content import BLOCK
from interlingua.types.chat_reasoning import TEXT_FIELDS

_UNKNOWN: Final = ThinkingPart(text=" ", field=TEXT_FIELDS[0])
"""What stands for reasoning that nobody kept; an empty text counts as none."""


def without_system(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Let system messages be the user's, each in its place, joined with a user's message that follows it."""
    arranged: list[ModelMessage] = []
    open_system = False
    for given in messages:
        message = given
        if given.role in ("system", "developer"):
            message = msgspec.structs.replace(given, role="user")
            joins = open_system
            open_system = True
        else:
            joins = open_system and message.role == "user"
            open_system = False
        if joins:
            arranged[-1] = _joined(arranged[-1], message)
        else:
            arranged.append(message)
    return arranged


def alternating(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Let the user and the model take turns: messages of one of them in a row become one."""
    arranged: list[ModelMessage] = []
    for message in messages:
        if arranged and message.role in ("user", "assistant") and arranged[-1].role == message.role:
            arranged[-1] = _joined(arranged[-1], message)
        else:
            arranged.append(message)
    return arranged


def without_reasoning(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Leave the reasoning of earlier answers out, but for that which stands among the blocks of their content."""
    return [_unreasoned(message) for message in messages]


def with_reasoning(messages: Sequence[ModelMessage], *, calls_only: bool) -> list[ModelMessage]:
    """Give every earlier answer, or every one that calls tools, something in the place of reasoning that it lacks."""
    return [_reasoned(message, calls_only=calls_only) for message in messages]


def _joined(first: ModelMessage, second: ModelMessage) -> ModelMessage:
    before, after = list(first.parts), list(second.parts)
    apart: list[Part] = [TextPart("\n\n")] if _ends_in_text(before) and _begins_with_text(after) else []
    return msgspec.structs.replace(first, content=[*before, *apart, *after])


def _ends_in_text(parts: Sequence[Part]) -> bool:
    return bool(parts) and isinstance(parts[-1], TextPart)


def _begins_with_text(parts: Sequence[Part]) -> bool:
    return bool(parts) and isinstance(parts[0], TextPart)


def _unreasoned(message: ModelMessage) -> ModelMessage:
    content = message.content
    if message.role != "assistant" or not isinstance(content, list):
        return message
    kept = [part for part in content if not isinstance(part, ThinkingPart) or part.field == BLOCK]
    return message if len(kept) == len(content) else msgspec.structs.replace(message, content=kept)


def _reasoned(message: ModelMessage, *, calls_only: bool) -> ModelMessage:
    if message.role != "assistant" or (calls_only and not message.tool_calls):
        return message
    if any(isinstance(part, ThinkingPart) and part.text for part in message.parts):
        return message
    return msgspec.structs.replace(message, content=[_UNKNOWN, *message.parts])
