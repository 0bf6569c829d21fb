"""Parts, both ways (types of google-genai 3.4 `types.Part`, read 2026-11-23).

What a part has beyond the fields known here stands in its `extensions` under
`generate_content`; a part of an unknown kind is an `OpaquePart`.
"""

import re
from collections.abc import Mapping, Sequence
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
from interlingua.types.part import Extensions
from interlingua.types.seal import rejoin
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.generate_content.seals import Seals, unsealed

WIRE: Final = "generate_content"

_DATA_URL: Final = re.compile(r"data:([^;,]*)(?:;[^;,]*)*?;base64,", re.IGNORECASE)
_AUDIO_FORMATS: Final = {"wav": "audio/wav", "mp3": "audio/mp3", "pcm16": "audio/pcm"}
_EXTENSIONS: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mp3": "audio/mp3",
    "wav": "audio/wav",
    "txt": "text/plain",
}

UNSIGNED: Final = (
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
)
"""What stands for the signature of a call that has none, as clients write it, plainly or as SDKs encode it.

(ai.google.dev/gemini-api/docs/thought-signatures, read 2026-11-25.)
"""

_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


class CallNames:
    """The calls of a conversation by name, so that answers without an id find the call that they belong to."""

    __slots__ = ("_count", "_names", "_open")

    def __init__(self) -> None:
        self._count = 0
        self._names: dict[str, str] = {}
        self._open: dict[str, list[str]] = {}

    def identity(self, name: str) -> str:
        """Make up an id for a call that has none; the same conversation gives the same ids."""
        self._count += 1
        return f"call_{self._count}_{name}"

    @staticmethod
    def is_made_up(identity: str, name: str) -> bool:
        """Tell whether an id was made up here, whatever wire it has been through: then it does not go back."""
        return re.fullmatch(rf"call_\d+_{re.escape(name)}", identity) is not None

    def opened(self, identity: str, name: str) -> None:
        """Remember a call."""
        self._names[identity] = name
        self._open.setdefault(name, []).append(identity)

    def answered(self, name: str, identity: str | None) -> str:
        """Give the id of the call that an answer belongs to.

        An id that no call has was made up by the client, as Gemini CLI does for calls that have none.
        """
        waiting = self._open.get(name, [])
        if identity is not None and (identity in self._names or not waiting):
            if identity in waiting:
                waiting.remove(identity)
            return identity
        return waiting.pop(0) if waiting else f"call_{name}"

    def name_of(self, identity: str) -> str | None:
        """Give the name of a call by its id."""
        return self._names.get(identity)


def read_parts(parts: object, where: str, calls: CallNames) -> list[Part]:
    """Read a list of parts.

    Raises:
        InvalidRequest: one is malformed; `param` says which.

    """
    if not is_list(parts):
        raise malformed(where, "a list of parts")
    return rejoin(unsealed([read_part(part, f"{where}[{index}]", calls) for index, part in enumerate(parts)]))


def read_part(part: object, where: str, calls: CallNames) -> Part:
    """Read one part."""
    if not is_object(part):
        raise malformed(where, "an object")
    text, signature = part.get("text"), part.get("thoughtSignature")
    if text is None:
        return _read_other(part, where, calls)
    if not isinstance(text, str):
        raise malformed(f"{where}.text", "a string")
    if len(part) == 1:
        return TextPart(text)
    signature = signature if isinstance(signature, str) else None
    if part.get("thought") is True:
        return ThinkingPart(
            text=text, signature=signature, extensions=_rest(part, "text", "thought", "thoughtSignature"), wire=WIRE
        )
    return TextPart(text, _rest(part, "text", "thoughtSignature"), signature=signature)


def write_parts(parts: Sequence[Part], dropped: list[Adaptation], calls: CallNames) -> list[dict[str, Any]]:
    """Write the parts of a request."""
    written = [write_part(part, dropped, calls) for part in parts]
    return [fields for fields in written if fields is not None]


