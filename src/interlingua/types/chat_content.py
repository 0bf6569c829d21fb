"""The blocks of a message's content in OpenAI's form, both ways.

The shapes are those of the Chat Completions reference (types of openai 3.54, read
2026-11-22). What a block has beyond them stands in its part's `extensions` under
`chat_completions`; a block of an unknown type is an `OpaquePart`. An extension `type`
says that a part stood among the content's blocks where it could also stand elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types.adaptation import Adaptation
from interlingua.types.part import (
    AudioPart,
    CacheBreakpoint,
    Extensions,
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

WIRE: Final = "chat_completions"
"""The name under which this form keeps its extensions."""

BLOCK: Final = "content"
"""`ThinkingPart.field` of a thinking block among the content's blocks, as Mistral writes it."""

CACHE_FIELDS: Final = ("prompt_cache_breakpoint", "cache_control")
"""The fields of a block that mark a cache breakpoint: OpenAI's (openai 3.54) and OpenRouter's, which is Anthropic's."""

_CACHED: Final = (TextPart, ImagePart, AudioPart, FilePart)

_NEUTRAL: Final[dict[str, type[msgspec.Struct]]] = {
    "text": TextPart,
    "image": ImagePart,
    "audio": AudioPart,
    "file": FilePart,
    "thinking": ThinkingPart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
    "refusal": RefusalPart,
    "opaque": OpaquePart,
}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this form."""
    return {WIRE: dict(fields)} if fields else {}


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this form."""
    return extensions.get(WIRE) or {}


def read_blocks(blocks: Sequence[Any], where: str) -> list[Part]:
    """Read the blocks of a content.

    Raises:
        InvalidRequest: one is malformed; `param` says which.

    """
    return [read_block(block, f"{where}[{index}]") for index, block in enumerate(blocks)]


def read_block(block: Any, where: str) -> Part:
    """Read one block, in OpenAI's form or in that of `Part`."""
    if isinstance(block, str):
        return TextPart(block)
    if not is_object(block):
        raise malformed(where, "an object")
    kind = block.get("type")
    if not isinstance(kind, str):
        raise malformed(f"{where}.type", "a string")
    if _is_neutral(kind, block):
        return _read_neutral(block, where)
    reader = _READERS.get(kind)
    if reader is None:
        return OpaquePart(WIRE, dict(block))
    part = reader(block, where)
    if isinstance(part, _CACHED) and len(block) > 2:
        _take_cache(part)
    return part


def write_block(part: Part, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write a part as a block, or say in `dropped` why it cannot be one."""
    if isinstance(part, OpaquePart):
        if part.wire == WIRE:
            return part.data
        dropped.append(Adaptation("dropped", f"{part.wire} block", str(part.data.get("type", ""))))
        return None
    writer = _WRITERS.get(type(part))
    fields = writer(part) if writer else None
    if fields is not None and isinstance(part, _CACHED) and part.cache is not None:
        fields |= own(part.cache.extensions)
    if fields is None:
        dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), _REASONS.get(type(part), "")))
    return fields


def _take_cache(part: TextPart | ImagePart | AudioPart | FilePart) -> None:
    """Let a mark for the cache be the part's own; its form is kept."""
    fields = own(part.extensions)
    for name in CACHE_FIELDS:
        mark = fields.get(name)
        if is_object(mark):
            rest = {key: value for key, value in fields.items() if key != name}
            ttl = mark.get("ttl")
            part.cache = CacheBreakpoint(
                ttl=ttl if isinstance(ttl, str) else None, extensions={WIRE: {name: dict(mark)}}
            )
            part.extensions = {wire: each for wire, each in part.extensions.items() if wire != WIRE}
            part.extensions |= extensions_of(rest)
            return


def _is_neutral(kind: str, block: Mapping[str, Any]) -> bool:
    struct = _NEUTRAL.get(kind)
    if struct is None or (kind == "text" and "extensions" not in block):
        return False
    return all(name == "type" or name in struct.__struct_fields__ for name in block) and not (
        kind == "file" and is_object(block.get("file"))
    )


def _read_neutral(block: Mapping[str, Any], where: str) -> Part:
    try:
        return msgspec.convert(block, Part)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"{where} is not valid: {error}.", param=where) from error


def _read_text(block: Mapping[str, Any], where: str) -> Part:
    text = block.get("text")
    if not isinstance(text, str):
        raise malformed(f"{where}.text", "a string")
    if len(block) == 2:
        return TextPart(text)
    return TextPart(text, _rest(block, "text"))


def _read_refusal(block: Mapping[str, Any], where: str) -> Part:
    text = block.get("refusal")
    if not isinstance(text, str):
        raise malformed(f"{where}.refusal", "a string")
    return RefusalPart(text, _rest(block, "refusal"))


