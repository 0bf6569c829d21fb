"""Blocks of messages and of tools' outputs, and sources of texts, both ways.

Facts: openai 3.54 `types/responses/response_input_content_param.py` and `response_output_text.py`, read 2026-11-25.
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
    OpaquePart,
    Part,
    TextPart,
)
from interlingua.types.part import Extensions
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_fields

WIRE: Final = "responses"

_BREAKPOINT: Final = "prompt_cache_breakpoint"
_LIVES: Final = ("30m", "12h")
"""How long a breakpoint may ask to be kept."""


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


def text_of(block: Mapping[str, Any], name: str, where: str) -> str:
    """Give the text that a block must have.

    Raises:
        InvalidRequest: it has none.

    """
    value = block.get(name)
    if not isinstance(value, str):
        raise malformed(f"{where}.{name}", "a string")
    return value


def read_blocks(content: object, where: str) -> list[Part]:
    """Read the blocks of a message or of a tool's output.

    Raises:
        InvalidRequest: one is malformed; `param` says which.

    """
    if not is_list(content):
        raise malformed(where, "a string or a list of blocks")
    parts: list[Part] = []
    for index, block in enumerate(content):
        if not is_object(block) or not isinstance(block.get("type"), str):
            raise malformed(f"{where}[{index}]", "an object with the string `type`")
        reader = _BLOCKS.get(block["type"])
        parts.append(OpaquePart(WIRE, dict(block)) if reader is None else reader(block, f"{where}[{index}]"))
    return parts


def _rest(block: Mapping[str, Any], cache: CacheBreakpoint | None, *known: str) -> Extensions:
    """Give the fields that were not read; a known one whose value is of no known kind is among them."""
    rest = {
        name: value
        for name, value in block.items()
        if name != "type" and (name not in known or not (value is None or isinstance(value, str)))
    }
    if cache is not None:
        del rest[_BREAKPOINT]
    return extensions_of(rest)


def _cache_of(block: Mapping[str, Any]) -> CacheBreakpoint | None:
    mark = block.get(_BREAKPOINT)
    if not is_object(mark):
        return None
    ttl = mark.get("ttl")
    return CacheBreakpoint(ttl=ttl if isinstance(ttl, str) else None, extensions={WIRE: dict(mark)})


def _texts(block: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {ours: block[theirs] for ours, theirs in names.items() if isinstance(block.get(theirs), str)}


def _read_text(block: Mapping[str, Any], where: str) -> Part:
    cache = _cache_of(block)
    return TextPart(text_of(block, "text", where), _rest(block, cache, "text"), cache=cache)


def _read_image(block: Mapping[str, Any], where: str) -> Part:
    del where
    cache, known = _cache_of(block), _texts(block, url="image_url", file_id="file_id", detail="detail")
    return ImagePart(**known, extensions=_rest(block, cache, "image_url", "file_id", "detail"), cache=cache)


def _read_file(block: Mapping[str, Any], where: str) -> Part:
    del where
    cache = _cache_of(block)
    known = _texts(block, url="file_url", file_id="file_id", data="file_data", filename="filename")
    rest = _rest(block, cache, "file_url", "file_id", "file_data", "filename")
    return FilePart(**known, extensions=rest, cache=cache)


def _read_audio(block: Mapping[str, Any], where: str) -> Part:
    audio, cache = block.get("input_audio"), _cache_of(block)
    if not is_object(audio):
        raise malformed(f"{where}.input_audio", "an object")
    return AudioPart(
        **_texts(audio, data="data", format="format"),
        extensions={WIRE: {name: value for name, value in block.items() if name not in ("type", _BREAKPOINT)}},
        cache=cache,
    )


_BLOCKS: Final[dict[str, Callable[[Mapping[str, Any], str], Part]]] = {
    "input_text": _read_text,
    "output_text": _read_text,
    "input_image": _read_image,
    "input_file": _read_file,
    "input_audio": _read_audio,
}


def read_annotation(annotation: Mapping[str, Any]) -> Citation:
    """Read an annotation of a text, which is kept whole."""
    known = _texts(annotation, url="url", title="title", file_id="file_id")
    if "title" not in known:
        known |= _texts(annotation, title="filename")
    numbers = {name: annotation[name] for name in ("start_index", "end_index") if type(annotation.get(name)) is int}
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
    index = citation.end_index or 0
    return {"type": "file_citation", "file_id": citation.file_id or "", "filename": name, "index": index}


def write_blocks(parts: Sequence[Part], dropped: list[Adaptation], *, breakpoints: bool) -> list[dict[str, Any]]:
    """Write the parts of a message that is not the model's."""
    blocks: list[dict[str, Any]] = []
    for part in parts:
        block = _write_block(part, dropped)
        if block is None:
            continue
        dropped += beside(part)
        cache = part.cache if isinstance(part, TextPart | ImagePart | FilePart | AudioPart) else None
        if cache is not None:
            if own(cache.extensions) or breakpoints:
                block[_BREAKPOINT] = own(cache.extensions) or _breakpoint(cache, dropped)
            else:
                dropped.append(Adaptation("dropped", "cache", "a breakpoint that this provider has no word for"))
        blocks.append(block)
    return blocks


def beside(part: Part) -> Sequence[Adaptation]:
    """Tell the fields of a part that only another wire knows."""
    if isinstance(part, OpaquePart) or not part.extensions:
        return ()
    return foreign(part.extensions, str(type(part).__struct_config__.tag))


def foreign(extensions: Extensions, of: str = "") -> Sequence[Adaptation]:
    """Tell the fields that only another wire knows; see `foreign_fields`."""
    if not extensions or (len(extensions) == 1 and WIRE in extensions):
        return ()
    return foreign_fields(extensions, WIRE, of=of)


def _breakpoint(cache: CacheBreakpoint, dropped: list[Adaptation]) -> dict[str, Any]:
    if cache.ttl in _LIVES:
        return {"mode": "explicit", "ttl": cache.ttl}
    if cache.ttl is not None:
        dropped.append(Adaptation("clamped", "cache.ttl", f"{cache.ttl} as the usual 30m"))
    return {"mode": "explicit"}


def _write_block(part: Part, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        if part.citations:
            dropped.append(Adaptation("dropped", "citations", "a text of the prompt names no sources"))
        return {"type": "input_text", "text": part.text, **own(part.extensions)}
    if isinstance(part, ImagePart):
        kind, known = "input_image", {"image_url": part.url, "file_id": part.file_id, "detail": part.detail or "auto"}
    elif isinstance(part, FilePart):
        kind = "input_file"
        known = {
            "file_url": part.url,
            "file_id": part.file_id,
            "file_data": part.data,
            "filename": part.filename or ("file.pdf" if part.data is not None else None),
        }
    elif isinstance(part, AudioPart) and "input_audio" in own(part.extensions):
        return {"type": "input_audio", **own(part.extensions)}
    elif isinstance(part, OpaquePart) and part.wire == WIRE:
        return dict(part.data)
    else:
        dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), "a message holds none here"))
        return None
    return {"type": kind, **{name: value for name, value in known.items() if value is not None}, **own(part.extensions)}
