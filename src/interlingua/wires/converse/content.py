"""Content blocks, both ways (botocore 1.44 `bedrock-runtime` 2023-09-30, read 2026-11-23).

A block is an object with one member, whose name is its kind. One of an unknown kind is
an `OpaquePart`.
"""

import re
from collections.abc import Mapping, Sequence
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
from interlingua.types.part import Extensions
from interlingua.types.shape import is_list, is_object, malformed

WIRE: Final = "converse"

_DATA_URL: Final = re.compile(r"data:([^;,]*)[^,]*;base64,", re.IGNORECASE)
_IMAGES: Final = ("png", "jpeg", "gif", "webp")
_DOCUMENTS: Final = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
_VIDEOS: Final = {
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/mpeg": "mpeg",
    "video/x-flv": "flv",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
_NAME: Final = re.compile(r"[^A-Za-z0-9 ()\[\]-]+")
_ID: Final = re.compile(r"[^A-Za-z0-9_-]")

_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


def read_block(block: object, where: str) -> Part:
    """Read one block of an answer.

    Raises:
        InvalidRequest: it is malformed.

    """
    if not is_object(block):
        raise malformed(where, "an object")
    text, call, thinking, cited = (block.get(k) for k in ("text", "toolUse", "reasoningContent", "citationsContent"))
    if isinstance(text, str):
        return TextPart(text)
    if is_object(call):
        return _read_call(call, where)
    if is_object(thinking):
        return _read_thinking(thinking) or OpaquePart(WIRE, dict(block))
    if is_object(cited):
        return _read_cited(cited)
    return OpaquePart(WIRE, dict(block))


def _read_call(call: Mapping[str, Any], where: str) -> Part:
    identity, name = call.get("toolUseId"), call.get("name")
    if not isinstance(identity, str) or not isinstance(name, str):
        raise malformed(where, "an object with the strings `toolUseId` and `name`")
    rest = {key: value for key, value in call.items() if key not in ("toolUseId", "name", "input")}
    arguments = _encode(call.get("input", {})).decode()
    return ToolCallPart(id=identity, name=name, arguments=arguments, extensions=extensions_of(rest))


def _read_thinking(content: Mapping[str, Any]) -> Part | None:
    shown, redacted = content.get("reasoningText"), content.get("redactedContent")
    if isinstance(redacted, str):
        return ThinkingPart(encrypted=redacted, wire=WIRE)
    if not is_object(shown):
        return None
    text, signature = shown.get("text"), shown.get("signature")
    return ThinkingPart(
        text=text if isinstance(text, str) else "",
        signature=signature if isinstance(signature, str) else None,
        wire=WIRE,
    )


def _read_cited(content: Mapping[str, Any]) -> Part:
    texts, citations = content.get("content"), content.get("citations")
    read = [read_citation(each) for each in citations if is_object(each)] if is_list(citations) else []
    return TextPart(_joined(texts), citations=read or None)


def _joined(texts: object) -> str:
    pieces = [each.get("text") for each in texts if is_object(each)] if is_list(texts) else []
    return "".join(piece for piece in pieces if isinstance(piece, str))


def read_citation(fields: Mapping[str, Any]) -> Citation:
    """Read a citation, whose own object is kept."""
    location = fields.get("location")
    kind, found = next(iter(location.items()), ("", None)) if is_object(location) else ("", None)
    place: Mapping[str, Any] = found if is_object(found) else {}
    url, number, title = place.get("url"), place.get("documentIndex"), fields.get("title")
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
        block = _write_part(part, dropped)
        if block is not None:
            blocks.append(block)
        cache = getattr(part, "cache", None)
        if isinstance(cache, CacheBreakpoint) and blocks:
            blocks.append(write_cache(cache))
    return blocks


def write_cache(cache: CacheBreakpoint) -> dict[str, Any]:
    """Write a cache breakpoint; a life of another wire's becomes the next longer one that this API has."""
    if cache.ttl is None:
        return {"cachePoint": {"type": "default"}}
    return {"cachePoint": {"type": "default", "ttl": cache.ttl if cache.ttl in ("5m", "1h") else "1h"}}


def _write_part(part: Part, dropped: list[Adaptation]) -> dict[str, Any] | None:
    match part:
        case TextPart():
            return _write_text(part, dropped)
        case ToolCallPart():
            return _write_call(part, dropped)
        case ToolResultPart():
            return _write_result(part, dropped)
        case ThinkingPart():
            return _write_thinking(part, dropped)
        case ImagePart():
            return _write_image(part, dropped)
        case FilePart():
            return _write_file(part, dropped)
        case AudioPart():
            return _write_audio(part, dropped)
        case RefusalPart():
            dropped.append(Adaptation("renamed", "refusal", "as text"))
            return {"text": part.text} if part.text else None
        case OpaquePart():
            if part.wire == WIRE:
                return part.data
            dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}"))
            return None


