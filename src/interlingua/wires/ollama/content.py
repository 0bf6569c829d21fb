"""Messages, both ways (types of ollama 0.6.3 `_types.py`, read 2026-11-23).

A message here is one text, one thinking and lists of images and of tool calls. Calls
have no ids, so they get ones made of what they say, which are not sent back.
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from interlingua.types import (
    Adaptation,
    AudioPart,
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
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_fields, foreign_name

WIRE: Final = "ollama"

_ROLES: Final = {"developer": "system", "function": "tool"}
_SPEAKERS: Final = ("system", "user", "assistant")
_SAID: Final = frozenset(("role", "content", "thinking", "images", "tool_calls"))
_CALL: Final = frozenset(("name", "arguments"))
_DATA_URL: Final = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
_KINDS: Final = (("/9j/", "image/jpeg"), ("R0lGOD", "image/gif"), ("UklGR", "image/webp"))
"""What the base64 of an image begins with; any other is taken for a PNG."""

_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


def left_behind(extensions: Extensions, of: str) -> list[Adaptation]:
    """Tell the fields that only another wire knows; `of` is what they stand on."""
    return foreign_fields(extensions, WIRE, of=of) if extensions else []


def text_or_none(value: object) -> str | None:
    """Give a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def read_messages(messages: object) -> list[ModelMessage]:
    """Read a conversation; each result of a tool is given to the call that it answers.

    Raises:
        InvalidRequest: a message is malformed; `param` says which.

    """
    if not is_list(messages):
        raise malformed("messages", "given as a list")
    read: list[ModelMessage] = []
    open_calls: list[ToolCallPart] = []
    taken: set[str] = set()
    for index, message in enumerate(messages):
        if not is_object(message):
            raise malformed(f"messages[{index}]", "an object")
        role, content = message.get("role"), message.get("content")
        if len(message) == 2 and type(role) is str and role in _SPEAKERS and type(content) is str:
            read.append(ModelMessage(role, content))
            continue
        where = f"messages[{index}]"
        if role == "tool":
            read.append(_read_result(message, open_calls, where))
            continue
        if type(role) is not str or role not in _SPEAKERS:
            raise malformed(f"{where}.role", "system, user, assistant or tool")
        parts = read_parts(message, where)
        for part in parts:
            if isinstance(part, ToolCallPart):
                part.id = _unique(part.id, taken)
                open_calls.append(part)
        plain = _plain(parts, message)
        rest: dict[str, Any] = {}
        if not _SAID.issuperset(message):
            rest = {name: value for name, value in message.items() if name not in _SAID}
        read.append(ModelMessage(role, plain, extensions=extensions_of(rest)))
    return read


def _plain(parts: list[Part], message: Mapping[str, Any]) -> str | list[Part] | None:
    if not parts:
        content = message.get("content")
        return content if isinstance(content, str) else None
    first = parts[0]
    return first.text if len(parts) == 1 and isinstance(first, TextPart) else parts


def read_parts(message: Mapping[str, Any], where: str) -> list[Part]:
    """Read what a message says: its thinking, text, images and calls, in this order."""
    parts: list[Part] = []
    thinking = _text(message, "thinking", where)
    if thinking:
        parts.append(ThinkingPart(text=thinking))
    content = _text(message, "content", where)
    if content:
        parts.append(TextPart(content))
    images = message.get("images")
    if images is not None:
        parts += read_images(images, f"{where}.images")
    calls = message.get("tool_calls")
    if calls is not None:
        if not is_list(calls):
            raise malformed(f"{where}.tool_calls", "a list")
        parts += [read_call(call, index, f"{where}.tool_calls[{index}]") for index, call in enumerate(calls)]
    return parts


def read_images(images: object, where: str) -> list[Part]:
    """Read a list of base64 texts."""
    if not is_list(images):
        raise malformed(where, "a list of base64 texts")
    read: list[Part] = []
    for index, image in enumerate(images):
        if not isinstance(image, str):
            raise malformed(f"{where}[{index}]", "a base64 text")
        kind = next((kind for start, kind in _KINDS if image.startswith(start)), "image/png")
        read.append(ImagePart(url=image if image.startswith("data:") else f"data:{kind};base64,{image}"))
    return read


