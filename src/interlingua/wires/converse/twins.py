"""Blocks and fields of Anthropic's Messages that Converse has under other names (botocore 1.44, read 2026-11-25).

Converse took them over for Claude: what a document is about and whether it may be cited, results of a search, and
tools that come or go in the middle of a conversation. They are read here as they stand in a part, by their names.
"""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import CacheBreakpoint, Citation, FilePart, OpaquePart
from interlingua.types.shape import is_list, is_object

THEIRS: Final = "messages"

DOCUMENT_FIELDS: Final = ("citations", "context", "source")
"""Fields of their documents that `document_fields` says."""


def document_fields(part: FilePart) -> dict[str, Any]:
    """Give what a document of theirs has beside its bytes."""
    theirs = part.extensions.get(THEIRS)
    if not theirs:
        return {}
    fields: dict[str, Any] = {}
    context, citations, source = (theirs.get(name) for name in ("context", "citations", "source"))
    if isinstance(context, str):
        fields["context"] = context
    if is_object(citations) and isinstance(citations.get("enabled"), bool):
        fields["citations"] = {"enabled": citations["enabled"]}
    blocks = _texts(source.get("content")) if is_object(source) else None
    if blocks is not None:
        fields["source"] = {"content": blocks}
    return fields


def twin_of(part: OpaquePart) -> dict[str, Any] | None:
    """Give the block that says what one of theirs says; None where there is none."""
    if part.wire != THEIRS:
        return None
    data = part.data
    kind = data.get("type")
    if kind == "search_result":
        return _search_result(data)
    if kind in ("tool_addition", "tool_removal"):
        tool = data.get("tool")
        if not is_object(tool) or not isinstance(tool.get("name"), str) or "definition" in tool:
            return None
        reference = {ours: tool[name] for name, ours in _REFERENCE.items() if isinstance(tool.get(name), str)}
        return {"toolAddition" if kind == "tool_addition" else "toolRemoval": {"tool": reference}}
    return None


_REFERENCE: Final = {"type": "type", "name": "name", "server_name": "serverName"}


def cache_of_twin(part: OpaquePart) -> CacheBreakpoint | None:
    """Give the cache breakpoint that stands on a block of theirs."""
    mark = part.data.get("cache_control") if part.wire == THEIRS and twin_of(part) is not None else None
    if not is_object(mark):
        return None
    ttl = mark.get("ttl")
    return CacheBreakpoint(ttl=ttl if isinstance(ttl, str) else None)


def citation_of(citation: Citation) -> dict[str, Any] | None:
    """Give the citation that says what one of theirs says; None where there is none."""
    theirs = citation.extensions.get(THEIRS)
    form = _PLACES.get(str(theirs.get("type"))) if theirs else None
    if not theirs or form is None:
        return None
    name, members = form
    location = {ours: theirs[their] for ours, their in members.items() if theirs.get(their) is not None}
    fields: dict[str, Any] = {"location": {name: location}}
    if citation.title is not None:
        fields["title"] = citation.title
    if name == "searchResultLocation" and isinstance(theirs.get("source"), str):
        fields["source"] = theirs["source"]
    if citation.cited_text:
        fields["sourceContent"] = [{"text": citation.cited_text}]
    return fields


_PLACES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "char_location": (
        "documentChar",
        {"documentIndex": "document_index", "start": "start_char_index", "end": "end_char_index"},
    ),
    "page_location": (
        "documentPage",
        {"documentIndex": "document_index", "start": "start_page_number", "end": "end_page_number"},
    ),
    "content_block_location": (
        "documentChunk",
        {"documentIndex": "document_index", "start": "start_block_index", "end": "end_block_index"},
    ),
    "search_result_location": (
        "searchResultLocation",
        {"searchResultIndex": "search_result_index", "start": "start_block_index", "end": "end_block_index"},
    ),
    "web_search_result_location": ("web", {"url": "url"}),
}
"""Where something stands, by their names: our name of such a place, and their names of its members."""


def _search_result(data: Mapping[str, Any]) -> dict[str, Any] | None:
    content, citations = _texts(data.get("content")), data.get("citations")
    source, title = data.get("source"), data.get("title")
    if content is None or not isinstance(source, str) or not isinstance(title, str):
        return None
    fields: dict[str, Any] = {"source": source, "title": title, "content": content}
    if is_object(citations) and isinstance(citations.get("enabled"), bool):
        fields["citations"] = {"enabled": citations["enabled"]}
    return {"searchResult": fields}


def _texts(blocks: object) -> list[dict[str, Any]] | None:
    """Give blocks of text in this API's form; None if there are others among them."""
    if isinstance(blocks, str):
        return [{"text": blocks}]
    if not is_list(blocks):
        return None
    texts: list[Any] = [each.get("text") if is_object(each) else None for each in blocks]
    return [{"text": text} for text in texts] if all(isinstance(text, str) for text in texts) else None
