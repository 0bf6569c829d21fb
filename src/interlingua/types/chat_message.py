"""A message in OpenAI's form, both ways.

Reading and writing are inverse: what `read_fields` does not understand is an
extension, and goes back as it came. An assistant's text, refusal, tool calls, audio and
reasoning stand in fields of their own there and are parts of one list here; their
order is reasoning, content, images, refusal, audio, tool calls.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types.adaptation import Adaptation
from interlingua.types.chat_citation import ANNOTATIONS, read_annotation, write_annotation
from interlingua.types.chat_content import BLOCK, WIRE, extensions_of, own, read_blocks, write_block
from interlingua.types.chat_reasoning import (
    DETAILS,
    EXTRA,
    TAGS,
    TEXT_FIELDS,
    read_thinking,
    thought_signature,
    write_sealed,
    write_thinking,
)
from interlingua.types.part import (
    AudioPart,
    Citation,
    Extensions,
    ImagePart,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from interlingua.types.seal import rejoin
from interlingua.types.shape import is_list, is_object, malformed

LEGACY_CALL: Final = "function_call"
"""The field of a tool call before `tool_calls`; as the extension `type` it marks a part that stood there."""

LEGACY_RESULT: Final = "function"
"""The role of a tool's answer before `tool`; as the extension `type` it marks a result that came so."""

_HOLDERS: Final = frozenset(
    ("images", "refusal", "audio", "tool_calls", LEGACY_CALL, DETAILS, EXTRA, ANNOTATIONS, *TEXT_FIELDS)
)
"""Fields beside the content that parts may stand in."""

_AUDIO: Final = {"id": str, "data": str, "transcript": str, "expires_at": int}
_CALLS: Final = {"function": "arguments", "custom": "input"}


def read_content(role: str, fields: dict[str, Any], where: str) -> str | list[Part] | None:
    """Take the content of a message of `role` (a standard name) out of `fields`."""
    if role == "assistant":
        return _read_assistant(fields, where)
    if role == "tool" and not _holds_results(fields.get("content")):
        return [_read_result(fields, where)]
    if "content" not in fields:
        raise malformed(f"{where}.content", "given")
    content = fields.pop("content")
    if content is None or isinstance(content, str):
        return content
    if not is_list(content):
        raise malformed(f"{where}.content", "a string, a list or null")
    return read_blocks(content, f"{where}.content")


def read_reply(fields: dict[str, Any]) -> list[Part]:
    """Take the parts of a model's answer out of its message; an empty text is no part."""
    content = fields.get("content")
    if content == "":
        del fields["content"]
    calls = fields.get("tool_calls")
    if is_list(calls):
        fields["tool_calls"] = [_unnumbered(call, position) for position, call in enumerate(calls)]
    parts = _read_assistant(fields, "message")
    if isinstance(parts, str):
        return [TextPart(parts)]
    return parts or []


def write_assistant(
    parts: Sequence[Part],
    *,
    reasoning_field: str | None = None,
    reply: bool = False,
    dropped: list[Adaptation],
) -> dict[str, Any]:
    """Write the parts of an assistant's message as the fields of one, `content` included."""
    fields: dict[str, Any] = {"content": None}
    content: list[Part] = []
    thought, tagged = "", False
    for part in parts:
        if isinstance(part, TextPart):
            content.append(TextPart(thought + part.text, part.extensions) if thought else part)
            thought = ""
            _write_beside_text(part, fields, reply=reply, dropped=dropped)
        elif isinstance(part, ThinkingPart):
            if part.field == TAGS and not reply and reasoning_field is None:
                thought += f"<think>{part.text}</think>"
                tagged = True
            elif part.field == BLOCK and not reply and reasoning_field is None:
                content.append(part)
            else:
                write_thinking(part, fields, reasoning_field=reasoning_field, reply=reply, dropped=dropped)
        elif reply and isinstance(part, OpaquePart) and part.wire != WIRE:
            write_sealed(part, fields)
        elif _stands_in_content(part):
            content.append(part)
        else:
            _write_outside(part, fields, reply=reply, dropped=dropped)
    if thought:
        content.append(TextPart(thought))
    outside = tagged or len(content) < len(parts)
    fields["content"] = _content_of(content, outside=outside, reply=reply, dropped=dropped)
    if fields["content"] is None and len(fields) == 1 and parts and not reply:
        fields["content"] = ""  # all was dropped, and null is refused where nothing else is said
    return fields