def write_answer(parts: Sequence[Part], calls: CallNames) -> list[dict[str, Any]]:
    """Write the parts of a reply; state of another wire is sealed, and stands on the part that follows it."""
    written: list[dict[str, Any]] = []
    seals = Seals()
    for part in parts:
        seals.add(part)
        fields = write_part(part, [], calls, reply=True)
        if fields is not None:
            written += [fields] if isinstance(part, ThinkingPart) else seals.put_on(fields)
    return written + seals.end(written[-1] if written else None)


def write_part(
    part: Part, dropped: list[Adaptation], calls: CallNames, *, reply: bool = False
) -> dict[str, Any] | None:
    """Write one part, or say in `dropped` why it cannot be said."""
    if isinstance(part, TextPart):
        if not part.text and part.signature is None and not reply and not own(part.extensions):
            return None
        fields: dict[str, Any] = {"text": part.text}
        if part.signature is not None:
            fields["thoughtSignature"] = part.signature
        if part.cache is not None:
            dropped.append(Adaptation("dropped", "cache", "this wire caches by itself, or by cachedContent"))
        return fields | own(part.extensions)
    if isinstance(part, ThinkingPart):
        return _write_thinking(part, dropped, reply=reply)
    if isinstance(part, ToolCallPart):
        return write_call(part, dropped, calls)
    if isinstance(part, ToolResultPart):
        return _write_result(part, dropped, calls)
    if isinstance(part, OpaquePart):
        if part.wire == WIRE:
            return part.data
        if reply:  # it is sealed
            return None
        dropped.append(Adaptation("dropped", "opaque", f"state of {part.wire}: {part.data.get('type', 'unknown')}"))
        return None
    if isinstance(part, RefusalPart):
        dropped.append(Adaptation("renamed", "refusal", "as text"))
        return {"text": part.text}
    return _write_media(part, dropped)


def write_call(part: ToolCallPart, dropped: list[Adaptation], calls: CallNames) -> dict[str, Any]:
    """Write a call; its arguments are an object here, and any other text stands under `input`."""
    calls.opened(part.id, part.name)
    extra = dict(own(part.extensions))
    inner = extra.pop("functionCall", None)
    extra.pop("idless", None)
    call: dict[str, Any] = {} if not part.id or calls.is_made_up(part.id, part.name) else {"id": part.id}
    if part.kind != "function":
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
    call |= {"name": part.name, "args": arguments_of(part)}
    if is_object(inner):
        call |= inner
    fields: dict[str, Any] = {"functionCall": call}
    if part.signature is not None:
        fields["thoughtSignature"] = part.signature
    return fields | extra


def arguments_of(part: ToolCallPart) -> dict[str, Any]:
    """Give a call's arguments as an object."""
    if part.kind != "function":
        return {"input": part.arguments}
    try:
        return _decode_object(part.arguments or "{}")
    except (msgspec.DecodeError, RecursionError):
        return {"input": part.arguments}


def split_data_url(url: str) -> tuple[str, str] | None:
    """Give the media type and the base64 text of a `data:` URL; None for any other."""
    match = _DATA_URL.match(url)
    return (match[1] or "application/octet-stream", url[match.end() :]) if match is not None else None


def _rest(part: Mapping[str, Any], *known: str) -> Extensions:
    return extensions_of({name: value for name, value in part.items() if name not in known})


def _read_other(part: Mapping[str, Any], where: str, calls: CallNames) -> Part:
    if "functionCall" in part:
        return _read_call(part, where, calls)
    if "functionResponse" in part:
        return _read_result(part, where, calls)
    if "inlineData" in part or "fileData" in part:
        return _read_media(part, where)
    return OpaquePart(WIRE, dict(part))


