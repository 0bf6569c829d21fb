"""Items, both ways (openai 3.54 `types/responses/response_input_item_param.py`, read 2026-11-23).

A conversation is a flat list of items there. Those that the model made stand in one
assistant's message here, in their order; an item of a kind that is not known is an
`OpaquePart`, and what a known one has beyond the fields known here is in `extensions`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from interlingua.types import (
    Adaptation,
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
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
from interlingua.types.part import Extensions
from interlingua.types.seal import rejoin, seal, unseal
from interlingua.types.shape import is_list, is_object, malformed

WIRE: Final = "responses"

_ROLES: Final = ("user", "assistant", "system", "developer")
_BREAKPOINT: Final = "prompt_cache_breakpoint"
_CALLS: Final = {"function_call": ("function", "arguments"), "custom_tool_call": ("custom", "input")}
_OUTPUTS: Final = ("function_call_output", "custom_tool_call_output")


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


def read_items(items: Sequence[Any], where: str) -> list[ModelMessage]:
    """Read a list of items as messages.

    Raises:
        InvalidRequest: one is malformed; `param` says which.

    """
    messages: list[ModelMessage] = []
    for index, item in enumerate(items):
        place = f"{where}[{index}]"
        if not is_object(item):
            raise malformed(place, "an object")
        kind = item.get("type", "message" if "role" in item else None)
        if not isinstance(kind, str):
            raise malformed(f"{place}.type", "a string")
        if kind == "message" and item.get("role") != "assistant":
            messages.append(_read_message(item, place))
        elif kind in _OUTPUTS:
            _add(messages, "tool", [_read_output(item, kind, place)])
        else:
            _add(messages, "assistant", read_model_item(item, kind, place))
    for message in messages:
        if message.role == "assistant" and isinstance(message.content, list):
            message.content = rejoin(message.content)
    return messages


def read_model_item(item: Mapping[str, Any], kind: str, where: str) -> list[Part]:
    """Read an item that the model made."""
    if kind == "message":
        return _read_answer(item, where)
    if kind == "reasoning":
        return [_read_reasoning(item)]
    if kind in _CALLS:
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
    extra = {name: value for name, value in item.items() if name not in ("type", "role", "content")}
    if role == "system":
        extra["item"] = True
    if isinstance(content, str):
        return ModelMessage(role, content, extensions=extensions_of(extra))
    parts = read_blocks(content, f"{where}.content")
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, TextPart) and not only.extensions and only.cache is None:
        return ModelMessage(role, only.text, extensions=extensions_of(extra))
    return ModelMessage(role, parts, extensions=extensions_of(extra))


def read_blocks(content: object, where: str) -> list[Part]:
    """Read the blocks of a message or of a tool's output."""
    if not is_list(content):
        raise malformed(where, "a string or a list of blocks")
    parts: list[Part] = []
    for index, block in enumerate(content):
        if not is_object(block) or not isinstance(block.get("type"), str):
            raise malformed(f"{where}[{index}]", "an object with the string `type`")
        reader = _BLOCKS.get(block["type"])
        parts.append(OpaquePart(WIRE, dict(block)) if reader is None else reader(block, f"{where}[{index}]"))
    return parts


def _rest(block: Mapping[str, Any], *known: str) -> Extensions:
    return extensions_of({name: value for name, value in block.items() if name not in ("type", _BREAKPOINT, *known)})


def _cache_of(block: Mapping[str, Any]) -> CacheBreakpoint | None:
    mark = block.get(_BREAKPOINT)
    if not is_object(mark):
        return None
    ttl = mark.get("ttl")
    return CacheBreakpoint(ttl=ttl if isinstance(ttl, str) else None, extensions={WIRE: dict(mark)})


def _text(block: Mapping[str, Any], name: str, where: str) -> str:
    value = block.get(name)
    if not isinstance(value, str):
        raise malformed(f"{where}.{name}", "a string")
    return value


