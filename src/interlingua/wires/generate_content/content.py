"""Parts, both ways (types of google-genai 3.4 `types.Part`, read 2026-11-23).

What a part has beyond the fields known here stands in its `extensions` under
`generate_content`; a part of an unknown kind is an `OpaquePart`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

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
from interlingua.types.part import Extensions
from interlingua.types.seal import rejoin
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_name
from interlingua.wires.generate_content.calls import CallNames, object_of, read_call, write_call
from interlingua.wires.generate_content.fields import WIRE, extensions_of, left_behind, own
from interlingua.wires.generate_content.media import joined, read_media, write_media
from interlingua.wires.generate_content.names import camel_names
from interlingua.wires.generate_content.partial_calls import CallPieces, is_partial
from interlingua.wires.generate_content.seals import Seals, unsealed

_encode = msgspec.json.Encoder().encode


def read_parts(parts: object, where: str, calls: CallNames) -> list[Part]:
    """Read a list of parts.

    Raises:
        InvalidRequest: one is malformed; `param` says which.

    """
    if not is_list(parts):
        raise malformed(where, "a list of parts")
    read: list[Part] = []
    pieces: CallPieces | None = None
    for index, part in enumerate(parts):
        text = part.get("text") if is_object(part) and len(part) == 1 else None
        if type(text) is str:
            read.append(TextPart(text))
        elif pieces is None and not is_partial(part):
            read.append(read_part(part, f"{where}[{index}]", calls))
        else:
            pieces = pieces or CallPieces()
            read += [read_part(each, f"{where}[{index}]", calls) for each in pieces.feed(part)]
    if pieces is not None:
        read += [read_part(each, where, calls) for each in pieces.rest()]
    opened = unsealed(read)
    return opened if opened is read else rejoin(opened)


def read_part(part: object, where: str, calls: CallNames) -> Part:
    """Read one part."""
    if not is_object(part):
        raise malformed(where, "an object")
    text = part.get("text")
    if text is None:
        return _read_other(part, where, calls)
    if not isinstance(text, str):
        raise malformed(f"{where}.text", "a string")
    if len(part) == 1:
        return TextPart(text)
    part = camel_names(part)
    signature = part.get("thoughtSignature")
    signature = signature if isinstance(signature, str) else None
    if part.get("thought") is True:
        return ThinkingPart(
            text=text, signature=signature, extensions=_rest(part, "text", "thought", "thoughtSignature"), wire=WIRE
        )
    return TextPart(text, _rest(part, "text", "thoughtSignature"), signature=signature)


def _rest(part: Mapping[str, Any], *known: str) -> Extensions:
    return extensions_of({name: value for name, value in part.items() if name not in known})


def _read_other(part: Mapping[str, Any], where: str, calls: CallNames) -> Part:
    if len(part) != 1 or not _EXPECTED.issuperset(part):
        part = camel_names(part)
    if "functionCall" in part:
        return read_call(part, where, calls)
    if "functionResponse" in part:
        return _read_result(part, where, calls)
    if "inlineData" in part or "fileData" in part:
        return read_media(part, where)
    return OpaquePart(WIRE, dict(part))


_EXPECTED: Final = frozenset(("functionCall", "functionResponse", "inlineData", "fileData"))


def _read_result(part: Mapping[str, Any], where: str, calls: CallNames) -> Part:
    answer = part["functionResponse"]
    name = answer.get("name") if is_object(answer) else None
    if not is_object(answer) or not isinstance(name, str):
        raise malformed(f"{where}.functionResponse", "an object with the string `name`")
    given, response = answer.get("id"), answer.get("response")
    if response is not None and not is_object(response):
        raise malformed(f"{where}.functionResponse.response", "an object")
    text, failed, same = _text_of(response)
    identity = calls.answered(name, given if isinstance(given, str) and given else None)
    if same and len(answer) == 3 and len(part) == 1 and identity == given:
        return ToolResultPart(call_id=identity, content=text, name=name, is_error=failed)
    content: str | list[Part] = text
    extra = {key: value for key, value in part.items() if key != "functionResponse"}
    answer = camel_names(answer)
    inner = {key: value for key, value in answer.items() if key not in ("id", "name", "response", "parts")}
    media = answer.get("parts")
    if is_list(media) and media:
        parts = [read_part(each, f"{where}.functionResponse.parts[{n}]", calls) for n, each in enumerate(media)]
        content = [TextPart(text), *parts]
    kept: dict[str, Any] = {} if same else {"response": response}
    if identity != given:
        extra["idless"] = True
        if isinstance(given, str):
            kept["id"] = given
    if kept:
        extra["as_written"] = kept
    if inner:
        extra["functionResponse"] = inner
    return ToolResultPart(
        call_id=identity,
        content=content,
        name=name,
        is_error=failed,
        extensions=extensions_of(extra),
    )


def _text_of(response: Mapping[str, Any] | None) -> tuple[str, bool | None, bool]:
    """Give what a tool answered as text, whether it failed, and whether we would write that text the same way.

    It is the text that stands alone under `result`, `output` or `error`, or else the object as JSON.
    """
    if response is None:
        return "{}", None, False
    if len(response) == 1:
        name, value = next(iter(response.items()))
        failed = True if name == "error" else None
        if name in _ALONE and isinstance(value, str):
            return value, failed, failed or (name == "result" and not _is_object(value))
        if failed:
            return _encode(response).decode(), True, False
    return _encode(response).decode(), None, True


_ALONE: Final = ("result", "output", "error")


def _is_object(text: str) -> bool:
    return text.startswith("{") and object_of(text) is not None


def write_parts(parts: Sequence[Part], dropped: list[Adaptation], calls: CallNames) -> list[dict[str, Any]]:
    """Write the parts of a request."""
    written: list[dict[str, Any]] = []
    for part in parts:
        if type(part) is TextPart and part.text and _is_plain(part):
            written.append({"text": part.text})
        elif (fields := write_part(part, dropped, calls)) is not None:
            written.append(fields)
    return written


def _is_plain(part: TextPart) -> bool:
    return not part.extensions and part.signature is None and part.citations is None and part.cache is None


def write_answer(parts: Sequence[Part], dropped: list[Adaptation], calls: CallNames) -> list[dict[str, Any]]:
    """Write the parts of a reply; state of another wire is sealed, and stands on the part that follows it."""
    written: list[dict[str, Any]] = []
    seals = Seals()
    for part in parts:
        seals.add(part)
        fields = write_part(part, dropped, calls, reply=True)
        if fields is not None:
            written += [fields] if isinstance(part, ThinkingPart) else seals.put_on(fields)
    return written + seals.end(written[-1] if written else None)


def write_part(
    part: Part, dropped: list[Adaptation], calls: CallNames, *, reply: bool = False
) -> dict[str, Any] | None:
    """Write one part, or say in `dropped` why it cannot be said."""
    if type(part) is ToolCallPart:
        return write_call(part, dropped, calls)
    if isinstance(part, ThinkingPart):
        return _write_thinking(part, dropped, reply=reply)
    if isinstance(part, OpaquePart):
        return _write_opaque(part, dropped, reply=reply)
    if part.extensions:
        dropped += left_behind(part.extensions, _KINDS[type(part)])
    if not isinstance(part, RefusalPart) and part.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire caches by itself, or by cachedContent"))
    if isinstance(part, TextPart):
        return _write_text(part, dropped, reply=reply)
    return _WRITERS[type(part)](part, dropped, calls)


def _write_text(part: TextPart, dropped: list[Adaptation], *, reply: bool) -> dict[str, Any] | None:
    if not part.text and part.signature is None and not reply and not own(part.extensions):
        return None
    fields: dict[str, Any] = {"text": part.text}
    if part.signature is not None:
        fields["thoughtSignature"] = part.signature
    if part.citations and not reply:
        dropped.append(Adaptation("dropped", "citations", "this wire has sources in answers only"))
    return fields | own(part.extensions)


def _write_thinking(part: ThinkingPart, dropped: list[Adaptation], *, reply: bool) -> dict[str, Any] | None:
    if part.wire == WIRE or (reply and part.wire is None):
        fields: dict[str, Any] = {"text": part.text, "thought": True}
        if part.signature is not None:
            fields["thoughtSignature"] = part.signature
        return fields | own(part.extensions)
    if not reply:
        dropped.append(
            Adaptation("dropped", "thinking", f"state of {part.wire}" if part.wire else "not a thought of its own")
        )
        return None
    return {"text": part.text, "thought": True} if part.text else None


def _write_opaque(part: OpaquePart, dropped: list[Adaptation], *, reply: bool) -> dict[str, Any] | None:
    if part.wire == WIRE:
        return part.data
    if not reply:  # there it is sealed
        dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}: {foreign_name(part.data)}"))
    return None


def _write_refusal(part: RefusalPart, dropped: list[Adaptation], calls: CallNames) -> dict[str, Any]:
    del calls
    dropped.append(Adaptation("renamed", "refusal", "as text"))
    return {"text": part.text}


def _write_result(part: ToolResultPart, dropped: list[Adaptation], calls: CallNames) -> dict[str, Any]:
    extra = own(part.extensions)
    name = part.name or calls.name_of(part.call_id) or "tool"
    idless = not part.call_id or "idless" in extra or calls.is_made_up(part.call_id, name)
    answer: dict[str, Any] = {"name": name} if idless else {"id": part.call_id, "name": name}
    content = part.content
    if content is None or isinstance(content, str):
        answer["response"] = _response_of(content or "", failed=part.is_error is True)
    else:
        text = "".join(each.text for each in content if isinstance(each, TextPart))
        answer["response"] = _response_of(text, failed=part.is_error is True)
        media = write_parts([each for each in content if not isinstance(each, TextPart)], dropped, calls)
        if media:
            answer["parts"] = media
    if not extra:
        return {"functionResponse": answer}
    rest = {key: value for key, value in extra.items() if key not in ("functionResponse", "as_written", "idless")}
    return {"functionResponse": joined(joined(answer, extra.get("as_written")), extra.get("functionResponse")), **rest}


def _response_of(text: str, *, failed: bool) -> Any:
    """Give the object that stands for what a tool answered."""
    if failed:
        return {"error": text}
    given = object_of(text) if text.startswith("{") else None
    return {"result": text} if given is None else given


def _write_media(
    part: ImagePart | AudioPart | FilePart, dropped: list[Adaptation], calls: CallNames
) -> dict[str, Any] | None:
    del calls
    return write_media(part, dropped)


_KINDS: Final[dict[type, str]] = {
    TextPart: "text",
    ImagePart: "image",
    AudioPart: "audio",
    FilePart: "file",
    RefusalPart: "refusal",
    ToolResultPart: "tool_result",
}
_WRITERS: Final = cast(
    "dict[type, Callable[[Any, list[Adaptation], CallNames], dict[str, Any] | None]]",
    {
        ImagePart: _write_media,
        AudioPart: _write_media,
        FilePart: _write_media,
        RefusalPart: _write_refusal,
        ToolResultPart: _write_result,
    },
)