def _read_call(part: Mapping[str, Any], where: str, calls: CallNames) -> Part:
    call = part["functionCall"]
    if not is_object(call) or not isinstance(call.get("name"), str):
        raise malformed(f"{where}.functionCall", "an object with the string `name`")
    given, arguments, signature = call.get("id"), call.get("args"), part.get("thoughtSignature")
    if arguments is not None and not is_object(arguments):
        raise malformed(f"{where}.functionCall.args", "an object")
    identity = given if isinstance(given, str) and given else calls.identity(call["name"])
    calls.opened(identity, call["name"])
    extra = {name: value for name, value in part.items() if name not in ("functionCall", "thoughtSignature")}
    if signature in UNSIGNED:  # nobody's state, and for Gemini alone
        extra["thoughtSignature"], signature = signature, None
    inner = {name: value for name, value in call.items() if name not in ("id", "name", "args")}
    if inner:
        extra["functionCall"] = inner
    if identity != given:
        extra["idless"] = True
    return ToolCallPart(
        id=identity,
        name=call["name"],
        arguments=_encode(arguments or {}).decode(),
        extensions=extensions_of(extra),
        signature=signature if isinstance(signature, str) else None,
    )


def _read_result(part: Mapping[str, Any], where: str, calls: CallNames) -> Part:
    answer = part["functionResponse"]
    if not is_object(answer) or not isinstance(answer.get("name"), str):
        raise malformed(f"{where}.functionResponse", "an object with the string `name`")
    name, given, response = answer["name"], answer.get("id"), answer.get("response")
    if response is not None and not is_object(response):
        raise malformed(f"{where}.functionResponse.response", "an object")
    text = _text_of(response or {})
    content: str | list[Part] = text
    failed = True if response is not None and list(response) == ["error"] else None
    extra = {key: value for key, value in part.items() if key != "functionResponse"}
    inner = {key: value for key, value in answer.items() if key not in ("id", "name", "response", "parts")}
    media = answer.get("parts")
    if is_list(media) and media:
        parts = [read_part(each, f"{where}.functionResponse.parts[{n}]", calls) for n, each in enumerate(media)]
        content = [TextPart(text), *parts]
    written: dict[str, Any] = {}
    if _response_of(text, failed=failed is True) != response:
        written["response"] = response
    identity = calls.answered(name, given if isinstance(given, str) and given else None)
    if identity != given:
        extra["idless"] = True
        if isinstance(given, str):
            written["id"] = given
    if written:
        extra["as_written"] = written
    if inner:
        extra["functionResponse"] = inner
    return ToolResultPart(
        call_id=identity,
        content=content,
        name=name,
        is_error=failed,
        extensions=extensions_of(extra),
    )


def _text_of(response: Mapping[str, Any]) -> str:
    """Give what a tool answered as text: that under `result` or `error` alone, else the object as JSON."""
    if len(response) == 1:
        value = response.get("result", response.get("error", response.get("output")))
        if isinstance(value, str):
            return value
    return _encode(response).decode()


def _write_result(part: ToolResultPart, dropped: list[Adaptation], calls: CallNames) -> dict[str, Any]:
    extra = dict(own(part.extensions))
    inner, written = extra.pop("functionResponse", None), extra.pop("as_written", None)
    idless = extra.pop("idless", False)
    name = part.name or calls.name_of(part.call_id) or "tool"
    idless = idless or not part.call_id or calls.is_made_up(part.call_id, name)
    answer: dict[str, Any] = {"name": name} if idless else {"id": part.call_id, "name": name}
    parts = [] if isinstance(part.content, str) else list(part.content or ())
    text = part.content if isinstance(part.content, str) else "".join(p.text for p in parts if isinstance(p, TextPart))
    answer["response"] = _response_of(text, failed=part.is_error is True)
    media = write_parts([each for each in parts if not isinstance(each, TextPart)], dropped, calls)
    if media:
        answer["parts"] = media
    if part.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire caches by itself, or by cachedContent"))
    return {"functionResponse": _joined(_joined(answer, written), inner), **extra}


def _response_of(text: str, *, failed: bool) -> dict[str, Any]:
    if failed:
        return {"error": text}
    if text.startswith("{"):
        try:
            return _decode_object(text)
        except (msgspec.DecodeError, RecursionError):
            pass
    return {"result": text}


