"""Images, documents and sound, both ways (types of anthropic 2.12 `*_source_param.py`, read 2026-11-25)."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation, AudioPart, FilePart, ImagePart, OpaquePart, Part
from interlingua.types.part import Extensions
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.messages.fields import WIRE, cache_of, extensions_of, own, rest_of, with_cache

_DATA_URL: Final = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,", re.IGNORECASE)
_TEXTS: Final = ("application/json", "application/xml", "application/x-yaml")


def split_data_url(url: str) -> tuple[str, str] | None:
    """Give the media type and the base64 text of a `data:` URL; None for any other."""
    match = _DATA_URL.match(url)
    if match is None or match[3] is None:
        return None
    return match[1] or "application/octet-stream", url[match.end() :]


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


_MEMBERS: Final = {"base64": 3, "url": 2, "file": 2}
"""How many members a source has, its type among them."""


def _with_source(rest: Extensions, source: Mapping[str, Any]) -> Extensions:
    """Keep a source as it came where it says more than is known."""
    if len(source) <= _MEMBERS.get(source["type"], len(source)):
        return rest
    return extensions_of({**own(rest), "source": dict(source)})


def read_image(block: Mapping[str, Any], where: str) -> Part:
    """Read an image; one whose source is not known stays as it came."""
    source = _source(block, where)
    rest = _with_source(rest_of(block, "source", "cache_control"), source)
    if source["type"] == "base64":
        kind, data = _source_text(source, "media_type", where), _source_text(source, "data", where)
        return ImagePart(url=f"data:{kind};base64,{data}", extensions=rest, cache=cache_of(block))
    if source["type"] == "url":
        return ImagePart(url=_source_text(source, "url", where), extensions=rest, cache=cache_of(block))
    if source["type"] == "file":
        return ImagePart(file_id=_source_text(source, "file_id", where), extensions=rest, cache=cache_of(block))
    return OpaquePart(WIRE, dict(block))


def read_document(block: Mapping[str, Any], where: str) -> Part:
    """Read a document; one whose source is not known stays as it came."""
    source = _source(block, where)
    rest = _with_source(rest_of(block, "source", "cache_control", "title"), source)
    title = block.get("title")
    known: dict[str, Any] = {"extensions": rest, "cache": cache_of(block)}
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


def write_image(part: ImagePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write an image, or say in `dropped` why it cannot be said."""
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
    return with_cache({"type": "image", "source": source}, part.cache, part.extensions)


def write_file(part: FilePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write a file as the document or image that it is, or say in `dropped` why it cannot be said."""
    inline = split_data_url(part.data) if part.data is not None else None
    if part.file_id is not None:
        source: dict[str, Any] = {"type": "file", "file_id": part.file_id}
    elif inline is not None:
        if inline[0].startswith("image/"):
            return write_image(ImagePart(url=part.data, cache=part.cache), dropped)
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
    return with_cache(fields, part.cache, part.extensions)


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


def write_audio(part: AudioPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write sound as its transcript, since this wire has none."""
    if part.transcript:
        dropped.append(Adaptation("emulated", "audio", "as its transcript"))
        return {"type": "text", "text": part.transcript}
    dropped.append(Adaptation("dropped", "audio", "this wire has no audio"))
    return None
