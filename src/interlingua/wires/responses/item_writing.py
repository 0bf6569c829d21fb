"""Items, written (openai 3.54 `types/responses/response_input_item_param.py`, read 2026-11-25); see `items`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from interlingua.types import (
    Adaptation,
    AudioPart,
    ImagePart,
    ModelMessage,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from interlingua.types.seal import seal
from interlingua.types.shape import is_object
from interlingua.wires.responses.blocks import WIRE, beside, foreign, own, write_annotation, write_blocks
from interlingua.wires.responses.items import REASONING_TEXT, item_marks

_IMAGE: Final = "data:image/"


def write_items(
    messages: Sequence[ModelMessage], dropped: list[Adaptation], *, breakpoints: bool
) -> list[dict[str, Any]]:
    """Write messages as items; without `breakpoints` those of a cache are left out."""
    items: list[dict[str, Any]] = []
    custom: set[str] = set()
    for message in messages:
        role = message.role
        if role == "view":
            continue
        if message.name is not None and role not in ("tool", "function"):
            dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
        if role == "assistant":
            custom |= {call.id for call in message.tool_calls if call.kind == "custom"}
            dropped += foreign(message.extensions, "message")
            items += write_answer(message.parts, dropped)
        elif isinstance(message.content, str) and role not in ("tool", "function"):
            items.append(_message(message, message.content, dropped))
        else:
            items += _write_told(message, custom, dropped, breakpoints=breakpoints)
    return items


def _write_told(
    message: ModelMessage, custom: set[str], dropped: list[Adaptation], *, breakpoints: bool
) -> list[dict[str, Any]]:
    """Write a message that is not the model's: results of tools are items of their own."""
    results = [part for part in message.parts if isinstance(part, ToolResultPart)]
    items = [_write_output(part, custom, dropped, breakpoints=breakpoints) for part in results]
    others = [part for part in message.parts if not isinstance(part, ToolResultPart)] if results else message.parts
    if message.role in ("tool", "function"):
        if others:
            dropped.append(Adaptation("dropped", message.role, "what a tool says must name the call that it answers"))
        return items
    if others or not results:
        items.append(_message(message, write_blocks(others, dropped, breakpoints=breakpoints), dropped))
    return items


def _message(message: ModelMessage, content: str | list[dict[str, Any]], dropped: list[Adaptation]) -> dict[str, Any]:
    dropped += foreign(message.extensions, "message")
    extra = own(message.extensions)
    if "item" in extra:
        extra = {name: value for name, value in extra.items() if name != "item"}
    return {"type": "message", "role": message.role, "content": content, **extra}


def write_answer(parts: Sequence[Part], dropped: list[Adaptation], *, reply: bool = False) -> list[dict[str, Any]]:
    """Write what the model said as items; texts of one item stay together."""
    items: list[dict[str, Any]] = []
    bare: list[dict[str, Any]] = []
    open_item: dict[str, Any] | None = None
    marks: Mapping[str, Any] | None = None
    for part in parts:
        if reply and isinstance(part, TextPart | ToolCallPart) and part.signature is not None:
            items.append(sealed_item(part))
            open_item = None
            if isinstance(part, TextPart) and not part.text:
                continue
        if isinstance(part, TextPart | RefusalPart):
            if isinstance(part, TextPart) and part.signature is not None and not reply:
                dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
            dropped += beside(part)
            told = own(part.extensions)
            mark, block = told.get("item"), answer_block(part)
            if open_item is None or not _continues(marks, mark, told):
                open_item = {"type": "message", "role": "assistant", "content": []}
                items.append(open_item)
                if mark is None:
                    bare.append(open_item)
            open_item.update(mark or {})
            open_item["content"].append(block)
            if "plain" in told:
                open_item["content"] = part.text
                open_item = None
            marks = mark
        elif isinstance(part, OpaquePart) and part.wire == WIRE and part.data.get("type") == "message":
            marks = item_marks(part.data)
            if open_item is None or "id" not in marks or open_item.get("id") != marks["id"]:
                open_item = {**part.data, "content": []}
                items.append(open_item)
            open_item["content"] += part.data.get("content") or ()
        else:
            open_item = None
            written = _answer_item(part, dropped, reply=reply)
            if written is not None:
                items.append(written)
    if not reply:
        for item in bare:
            _make_plain(item)
    return items


def _continues(before: Mapping[str, Any] | None, marks: Mapping[str, Any] | None, told: Mapping[str, Any]) -> bool:
    """Tell whether a block is of the message that the one before it is of, by what their message said of itself."""
    if marks is None or before is None:
        return marks is before
    return "number" in told and marks.get("id") == before.get("id")


def answer_block(part: TextPart | RefusalPart) -> dict[str, Any]:
    """Write a text or a refusal as a block of a message of the model's."""
    block: Mapping[str, Any] = own(part.extensions).get("block") or {}
    if isinstance(part, RefusalPart):
        return {"type": "refusal", "refusal": part.text, **block}
    sources = list(map(write_annotation, part.citations or ()))
    return {"type": "output_text", "text": part.text, "annotations": sources, **block}