def _write_text(part: TextPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    if not part.text:  # refused there, and says nothing
        return None
    kept = [own(each.extensions) for each in part.citations or () if own(each.extensions)]
    if len(kept) < len(part.citations or ()):
        dropped.append(Adaptation("dropped", "citations", "sources of another wire"))
    if kept:
        return {"citationsContent": {"content": [{"text": part.text}], "citations": kept}}
    return {"text": part.text}


def _write_call(part: ToolCallPart, dropped: list[Adaptation]) -> dict[str, Any]:
    if part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    given: Any
    try:
        _decode_object(part.arguments or "{}")
        given = msgspec.Raw((part.arguments or "{}").encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        given = {"input": part.arguments}
        dropped.append(Adaptation("emulated", "arguments", "a text that is no object stands under `input`"))
    return {"toolUse": {"toolUseId": usable_id(part.id), "name": part.name, "input": given, **own(part.extensions)}}


def usable_id(identity: str) -> str:
    """Give a call's id in the letters that this API takes; the same id always becomes the same one."""
    return _ID.sub(lambda match: f"_{ord(match[0]):x}", identity)


def _write_result(part: ToolResultPart, dropped: list[Adaptation]) -> dict[str, Any]:
    content = part.content
    blocks = [{"text": content or ""}] if content is None or isinstance(content, str) else write_parts(content, dropped)
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
    return {"reasoningContent": {"reasoningText": shown}}


def _source(url: str | None) -> tuple[str, dict[str, Any]] | None:
    """Give the media type and the source of inline data or of an object in S3."""
    if url is None:
        return None
    if url.startswith("s3://"):
        return "", {"s3Location": {"uri": url}}
    match = _DATA_URL.match(url)
    return None if match is None else (match[1].lower(), {"bytes": url[match.end() :]})


def _write_image(part: ImagePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    source = _source(part.url)
    form = _form(source[0], part.url) if source is not None else ""
    form = "jpeg" if form == "jpg" else form
    if source is None or form not in _IMAGES:
        dropped.append(Adaptation("dropped", "image", "PNG, JPEG, GIF or WebP inline or in S3 is taken"))
        return None
    return {"image": {"format": form, "source": source[1]}}


def _form(kind: str, url: str | None) -> str:
    """Give the format that a media type, or else an address, ends in."""
    return kind.rpartition("/")[2] if kind else (url or "").rpartition(".")[2].lower()


def _write_file(part: FilePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    source = _source(part.data or part.url)
    if source is None:
        dropped.append(Adaptation("dropped", "file", "files are taken inline or from S3"))
        return None
    kind = source[0]
    name, _, ending = (part.filename or "").rpartition(".")
    if kind.startswith("image/"):
        return _write_image(ImagePart(url=part.data), dropped)
    ending = ending or (part.url or "").rpartition(".")[2]
    form = _VIDEOS.get(kind) or (ending if not kind and ending in _VIDEOS.values() else None)
    if form is not None:
        return {"video": {"format": form, "source": source[1]}}
    form = _DOCUMENTS.get(kind) or (ending if ending in _DOCUMENTS.values() else None)
    if form is None:
        dropped.append(Adaptation("dropped", "file", f"{kind or 'its kind'} is no kind of document here"))
        return None
    title = _NAME.sub("-", name or part.filename or "").strip(" -") or "document"
    return {"document": {"format": form, "name": title, "source": source[1], **own(part.extensions)}}


def _write_audio(part: AudioPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if part.data is None or part.format is None:
        dropped.append(Adaptation("dropped", "audio", "it has no data"))
        return None
    return {"audio": {"format": part.format, "source": {"bytes": part.data}}}
