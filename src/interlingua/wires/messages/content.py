"""Content blocks, both ways (types of anthropic 2.12 `content_block*.py` and `*_block_param.py`, read 2026-11-23).

What a block has beyond the fields known here stands in its part's `extensions` under
`messages`; a block of an unknown type is an `OpaquePart`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.types import (
    Adaptation,
    AudioPart,
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from interlingua.types.seal import rejoin, seal, unseal
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_fields, foreign_name
from interlingua.wires.messages.citations import kept_citation, read_citation, write_citation
from interlingua.wires.messages.fields import WIRE, cache_of, own, rest_of, with_cache
from interlingua.wires.messages.media import read_document, read_image, write_audio, write_file, write_image

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")

_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


def read_content(content: object, where: str) -> list[Part]:
    """Read a list of blocks; signatures that were sealed go back onto their parts.

    Raises:
        InvalidRequest: a block is malformed; `param` says which.

    """
    if not is_list(content):
        raise malformed(where, "a string or a list of blocks")
    return rejoin([read_block(block, f"{where}[{index}]") for index, block in enumerate(content)])


def read_block(block: object, where: str) -> Part:
    """Read one block."""
    if not is_object(block):
        raise malformed(where, "an object")
    kind = block.get("type")
    if not isinstance(kind, str):
        raise malformed(f"{where}.type", "a string")
    reader = _READERS.get(kind)
    if reader is None:
        return OpaquePart(WIRE, dict(block))
    return reader(block, where)


def write_parts(parts: Sequence[Part], dropped: list[Adaptation], *, reply: bool = False) -> list[dict[str, Any]]:
    """Write parts as blocks.

    In a reply, state of another wire is sealed into a block of opaque reasoning, which
    clients bring back; in a request it is noted in `dropped`, as is all else that is
    lost or said in another way.
    """
    blocks: list[dict[str, Any]] = []
    for part in parts:
        if reply:
            blocks += _write_reply_part(part, dropped)
        else:
            block = write_block(part, dropped)
            if block is not None:
                blocks.append(block)
    return blocks


def write_block(part: Part, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write one part of a request, or say in `dropped` why it cannot be said."""
    if isinstance(part, OpaquePart):
        if part.wire == WIRE:
            return part.data
        dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}: {foreign_name(part.data)}"))
        return None
    if isinstance(part, ThinkingPart):
        return _write_request_thinking(part, dropped)
    if isinstance(part, TextPart | ToolCallPart) and part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    if part.extensions:
        dropped += foreign_fields(part.extensions, WIRE, of=_NAMES[type(part)])
    return _WRITERS[type(part)](part, dropped)


_NAMES: Final[dict[type, str]] = {
    TextPart: "text",
    ImagePart: "image",
    FilePart: "file",
    AudioPart: "audio",
    RefusalPart: "refusal",
    ToolCallPart: "tool_call",
    ToolResultPart: "tool_result",
}


def usable_id(identity: str) -> str:
    """Give a tool call's id in the letters that this API takes; the same id always becomes the same one."""
    if _KEY.fullmatch(identity):
        return identity
    return "call_" + "".join(char if _KEY.fullmatch(char) else f"_{ord(char):x}" for char in identity)


def arguments_of(text: str) -> dict[str, Any]:
    """Give a call's arguments as the object that this wire wants; any other text stands under `input`."""
    try:
        return _decode_object(text or "{}")
    except (msgspec.DecodeError, RecursionError):
        return {"input": text}


def _read_text(block: Mapping[str, Any], where: str) -> Part:
    text = block.get("text")
    if not isinstance(text, str):
        raise malformed(f"{where}.text", "a string")
    if len(block) == 2:
        return TextPart(text)
    given = block.get("citations")
    citations = [read_citation(each) for each in given if is_object(each)] if is_list(given) and given else None
    known = ("text", "cache_control", "citations") if citations or not given else ("text", "cache_control")
    return TextPart(text, rest_of(block, *known), citations, cache=cache_of(block))


def _read_thinking(block: Mapping[str, Any], where: str) -> Part:
    text, signature = block.get("thinking"), block.get("signature")
    if not isinstance(text, str):
        raise malformed(f"{where}.thinking", "a string")
    opened = unseal(signature) if isinstance(signature, str) else None
    if opened is not None:
        if isinstance(opened, ThinkingPart):
            opened.text = text
        return opened
    return ThinkingPart(
        text=text,
        signature=signature if isinstance(signature, str) else None,
        extensions=rest_of(block, "thinking", "signature"),
        wire=WIRE,
    )


def _read_redacted(block: Mapping[str, Any], where: str) -> Part:
    data = block.get("data")
    if not isinstance(data, str):
        raise malformed(f"{where}.data", "a string")
    return unseal(data) or ThinkingPart(encrypted=data, extensions=rest_of(block, "data"), wire=WIRE)


def _read_tool_use(block: Mapping[str, Any], where: str) -> Part:
    identity, name, given = block.get("id"), block.get("name"), block.get("input", {})
    if not isinstance(identity, str) or not isinstance(name, str):
        raise malformed(where, "an object with the strings `id` and `name`")
    if not is_object(given):
        raise malformed(f"{where}.input", "an object")
    arguments = _encode(given).decode()
    return ToolCallPart(
        id=identity,
        name=name,
        arguments=arguments,
        extensions=rest_of(block, "id", "name", "input", "cache_control"),
        cache=cache_of(block),
    )


