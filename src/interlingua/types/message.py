"""One message of a conversation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types.part import Extensions, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart

ROLES: Final = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "function",
    "view": "view",
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
}
"""Every role that is read, and the field's standard name for it. `view` is shown and never sent."""


class ModelMessageRoleType:
    """DB-GPT's names for the roles, as constants: `ModelMessage(ModelMessageRoleType.HUMAN, "Hi")`."""

    SYSTEM: ClassVar[str] = "system"
    HUMAN: ClassVar[str] = "user"
    AI: ClassVar[str] = "assistant"
    VIEW: ClassVar[str] = "view"


class ModelMessage(msgspec.Struct):
    """A role and what was said.

    `content` is a text, a list of parts, or None where a wire had null. Roles of
    OpenAI (system, developer, user, assistant, tool, function) and of DB-GPT (system,
    human, ai, view) are both read and kept under OpenAI's names; any other role raises
    `InvalidRequest`, since a message that is dropped in silence is worse.

    Example:
        >>> ModelMessage("human", "Hello").role
        'user'

    """

    role: str
    content: str | list[Part] | None = None
    round_index: int = 0
    name: str | None = None
    extensions: Extensions = {}

    def __post_init__(self) -> None:
        role = ROLES.get(self.role)
        if role is None:
            raise InvalidRequest(f"unknown role {self.role!r}; use one of {', '.join(ROLES)}.", param="messages.role")
        self.role = role

    @property
    def parts(self) -> Sequence[Part]:
        """The content as parts, a plain text being one `TextPart`."""
        if self.content is None:
            return ()
        return (TextPart(self.content),) if isinstance(self.content, str) else self.content

    @property
    def text(self) -> str:
        """All text of the message, joined; tool results count with their text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(_text_of(part) for part in self.parts)

    @property
    def thinking(self) -> str:
        """All visible reasoning of the message, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, ThinkingPart))

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The tools that the message asks for, in order."""
        return [part for part in self.parts if isinstance(part, ToolCallPart)]

    @property
    def pass_to_model(self) -> bool:
        """Whether a model sees the message; `view` messages are for people."""
        return self.role != "view"

    @classmethod
    def build_human_message(cls, content: str) -> "ModelMessage":
        """Build a user's message."""
        return cls("user", content)

    @classmethod
    def system(cls, content: str) -> "ModelMessage":
        """Build a system message."""
        return cls("system", content)

    @classmethod
    def user(cls, content: str | list[Part]) -> "ModelMessage":
        """Build a user's message."""
        return cls("user", content)

    @classmethod
    def assistant(cls, content: str | list[Part] | None) -> "ModelMessage":
        """Build a message of the model's."""
        return cls("assistant", content)

    @classmethod
    def tool_result(cls, call_id: str, content: str | list[Part], *, is_error: bool | None = None) -> "ModelMessage":
        """Build the answer to the tool call `call_id`."""
        return cls("tool", [ToolResultPart(call_id=call_id, content=content, is_error=is_error)])

    @staticmethod
    def from_openai_messages(messages: "str | Sequence[ModelMessage | Mapping[str, Any]]") -> "list[ModelMessage]":
        """Read messages in OpenAI's form, without loss; a text is one message of the user.

        Raises:
            InvalidRequest: a message is malformed or has an unknown role.

        """
        from interlingua.types.notation import read_messages  # noqa: PLC0415 - a notation is made of messages

        return read_messages(messages)

    @staticmethod
    def to_common_messages(
        messages: "Sequence[ModelMessage]",
        *,
        support_system_role: bool = True,
        convert_to_compatible_format: bool = False,
    ) -> list[dict[str, Any]]:
        """Write messages in OpenAI's form; `view` messages stay behind.

        Without `support_system_role` system texts go in front of the user's last
        message; `convert_to_compatible_format` moves that message to the end.
        """
        from interlingua.types.notation import common_messages  # noqa: PLC0415 - a notation is made of messages

        return common_messages(
            messages, support_system_role=support_system_role, user_last=convert_to_compatible_format
        )

    @staticmethod
    def messages_to_string(messages: "Iterable[ModelMessage]") -> str:
        """Join messages as `role: text` lines, for a log or a prompt made of text."""
        return "\n".join(f"{message.role}: {message.text}" for message in messages)

    def to_dict(self) -> dict[str, Any]:
        """Give the message as plain JSON-like data, from which `from_dict` makes it again."""
        return msgspec.to_builtins(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ModelMessage":
        """Read what `to_dict` gave."""
        return msgspec.convert(data, cls)


def _text_of(part: Part) -> str:
    if isinstance(part, TextPart):
        return part.text
    if isinstance(part, ToolResultPart):
        return part.content if isinstance(part.content, str) else "".join(map(_text_of, part.content or ()))
    return ""