def _texts(block: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {ours: block[theirs] for ours, theirs in names.items() if isinstance(block.get(theirs), str)}


def _read_text(block: Mapping[str, Any], where: str) -> Part:
    return TextPart(_text(block, "text", where), _rest(block, "text"), cache=_cache_of(block))


def _read_image(block: Mapping[str, Any], where: str) -> Part:
    del where
    known = _texts(block, url="image_url", file_id="file_id", detail="detail")
    return ImagePart(**known, extensions=_rest(block, "image_url", "file_id", "detail"), cache=_cache_of(block))


def _read_file(block: Mapping[str, Any], where: str) -> Part:
    del where
    known = _texts(block, url="file_url", file_id="file_id", data="file_data", filename="filename")
    rest = _rest(block, "file_url", "file_id", "file_data", "filename")
    return FilePart(**known, extensions=rest, cache=_cache_of(block))


def _read_audio(block: Mapping[str, Any], where: str) -> Part:
    audio = block.get("input_audio")
    if not is_object(audio):
        raise malformed(f"{where}.input_audio", "an object")
    known = _texts(audio, data="data", format="format")
    return AudioPart(**known, extensions=_rest(block, "input_audio"), cache=_cache_of(block))


_BLOCKS: Final[dict[str, Callable[[Mapping[str, Any], str], Part]]] = {
    "input_text": _read_text,
    "output_text": _read_text,
    "input_image": _read_image,
    "input_file": _read_file,
    "input_audio": _read_audio,
}


def item_marks(item: Mapping[str, Any]) -> Extensions:
    """Give what a message item says of itself, which each of its parts carries."""
    return {WIRE: {"item": {name: value for name, value in item.items() if name not in ("type", "role", "content")}}}


def _read_answer(item: Mapping[str, Any], where: str) -> list[Part]:
    content = item.get("content")
    marks = item_marks(item)
    if isinstance(content, str):
        return [TextPart(content, marks)]
    if not is_list(content):
        raise malformed(f"{where}.content", "a string or a list of blocks")
    parts: list[Part] = []
    for index, block in enumerate(content):
        place = f"{where}.content[{index}]"
        if not is_object(block):
            raise malformed(place, "an object")
        kind = block.get("type")
        if kind in ("output_text", "input_text"):
            given = block.get("annotations")
            citations = [read_annotation(each) for each in given if is_object(each)] if is_list(given) else []
            parts.append(TextPart(_text(block, "text", place), marks, citations or None))
        elif kind == "refusal":
            parts.append(RefusalPart(_text(block, "refusal", place), marks))
        else:
            parts.append(OpaquePart(WIRE, {"type": "message", "content": [dict(block)], "role": "assistant"}))
    return parts


def read_annotation(annotation: Mapping[str, Any]) -> Citation:
    """Read an annotation of a text, which is kept whole."""
    known = _texts(annotation, url="url", title="title", file_id="file_id")
    numbers = {name: annotation[name] for name in ("start_index", "end_index") if isinstance(annotation.get(name), int)}
    kind = "url" if annotation.get("type") == "url_citation" else "file"
    return Citation(kind=kind, **known, **numbers, extensions={WIRE: dict(annotation)})


def write_annotation(citation: Citation) -> dict[str, Any]:
    """Write a source; a document of the prompt stands in the place of a file."""
    given = own(citation.extensions)
    if given:
        return given
    if citation.kind == "url":
        return {
            "type": "url_citation",
            "url": citation.url or "",
            "title": citation.title or "",
            "start_index": citation.start_index or 0,
            "end_index": citation.end_index or 0,
        }
    name = citation.title or citation.cited_text or ""
    return {"type": "file_citation", "file_id": citation.file_id or "", "filename": name, "index": 0}


def _read_reasoning(item: Mapping[str, Any]) -> Part:
    state = item.get("encrypted_content")
    text = summary_of(item)
    opened = unseal(state) if isinstance(state, str) else None
    if opened is not None:
        if isinstance(opened, ThinkingPart):
            opened.text = text
        return opened
    return ThinkingPart(
        text=text,
        encrypted=state if isinstance(state, str) else None,
        extensions=reasoning_marks(item),
        wire=WIRE,
    )


def reasoning_marks(item: Mapping[str, Any]) -> Extensions:
    """Give what a reasoning item has beside its state."""
    return extensions_of({name: value for name, value in item.items() if name not in ("type", "encrypted_content")})


def summary_of(item: Mapping[str, Any]) -> str:
    """Give what is shown of a reasoning item: its summary, or else its text."""
    for name in ("summary", "content"):
        blocks = item.get(name)
        texts = [each.get("text") for each in blocks if is_object(each)] if is_list(blocks) else []
        shown = [text for text in texts if isinstance(text, str)]
        if shown:
            return "\n\n".join(shown)
    return ""


def _read_call(item: Mapping[str, Any], kind: str, where: str) -> Part:
    meant, field = _CALLS[kind]
    identity, name, arguments = item.get("call_id"), item.get("name"), item.get(field, "")
    if not isinstance(identity, str) or not isinstance(name, str) or not isinstance(arguments, str):
        raise malformed(where, f"an object with the strings `call_id`, `name` and `{field}`")
    return ToolCallPart(id=identity, name=name, arguments=arguments, kind=meant, extensions=call_marks(item))


def call_marks(item: Mapping[str, Any]) -> Extensions:
    """Give what a call has beside its id, name and arguments."""
    known = ("type", "call_id", "name", "arguments", "input")
    return extensions_of({name: value for name, value in item.items() if name not in known})


def _read_output(item: Mapping[str, Any], kind: str, where: str) -> Part:
    identity, output = item.get("call_id"), item.get("output")
    if not isinstance(identity, str):
        raise malformed(f"{where}.call_id", "a string")
    extra = {name: value for name, value in item.items() if name not in ("type", "call_id", "output")}
    if kind != "function_call_output":
        extra["type"] = kind
    content = output if isinstance(output, str) else read_blocks(output, f"{where}.output")
    return ToolResultPart(call_id=identity, content=content, extensions=extensions_of(extra))


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
        if role == "assistant":
            custom |= {call.id for call in message.tool_calls if call.kind == "custom"}
            items += write_answer(message.parts, dropped)
        elif role in ("tool", "function"):
            items += [_write_output(part, custom, dropped, breakpoints=breakpoints) for part in message.parts
                      if isinstance(part, ToolResultPart)]  # fmt: skip
        else:
            if message.name is not None:
                dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
            content = message.content
            written = (
                content if isinstance(content, str) else write_blocks(message.parts, dropped, breakpoints=breakpoints)
            )
            extra = {name: value for name, value in own(message.extensions).items() if name != "item"}
            items.append({"role": role, "content": written, **extra})
    return items


def write_answer(parts: Sequence[Part], dropped: list[Adaptation], *, reply: bool = False) -> list[dict[str, Any]]:
    """Write what the model said as items; texts of one item stay together."""
    items: list[dict[str, Any]] = []
    marks: object = None
    for part in parts:
        if reply and isinstance(part, TextPart | ToolCallPart) and part.signature is not None:
            items.append(sealed_item(part))
            marks = None
        if isinstance(part, TextPart | RefusalPart):
            mark = own(part.extensions).get("item")
            block = _answer_block(part)
            if items and items[-1].get("type") == "message" and (marks == mark):
                items[-1]["content"].append(block)
            else:
                item: dict[str, Any] = {"type": "message", "role": "assistant", "content": [block]}
                items.append({**item, **mark} if is_object(mark) else item)
            marks = mark
            continue
        marks = None
        written = _answer_item(part, dropped, reply=reply)
        if written is not None:
            items.append(written)
    return items


def _answer_block(part: TextPart | RefusalPart) -> dict[str, Any]:
    if isinstance(part, RefusalPart):
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "text": part.text, "annotations": list(map(write_annotation, part.citations or ()))}


