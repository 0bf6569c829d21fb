"""Content blocks, both ways (types of anthropic 2.12 `content_block*.py` and `*_block_param.py`, read 2026-11-23).

What a block has beyond the fields known here stands in its part's `extensions` under
`messages`; a block of an unknown type is an `OpaquePart`.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.types import (
    Adaptation,
    AudioPart,
    CacheBreakpoint,
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
from interlingua.types.part import Extensions
from interlingua.types.seal import rejoin, seal, unseal
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_fields, foreign_name
from interlingua.wires.messages.citations import kept_citation, read_citation, write_citation
from interlingua.wires.messages.fields import WIRE, extensions_of, own

_DATA_URL: Final = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,", re.IGNORECASE)
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TEXTS: Final = ("application/json", "application/xml", "application/x-yaml")

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
    if part.extensions and not isinstance(part, ToolCallPart):
        dropped += foreign_fields(part.extensions, WIRE, of=_NAMES[type(part)])
    return _WRITERS[type(part)](part, dropped)


_NAMES: Final[dict[type, str]] = {
    TextPart: "text",
    ImagePart: "image",
    FilePart: "file",
    AudioPart: "audio",
    RefusalPart: "refusal",
    ToolResultPart: "tool_result",
}


def split_data_url(url: str) -> tuple[str, str] | None:
    """Give the media type and the base64 text of a `data:` URL; None for any other."""
    match = _DATA_URL.match(url)
    if match is None or match[3] is None:
        return None
    return match[1] or "application/octet-stream", url[match.end() :]


def usable_id(identity: str) -> str:
    """Give a tool call's id in the letters that this API takes; the same id always becomes the same one."""
    if _KEY.fullmatch(identity):
        return identity
    return "call_" + "".join(char if _KEY.fullmatch(char) else f"_{ord(char):x}" for char in identity)


def read_cache(mark: object) -> CacheBreakpoint | None:
    """Read a `cache_control`."""
    if not is_object(mark):
        return None
    ttl = mark.get("ttl")
    known = {"type": "ephemeral", "ttl": ttl} if isinstance(ttl, str) else {"type": "ephemeral"}
    return CacheBreakpoint(
        ttl=ttl if isinstance(ttl, str) else None, extensions={} if mark == known else {WIRE: dict(mark)}
    )


def write_cache(cache: CacheBreakpoint) -> dict[str, Any]:
    """Write a `cache_control`; a life of another wire's becomes the next longer one that this API has."""
    given = own(cache.extensions)
    if given:
        return given
    if cache.ttl is None:
        return {"type": "ephemeral"}
    return {"type": "ephemeral", "ttl": cache.ttl if cache.ttl in ("5m", "1h") else "1h"}


def arguments_of(text: str) -> dict[str, Any]:
    """Give a call's arguments as the object that this wire wants; any other text stands under `input`."""
    try:
        return _decode_object(text or "{}")
    except (msgspec.DecodeError, RecursionError):
        return {"input": text}


def _rest(block: Mapping[str, Any], *known: str) -> Extensions:
    return extensions_of({name: value for name, value in block.items() if name not in ("type", *known)})


def _cached(block: Mapping[str, Any]) -> CacheBreakpoint | None:
    return read_cache(block.get("cache_control"))


def _read_text(block: Mapping[str, Any], where: str) -> Part:
    text = block.get("text")
    if not isinstance(text, str):
        raise malformed(f"{where}.text", "a string")
    if len(block) == 2:
        return TextPart(text)
    given = block.get("citations")
    citations = [read_citation(each) for each in given if is_object(each)] if is_list(given) and given else None
    known = ("text", "cache_control", "citations") if citations or not given else ("text", "cache_control")
    return TextPart(text, _rest(block, *known), citations, cache=_cached(block))


def _source(block: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    source = block.get("source")
    if not is_object(source) or not isinstance(source.get("type"), str):
        raise malformed(f"{where}.source", "an object with the string `type`")
    return source


def _source_text(source: Mapping[str, Any], name: str, where: str) -> str:
    value = source.get(name)
    if not isinstance(value, str):
        raise malformed(f"{where}.source.{name}", "a string")
    return value


def _read_image(block: Mapping[str, Any], where: str) -> Part:
    source = _source(block, where)
    rest = _rest(block, "source", "cache_control")
    if source["type"] == "base64":
        kind, data = _source_text(source, "media_type", where), _source_text(source, "data", where)
        return ImagePart(url=f"data:{kind};base64,{data}", extensions=rest, cache=_cached(block))
    if source["type"] == "url":
        return ImagePart(url=_source_text(source, "url", where), extensions=rest, cache=_cached(block))
    if source["type"] == "file":
        return ImagePart(file_id=_source_text(source, "file_id", where), extensions=rest, cache=_cached(block))
    return OpaquePart(WIRE, dict(block))


def _read_document(block: Mapping[str, Any], where: str) -> Part:
    source = _source(block, where)
    rest = _rest(block, "source", "cache_control", "title")
    title = block.get("title")
    known: dict[str, Any] = {"extensions": rest, "cache": _cached(block)}
    if isinstance(title, str):
        known["filename"] = title
    if source["type"] == "base64":
        kind, data = _source_text(source, "media_type", where), _source_text(source, "data", where)
        return FilePart(data=f"data:{kind};base64,{data}", **known)
    if source["type"] == "url":
        return FilePart(url=_source_text(source, "url", where), **known)
    if source["type"] == "file":
        return FilePart(file_id=_source_text(source, "file_id", where), **known)
    text = _text_of(source)
    if text is None:
        return OpaquePart(WIRE, dict(block))
    if source["type"] == "content":  # its blocks are numbered in sources: they go back as they came
        known["extensions"] = extensions_of({**own(rest), "source": dict(source)})
    return FilePart(data=f"data:text/plain;base64,{base64.b64encode(text).decode()}", **known)


def _text_of(source: Mapping[str, Any]) -> bytes | None:
    """Give the text of a document that came as text or as blocks of it; None for any other."""
    if source["type"] == "text" and set(source) == {"type", "media_type", "data"}:
        given = source["data"] if source["media_type"] == "text/plain" else None
    elif source["type"] == "content":
        given = source.get("content")
    else:
        return None
    blocks: list[object] = [each.get("text") if is_object(each) else None for each in given] if is_list(given) else []
    texts = [given] if isinstance(given, str) else blocks
    if not texts or not all(isinstance(text, str) for text in texts):
        return None
    try:
        return "\n\n".join(str(text) for text in texts).encode()
    except UnicodeEncodeError:
        return None


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
        extensions=_rest(block, "thinking", "signature"),
        wire=WIRE,
    )