def _read_tool_result(block: Mapping[str, Any], where: str) -> Part:
    identity, content, failed = block.get("tool_use_id"), block.get("content"), block.get("is_error")
    if not isinstance(identity, str):
        raise malformed(f"{where}.tool_use_id", "a string")
    if content is not None and not isinstance(content, str):
        content = read_content(content, f"{where}.content")
    return ToolResultPart(
        call_id=identity,
        content=content,
        is_error=failed if isinstance(failed, bool) else None,
        extensions=rest_of(block, "tool_use_id", "content", "is_error", "cache_control"),
        cache=cache_of(block),
    )


_READERS: Final[dict[str, Callable[[Mapping[str, Any], str], Part]]] = {
    "text": _read_text,
    "image": read_image,
    "document": read_document,
    "thinking": _read_thinking,
    "redacted_thinking": _read_redacted,
    "tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
}


def _write_text(part: TextPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if not part.text and not part.extensions:  # refused there, and says nothing
        return None
    fields: dict[str, Any] = {"type": "text", "text": part.text}
    if part.citations:
        kept = [given for each in part.citations if (given := kept_citation(each)) is not None]
        if kept:
            fields["citations"] = kept
        if len(kept) < len(part.citations):
            dropped.append(Adaptation("dropped", "citations", "sources of another wire"))
    return with_cache(fields, part.cache, part.extensions)


def _write_refusal(part: RefusalPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    dropped.append(Adaptation("renamed", "refusal", "as text"))
    return {"type": "text", "text": part.text} if part.text else None


def _write_request_thinking(part: ThinkingPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.wire == WIRE:
        return _thinking_block(part)
    dropped.append(Adaptation("dropped", "thinking", f"state of {part.wire}" if part.wire else "it has no signature"))
    return None


def _thinking_block(part: ThinkingPart) -> dict[str, Any]:
    if part.encrypted is not None:
        return {"type": "redacted_thinking", "data": part.encrypted, **own(part.extensions)}
    fields: dict[str, Any] = {"type": "thinking", "thinking": part.text}
    if part.signature is not None:
        fields["signature"] = part.signature
    return fields | own(part.extensions)


def _write_tool_call(part: ToolCallPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.kind != "function":
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
    fields: dict[str, Any] = {
        "type": "tool_use",
        "id": usable_id(part.id),
        "name": part.name,
        "input": arguments_of(part.arguments) if part.kind == "function" else {"input": part.arguments},
    }
    return with_cache(fields, part.cache, part.extensions)


def _write_tool_result(part: ToolResultPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    fields: dict[str, Any] = {"type": "tool_result", "tool_use_id": usable_id(part.call_id)}
    if isinstance(part.content, str):
        fields["content"] = part.content
    elif part.content is not None:
        fields["content"] = write_parts(part.content, dropped)
    if part.is_error is not None:
        fields["is_error"] = part.is_error
    return with_cache(fields, part.cache, part.extensions)


_WRITERS: Final[dict[type, Callable[[Any, list[Adaptation]], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    ImagePart: write_image,
    FilePart: write_file,
    AudioPart: write_audio,
    RefusalPart: _write_refusal,
    ToolCallPart: _write_tool_call,
    ToolResultPart: _write_tool_result,
}


def _write_reply_part(part: Part, dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write one part of an answer, with what is another wire's sealed in front of it."""
    if isinstance(part, ThinkingPart):
        return [reply_thinking(part)]
    if isinstance(part, OpaquePart):
        return [part.data if part.wire == WIRE else sealed_block(part)]
    sealed: list[dict[str, Any]] = []
    if isinstance(part, ToolCallPart) and part.signature is not None:
        sealed = [sealed_block(msgspec.structs.replace(part, id=usable_id(part.id)))]
    elif isinstance(part, TextPart) and part.signature is not None:
        sealed = [sealed_block(part)]
    if isinstance(part, TextPart):
        citations = [write_citation(each) for each in part.citations] if part.citations else None
        return [*sealed, {"type": "text", "text": part.text, "citations": citations, **own(part.extensions)}]
    if isinstance(part, ImagePart | FilePart):
        dropped.append(Adaptation("emulated", _NAMES[type(part)], "as a block that answers of this wire have not"))
    block = _WRITERS[type(part)](part, dropped)
    return [*sealed, block] if block is not None else sealed


def reply_thinking(part: ThinkingPart) -> dict[str, Any]:
    """Write reasoning of an answer; every block has a signature there, if only an empty one."""
    if part.wire == WIRE:
        return {"signature": "", **_thinking_block(part)} if part.encrypted is None else _thinking_block(part)
    sealed = seal(part)
    if sealed is not None and not part.text:
        return {"type": "redacted_thinking", "data": sealed}
    return {"type": "thinking", "thinking": part.text, "signature": sealed or ""}


def sealed_block(part: Part) -> dict[str, Any]:
    """Write what belongs to another wire as a block of opaque reasoning."""
    return {"type": "redacted_thinking", "data": seal(part) or ""}
