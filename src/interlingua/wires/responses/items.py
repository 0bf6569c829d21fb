"""Items, read (openai 3.54 `types/responses/response_input_item_param.py`, read 2026-11-25).

A conversation is a flat list of items there. Those that the model made stand in one
assistant's message here, in their order; an item of a kind that is not known is an
`OpaquePart`, and what a known one has beyond the fields known here is in `extensions`.

A part of a message of the model's keeps what the wire says around it: `item` is what the
message item says of itself (its `phase` once more beside it), `number` is the block's place
in it, if not the first, `block` what the block says of itself, and `plain` that the content
was no list but a text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from interlingua.types import (
    ModelMessage,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from interlingua.types.part import Extensions
from interlingua.types.seal import rejoin, unseal
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.responses.blocks import WIRE, extensions_of, read_annotation, read_blocks, text_of

CALLS: Final = {"function_call": ("function", "arguments"), "custom_tool_call": ("custom", "input")}
"""The items that are calls of the caller's own tools: their kind here, and where their arguments stand."""

REASONING_TEXT: Final = "reasoning_text"
"""`ThinkingPart.field` of reasoning that is shown whole, and not as a summary."""

_ROLES: Final = ("user", "assistant", "system", "developer")
_OUTPUTS: Final = ("function_call_output", "custom_tool_call_output")


def read_items(items: Sequence[Any], where: str) -> list[ModelMessage]:
    """Read a list of items as messages.

    Raises:
        InvalidRequest: one is malformed; `param` says which.

    """
    messages: list[ModelMessage] = []
    thoughts = False
    for index, item in enumerate(items):
        place = f"{where}[{index}]"
        if not is_object(item):
            raise malformed(place, "an object")
        kind = item.get("type")
        if kind is None:  # the two kinds whose name may be left out
            kind = "message" if "role" in item else "item_reference" if "id" in item else None
        if not isinstance(kind, str):
            raise malformed(f"{place}.type", "a string")
        if kind == "message" and item.get("role") != "assistant":
            messages.append(_read_message(item, place))
        elif kind in _OUTPUTS and item.get("call_id") is not None:
            _add(messages, "tool", [_read_output(item, kind, place)])
        else:
            thoughts = thoughts or kind == "reasoning"
            _add(messages, "assistant", read_model_item(item, kind, place))
    for message in messages if thoughts else ():
        if message.role == "assistant" and isinstance(message.content, list):
            message.content = rejoin(message.content)
    return messages


def read_model_item(item: Mapping[str, Any], kind: str, where: str, *, reply: bool = False) -> list[Part]:
    """Read an item that the model made; sealed state is opened where a caller brings it, not in a `reply`."""
    if kind == "message":
        return _read_answer(item, where)
    if kind == "reasoning":
        return [_read_reasoning(item, reply=reply)]
    if kind in CALLS:
        return [_read_call(item, kind, where)]
    return [OpaquePart(WIRE, dict(item))]


def _add(messages: list[ModelMessage], role: str, parts: list[Part]) -> None:
    last = messages[-1] if messages else None
    if last is not None and last.role == role and isinstance(last.content, list):
        last.content += parts
    else:
        messages.append(ModelMessage(role, parts))


def _read_message(item: Mapping[str, Any], where: str) -> ModelMessage:
    role, content = item.get("role"), item.get("content")
    if role not in _ROLES:
        raise malformed(f"{where}.role", "user, assistant, system or developer")
    extra = item_marks(item)
    if role == "system":
        extra["item"] = True
    if isinstance(content, str):
        return ModelMessage(role, content, extensions=extensions_of(extra))
    parts = read_blocks(content, f"{where}.content")
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, TextPart) and not only.extensions and only.cache is None:
        return ModelMessage(role, only.text, extensions=extensions_of(extra))
    return ModelMessage(role, parts, extensions=extensions_of(extra))