def _answer_item(part: Part, dropped: list[Adaptation], *, reply: bool) -> dict[str, Any] | None:
    if isinstance(part, ToolCallPart):
        if part.signature is not None and not reply:
            dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
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
        dropped.append(Adaptation("emulated", "audio", "as its transcript"))
        return {"type": "message", "role": "assistant", "content": [_answer_block(TextPart(part.transcript))]}
    dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), "an answer holds none on this wire"))
    return None


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
    summary = [{"type": "summary_text", "text": part.text}] if part.text else []
    fields: dict[str, Any] = {"type": "reasoning", "summary": summary, **own(part.extensions)}
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
    output = part.content if isinstance(part.content, str) else write_blocks(
        part.content or (), dropped, breakpoints=breakpoints
    )  # fmt: skip
    kind = "custom_tool_call_output" if part.call_id in custom else "function_call_output"
    return {"type": kind, "call_id": part.call_id, "output": output, **own(part.extensions)}


def write_blocks(parts: Sequence[Part], dropped: list[Adaptation], *, breakpoints: bool) -> list[dict[str, Any]]:
    """Write the parts of a message that is not the model's."""
    blocks: list[dict[str, Any]] = []
    for part in parts:
        block = _write_block(part, dropped)
        if block is None:
            continue
        cache = None if isinstance(part, OpaquePart | ThinkingPart | RefusalPart | ToolCallPart) else part.cache
        if cache is not None:
            if own(cache.extensions) or breakpoints:
                block[_BREAKPOINT] = own(cache.extensions) or {"mode": "explicit"}
            else:
                dropped.append(Adaptation("dropped", "cache", "a breakpoint that this provider has no word for"))
        blocks.append(block)
    return blocks


def _write_block(part: Part, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"type": "input_text", "text": part.text, **own(part.extensions)}
    if isinstance(part, ImagePart):
        known = {"image_url": part.url, "file_id": part.file_id, "detail": part.detail}
    elif isinstance(part, FilePart):
        known = {
            "file_url": part.url,
            "file_id": part.file_id,
            "file_data": part.data,
            "filename": part.filename or ("file.pdf" if part.data is not None else None),
        }
    elif isinstance(part, AudioPart) and part.data is not None:
        audio = {"data": part.data, "format": part.format or "wav"}
        return {"type": "input_audio", "input_audio": audio, **own(part.extensions)}
    elif isinstance(part, OpaquePart) and part.wire == WIRE:
        return dict(part.data)
    else:
        dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), "a message holds none here"))
        return None
    kind = "input_image" if isinstance(part, ImagePart) else "input_file"
    return {"type": kind, **{name: value for name, value in known.items() if value is not None}, **own(part.extensions)}