def _read_media(part: Mapping[str, Any], where: str) -> Part:
    kind = "inlineData" if "inlineData" in part else "fileData"
    media = part[kind]
    if not is_object(media):
        raise malformed(f"{where}.{kind}", "an object")
    content_type = media.get("mimeType")
    place = media.get("data" if kind == "inlineData" else "fileUri")
    if not isinstance(place, str):
        raise malformed(f"{where}.{kind}", "an object with its data or its address as a string")
    content_type = content_type if isinstance(content_type, str) else ""
    title = media.get("displayName")
    filename = title if isinstance(title, str) else None
    is_file = not content_type.startswith(("image/", "audio/") if kind == "inlineData" else "image/")
    known = ("mimeType", "data", "fileUri", "displayName" if is_file else "fileUri")
    inner = {name: value for name, value in media.items() if name not in known}
    if kind == "inlineData" and (";" in content_type or not content_type):
        inner["mimeType"] = content_type
    extra = {name: value for name, value in part.items() if name != kind}
    if inner:
        extra[kind] = inner
    if kind == "fileData":
        extra["mimeType"] = content_type
    extensions = extensions_of(extra)
    url = f"data:{content_type};base64,{place}" if kind == "inlineData" else place
    if content_type.startswith("image/"):
        return ImagePart(url=url, extensions=extensions)
    if content_type.startswith("audio/") and kind == "inlineData":
        return AudioPart(data=place, format=_format_of(content_type), extensions=extensions)
    if kind == "inlineData":
        return FilePart(data=url, filename=filename, extensions=extensions)
    return FilePart(url=url, filename=filename, extensions=extensions)


def _format_of(content_type: str) -> str:
    return next((name for name, each in _AUDIO_FORMATS.items() if each == content_type), content_type[6:])


def _write_media(part: ImagePart | AudioPart | FilePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    extra = dict(own(part.extensions))
    given = extra.pop("mimeType", None)
    if part.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire caches by itself, or by cachedContent"))
    if isinstance(part, AudioPart):
        if part.data is None:
            dropped.append(Adaptation("dropped", "audio", "only audio with data can be sent on this wire"))
            return None
        form = part.format or "wav"
        return _inline(_AUDIO_FORMATS.get(form, f"audio/{form}"), part.data, extra)
    if part.file_id is not None:
        dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), "a file held by another provider"))
        return None
    if isinstance(part, ImagePart) and part.detail not in (None, "auto"):
        dropped.append(Adaptation("dropped", "image.detail", "this wire has a media resolution instead"))
    place = part.url if isinstance(part, ImagePart) else part.data or part.url
    if place is None:
        dropped.append(Adaptation("dropped", str(type(part).__struct_config__.tag), "it has no address and no data"))
        return None
    inline = split_data_url(place)
    filename = part.filename if isinstance(part, FilePart) else None
    if inline is not None:
        return _inline(inline[0], inline[1], extra, filename)
    fallback = "image/jpeg" if isinstance(part, ImagePart) else "application/pdf"
    kind = given if given is not None else _guessed(place) or fallback
    file: dict[str, Any] = {"mimeType": kind, "fileUri": place} if kind else {"fileUri": place}
    if filename is not None:
        file["displayName"] = filename
    inner = extra.pop("fileData", None)
    return {"fileData": _joined(file, inner), **extra}


def _inline(kind: str, data: str, extra: dict[str, Any], filename: str | None = None) -> dict[str, Any]:
    blob: dict[str, Any] = {"mimeType": kind, "data": data}
    if filename is not None:
        blob["displayName"] = filename
    inner = extra.pop("inlineData", None)
    return {"inlineData": _joined(blob, inner), **extra}


def _joined(fields: dict[str, Any], unknown: object) -> dict[str, Any]:
    return {**fields, **unknown} if is_object(unknown) else fields


def _guessed(url: str) -> str | None:
    name = url.partition("?")[0].rpartition("/")[2]
    return _EXTENSIONS.get(name.rpartition(".")[2].lower())


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