def write_content(
    content: str | Sequence[Part] | None, role: str, dropped: list[Adaptation]
) -> str | list[dict[str, Any]] | None:
    """Write the content of a message that is not an assistant's."""
    if content is None or isinstance(content, str):
        return content
    for part in content:
        if isinstance(part, ToolCallPart):
            raise InvalidRequest(f"a {role} message cannot hold a tool call.", param="messages")
    blocks = [write_block(part, dropped) for part in content]
    return [block for block in blocks if block is not None]


def write_result(part: ToolResultPart, dropped: list[Adaptation]) -> dict[str, Any]:
    """Write a tool's answer as a message."""
    if part.is_error:
        dropped.append(Adaptation("dropped", "tool_result.is_error", "this wire cannot say that a tool failed"))
    extra = own(part.extensions)
    if extra.get("type") == LEGACY_RESULT:
        return {"role": LEGACY_RESULT, "content": write_content(part.content, "tool", dropped), "name": part.name}
    fields: dict[str, Any] = {"role": "tool", "tool_call_id": part.call_id}
    if part.name is not None:
        fields["name"] = part.name
    fields["content"] = write_content(part.content, "tool", dropped)
    return fields | extra


def read_call(call: Any, where: str) -> Part:
    """Read one entry of `tool_calls`; a kind that is not known is kept as it came."""
    if not is_object(call):
        raise malformed(where, "an object")
    kind = call.get("type")
    if kind is None:
        kind = "custom" if "custom" in call else "function"
    text_field = _CALLS.get(kind) if isinstance(kind, str) else None
    if text_field is None:
        return OpaquePart(WIRE, {"tool_calls": [dict(call)]})
    inner = call.get(kind)
    if not is_object(inner) or not isinstance(inner.get("name"), str):
        raise malformed(f"{where}.{kind}", "an object with the string `name`")
    arguments = inner.get(text_field)
    if is_object(arguments):  # some servers answer with the object itself
        arguments = msgspec.json.encode(arguments).decode()
    if not isinstance(arguments, str | None):
        raise malformed(f"{where}.{kind}.{text_field}", "a string")
    identity = call.get("id")
    extensions: Extensions = {}
    if len(call) > 3 or len(inner) > 2:
        rest = {name: value for name, value in call.items() if name not in ("id", "type", kind)}
        unknown = {name: value for name, value in inner.items() if name not in ("name", text_field)}
        extensions = extensions_of(rest | ({kind: unknown} if unknown else {}))
    return ToolCallPart(
        id=identity if isinstance(identity, str) else "",
        name=inner["name"],
        arguments=arguments or "",
        kind=kind,
        extensions=extensions,
        signature=thought_signature(call.get(EXTRA)) if extensions else None,
    )


def write_call(part: ToolCallPart) -> dict[str, Any]:
    """Write one entry of `tool_calls`."""
    kind = part.kind if part.kind in _CALLS else "function"
    inner: dict[str, Any] = {"name": part.name, _CALLS[kind]: part.arguments}
    fields: dict[str, Any] = {"id": part.id, "type": kind, kind: inner}
    for name, value in own(part.extensions).items():
        if name == kind and is_object(value):
            inner.update(value)
        else:
            fields[name] = value
    if part.signature is not None and EXTRA not in fields:
        fields[EXTRA] = {"google": {"thought_signature": part.signature}}
    return fields


