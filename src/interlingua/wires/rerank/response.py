"""Sorted documents, both ways; see `rerank.request` for the sources."""

from typing import Any, Final

import msgspec

from interlingua.errors import ProtocolError
from interlingua.types import Usage
from interlingua.types.ranking import RankedDocument, RerankOutput, RerankRequest
from interlingua.types.shape import is_object
from interlingua.wires.unary import count_of, read_list, read_reply

WIRE: Final = "rerank"
_KNOWN: Final = ("id", "model", "results", "data", "usage", "meta", "object")

_encode = msgspec.json.Encoder().encode


def parse_ranking(body: bytes) -> RerankOutput:
    """Read a reply, the most relevant document first; Voyage has `data` where others have `results`.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is something else.

    """
    fields = read_reply(body)
    given = read_list(fields, "results" if "results" in fields else "data", body)
    results = [_read_result(each, body) for each in given]
    results.sort(key=lambda each: each.score, reverse=True)
    name, identity, meta = fields.get("model"), fields.get("id"), fields.get("meta")
    rest = {field: value for field, value in fields.items() if field not in _KNOWN}
    if meta is not None:
        rest["meta"] = meta
    return RerankOutput(
        results=results,
        model=name if isinstance(name, str) else None,
        id=identity if isinstance(identity, str) else None,
        usage=_read_usage(fields.get("usage")),
        search_units=_search_units(meta),
        extensions={WIRE: rest} if rest else {},
        raw=body,
    )


def render_ranking(output: RerankOutput, *, request: RerankRequest) -> bytes:
    """Write a reply as Cohere has it, with the model and the usage that Jina tells beside.

    Fields of this wire that nobody knows come back where they stood.
    """
    results: list[dict[str, Any]] = []
    for each in output.results:
        result: dict[str, Any] = {"index": each.index, "relevance_score": each.score}
        if request.return_documents:
            text = each.document if each.document is not None else request.documents[each.index]
            result["document"] = {"text": text}
        results.append({**(each.extensions.get(WIRE) or {}), **result})
    body: dict[str, Any] = {"id": output.id or "rerank", "model": output.model or request.model, "results": results}
    if output.usage is not None:
        body["usage"] = {"prompt_tokens": output.usage.prompt_tokens, "total_tokens": output.usage.total_tokens}
    units = {} if output.search_units is None else {"billed_units": {"search_units": output.search_units}}
    body["meta"] = {"api_version": {"version": "2"}, **units}
    return _encode({**body, **(output.extensions.get(WIRE) or {})})


def _read_result(item: object, body: bytes) -> RankedDocument:
    unread = ProtocolError("the reply has no `index` and `relevance_score` where they should be.", body=body)
    if not is_object(item):
        raise unread
    index, score = item.get("index"), item.get("relevance_score", item.get("score"))
    if type(index) is not int or index < 0 or not isinstance(score, int | float) or isinstance(score, bool):
        raise unread
    document = item.get("document")
    text = document.get("text") if is_object(document) else document
    rest = {name: value for name, value in item.items() if name not in ("index", "relevance_score", "document")}
    return RankedDocument(
        index=index,
        score=float(score),
        document=text if isinstance(text, str) else None,
        extensions={WIRE: rest} if rest else {},
    )


def _read_usage(fields: object) -> Usage | None:
    if not is_object(fields):
        return None
    total = count_of(fields.get("total_tokens")) or count_of(fields.get("prompt_tokens"))
    return Usage(input_tokens=total)


def _search_units(meta: object) -> float | None:
    billed = meta.get("billed_units") if is_object(meta) else None
    units = billed.get("search_units") if is_object(billed) else None
    return float(units) if isinstance(units, int | float) else None
