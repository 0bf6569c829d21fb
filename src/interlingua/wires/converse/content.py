"""Content blocks, both ways (botocore 1.44 `bedrock-runtime` 2023-09-30, read 2026-11-23).

A block is an object with one member, whose name is its kind. One of an unknown kind is
an `OpaquePart`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.types import (
    Adaptation,
    AudioPart,
    CacheBreakpoint,
    Citation,
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
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.converse.fields import WIRE, extensions_of, own
from interlingua.wires.converse.media import write_audio, write_file, write_image
from interlingua.wires.converse.twins import cache_of_twin, citation_of, twin_of
from interlingua.wires.foreign_fields import foreign_fields, foreign_name

_ID: Final = re.compile(r"[^A-Za-z0-9_.:-]")
_LONGEST_ID: Final = 64
_RESULTS: Final = frozenset(("json", "text", "image", "document", "video", "searchResult"))
"""What may stand in the result of a tool."""

_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read_block(block: object, where: str) -> Part:
    """Read one block of an answer.

    Raises:
        InvalidRequest: it is malformed.

    """
    if not is_object(block):
        raise malformed(where, "an object")
    text = block.get("text")
    if isinstance(text, str):
        return TextPart(text)
    for kind, reader in _READERS.items():
        content = block.get(kind)
        if is_object(content):
            return reader(content, where) or OpaquePart(WIRE, dict(block))
    return OpaquePart(WIRE, dict(block))


def is_servers(call: Mapping[str, Any]) -> bool:
    """Tell whether a call is of a tool that the provider runs itself; nobody else is to run it."""
    return call.get("type") is not None


def _read_call(call: Mapping[str, Any], where: str) -> Part | None:
    if is_servers(call):
        return None
    identity, name = call.get("toolUseId"), call.get("name")
    if not isinstance(identity, str) or not isinstance(name, str):
        raise malformed(where, "an object with the strings `toolUseId` and `name`")
    rest = {key: value for key, value in call.items() if key not in ("toolUseId", "name", "input")}
    arguments = _encode(call.get("input", {})).decode()
    return ToolCallPart(id=identity, name=name, arguments=arguments, extensions=extensions_of(rest))


def _read_thinking(content: Mapping[str, Any], where: str) -> Part | None:
    del where
    shown, redacted = content.get("reasoningText"), content.get("redactedContent")
    if isinstance(redacted, str):
        return ThinkingPart(encrypted=redacted, wire=WIRE)
    if not is_object(shown):
        return None
    text, signature = shown.get("text"), shown.get("signature")
    rest = {name: value for name, value in shown.items() if name not in ("text", "signature")}
    return ThinkingPart(
        text=text if isinstance(text, str) else "",
        signature=signature if isinstance(signature, str) else None,
        extensions=extensions_of(rest),
        wire=WIRE,
    )


def _read_cited(content: Mapping[str, Any], where: str) -> Part:
    """Read a text with its sources; what is not one text and objects stays as it came in `extensions`."""
    del where
    texts, citations = content.get("content"), content.get("citations")
    read = [read_citation(each) for each in citations if is_object(each)] if is_list(citations) else []
    text = _joined(texts)
    kept = {name: value for name, value in content.items() if name not in ("content", "citations")}
    if not read or texts != [{"text": text}]:
        kept |= {"content": texts if is_list(texts) else []}
    return TextPart(text, extensions_of(kept), read or None)


def _read_image(content: Mapping[str, Any], where: str) -> Part | None:
    del where
    form, data = content.get("format"), _inline(content)
    if data is None or not isinstance(form, str) or set(content) != {"format", "source"}:
        return None
    return ImagePart(url=f"data:image/{form};base64,{data}")


def _read_audio(content: Mapping[str, Any], where: str) -> Part | None:
    del where
    form, data = content.get("format"), _inline(content)
    if data is None or not isinstance(form, str) or set(content) != {"format", "source"}:
        return None
    return AudioPart(data=data, format=form)


def _inline(content: Mapping[str, Any]) -> str | None:
    source = content.get("source")
    data = source.get("bytes") if is_object(source) else None
    return data if isinstance(data, str) else None


_READERS: Final[dict[str, Callable[[Mapping[str, Any], str], Part | None]]] = {
    "toolUse": _read_call,
    "reasoningContent": _read_thinking,
    "citationsContent": _read_cited,
    "image": _read_image,
    "audio": _read_audio,
}


def _joined(texts: object) -> str:
    pieces = [each.get("text") for each in texts if is_object(each)] if is_list(texts) else []
    return "".join(piece for piece in pieces if isinstance(piece, str))


def read_citation(fields: Mapping[str, Any]) -> Citation:
    """Read a citation, whose own object is kept."""
    location = fields.get("location")
    kind, found = next(iter(location.items()), ("", None)) if is_object(location) else ("", None)
    place: Mapping[str, Any] = found if is_object(found) else {}
    url, source, title = place.get("url"), fields.get("source"), fields.get("title")
    number = place.get("documentIndex", place.get("searchResultIndex"))
    if url is None and isinstance(source, str) and source.startswith(("http://", "https://")):
        url = source
    return Citation(
        kind="url" if kind == "web" else "document",
        url=url if isinstance(url, str) else None,
        title=title if isinstance(title, str) else None,
        cited_text=_joined(fields.get("sourceContent")) or None,
        document_index=number if isinstance(number, int) else None,
        extensions={WIRE: dict(fields)},
    )


def write_parts(parts: Sequence[Part], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write the parts of a request, each followed by its cache breakpoint; what cannot be said stands in `dropped`."""
    blocks: list[dict[str, Any]] = []
    for part in parts:
        block = _WRITERS[type(part)](part, dropped)
        if block is not None:
            blocks.append(block)
        cache = _cache_of(part)
        if isinstance(cache, CacheBreakpoint) and blocks:
            blocks.append(write_cache(cache))
    return blocks