def _read_redacted(block: Mapping[str, Any], where: str) -> Part:
    data = block.get("data")
    if not isinstance(data, str):
        raise malformed(f"{where}.data", "a string")
    return unseal(data) or ThinkingPart(encrypted=data, extensions=_rest(block, "data"), wire=WIRE)


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
        extensions=_rest(block, "id", "name", "input", "cache_control"),
        cache=_cached(block),
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
        extensions=_rest(block, "tool_use_id", "content", "is_error", "cache_control"),
        cache=_cached(block),
    )


_READERS: Final[dict[str, Callable[[Mapping[str, Any], str], Part]]] = {
    "text": _read_text,
    "image": _read_image,
    "document": _read_document,
    "thinking": _read_thinking,
    "redacted_thinking": _read_redacted,
    "tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
}


def _with_cache(fields: dict[str, Any], cache: CacheBreakpoint | None, extensions: Extensions) -> dict[str, Any]:
    if cache is not None:
        fields["cache_control"] = write_cache(cache)
    fields.update(own(extensions))
    return fields


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
    return _with_cache(fields, part.cache, part.extensions)


def _write_refusal(part: RefusalPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    dropped.append(Adaptation("renamed", "refusal", "as text"))
    return {"type": "text", "text": part.text} if part.text else None


def _write_image(part: ImagePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.detail is not None and part.detail != "auto":
        dropped.append(Adaptation("dropped", "image.detail", "images are seen in one resolution"))
    if part.file_id is not None:
        source: dict[str, Any] = {"type": "file", "file_id": part.file_id}
    elif part.url is None:
        dropped.append(Adaptation("dropped", "image", "it has no address and no data"))
        return None
    else:
        inline = split_data_url(part.url)
        source = (
            {"type": "url", "url": part.url}
            if inline is None
            else {"type": "base64", "media_type": inline[0], "data": inline[1]}
        )
    return _with_cache({"type": "image", "source": source}, part.cache, part.extensions)


def _write_file(part: FilePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    inline = split_data_url(part.data) if part.data is not None else None
    if part.file_id is not None:
        source: dict[str, Any] = {"type": "file", "file_id": part.file_id}
    elif inline is not None:
        if inline[0].startswith("image/"):
            return _write_image(ImagePart(url=part.data, cache=part.cache), dropped)
        source = _text_source(*inline, dropped) or {"type": "base64", "media_type": inline[0], "data": inline[1]}
    elif part.url is not None:
        source = {"type": "url", "url": part.url}
    elif part.data is not None:
        source = {"type": "base64", "media_type": "application/pdf", "data": part.data}
    else:
        dropped.append(Adaptation("dropped", "file", "it has no address and no data"))
        return None
    fields: dict[str, Any] = {"type": "document", "source": source}
    if part.filename is not None:
        fields["title"] = part.filename
    return _with_cache(fields, part.cache, part.extensions)


def _text_source(kind: str, data: str, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Give the source of a document that is text, which this API takes in plain; None for any other."""
    if not kind.startswith("text/") and kind not in _TEXTS:
        return None
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    if kind != "text/plain":
        dropped.append(Adaptation("renamed", "file", f"{kind} to text/plain"))
    return {"type": "text", "media_type": "text/plain", "data": text}


def _write_audio(part: AudioPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.transcript:
        dropped.append(Adaptation("emulated", "audio", "as its transcript"))
        return {"type": "text", "text": part.transcript}
    dropped.append(Adaptation("dropped", "audio", "this wire has no audio"))
    return None


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
    return _with_cache(fields, part.cache, part.extensions)


def _write_tool_result(part: ToolResultPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    fields: dict[str, Any] = {"type": "tool_result", "tool_use_id": usable_id(part.call_id)}
    if isinstance(part.content, str):
        fields["content"] = part.content
    elif part.content is not None:
        fields["content"] = write_parts(part.content, dropped)
    if part.is_error is not None:
        fields["is_error"] = part.is_error
    return _with_cache(fields, part.cache, part.extensions)


_WRITERS: Final[dict[type, Callable[[Any, list[Adaptation]], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    ImagePart: _write_image,
    FilePart: _write_file,
    AudioPart: _write_audio,
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