def read_call(call: object, index: int, where: str) -> ToolCallPart:
    """Read a call; `index` is its number in the answer."""
    function = call.get("function") if is_object(call) else None
    if not is_object(call) or not is_object(function):
        raise malformed(where, "an object with a `function`")
    name, given = function.get("name"), function.get("arguments")
    if not isinstance(name, str):
        raise malformed(f"{where}.function.name", "a string")
    if given is not None and not is_object(given):
        raise malformed(f"{where}.function.arguments", "an object")
    arguments = _encode(given or {}).decode()
    identity = call.get("id")
    rest: dict[str, Any] = {}
    if len(call) > 1:
        rest = {key: value for key, value in call.items() if key != "function"}
    if not _CALL.issuperset(function):
        rest["function"] = {key: value for key, value in function.items() if key not in _CALL}
    return ToolCallPart(
        id=identity if isinstance(identity, str) and identity else made_id(name, arguments, index),
        name=name,
        arguments=arguments,
        extensions=extensions_of(rest),
    )


def made_id(name: str, arguments: str, index: int) -> str:
    """Make an id of what a call says; the same call at the same place has the same one."""
    return f"call_{zlib.crc32(f'{name} {arguments}'.encode('utf-8', 'surrogatepass')):08x}_{index}"


def _unique(identity: str, taken: set[str]) -> str:
    number, unique = 1, identity
    while unique in taken:
        number += 1
        unique = f"{identity}_{number}"
    taken.add(unique)
    return unique


def _text(message: Mapping[str, Any], name: str, where: str) -> str | None:
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise malformed(f"{where}.{name}", "a string")
    return value


def _read_result(message: Mapping[str, Any], open_calls: list[ToolCallPart], where: str) -> ModelMessage:
    name, given = _text(message, "tool_name", where), message.get("tool_call_id")
    call = next((call for call in open_calls if call.id == given), None)
    call = call or next((call for call in open_calls if name is None or call.name == name), None)
    if call is not None:
        open_calls.remove(call)
    identity = call.id if call is not None else given if isinstance(given, str) else f"call_{name or 'unknown'}"
    content: str | list[Part] = _text(message, "content", where) or ""
    if message.get("images"):
        content = [TextPart(content)] if content else []
        content += read_images(message["images"], f"{where}.images")
    rest = {key: value for key, value in message.items() if key not in ("role", "content", "images", "tool_name")}
    part = ToolResultPart(call_id=identity, content=content, name=name)
    return ModelMessage("tool", [part], extensions=extensions_of(rest))