def _read_assistant(fields: dict[str, Any], where: str) -> str | list[Part] | None:
    content = fields.pop("content", None)
    if content is None or isinstance(content, str):
        for name, value in fields.items():
            if value is not None and name in _HOLDERS:
                break
        else:
            return content
        if len(fields) == 1 and "tool_calls" in fields:  # what nearly all of them are
            calls = _read_calls(fields, where)
            return [TextPart(content), *calls] if calls and content is not None else calls or content
    before: list[Part] = [*read_thinking(fields)]
    after = [
        *_read_images(fields, where),
        *_read_refusal(fields),
        *_read_audio(fields),
        *_read_calls(fields, where),
    ]
    if content is None or isinstance(content, str):
        citations = _read_annotations(fields) if content else None
        if not before and not after and citations is None:
            return content
        middle: list[Part] = [] if content is None else [TextPart(content, citations=citations)]
    elif is_list(content):
        middle = read_blocks(content, f"{where}.content")
        _mark(middle, outside=bool(before or after))
        if not middle and (before or after):
            fields["content"] = []
    else:
        raise malformed(f"{where}.content", "a string, a list or null")
    return rejoin([*before, *middle, *after])


def _read_annotations(fields: dict[str, Any]) -> list[Citation] | None:
    annotations = fields.get(ANNOTATIONS)
    if not is_list(annotations) or not annotations or not all(is_object(each) for each in annotations):
        return None
    del fields[ANNOTATIONS]
    return [read_annotation(each) for each in annotations]


def _write_beside_text(part: TextPart, fields: dict[str, Any], *, reply: bool, dropped: list[Adaptation]) -> None:
    """Write what a text has that stands beside the content: its sources and Gemini's signature."""
    if part.citations:
        fields.setdefault(ANNOTATIONS, []).extend(map(write_annotation, part.citations))
    if part.signature is None:
        return
    if reply:
        fields[EXTRA] = {"google": {"thought_signature": part.signature}}
    else:
        dropped.append(Adaptation("dropped", "thinking", "state of generate_content"))


def _mark(parts: list[Part], *, outside: bool) -> None:
    """Mark those blocks that would not be written as blocks."""
    for part in parts:
        if isinstance(part, RefusalPart):
            part.extensions.setdefault(WIRE, {})["type"] = "refusal"
        elif isinstance(part, ImagePart):
            part.extensions.setdefault(WIRE, {})["type"] = "image_url"
    if outside and len(parts) == 1 and isinstance(parts[0], TextPart):
        parts[0].extensions.setdefault(WIRE, {})["type"] = "text"


def _read_images(fields: dict[str, Any], where: str) -> list[Part]:
    images = fields.get("images")
    return read_blocks(fields.pop("images"), f"{where}.images") if is_list(images) and images else []


def _read_refusal(fields: dict[str, Any]) -> list[Part]:
    return [RefusalPart(fields.pop("refusal"))] if isinstance(fields.get("refusal"), str) else []


def _read_audio(fields: dict[str, Any]) -> list[Part]:
    audio = fields.get("audio")
    if not is_object(audio):
        return []
    del fields["audio"]
    known = {name: audio[name] for name, kind in _AUDIO.items() if isinstance(audio.get(name), kind)}
    unknown = {name: value for name, value in audio.items() if name not in known}
    return [AudioPart(**known, extensions=extensions_of(unknown))]


def _read_calls(fields: dict[str, Any], where: str) -> list[Part]:
    parts: list[Part] = []
    calls = fields.get("tool_calls")
    if calls is not None and not is_list(calls):
        raise malformed(f"{where}.tool_calls", "a list")
    if calls:
        del fields["tool_calls"]
        parts = [read_call(call, f"{where}.tool_calls[{index}]") for index, call in enumerate(calls)]
    call = fields.get(LEGACY_CALL)
    if is_object(call):
        name, arguments = call.get("name"), call.get("arguments")
        if not isinstance(name, str) or not isinstance(arguments, str | None):
            raise malformed(f"{where}.function_call", "an object with the strings `name` and `arguments`")
        del fields[LEGACY_CALL]
        parts.append(
            ToolCallPart(id="", name=name, arguments=arguments or "", extensions={WIRE: {"type": LEGACY_CALL}})
        )
    return parts