def _cache_of(part: Part) -> object:
    """Give the breakpoint that stands on a part, or within a result, where this API has no place for one."""
    if isinstance(part, TextPart) or isinstance(part, ToolCallPart):  # noqa: SIM101 - nearly all are, and this is quick
        return part.cache
    if isinstance(part, OpaquePart):
        return cache_of_twin(part)
    cache: object = getattr(part, "cache", None)
    if cache is None and isinstance(part, ToolResultPart) and isinstance(part.content, list):
        within = [mark for each in part.content if (mark := _cache_of(each)) is not None]
        return within[-1] if within else None
    return cache


def write_cache(cache: CacheBreakpoint) -> dict[str, Any]:
    """Write a cache breakpoint; a life of another wire's becomes the next longer one that this API has."""
    if cache.ttl is None:
        return {"cachePoint": {"type": "default"}}
    return {"cachePoint": {"type": "default", "ttl": cache.ttl if cache.ttl in ("5m", "1h") else "1h"}}


def _write_text(part: TextPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    if part.extensions:
        dropped += foreign_fields(part.extensions, WIRE, of="text")
    if not part.text:  # refused there, and says nothing
        return None
    given = [own(each.extensions) or citation_of(each) for each in part.citations or ()]
    kept = [each for each in given if each]
    if len(kept) < len(part.citations or ()):
        dropped.append(Adaptation("dropped", "citations", "sources of another wire"))
    beside = own(part.extensions)
    if kept or beside:
        cited = {"citations": kept} if kept else {}
        return {"citationsContent": {"content": [{"text": part.text}], **cited, **beside}}
    return {"text": part.text}


def _write_call(part: ToolCallPart, dropped: list[Adaptation]) -> dict[str, Any]:
    if part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    if part.extensions:
        dropped += foreign_fields(part.extensions, WIRE, of="tool_call")
    given = _object_of(part.arguments or "{}") if part.kind == "function" else None
    if given is None:
        given = {"input": part.arguments}
        dropped.append(Adaptation("emulated", "arguments", "a text that is no object stands under `input`"))
    return {"toolUse": {"toolUseId": usable_id(part.id), "name": part.name, "input": given, **own(part.extensions)}}


def _object_of(arguments: str) -> Any:
    """Give a call's arguments as they stand; None if they are no object."""
    try:
        _decode_object(arguments)
        return msgspec.Raw(arguments.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def usable_id(identity: str) -> str:
    """Give a call's id in the letters and the length that this API takes; the same id always becomes the same one."""
    usable = _ID.sub(lambda match: f"_{ord(match[0]):x}", identity)
    if len(usable) <= _LONGEST_ID:
        return usable
    digest = hashlib.sha256(usable.encode()).hexdigest()[:32]
    return usable[: _LONGEST_ID - len(digest) - 1] + "_" + digest


def _write_result(part: ToolResultPart, dropped: list[Adaptation]) -> dict[str, Any]:
    content = part.content
    if content is None or isinstance(content, str):
        blocks: list[dict[str, Any]] = [{"text": content or ""}]
    else:
        blocks = [block for block in write_parts(content, dropped) if "cachePoint" not in block]
        dropped += [
            Adaptation("dropped", f"tool_result.{kind}", "results of tools have no place for it")
            for block in blocks
            for kind in block
            if kind not in _RESULTS
        ]
        blocks = [block for block in blocks if not block.keys().isdisjoint(_RESULTS)] or [{"text": ""}]
    dropped += foreign_fields(part.extensions, WIRE, of="tool_result")
    fields: dict[str, Any] = {"toolUseId": usable_id(part.call_id), "content": blocks}
    if part.is_error is not None:
        fields["status"] = "error" if part.is_error else "success"
    return {"toolResult": fields | own(part.extensions)}


def _write_thinking(part: ThinkingPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.wire != WIRE:
        detail = f"state of {part.wire}" if part.wire else "it has no signature"
        dropped.append(Adaptation("dropped", "thinking", detail))
        return None
    if part.encrypted is not None:
        return {"reasoningContent": {"redactedContent": part.encrypted}}
    shown = {"text": part.text} if part.signature is None else {"text": part.text, "signature": part.signature}
    return {"reasoningContent": {"reasoningText": {**shown, **own(part.extensions)}}}


def _write_refusal(part: RefusalPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    dropped.append(Adaptation("renamed", "refusal", "as text"))
    return {"text": part.text} if part.text else None


def _write_opaque(part: OpaquePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.wire == WIRE:
        return part.data
    twin = twin_of(part)
    if twin is None:
        dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}: {foreign_name(part.data)}"))
    return twin


_WRITERS: Final[dict[type, Callable[[Any, list[Adaptation]], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    ToolCallPart: _write_call,
    ToolResultPart: _write_result,
    ThinkingPart: _write_thinking,
    ImagePart: write_image,
    FilePart: write_file,
    AudioPart: write_audio,
    RefusalPart: _write_refusal,
    OpaquePart: _write_opaque,
}