def _read_image(block: Mapping[str, Any], where: str) -> Part:
    image = block.get("image_url")
    if isinstance(image, str):  # the short form that some providers take
        return ImagePart(url=image, extensions={WIRE: {**own(_rest(block, "image_url")), "image_url": image}})
    if not is_object(image) or not isinstance(image.get("url"), str):
        raise malformed(f"{where}.image_url", "an object with the string `url`")
    known, extensions = _nested(block, "image_url", image, ("url", "detail"))
    return ImagePart(**known, extensions=extensions)


def _read_audio(block: Mapping[str, Any], where: str) -> Part:
    audio = block.get("input_audio")
    if not is_object(audio) or not isinstance(audio.get("data"), str):
        raise malformed(f"{where}.input_audio", "an object with the string `data`")
    known, extensions = _nested(block, "input_audio", audio, ("data", "format"))
    return AudioPart(**known, extensions=extensions)


def _read_file(block: Mapping[str, Any], where: str) -> Part:
    file = block.get("file")
    if not is_object(file):
        raise malformed(f"{where}.file", "an object")
    known, extensions = _nested(block, "file", file, ("file_data", "file_id", "filename"))
    return FilePart(
        data=known.get("file_data"),
        file_id=known.get("file_id"),
        filename=known.get("filename"),
        extensions=extensions,
    )


def _read_thinking(block: Mapping[str, Any], where: str) -> Part:
    del where
    thinking = block.get("thinking")
    pieces = thinking if is_list(thinking) else [{"text": thinking}]
    texts = [piece["text"] for piece in pieces if is_object(piece) and isinstance(piece.get("text"), str)]
    text = "".join(texts)
    return ThinkingPart(
        text=text, field=BLOCK, extensions={} if block == _thinking_block(text) else {WIRE: dict(block)}
    )


def _thinking_block(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


_READERS: Final[dict[str, Callable[[Mapping[str, Any], str], Part]]] = {
    "text": _read_text,
    "refusal": _read_refusal,
    "image_url": _read_image,
    "input_audio": _read_audio,
    "file": _read_file,
    "thinking": _read_thinking,
}


def _rest(block: Mapping[str, Any], consumed: str) -> Extensions:
    return extensions_of({name: value for name, value in block.items() if name not in ("type", consumed)})


def _nested(
    block: Mapping[str, Any], inner: str, fields: Mapping[str, Any], names: tuple[str, ...]
) -> tuple[dict[str, Any], Extensions]:
    """Split a block that has an inner object into the fields of a part and the extensions."""
    known = {name: fields[name] for name in names if isinstance(fields.get(name), str)}
    unknown = {name: value for name, value in fields.items() if name not in known}
    rest = {name: value for name, value in block.items() if name not in ("type", inner)}
    if unknown:
        rest[inner] = unknown
    return known, extensions_of(rest)


def _merged(kind: str, inner: str, fields: dict[str, Any], extensions: Extensions) -> dict[str, Any]:
    extra = own(extensions)
    if not extra:
        return {"type": kind, inner: fields}
    unknown = extra.get(inner)
    if is_object(unknown):
        fields |= unknown
    return {"type": kind, inner: fields} | {name: value for name, value in extra.items() if name != inner}


def _write_thinking(part: ThinkingPart) -> dict[str, Any] | None:
    if part.field != BLOCK:
        return None
    return own(part.extensions) or _thinking_block(part.text)


def _write_text(part: TextPart) -> dict[str, Any]:
    return {"type": "text", "text": part.text, **own(part.extensions)}


def _write_refusal(part: RefusalPart) -> dict[str, Any]:
    return {"type": "refusal", "refusal": part.text, **own(part.extensions)}


def _write_image(part: ImagePart) -> dict[str, Any] | None:
    if part.url is None:
        return None
    if isinstance(own(part.extensions).get("image_url"), str):
        return {"type": "image_url", **own(part.extensions), "image_url": part.url}
    fields = {"url": part.url} if part.detail is None else {"url": part.url, "detail": part.detail}
    return _merged("image_url", "image_url", fields, part.extensions)


def _write_audio(part: AudioPart) -> dict[str, Any] | None:
    if part.data is None:
        return None
    fields = {"data": part.data} if part.format is None else {"data": part.data, "format": part.format}
    return _merged("input_audio", "input_audio", fields, part.extensions)


def _write_file(part: FilePart) -> dict[str, Any] | None:
    if part.data is None and part.file_id is None and part.url is not None:
        return None
    named = {"file_data": part.data, "file_id": part.file_id, "filename": part.filename}
    return _merged("file", "file", {name: value for name, value in named.items() if value is not None}, part.extensions)


_WRITERS: Final[dict[type, Callable[[Any], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    ThinkingPart: _write_thinking,
    RefusalPart: _write_refusal,
    ImagePart: _write_image,
    AudioPart: _write_audio,
    FilePart: _write_file,
}

_REASONS: Final[dict[type, str]] = {
    ImagePart: "only an image with a url can be sent on this wire",
    AudioPart: "only audio with data can be sent on this wire",
    FilePart: "a file's address cannot be sent on this wire; send its data or its file_id",
    ThinkingPart: "this role holds no reasoning",
}