def _make_plain(item: dict[str, Any]) -> None:
    """Write a message that came from no item of this wire as the plain text that clients write, where it is one."""
    blocks: list[dict[str, Any]] = item["content"]
    if len(blocks) == 1 and set(blocks[0]) == {"type", "text", "annotations"} and not blocks[0]["annotations"]:
        item["content"] = blocks[0]["text"]


def _answer_item(part: Part, dropped: list[Adaptation], *, reply: bool) -> dict[str, Any] | None:
    if isinstance(part, ToolCallPart):
        if part.signature is not None and not reply:
            dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
        dropped += beside(part)
        return call_item(part)
    if isinstance(part, ThinkingPart):
        if part.wire == WIRE:
            return reasoning_item(part)
        if reply:
            return sealed_item(part)
        dropped.append(Adaptation("dropped", "thinking", f"state of {part.wire}" if part.wire else "not its own"))
        return None
    if isinstance(part, OpaquePart):
        if part.wire == WIRE:
            return part.data
        if reply:
            return sealed_item(part)
        dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}: {part.data.get('type', 'unknown')}"))
        return None
    if isinstance(part, AudioPart) and part.transcript:
        kind = "dropped" if part.data is not None and reply else "emulated"
        dropped.append(Adaptation(kind, "audio", "an answer has its transcript only" if reply else "as its transcript"))
        return {"type": "message", "role": "assistant", "content": [answer_block(TextPart(part.transcript))]}
    if isinstance(part, ImagePart) and reply and (part.url or "").startswith(_IMAGE):
        return _image_item(part.url or "")
    dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), "an answer holds none on this wire"))
    return None


def _image_item(url: str) -> dict[str, Any]:
    """Write an image that the model made as its hosted tool would give it: base64 without the address's beginning."""
    head, _, data = url.partition(",")
    form = head.removeprefix(_IMAGE).partition(";")[0]
    return {"type": "image_generation_call", "status": "completed", "result": data, "output_format": form}


def call_item(part: ToolCallPart) -> dict[str, Any]:
    """Write a call as an item."""
    custom = part.kind == "custom"
    return {
        "type": "custom_tool_call" if custom else "function_call",
        "call_id": part.id,
        "name": part.name,
        "input" if custom else "arguments": part.arguments,
        **own(part.extensions),
    }


def reasoning_item(part: ThinkingPart) -> dict[str, Any]:
    """Write reasoning of this wire's own."""
    shown = [{"type": "summary_text", "text": part.text}] if part.text else []
    fields: dict[str, Any] = {"type": "reasoning", "summary": shown}
    if part.field == REASONING_TEXT:
        fields |= {"summary": [], "content": [{"type": "reasoning_text", "text": part.text}]}
    fields |= own(part.extensions)
    if part.encrypted is not None:
        fields["encrypted_content"] = part.encrypted
    return fields


def sealed_item(part: Part) -> dict[str, Any]:
    """Write another wire's reasoning or state as a reasoning item."""
    text = part.text if isinstance(part, ThinkingPart) else ""
    summary = [{"type": "summary_text", "text": text}] if text else []
    return {"type": "reasoning", "summary": summary, "encrypted_content": seal(part)}


def _write_output(
    part: ToolResultPart, custom: set[str], dropped: list[Adaptation], *, breakpoints: bool
) -> dict[str, Any]:
    if part.is_error:
        dropped.append(Adaptation("dropped", "tool_result.is_error", "this wire cannot say that a tool failed"))
    if part.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "a tool's output holds no breakpoint"))
    dropped += beside(part)
    output = part.content if isinstance(part.content, str) else write_blocks(
        part.content or (), dropped, breakpoints=breakpoints
    )  # fmt: skip
    kind = "custom_tool_call_output" if part.call_id in custom else "function_call_output"
    return {"type": kind, "call_id": part.call_id, "output": output, **own(part.extensions)}


def spread_logprobs(items: Sequence[Mapping[str, Any]], tokens: Sequence[Any]) -> None:
    """Put the probabilities of an answer's tokens to the blocks of text that the tokens make."""
    blocks = [
        block
        for item in items
        if item.get("type") == "message"
        for block in item["content"]
        if block.get("type") == "output_text"
    ]
    if not blocks or any(block.get("logprobs") for block in blocks):
        return
    place = 0
    for block in blocks[:-1]:
        end, length = place, 0
        while end < len(tokens) and length < len(block["text"]):
            length += len(tokens[end].get("token") or "") if is_object(tokens[end]) else 0
            end += 1
        block["logprobs"] = write_logprobs(tokens[place:end])
        place = end
    blocks[-1]["logprobs"] = write_logprobs(tokens[place:])


def write_logprobs(tokens: Sequence[Any]) -> list[Any]:
    """Write probabilities with the fields that every token has on this wire."""
    return [_token(token) | {"top_logprobs": list(map(_token, token.get("top_logprobs") or ()))} for token in tokens]


def _token(token: Mapping[str, Any]) -> dict[str, Any]:
    name: str = token.get("token") or ""
    given = token.get("bytes")
    return {**token, "token": name, "bytes": list(name.encode()) if given is None else given}
