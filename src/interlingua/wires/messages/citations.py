"""Citations, both ways (types of anthropic 2.12 `text_citation*.py`, read 2026-11-25)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Citation
from interlingua.types.shape import is_object
from interlingua.wires.messages.fields import WIRE, own

_CITATIONS: Final = {
    "char_location": "document",
    "page_location": "document",
    "content_block_location": "document",
    "search_result_location": "document",
    "web_search_result_location": "url",
}

_TWIN: Final = "converse"
_PLACES: Final = {
    "documentChar": ("char_location", "document", "char_index"),
    "documentPage": ("page_location", "document", "page_number"),
    "documentChunk": ("content_block_location", "document", "block_index"),
    "searchResultLocation": ("search_result_location", "search_result", "block_index"),
}
"""The places of Bedrock's Converse, which took them over from here: our type, what is counted, and in which unit."""


def read_citation(fields: Mapping[str, Any]) -> Citation:
    """Read a citation, whose own object is kept."""
    kind = fields.get("type")
    known: dict[str, Any] = {
        "url": fields.get("url") or (fields.get("source") if kind == "search_result_location" else None),
        "title": fields.get("title") or fields.get("document_title"),
        "cited_text": fields.get("cited_text"),
        "file_id": fields.get("file_id"),
    }
    texts: dict[str, Any] = {name: value for name, value in known.items() if isinstance(value, str)}
    number = fields.get("document_index")
    return Citation(
        kind=_CITATIONS.get(str(kind), "document"),
        document_index=number if isinstance(number, int) else None,
        extensions={WIRE: dict(fields)},
        **texts,
    )


def write_citation(citation: Citation) -> dict[str, Any]:
    """Write a citation in this wire's form."""
    given = kept_citation(citation)
    if given is not None:
        return given
    if citation.kind == "url":
        return {
            "type": "web_search_result_location",
            "url": citation.url or "",
            "title": citation.title,
            "cited_text": citation.cited_text or "",
            "encrypted_index": "",
        }
    return {
        "type": "char_location",
        "cited_text": citation.cited_text or "",
        "document_index": citation.document_index or 0,
        "document_title": citation.title,
        "start_char_index": 0,
        "end_char_index": 0,
        "file_id": citation.file_id,
    }


def kept_citation(citation: Citation) -> dict[str, Any] | None:
    """Give a citation of this API's or of its twin's; None for any other, which has no place that counts here."""
    return own(citation.extensions) or _of_twin(citation)


def _of_twin(citation: Citation) -> dict[str, Any] | None:
    """Give what Converse says of a place; None if it says none."""
    theirs = citation.extensions.get(_TWIN)
    location = theirs.get("location") if theirs else None
    if not theirs or not is_object(location):
        return None
    for name, (kind, counted, unit) in _PLACES.items():
        place = location.get(name)
        if is_object(place):
            index = place.get("searchResultIndex" if counted == "search_result" else "documentIndex")
            fields: dict[str, Any] = {
                "type": kind,
                "cited_text": citation.cited_text or "",
                f"{counted}_index": index if isinstance(index, int) else 0,
                f"start_{unit}": place.get("start", 0),
                f"end_{unit}": place.get("end", 0),
            }
            if counted == "document":
                return {**fields, "document_title": citation.title, "file_id": None}
            return {**fields, "title": citation.title, "source": theirs.get("source") or ""}
    return None
