"""Images, sound and files that a tool answers with, for providers whose tool messages hold texts only.

So it is at OpenAI (openai 3.54 `chat_completion_tool_message_param.py`, read 2026-11-25).
They go to the model as the user's, right behind the results of the same step.
"""

from collections.abc import Sequence

import msgspec

from interlingua.types import Adaptation, ModelMessage, OpaquePart, Part, TextPart, ToolResultPart
from interlingua.types.chat_content import WIRE


def media_beside(messages: Sequence[ModelMessage], dropped: list[Adaptation]) -> Sequence[ModelMessage]:
    """Give the messages with what tool messages cannot hold behind them; the given ones stay as they are."""
    if not any(_has_media(message) for message in messages):
        return messages
    arranged: list[ModelMessage] = []
    waiting: list[Part] = []
    for message in messages:
        if waiting and not _holds_results(message):
            arranged.append(ModelMessage("user", waiting))
            waiting = []
        arranged.append(_without_media(message, waiting) if _has_media(message) else message)
    if waiting:
        arranged.append(ModelMessage("user", waiting))
    dropped.append(Adaptation("emulated", "tool_result", "what is no text follows as the user's"))
    return arranged


def _without_media(message: ModelMessage, waiting: list[Part]) -> ModelMessage:
    parts: list[Part] = []
    for part in message.parts:
        if not isinstance(part, ToolResultPart) or not _media_of(part):
            parts.append(part)
            continue
        texts: list[Part] = [each for each in part.content or () if isinstance(each, TextPart)]
        waiting.append(TextPart(f"From the tool's answer to {part.call_id}:"))
        waiting += _media_of(part)
        told: str | list[Part] = texts or "The answer follows as a message of the user's."
        parts.append(msgspec.structs.replace(part, content=told))
    return msgspec.structs.replace(message, content=parts)


def _has_media(message: ModelMessage) -> bool:
    return type(message.content) is list and any(
        type(part) is ToolResultPart and type(part.content) is list and _media_of(part) for part in message.content
    )


def _holds_results(message: ModelMessage) -> bool:
    return message.role == "tool" or any(isinstance(part, ToolResultPart) for part in message.parts)


def _media_of(part: ToolResultPart) -> list[Part]:
    if not isinstance(part.content, list):
        return []
    return [each for each in part.content if not isinstance(each, TextPart) and not _is_unknown(each)]


def _is_unknown(part: Part) -> bool:
    """Tell whether a block is of a kind that nobody knows; one of another wire has no place anywhere."""
    return isinstance(part, OpaquePart) and part.wire != WIRE
