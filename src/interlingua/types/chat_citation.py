"""Sources of a text in OpenAI's form: the `annotations` of a message (openai 3.54, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types.chat_content import WIRE, own
from interlingua.types.part import Citation
from interlingua.types.shape import is_object

ANNOTATIONS: Final = "annotations"
_URL: Final = "url_citation"
_DOCUMENT: Final = "document_citation"
_KINDS: Final = {_URL: "url", _DOCUMENT: "document"}
_FIELDS: Final = {"url": str, "title": str, "start_index": int, "end_index": int}
_DOCUMENT_FIELDS: Final = ("title", "cited_text", "document_index", "file_id", "start_index", "end_index")


def read_annotation(annotation: Mapping[str, Any]) -> Citation:
    """Read one annotation; what is not a URL's is kept whole."""
    kind = annotation.get("type")
    inner = annotation.get(kind) if isinstance(kind, str) else None
    fields: Mapping[str, Any] = inner if is_object(inner) else annotation
    known = {name: fields[name] for name, each in _FIELDS.items() if isinstance(fields.get(name), each)}
    citation = Citation(
        kind="url" if kind == _URL else "document" if kind == _DOCUMENT else str(kind or "url"), **known
    )
    if kind == _DOCUMENT:
        for name in ("cited_text", "file_id", "document_index"):
            if isinstance(fields.get(name), str | int):
                setattr(citation, name, fields[name])
    if write_annotation(citation) != annotation:
        citation.extensions = {WIRE: dict(annotation)}
    return citation


def write_annotation(citation: Citation) -> dict[str, Any]:
    """Write a source; one of another wire that is no page gets a type of its own, which OpenAI's SDK lets pass."""
    given = own(citation.extensions)
    if given:
        return given
    if citation.kind == "url":
        fields = {name: value for name in _FIELDS if (value := getattr(citation, name)) is not None}
        return {"type": _URL, _URL: fields}
    fields = {name: value for name in _DOCUMENT_FIELDS if (value := getattr(citation, name)) is not None}
    return {"type": _DOCUMENT, _DOCUMENT: fields}
