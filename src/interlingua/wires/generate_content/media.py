"""Images, sound and documents, both ways (types of google-genai 3.4 `types.Blob` and `types.FileData`)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation, AudioPart, FilePart, ImagePart, Part
from interlingua.types.shape import is_object, malformed
from interlingua.wires.generate_content.fields import extensions_of, own
from interlingua.wires.generate_content.names import camel_names

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


def split_data_url(url: str) -> tuple[str, str] | None:
    """Give the media type and the base64 text of a `data:` URL; None for any other."""
    match = _DATA_URL.match(url)
    return (match[1] or "application/octet-stream", url[match.end() :]) if match is not None else None


def read_media(part: Mapping[str, Any], where: str) -> Part:
    """Read a part with `inlineData` or `fileData`."""
    kind = "inlineData" if "inlineData" in part else "fileData"
    media = part[kind]
    if not is_object(media):
        raise malformed(f"{where}.{kind}", "an object")
    media = camel_names(media)
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


def write_media(part: ImagePart | AudioPart | FilePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write an image, sound or a document, or say in `dropped` why it cannot be said."""
    extra = dict(own(part.extensions))
    given = extra.pop("mimeType", None)
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
    return {"fileData": joined(file, inner), **extra}


def _inline(kind: str, data: str, extra: dict[str, Any], filename: str | None = None) -> dict[str, Any]:
    blob: dict[str, Any] = {"mimeType": kind, "data": data}
    if filename is not None:
        blob["displayName"] = filename
    inner = extra.pop("inlineData", None)
    return {"inlineData": joined(blob, inner), **extra}


def joined(fields: dict[str, Any], unknown: object) -> dict[str, Any]:
    """Give fields together with what else stood beside them, if that is an object."""
    return {**fields, **unknown} if is_object(unknown) else fields


def _guessed(url: str) -> str | None:
    name = url.partition("?")[0].rpartition("/")[2]
    return _EXTENSIONS.get(name.rpartition(".")[2].lower())
