"""Reading and writing messages as plain dicts, in the notations that the field shares.

Three are read, in any mixture: OpenAI's (`{"role": "user", "content": …}`), DB-GPT's
(`{"role": "human", "content": …, "round_index": 1}`) and our own (`ModelMessage.to_dict`).
OpenAI's is written, and writing what was read from it gives it back, but for one thing:
an absent `content` of an assistant's message comes back as null, which means the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types.adaptation import Adaptation
from interlingua.types.chat_content import extensions_of, own
from interlingua.types.chat_message import read_content, write_assistant, write_content, write_result
from interlingua.types.converter import merge_system, move_user_last
from interlingua.types.message import ROLES, ModelMessage
from interlingua.types.model import ModelExtraMetadata
from interlingua.types.part import Part, ToolResultPart
from interlingua.types.shape import is_object, malformed


def read_messages(messages: str | Sequence[ModelMessage | Mapping[str, Any]]) -> list[ModelMessage]:
    """Read messages from a text, from dicts in OpenAI's or DB-GPT's form, or typed ones, in any mixture.

    Objects of a vendor's SDK that have `model_dump` are read like the dicts they dump.

    Example:
        >>> [message.role for message in read_messages([{"role": "human", "content": "Hi"}])]
        ['user']

    Raises:
        InvalidRequest: a message is malformed or has an unknown role; `param` says where,
            like `messages[2].content[0].image_url`.

    """
    if isinstance(messages, str):
        return [ModelMessage("user", messages)]
    return [
        item if isinstance(item, ModelMessage) else read_message(item, where=f"messages[{index}]")
        for index, item in enumerate(messages)
    ]


def read_message(data: Mapping[str, Any], *, where: str = "message") -> ModelMessage:
    """Read one message; `where` is what an error calls it.

    Raises:
        InvalidRequest: it is malformed, or its role is unknown.

    """
    given = _given(data, where)
    name = given.get("role")
    role = ROLES.get(name) if isinstance(name, str) else None
    if role is None:
        raise InvalidRequest(f"unknown role {name!r}; use one of {', '.join(ROLES)}.", param=f"{where}.role")
    content = given.get("content")
    if len(given) == 2 and isinstance(content, str) and role != "tool":
        return ModelMessage(role, content)
    if "extensions" in given:
        return _read_neutral(given, where)
    fields = {key: value for key, value in given.items() if key != "role"}
    round_index = fields.pop("round_index") if type(fields.get("round_index")) is int else 0
    read = read_content(role, fields, where)
    author = fields.pop("name") if isinstance(fields.get("name"), str) else None
    return ModelMessage(role, read, round_index, author, extensions_of(fields))


def write_message(
    message: ModelMessage,
    *,
    reasoning_field: str | None = None,
    developer_role: bool = True,
    dropped: list[Adaptation] | None = None,
) -> list[dict[str, Any]]:
    """Write a message in OpenAI's form.

    A message with several tools' results becomes several, and a `view` message, which
    no model sees, none. `reasoning_field` is where reasoning goes instead of where it
    came from; without `developer_role` a developer's message is a system message. What
    the form cannot say is noted in `dropped`.

    Raises:
        InvalidRequest: a part stands in a message whose role cannot hold it.

    """
    noted = dropped if dropped is not None else []
    role = message.role
    if role == "developer" and not developer_role:
        role = "system"
    if role == "view":
        return []
    if isinstance(message.content, list) and any(isinstance(part, ToolResultPart) for part in message.content):
        return _write_results(message, role, noted)
    if role == "tool":
        raise InvalidRequest("a tool message needs a tool result: use ModelMessage.tool_result.", param="messages")
    if role == "assistant" and isinstance(message.content, list):
        fields = write_assistant(message.content, reasoning_field=reasoning_field, dropped=noted)
    else:
        fields = {"content": write_content(message.content, role, noted)}
    return [_completed(role, fields, message)]


def write_messages(
    messages: Iterable[ModelMessage],
    *,
    reasoning_field: str | None = None,
    developer_role: bool = True,
    dropped: list[Adaptation] | None = None,
) -> list[dict[str, Any]]:
    """Write messages in OpenAI's form; see `write_message`."""
    written: list[dict[str, Any]] = []
    for message in messages:
        if type(message.content) is str and not message.name and not message.extensions and message.role in _PLAIN:
            written.append({"role": message.role, "content": message.content})
        else:
            written += write_message(
                message, reasoning_field=reasoning_field, developer_role=developer_role, dropped=dropped
            )
    return written


def common_messages(
    messages: Sequence[ModelMessage], *, support_system_role: bool, user_last: bool
) -> list[dict[str, Any]]:
    """Write messages for `ModelMessage.to_common_messages`."""
    arranged = [message for message in messages if message.pass_to_model]
    if not support_system_role:
        arranged = merge_system(arranged, ModelExtraMetadata().prompt_sep)
    return write_messages(move_user_last(arranged) if user_last else arranged)


_PLAIN = frozenset(("system", "user", "assistant"))


def _given(data: object, where: str) -> Mapping[str, Any]:
    if is_object(data):
        return data
    dump = getattr(data, "model_dump", None)
    if callable(dump):
        return cast("Mapping[str, Any]", dump(exclude_unset=True))
    raise malformed(where, "an object")


def _read_neutral(given: Mapping[str, Any], where: str) -> ModelMessage:
    try:
        return msgspec.convert(given, ModelMessage)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"{where} is not valid: {error}.", param=where) from error


def _completed(role: str, fields: dict[str, Any], message: ModelMessage) -> dict[str, Any]:
    completed: dict[str, Any] = {"role": role, **fields}
    if message.name is not None:
        completed["name"] = message.name
    for name, value in own(message.extensions).items():
        if completed.get(name) is None:
            completed[name] = value
    return completed


def _write_results(message: ModelMessage, role: str, dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write each run of other parts as a message of its own, in the order of the parts."""
    written: list[dict[str, Any]] = []
    run: list[Part] = []
    for part in message.parts:
        if not isinstance(part, ToolResultPart):
            run.append(part)
            continue
        if run:
            written += _write_run(run, role, dropped)
            run = []
        written.append(write_result(part, dropped))
    return written + _write_run(run, role, dropped) if run else written


def _write_run(run: list[Part], role: str, dropped: list[Adaptation]) -> list[dict[str, Any]]:
    if role == "tool":
        raise InvalidRequest("a tool message holds results and nothing else.", param="messages")
    return write_message(ModelMessage(role, list(run)), dropped=dropped)
