"""Requests for embeddings and rerank, built from whatever is at hand."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import msgspec

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.providers.contract import EmbeddingProvider, Provider, RerankProvider
from interlingua.types.embedding import EmbeddingInput, EmbeddingRequest
from interlingua.types.ranking import RerankRequest
from interlingua.types.suggestion import nearest

Inputs: TypeAlias = str | Sequence[EmbeddingInput]
"""One text, or several inputs: texts, tokens, or parts."""

_Request = TypeVar("_Request", EmbeddingRequest, RerankRequest)


def read_embedding_request(
    model: str | EmbeddingRequest | None, inputs: Inputs | None, options: Mapping[str, Any]
) -> EmbeddingRequest:
    """Build a request for vectors.

    Raises:
        InvalidRequest: there are no inputs, or an option is unknown or of the wrong type.

    """
    if isinstance(model, EmbeddingRequest):
        return _as_it_is(model, inputs, options)
    if inputs is None or (not isinstance(inputs, str) and not inputs):
        raise InvalidRequest("there is nothing to embed: pass inputs.", param="inputs")
    given: list[EmbeddingInput] = [inputs] if isinstance(inputs, str) else list(inputs)
    return _built(EmbeddingRequest(model=model or "", inputs=given), options)


def read_rerank_request(
    model: str | RerankRequest | None,
    query: str | None,
    documents: Sequence[str] | None,
    options: Mapping[str, Any],
) -> RerankRequest:
    """Build a request to sort documents.

    Raises:
        InvalidRequest: there is no query or no list of documents, or an option is unknown or of the wrong type.

    """
    if isinstance(model, RerankRequest):
        return _as_it_is(model, query or documents, options)
    if query is None or documents is None or isinstance(documents, str):
        raise InvalidRequest("pass a query, and a list of documents.", param="query" if query is None else "documents")
    return _built(RerankRequest(model=model or "", query=query, documents=list(documents)), options)


def as_embedding(provider: Provider, model: str) -> EmbeddingProvider:
    """Give `provider` as one that has vectors.

    Raises:
        Unsupported: it has none.

    """
    if not hasattr(provider, "embed"):
        raise Unsupported("embeddings", model=model, remedy=f"{provider.name} has none.")
    return cast("EmbeddingProvider", provider)


def as_rerank(provider: Provider, model: str) -> RerankProvider:
    """Give `provider` as one that sorts documents.

    Raises:
        Unsupported: it sorts none.

    """
    if not hasattr(provider, "rerank"):
        raise Unsupported("rerank", model=model, remedy=f"{provider.name} sorts no documents.")
    return cast("RerankProvider", provider)


def _as_it_is(request: _Request, beside: object, options: Mapping[str, Any]) -> _Request:
    if beside is not None or any(value is not None for value in options.values()):
        raise InvalidRequest("the request already holds its inputs and options.", param="model")
    return request


def _built(request: _Request, options: Mapping[str, Any]) -> _Request:
    names = request.__struct_fields__
    for name, value in options.items():
        if name not in names:
            near = nearest(name, names)
            hint = f" did you mean {near!r}?" if near else " put what only one provider knows into `extra_body`."
            raise InvalidRequest(f"such a request has no field {name!r};{hint}", param=name)
        if value is not None:
            setattr(request, name, value)
    try:
        return msgspec.convert(msgspec.structs.asdict(request), type(request), from_attributes=True)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the request is not valid: {error}.") from error
