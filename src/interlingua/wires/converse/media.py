"""Images, documents, videos and sound, written (botocore 1.44 `bedrock-runtime` 2023-09-30, read 2026-11-23)."""

import re
from typing import Any, Final

from interlingua.types import Adaptation, AudioPart, FilePart, ImagePart
from interlingua.wires.converse.fields import WIRE, own
from interlingua.wires.converse.twins import DOCUMENT_FIELDS, document_fields
from interlingua.wires.foreign_fields import foreign_fields

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
_LONGEST_NAME: Final = 200


def _source(url: str | None) -> tuple[str, dict[str, Any]] | None:
    """Give the media type and the source of inline data or of an object in S3."""
    if url is None:
        return None
    if url.startswith("s3://"):
        return "", {"s3Location": {"uri": url}}
    match = _DATA_URL.match(url)
    return None if match is None else (match[1].lower(), {"bytes": url[match.end() :]})


def write_image(part: ImagePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write an image, or say in `dropped` why it cannot be said."""
    source = _source(part.url)
    dropped += foreign_fields(part.extensions, WIRE, of="image")
    if part.detail not in (None, "auto"):
        dropped.append(Adaptation("dropped", "image.detail", "images are seen in one resolution"))
    form = _form(source[0], part.url) if source is not None else ""
    form = "jpeg" if form == "jpg" else form
    if source is None or form not in _IMAGES:
        dropped.append(Adaptation("dropped", "image", "PNG, JPEG, GIF or WebP inline or in S3 is taken"))
        return None
    return {"image": {"format": form, "source": source[1]}}


def _form(kind: str, url: str | None) -> str:
    """Give the format that a media type, or else an address, ends in."""
    return kind.rpartition("/")[2] if kind else (url or "").rpartition(".")[2].lower()


def write_file(part: FilePart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write a file as the image, video or document that it is, or say in `dropped` why it cannot be said."""
    source = _source(part.data or part.url)
    if part.extensions:
        left = {wire: {k: v for k, v in of.items() if k not in DOCUMENT_FIELDS} for wire, of in part.extensions.items()}
        dropped += foreign_fields(left, WIRE, of="file")
    if source is None:
        dropped.append(Adaptation("dropped", "file", "files are taken inline or from S3"))
        return None
    kind = source[0]
    name, _, ending = (part.filename or "").rpartition(".")
    if kind.startswith("image/"):
        return write_image(ImagePart(url=part.data), dropped)
    ending = ending or (part.url or "").rpartition(".")[2]
    form = _VIDEOS.get(kind) or (ending if not kind and ending in _VIDEOS.values() else None)
    if form is not None:
        return {"video": {"format": form, "source": source[1]}}
    form = _DOCUMENTS.get(kind) or (ending if ending in _DOCUMENTS.values() else None)
    if form is None:
        dropped.append(Adaptation("dropped", "file", f"{kind or 'its kind'} is no kind of document here"))
        return None
    known = name if ending == form else part.filename or ""
    title = _NAME.sub("-", " ".join(known.split())).strip(" -")[:_LONGEST_NAME] or "document"
    if known and title != known:
        dropped.append(Adaptation("renamed", "file.filename", f"{known} to {title}"))
    fields: dict[str, Any] = {"format": form, "name": title, "source": source[1]}
    return {"document": fields | document_fields(part) | own(part.extensions)}


def write_audio(part: AudioPart, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write sound, or say in `dropped` why it cannot be said."""
    if part.data is None or part.format is None:
        dropped.append(Adaptation("dropped", "audio", "it has no data"))
        return None
    dropped += foreign_fields(part.extensions, WIRE, of="audio")
    return {"audio": {"format": part.format, "source": {"bytes": part.data}}}
