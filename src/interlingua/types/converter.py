"""Making a conversation fit what a model can take."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from interlingua.types.message import ModelMessage
from interlingua.types.model import ModelExtraMetadata, ModelMetadata
from interlingua.types.part import TextPart


class MessageConverter(ABC):
    """Turns the messages of a request into those that are sent."""

    @abstractmethod
    def convert(
        self, messages: Sequence[ModelMessage], model_metadata: ModelMetadata | None = None
    ) -> list[ModelMessage]:
        """Give new messages; those passed in are never changed."""


class DefaultMessageConverter(MessageConverter):
    """Three steps, each of which changes nothing when it is applied again.

    1. Messages that are not meant for a model (`view`) stay behind.
    2. Where the model takes no system messages, their text goes in front of the last
       message of the user, joined by `prompt_sep`; without one it becomes a message of
       the user itself, so that a prompt is never lost.
    3. The last message of the user moves to the end, unless a tool's answer follows it.

    `prompt_sep` is the model's own separator unless it is given here.

    Example:
        >>> DefaultMessageConverter().convert([ModelMessage("view", "…"), ModelMessage("user", "Hi")])
        [ModelMessage(role='user', content='Hi', …)]

    """

    def __init__(self, prompt_sep: str | None = None) -> None:
        self._prompt_sep = prompt_sep

    def convert(
        self, messages: Sequence[ModelMessage], model_metadata: ModelMetadata | None = None
    ) -> list[ModelMessage]:
        """Apply the three steps to a copy of the list."""
        extra = model_metadata.ext_metadata if model_metadata else ModelExtraMetadata()
        converted = [message for message in messages if message.pass_to_model]
        if not extra.support_system_message:
            converted = merge_system(converted, self._prompt_sep if self._prompt_sep is not None else extra.prompt_sep)
        return move_user_last(converted)


def merge_system(messages: list[ModelMessage], separator: str) -> list[ModelMessage]:
    """Put the system messages' text in front of the user's last message, joined by `separator`."""
    system = [message.text for message in messages if message.role in ("system", "developer")]
    if not system:
        return messages
    rest = [message for message in messages if message.role not in ("system", "developer")]
    prefix = separator.join(system)
    index = _last_user(rest)
    if index is None:
        return [*rest, ModelMessage("user", prefix)]
    old = rest[index]
    content = f"{prefix}{separator}{old.content}" if isinstance(old.content, str) else [TextPart(prefix), *old.parts]
    rest[index] = ModelMessage(old.role, content, old.round_index, old.name, old.extensions)
    return rest


def move_user_last(messages: list[ModelMessage]) -> list[ModelMessage]:
    """Move the user's last message to the end, unless a tool's answer follows it."""
    index = _last_user(messages)
    if index is None or any(message.role in ("tool", "function") for message in messages[index:]):
        return messages
    return [*messages[:index], *messages[index + 1 :], messages[index]]


def _last_user(messages: list[ModelMessage]) -> int | None:
    return next((index for index in reversed(range(len(messages))) if messages[index].role == "user"), None)
