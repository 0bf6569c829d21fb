"""Requests to sort documents, both ways.

Facts: docs.cohere.com/v2/reference/rerank, jina.ai/reranker, docs.voyageai.com/reference/reranker-api (2026-11-25).
"""

from typing import Any, Final

from interlingua.types import Adaptation
from interlingua.types.ranking import RerankRequest
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import RERANK_SPECIFICATION, RerankDialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.outgoing import finished
from interlingua.wires.unary import needed, taken

WIRE: Final = "rerank"
PATH: Final = "/rerank"

_TOPS: Final = ("top_n", "top_k")
_TRUNCATES: Final = ("truncation", "truncate")


def rerank_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model
    return PATH


def render_rerank_request(request: RerankRequest, *, dialect: RerankDialect = RERANK_SPECIFICATION) -> RenderedRequest:
    """Write a request.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {"model": request.model, "query": request.query, "documents": request.documents}
    if request.top is not None:
        body[dialect.top_field] = request.top
    if request.return_documents is not None and dialect.return_documents:
        body["return_documents"] = request.return_documents
    if request.truncate is not None:
        if dialect.truncate_field is not None:
            body[dialect.truncate_field] = request.truncate
        else:
            dropped.append(Adaptation("dropped", "truncate", "the provider decides itself"))
    body |= {name: value for name, value in (request.extensions.get(WIRE) or {}).items() if name not in body}
    dropped += foreign_fields(request.extensions, WIRE)
    return finished(request, body, dropped, path=PATH, wire=WIRE, protected=("model", "query", "documents"))


def parse_rerank_request(body: bytes, *, model: str | None = None) -> RerankRequest:
    """Read a request; a document may be an object with a `text`.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model
    fields = read_object(body)
    name, query, given = needed(fields, "model"), needed(fields, "query"), fields.pop("documents", None)
    if not is_list(given):
        raise malformed("documents", "a list of texts")
    request = RerankRequest(model=name, query=query, documents=[_text(each, n) for n, each in enumerate(given)])
    for field in _TOPS:
        top = taken(fields, field, int)
        if top is not None:
            if top < 1:
                raise malformed(field, "1 or more")
            request.top = top
    request.return_documents = taken(fields, "return_documents", bool)
    for field in _TRUNCATES:
        if isinstance(fields.get(field), bool):
            request.truncate = fields.pop(field)
    if fields:
        request.extensions = {WIRE: fields}
    return request


def _text(document: object, index: int) -> str:
    text = document.get("text") if is_object(document) else document
    if not isinstance(text, str):
        raise malformed(f"documents[{index}]", "a text, or an object with a `text`")
    return text