def _holds_results(content: object) -> bool:
    return (
        is_list(content)
        and bool(content)
        and all(is_object(block) and block.get("type") == "tool_result" for block in content)
    )


def _read_result(fields: dict[str, Any], where: str) -> Part:
    call_id = fields.pop("tool_call_id", None)
    if not isinstance(call_id, str):
        raise malformed(f"{where}.tool_call_id", "a string")
    if "content" not in fields:
        raise malformed(f"{where}.content", "given")
    content = fields.pop("content")
    if is_list(content):
        content = read_blocks(content, f"{where}.content")
    elif not isinstance(content, str | None):
        raise malformed(f"{where}.content", "a string, a list or null")
    name = fields.pop("name") if isinstance(fields.get("name"), str) else None
    part = ToolResultPart(call_id=call_id, content=content, name=name, extensions=extensions_of(fields))
    fields.clear()
    return part


def _unnumbered(call: Any, position: int) -> Any:
    """Leave out an `index` that only says where the call stands."""
    if is_object(call) and call.get("index") == position:
        return {name: value for name, value in call.items() if name != "index"}
    return call


def _stands_in_content(part: Part) -> bool:
    if isinstance(part, RefusalPart | ImagePart):
        return "type" in own(part.extensions)
    if isinstance(part, OpaquePart):
        return "type" in part.data or part.wire != WIRE
    return not isinstance(part, AudioPart | ToolCallPart | ToolResultPart)


def _write_outside(part: Part, fields: dict[str, Any], *, reply: bool, dropped: list[Adaptation]) -> None:
    if isinstance(part, ToolCallPart):
        if own(part.extensions).get("type") == LEGACY_CALL:
            fields[LEGACY_CALL] = {"name": part.name, "arguments": part.arguments}
        else:
            fields.setdefault("tool_calls", []).append(write_call(part))
    elif isinstance(part, RefusalPart):
        fields["refusal"] = fields.get("refusal", "") + part.text
    elif isinstance(part, AudioPart):
        fields["audio"] = _write_audio(part, reply=reply)
    elif isinstance(part, ImagePart):
        block = write_block(part, dropped)
        if block is not None:
            fields.setdefault("images", []).append(block)
    elif isinstance(part, OpaquePart):
        for name, value in part.data.items():
            fields[name] = [*fields.get(name, []), *value] if is_list(value) else value
    else:
        raise InvalidRequest("an assistant message cannot hold a tool's result.", param="messages")


def _write_audio(part: AudioPart, *, reply: bool) -> dict[str, Any]:
    """Write audio; a request refers to earlier audio by its id alone."""
    if part.id is not None and not reply:
        return {"id": part.id, **own(part.extensions)}
    known = {name: getattr(part, name) for name in _AUDIO}
    return {name: value for name, value in known.items() if value is not None} | own(part.extensions)


def _content_of(
    content: list[Part], *, outside: bool, reply: bool, dropped: list[Adaptation]
) -> str | list[dict[str, Any]] | None:
    if reply and all(isinstance(part, TextPart) for part in content):
        return "".join(part.text for part in content if isinstance(part, TextPart)) if content else None
    first = content[0] if len(content) == 1 else None
    if isinstance(first, TextPart) and not first.extensions.get(WIRE) and (outside or first.extensions):
        return first.text  # also where it came from another wire, since many servers take a text alone
    blocks = [write_block(part, dropped) for part in content]
    written = [block for block in blocks if block is not None]
    return written if written or not (outside or content) else None
