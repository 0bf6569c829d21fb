"""What a provider on another host does beside answering: embeddings and rerank."""

import importlib
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Final, TypeAlias, TypeVar, cast

import msgspec

from interlingua.errors import Error, ProtocolError, Unsupported
from interlingua.providers.contract import Service
from interlingua.providers.endpoint import Endpoint
from interlingua.providers.row import EmbeddingService, RerankService
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest
from interlingua.wires.contract import EmbeddingWire, RenderedRequest, RerankWire, ServiceWire
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, RERANK_SPECIFICATION

_IMPLIED: Final = {"chat_completions": "embeddings", "generate_content": "generate_content", "ollama": "ollama"}
"""The wire in which the speakers of a wire are asked for embeddings, unless their row says otherwise."""


class Served(msgspec.Struct, frozen=True):
    """A service's wire, and where it is asked for."""

    wire: ServiceWire
    endpoint: Endpoint


Send: TypeAlias = Callable[[Served, RenderedRequest, EmbeddingRequest | RerankRequest], Awaitable[bytes]]
"""Sends a request and gives the body of the reply."""

_Request = TypeVar("_Request", EmbeddingRequest, RerankRequest)


class Services:
    """The services of one provider, as far as its row says or its wire implies."""

    def __init__(self, endpoint: Endpoint, send: Send, *, name: str) -> None:
        self._endpoint = endpoint
        self._send = send
        self._name = name

    @cached_property
    def _embeddings(self) -> Served | None:
        given = self._endpoint.row.embeddings
        wire = given.wire if given is not None else _IMPLIED.get(self._endpoint.row.wire)
        if wire is None:
            return None
        where = given or EmbeddingService()
        endpoint = self._endpoint.serving(base_url=where.base_url, path=where.path)
        return Served(_module(wire), endpoint) if endpoint is not None else None

    @cached_property
    def _rerank(self) -> Served | None:
        given = self._endpoint.row.rerank
        if given is None:
            return None
        endpoint = self._endpoint.serving(base_url=given.base_url, path=given.path)
        return Served(_module("rerank"), endpoint) if endpoint is not None else None

    def passing(self, service: Service, wire: str) -> Served | None:
        """Give a service if it takes bytes of the wire of that name as they are, else None.

        One with a dialect has other names for what callers of that wire say.
        """
        row = self._endpoint.row
        if service == "embeddings":
            served, is_plain = (
                self._embeddings,
                (row.embeddings or EmbeddingService()).dialect == EMBEDDING_SPECIFICATION,
            )
        else:
            served, is_plain = self._rerank, (row.rerank or RerankService()).dialect == RERANK_SPECIFICATION
        return served if is_plain and served is not None and served.wire.name == wire else None

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        """Give the vectors of all inputs; see `EmbeddingProvider`."""
        served = self._embeddings
        if served is None:
            raise Unsupported("embeddings", model=request.model, remedy=f"{self._name} has none.")
        wire, given = cast("EmbeddingWire", served.wire), self._endpoint.row.embeddings
        asked = self._renamed(request, served)
        rendered = (
            wire.render_embedding_request(asked)
            if given is None
            else wire.render_embedding_request(asked, dialect=given.dialect)
        )
        body = await self._send(served, rendered, asked)
        try:
            output = wire.parse_embeddings(body)
            if len(output.embeddings) != len(request.inputs):
                told = f"{len(request.inputs)} vectors were asked for, and {len(output.embeddings)} came."
                raise ProtocolError(told, body=body)
        except Error as error:
            raise self._signed(error, request.model) from error.__cause__
        output.provider, output.model = self._name, output.model or request.model
        output.warnings = (*rendered.warnings, *output.warnings)
        return output

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        """Sort the documents; see `RerankProvider`."""
        served, given = self._rerank, self._endpoint.row.rerank
        if served is None or given is None:
            remedy = f"{self._name} is not known to sort documents; if it does, set `rerank = {{}}` in its table."
            raise Unsupported("rerank", model=request.model, remedy=remedy)
        wire = cast("RerankWire", served.wire)
        asked = self._renamed(request, served)
        rendered = wire.render_rerank_request(asked, dialect=given.dialect)
        body = await self._send(served, rendered, asked)
        try:
            output = wire.parse_ranking(body)
            if any(each.index >= len(request.documents) for each in output.results):
                raise ProtocolError("the reply has a place that no document has.", body=body)
        except Error as error:
            raise self._signed(error, request.model) from error.__cause__
        if request.return_documents:
            for each in output.results:
                each.document = each.document or request.documents[each.index]
        output.provider, output.model = self._name, output.model or request.model
        output.warnings = (*rendered.warnings, *output.warnings)
        return output

    def _renamed(self, request: _Request, served: Served) -> _Request:
        """Give the request with the model's name at the endpoint."""
        model = served.endpoint.model_name(request.model)
        return request if model == request.model else msgspec.structs.replace(request, model=model)

    def _signed(self, error: Error, model: str) -> Error:
        error.provider, error.model = error.provider or self._name, error.model or model
        return error


def _module(name: str) -> ServiceWire:
    return cast("ServiceWire", importlib.import_module(f"interlingua.wires.{name}"))
