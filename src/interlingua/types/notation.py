"""Reading and writing messages as plain dicts, in the notation that the field shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from interlingua.types.message import ModelMessage


def read_messages(messages: str | Sequence[ModelMessage | Mapping[str, Any]]) -> list[ModelMessage]:
    """Read messages from a text, from dicts in OpenAI's or DB-GPT's form, or typed ones, in any mixture."""
    if isinstance(messages, str):
        return [ModelMessage("user", messages)]
    return [
        item if isinstance(item, ModelMessage) else ModelMessage(item["role"], item["content"]) for item in messages
    ]
