"""Requests for embeddings and rerank, built from whatever is at hand."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast, get_args, get_type_hints

import msgspec

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.providers.contract import EmbeddingProvider, Provider, RerankProvider
from interlingua.types.embedding import EmbeddingInput, EmbeddingRequest
from interlingua.types.part import Part
from interlingua.types.ranking import RerankRequest
from interlingua.types.shape import is_list
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
    given = [_read_input(each, place) for place, each in enumerate([inputs] if isinstance(inputs, str) else inputs)]
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
    for place, each in enumerate(documents):
        if not isinstance(each, str):  # pyright: ignore[reportUnnecessaryIsInstance] - of users without a type checker
            raise InvalidRequest(f"documents[{place}] must be a text.", param=f"documents[{place}]")
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
    kinds = get_type_hints(type(request))
    for name, value in options.items():
        if name not in kinds:
            near = nearest(name, kinds)
            hint = f" did you mean {near!r}?" if near else " put what only one provider knows into `extra_body`."
            raise InvalidRequest(f"such a request has no field {name!r};{hint}", param=name)
        if value is not None:
            try:
                setattr(request, name, msgspec.convert(value, kinds[name]))
            except msgspec.ValidationError as error:
                raise InvalidRequest(f"{name} is not valid: {error}.", param=name) from error
    return request


def _read_input(given: object, place: int) -> EmbeddingInput:
    if isinstance(given, str):
        return given
    if is_list(given) and given and (all(type(each) is int for each in given) or all(map(_is_part, given))):
        return list(given)
    raise InvalidRequest(
        f"inputs[{place}] must be a text, a list of tokens, or a list of parts.", param=f"inputs[{place}]"
    )


def _is_part(value: object) -> bool:
    return isinstance(value, get_args(Part))
