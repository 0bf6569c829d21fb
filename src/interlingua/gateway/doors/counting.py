"""How many tokens a request has: the provider's own word where it has one, an estimate where not."""

import asyncio
from typing import cast

import msgspec

from interlingua.catalog import count_message_tokens, count_tokens
from interlingua.errors import ProviderError
from interlingua.gateway.doors.generation import directed, find, passing
from interlingua.gateway.doors.headers import (
    adaptation_headers,
    forwarded_headers,
    forwarded_path,
    passing_headers,
)
from interlingua.gateway.doors.translation import forget_foreign_body, target_name
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Resolver, Target, counting
from interlingua.providers.contract import RelayingProvider
from interlingua.types import Adaptation, ModelRequest, Tool
from interlingua.types.tool import AnyTool
from interlingua.wires.contract import CountingWire, RelayedWire

_UNCOUNTED = (404, 405, 501)
"""Statuses of a provider that speaks the wire and has no such operation."""


class CountingDoor:
    """Counts the tokens of the requests of one wire.

    A provider of the same wire is asked with the caller's own bytes, any other that can
    count in its own words. Otherwise the tokens are estimated offline, which is said in
    `x-interlingua-warnings`.
    """

    def __init__(self, resolver: Resolver, wire: RelayedWire) -> None:
        self._resolver = resolver
        self._wire = wire
        self._counting = cast("CountingWire", wire)

    async def handle(self, exchange: Exchange) -> None:
        """Answer a question whose body names the model.

        Raises:
            Error: it could not be answered.

        """
        await self.answer(exchange)

    async def answer(self, exchange: Exchange, *, model: str | None = None) -> None:
        """Answer a question; `model` is given where the wire has it in the address.

        Raises:
            Error: it could not be answered.

        """
        wire, body = self._wire, exchange.request.body
        head = wire.read_head(body, model=model, stream=False)
        exchange.model = head.model
        target = find(self._resolver, head.model)
        provider = passing(target, wire, body)
        if provider is not None and await self._relayed(
            exchange, provider, head.with_model(body, target.model), target
        ):
            return
        request = self._counting.parse_count_request(body, model=model)
        request = directed(request, target, exchange.request, wire)
        counter = counting(target.provider)
        try:
            tokens = None if counter is None else await counter.count_tokens(request)
        except ProviderError as error:
            forget_foreign_body(error, wire, target)
            raise
        warnings: list[Adaptation] = []
        if tokens is None:
            tokens = await asyncio.to_thread(estimated_tokens, request, encoding=target.encoding)
            warnings.append(Adaptation("estimated", "input_tokens", "counted offline"))
        headers = adaptation_headers(target_name(target), warnings)
        exchange.answer(200, (JSON, *headers), self._counting.render_count(tokens))

    async def _relayed(self, exchange: Exchange, provider: RelayingProvider, body: bytes, target: Target) -> bool:
        """Ask a provider of the same wire; False if it has no such operation."""
        wire = self._wire
        try:
            response = await provider.relay(
                forwarded_path(self._counting.count_path(target.model), exchange.request, wire.name),
                body,
                wire=wire.name,
                model=target.model,
                headers=forwarded_headers(exchange.request, wire.name),
            )
        except ProviderError as error:
            if error.status in _UNCOUNTED:
                return False
            raise
        async with response:
            answer = await response.read()
        self._counting.parse_count(answer)
        exchange.answer(200, (JSON, *passing_headers(response)), answer)
        return True


def estimated_tokens(request: ModelRequest, *, encoding: str | None = None) -> int:
    """Estimate the tokens of a request's texts and tools, offline; images and sound count nothing.

    `encoding` is what they are counted with where it is not the model's usual one.
    """
    model = request.model
    texts = [
        (
            message.role,
            "".join([message.text, message.thinking, *(call.name + call.arguments for call in message.tool_calls)]),
        )
        for message in request.messages
    ]
    tools = [_tool_text(tool) for tool in request.tools or ()]
    counted = count_message_tokens(texts, model=model, encoding=encoding)
    return int(counted) + sum(count_tokens(tool, model=model, encoding=encoding) for tool in tools)


def _tool_text(tool: AnyTool) -> str:
    if not isinstance(tool, Tool):
        return msgspec.json.encode(tool.data).decode()
    schema = msgspec.json.encode(tool.parameters).decode() if tool.parameters else ""
    return f"{tool.name} {tool.description or ''} {schema}"