def lasting(marks: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an item says of itself from its beginning; its status is told by its last block."""
    return {name: value for name, value in marks.items() if name != "status"}


def item_marks(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a message item says of itself, which each of its parts carries."""
    if len(item) == 3 and "type" in item and "role" in item and "content" in item:
        return {}
    return {name: value for name, value in item.items() if name not in ("type", "role", "content")}


def block_marks(marks: Mapping[str, Any], number: int, block: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the part that a block becomes carries: its item's marks, its place, and its own unknown fields."""
    fields: dict[str, Any] = {"item": dict(marks)}
    if number:
        fields["number"] = number
    elif "phase" in marks:
        fields["phase"] = marks["phase"]  # so that it is told, and not only carried, where another wire has none
    rest = {name: value for name, value in block.items() if name not in ("type", "text", "refusal", "annotations")}
    if rest:
        fields["block"] = rest
    return fields


def _read_answer(item: Mapping[str, Any], where: str) -> list[Part]:
    content = item.get("content")
    marks = item_marks(item)
    if isinstance(content, str):
        told: dict[str, Any] = {"item": marks, "plain": True}
        if "phase" in marks:
            told["phase"] = marks["phase"]
        return [TextPart(content, {WIRE: told})]
    if not is_list(content):
        raise malformed(f"{where}.content", "a string or a list of blocks")
    parts: list[Part] = []
    for index, block in enumerate(content):
        place = f"{where}.content[{index}]"
        if not is_object(block):
            raise malformed(place, "an object")
        kind, last = block.get("type"), index == len(content) - 1
        extensions = {WIRE: block_marks(marks if last else lasting(marks), index, block)}
        if kind in ("output_text", "input_text"):
            given = block.get("annotations")
            citations = [read_annotation(each) for each in given if is_object(each)] if is_list(given) else []
            parts.append(TextPart(text_of(block, "text", place), extensions, citations or None))
        elif kind == "refusal":
            parts.append(RefusalPart(text_of(block, "refusal", place), extensions))
        else:
            parts.append(OpaquePart(WIRE, {**item, "type": "message", "content": [dict(block)]}))
    return parts or [OpaquePart(WIRE, {"type": "message", **item})]


def _read_reasoning(item: Mapping[str, Any], *, reply: bool) -> Part:
    state = item.get("encrypted_content")
    text = summary_of(item)
    opened = unseal(state) if isinstance(state, str) and not reply else None
    if opened is not None:
        if isinstance(opened, ThinkingPart):
            opened.text = text
        return opened
    return ThinkingPart(
        text=text,
        encrypted=state if isinstance(state, str) else None,
        field=field_of(item),
        extensions=reasoning_marks(item),
        wire=WIRE,
    )


def reasoning_marks(item: Mapping[str, Any]) -> Extensions:
    """Give what a reasoning item has beside its state."""
    state = isinstance(item.get("encrypted_content"), str)
    return extensions_of(
        {name: value for name, value in item.items() if name != "type" and not (state and name == "encrypted_content")}
    )


def summary_of(item: Mapping[str, Any]) -> str:
    """Give what is shown of a reasoning item: its summary, or else its text."""
    for name in ("summary", "content"):
        shown = _texts_of(item.get(name))
        if shown:
            return "\n\n".join(shown)
    return ""


def field_of(item: Mapping[str, Any]) -> str | None:
    """Tell where what is shown of a reasoning item stands: `reasoning_text`, or None for the summary."""
    return REASONING_TEXT if _texts_of(item.get("content")) and not _texts_of(item.get("summary")) else None


def _texts_of(blocks: object) -> list[str]:
    texts = [each.get("text") for each in blocks if is_object(each)] if is_list(blocks) else []
    return [text for text in texts if isinstance(text, str)]


def _read_call(item: Mapping[str, Any], kind: str, where: str) -> Part:
    meant, field = CALLS[kind]
    identity, name, arguments = item.get("call_id"), item.get("name"), item.get(field, "")
    if not isinstance(identity, str) or not isinstance(name, str) or not isinstance(arguments, str):
        raise malformed(where, f"an object with the strings `call_id`, `name` and `{field}`")
    return ToolCallPart(id=identity, name=name, arguments=arguments, kind=meant, extensions=call_marks(item))


def call_marks(item: Mapping[str, Any]) -> Extensions:
    """Give what a call has beside its id, name and arguments."""
    known = ("type", "call_id", "name", CALLS[item["type"]][1])
    if len(item) == 4 and known[3] in item:
        return {}
    return extensions_of({name: value for name, value in item.items() if name not in known})


def _read_output(item: Mapping[str, Any], kind: str, where: str) -> Part:
    identity, output = item.get("call_id"), item.get("output")
    if not isinstance(identity, str):
        raise malformed(f"{where}.call_id", "a string")
    extra: dict[str, Any] = {}
    if len(item) > 3:
        extra = {name: value for name, value in item.items() if name not in ("type", "call_id", "output")}
    if kind != "function_call_output":
        extra["type"] = kind
    content = output if isinstance(output, str) else read_blocks(output, f"{where}.output")
    return ToolResultPart(call_id=identity, content=content, extensions=extensions_of(extra))