def write_messages(messages: Sequence[ModelMessage], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write a conversation; what this wire cannot say is noted in `dropped`."""
    written: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for message in messages:
        if message.role == "view":
            continue
        if message.name is not None and message.role not in ("tool", "function"):
            dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
        if message.extensions:
            dropped += left_behind(message.extensions, "message")
        role = _ROLES.get(message.role, message.role)
        content = message.content
        if content is None or isinstance(content, str):
            fields: dict[str, Any] = {"role": role, "content": content or ""}
            if role == "tool" and message.name is not None:
                fields["tool_name"] = message.name
            written.append(fields | own(message.extensions))
            continue
        written += _write_parts(role, message, content, names, dropped)
    return written


def _write_parts(
    role: str, message: ModelMessage, parts: Sequence[Part], names: dict[str, str], dropped: list[Adaptation]
) -> list[dict[str, Any]]:
    """Write a message of parts; a result of a tool is a message of its own, before the rest."""
    written: list[dict[str, Any]] = []
    rest: list[Part] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            names[part.id] = part.name
        if isinstance(part, ToolResultPart):
            fields = _write_result(part, names, dropped)
            written.append(fields | own(message.extensions) if role == "tool" else fields)
        else:
            rest.append(part)
    if rest or not written:
        fields = {"role": role, **write_message(rest, dropped, joint="" if role == "assistant" else "\n")}
        written.append(fields | own(message.extensions))
    return written


def _write_result(part: ToolResultPart, names: Mapping[str, str], dropped: list[Adaptation]) -> dict[str, Any]:
    name = part.name or names.get(part.call_id)
    content = part.content
    dropped += left_behind(part.extensions, "tool_result")
    if content is None or isinstance(content, str):
        fields: dict[str, Any] = {"role": "tool", "content": content or ""}
    else:
        fields = {"role": "tool", **write_message(content, dropped, joint="\n")}
    if name is not None:
        fields["tool_name"] = name
    if part.is_error:
        dropped.append(Adaptation("dropped", "is_error", "its text must say that the tool failed"))
    if part.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire has no cache breakpoints"))
    return fields


def write_message(parts: Sequence[Part], dropped: list[Adaptation], *, joint: str) -> dict[str, Any]:
    """Write parts as the fields of a message; texts are joined by `joint`."""
    texts: list[str] = []
    thinking: list[str] = []
    images: list[str] = []
    calls: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, TextPart):
            texts.append(part.text)
            _note_text(part, dropped)
        elif isinstance(part, ToolCallPart):
            calls.append(write_call(part, dropped))
        elif isinstance(part, ThinkingPart):
            if part.text:
                thinking.append(part.text)
            if part.signature is not None or part.encrypted is not None:
                dropped.append(Adaptation("dropped", "thinking", f"state of {part.wire or 'another wire'}"))
        elif isinstance(part, ImagePart):
            images += _write_image(part, dropped)
        else:
            texts += _OTHERS[type(part)](part, dropped)
        if getattr(part, "cache", None) is not None:
            dropped.append(Adaptation("dropped", "cache", "this wire has no cache breakpoints"))
    fields: dict[str, Any] = {"content": joint.join(texts)}
    if thinking:
        fields["thinking"] = "".join(thinking)
    if images:
        fields["images"] = images
    if calls:
        fields["tool_calls"] = calls
    return fields


def _note_text(part: TextPart, dropped: list[Adaptation]) -> None:
    if part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    if part.citations:
        dropped.append(Adaptation("dropped", "citations", "this wire has no sources"))
    if part.extensions:
        dropped += left_behind(part.extensions, "text")


def write_call(part: ToolCallPart, dropped: list[Adaptation]) -> dict[str, Any]:
    """Write a call: its arguments as the model wrote them, if they are an object."""
    if part.signature is not None:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))
    dropped += left_behind(part.extensions, "tool_call")
    given = own(part.extensions)
    inner = given.get("function")
    function: dict[str, Any] = {"name": part.name, "arguments": _arguments(part, dropped)}
    if is_object(inner):
        function |= inner
    return {**given, "function": function}


def _arguments(part: ToolCallPart, dropped: list[Adaptation]) -> Any:
    text = part.arguments or "{}"
    if part.kind == "function":
        try:
            _decode_object(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            dropped.append(Adaptation("emulated", "arguments", "the model wrote no object; it stands under `input`"))
        else:
            if "\n" in text or "\r" in text:  # between values, and it would end a line of a stream
                text = text.replace("\n", " ").replace("\r", " ")
            return msgspec.Raw(text.encode())
    else:
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
    return {"input": part.arguments}


def _write_image(part: ImagePart, dropped: list[Adaptation]) -> list[str]:
    match = _DATA_URL.match(part.url or "")
    if match is None or part.url is None:
        dropped.append(Adaptation("dropped", "image", "images are taken as base64 only, not by address"))
        return []
    dropped += left_behind(part.extensions, "image")
    if part.detail not in (None, "auto"):
        dropped.append(Adaptation("dropped", "image.detail", "the model decides how closely it looks"))
    return [part.url[match.end() :]]


def _write_refusal(part: RefusalPart, dropped: list[Adaptation]) -> list[str]:
    dropped.append(Adaptation("renamed", "refusal", "as text"))
    dropped += left_behind(part.extensions, "refusal")
    return [part.text]


def _write_audio(part: AudioPart, dropped: list[Adaptation]) -> list[str]:
    dropped += left_behind(part.extensions, "audio")
    if part.transcript:
        dropped.append(Adaptation("emulated", "audio", "as its transcript"))
        return [part.transcript]
    dropped.append(Adaptation("dropped", "audio", "this wire has no audio"))
    return []


def _write_file(part: FilePart, dropped: list[Adaptation]) -> list[str]:
    del part
    dropped.append(Adaptation("dropped", "file", "this wire has no files"))
    return []


def _write_opaque(part: OpaquePart, dropped: list[Adaptation]) -> list[str]:
    dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}: {foreign_name(part.data)}"))
    return []


def _write_inner_result(part: ToolResultPart, dropped: list[Adaptation]) -> list[str]:
    dropped.append(Adaptation("dropped", "tool_result", "a result inside another"))
    return [part.content] if isinstance(part.content, str) else []


_OTHERS: Final = cast(
    "dict[type, Callable[[Any, list[Adaptation]], list[str]]]",
    {
        RefusalPart: _write_refusal,
        AudioPart: _write_audio,
        FilePart: _write_file,
        OpaquePart: _write_opaque,
        ToolResultPart: _write_inner_result,
    },
)
