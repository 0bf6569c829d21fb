"""Embeddings and rerank: bytes that pass where the provider speaks the wire too, translation where not."""

import asyncio
from collections.abc import Callable
from typing import Final

from interlingua.catalog import count_tokens
from interlingua.errors import Error, ProviderError, Unsupported
from interlingua.gateway.doors.generation import find
from interlingua.gateway.doors.headers import adaptation_headers, is_strict, passing_headers, warning_headers
from interlingua.gateway.doors.translation import target_name
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Resolver, Target, embedding, relaying, reranking
from interlingua.providers.contract import RelayingProvider, Service
from interlingua.types import Adaptation, EmbeddingRequest, TextPart, Usage
from interlingua.wires.contract import RelayedEmbeddingWire, RenderedRequest, RerankWire
from interlingua.wires.request_head import RequestHead

_BEGINNING: Final = 1024
"""How far into a reply one looks for an error, in bytes."""


class EmbeddingDoor:
    """Answers requests for vectors in one wire.

    With `relays` the bytes pass where the provider speaks it too; an older form of an
    operation, which is answered in another form, does not. With `counts` an answer has to
    tell the tokens, which are estimated where the provider does not tell them.
    """

    def __init__(
        self, resolver: Resolver, wire: RelayedEmbeddingWire, *, relays: bool = True, counts: bool = False
    ) -> None:
        self._resolver = resolver
        self._wire = wire
        self._relays = relays
        self._counts = counts

    async def handle(self, exchange: Exchange) -> None:
        """Answer a request whose body names the model.

        Raises:
            Error: it could not be answered.

        """
        await self.answer(exchange)

    async def answer(self, exchange: Exchange, *, model: str | None = None) -> None:
        """Answer a request; `model` is given where the wire has it in the address.

        Raises:
            Error: it could not be answered.

        """
        wire, body = self._wire, exchange.request.body
        head = wire.read_head(body, model=model)
        target = _found(self._resolver, exchange, head)
        passing = _passing(target, wire.name, "embeddings") if self._relays else None
        if passing is not None:
            relayed = wire.relayed_embedding_request(body, head=head, model=target.model)
            given = {"wire": wire.name, "model": target.model}
            await _pass(exchange, passing, relayed, service="embeddings", read=wire.parse_embeddings, **given)
            return
        request = wire.parse_embedding_request(body, model=model)
        request.model = target.model
        request.strict = is_strict(exchange.request)
        provider = embedding(target.provider)
        if provider is None:
            raise Unsupported("embeddings", model=target.name, remedy=f"{target.provider.name} has none.")
        try:
            output = await provider.embed(request)
        except ProviderError as error:
            raise _retold(error) from error.__cause__
        warnings = [*output.warnings]
        if output.usage is None and self._counts:
            output.usage = await asyncio.to_thread(_estimated, request)
            warnings.append(Adaptation("estimated", "usage", "counted offline"))
        headers = adaptation_headers(target_name(target), warnings)
        exchange.answer(200, (JSON, *headers), wire.render_embeddings(output, request=request))


class RerankDoor:
    """Answers requests to sort documents."""

    def __init__(self, resolver: Resolver, wire: RerankWire) -> None:
        self._resolver = resolver
        self._wire = wire

    async def handle(self, exchange: Exchange) -> None:
        """Answer a request.

        Raises:
            Error: it could not be answered.

        """
        wire, body = self._wire, exchange.request.body
        head = wire.read_head(body)
        target = _found(self._resolver, exchange, head)
        passing = _passing(target, wire.name, "rerank")
        if passing is not None:
            relayed = RenderedRequest(wire.rerank_path(target.model), head.with_model(body, target.model))
            given = {"wire": wire.name, "model": target.model}
            await _pass(exchange, passing, relayed, service="rerank", read=wire.parse_ranking, **given)
            return
        request = wire.parse_rerank_request(body)
        request.model = target.model
        request.strict = is_strict(exchange.request)
        provider = reranking(target.provider)
        if provider is None:
            raise Unsupported("rerank", model=target.name, remedy=f"{target.provider.name} sorts no documents.")
        try:
            output = await provider.rerank(request)
        except ProviderError as error:
            raise _retold(error) from error.__cause__
        headers = adaptation_headers(target_name(target), output.warnings)
        exchange.answer(200, (JSON, *headers), wire.render_ranking(output, request=request))


def _estimated(request: EmbeddingRequest) -> Usage:
    """Estimate the tokens of a request's texts, offline; images and sound count nothing."""
    tokens = 0
    for given in request.inputs:
        for each in [given] if isinstance(given, str) else given:
            text = each.text if isinstance(each, TextPart) else each
            tokens += int(count_tokens(text, model=request.model)) if isinstance(text, str) else isinstance(text, int)
    return Usage(input_tokens=tokens, estimated=True)


def _found(resolver: Resolver, exchange: Exchange, head: RequestHead) -> Target:
    exchange.model = head.model
    return find(resolver, head.model)


def _passing(target: Target, wire: str, service: Service) -> RelayingProvider | None:
    """Give the provider that takes a request's bytes as they are, or None."""
    return relaying(target.provider, wire, service=service) if target.defaults is None else None


async def _pass(
    exchange: Exchange,
    provider: RelayingProvider,
    relayed: RenderedRequest,
    *,
    wire: str,
    service: Service,
    model: str,
    read: Callable[[bytes], object],
) -> None:
    """Pass a request's bytes on, and the reply's back; `read` says what a reply is that looks like no answer."""
    response = await provider.relay(relayed.path, relayed.body, wire=wire, service=service, model=model)
    async with response:
        answer = await response.read()
    if answer.lstrip()[:1] != b"{" or b'"error"' in answer[:_BEGINNING]:
        read(answer)
    exchange.answer(200, (JSON, *passing_headers(response), *warning_headers(provider.notices(model))), answer)


def _retold(error: Error) -> Error:
    """Let a failure of another wire be told in the caller's own words."""
    error.body = None
    return error
