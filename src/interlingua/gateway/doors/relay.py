"""Passing bytes between a caller and a provider that speak the same wire."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from interlingua.errors import Error, StreamInterrupted
from interlingua.gateway.doors.attempt import Attempt
from interlingua.gateway.doors.headers import (
    forwarded_headers,
    forwarded_path,
    passing_headers,
    warning_headers,
)
from interlingua.gateway.doors.pulse import Pulse
from interlingua.gateway.doors.streaming import StreamedAnswer
from interlingua.gateway.doors.upstream import checked_answer, checked_events
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.providers.contract import RelayingProvider
from interlingua.transport.contract import HTTPResponse
from interlingua.types import ModelRequest
from interlingua.wires.contract import RelayedWire, StreamWatch

_END_SECONDS = 0.05
_HELD = 64 * 1024
"""Bytes that are held back at most, while none of them says anything."""


class Onlooker(Protocol):
    """Sees what passes, and changes nothing."""

    def whole(self, body: bytes) -> None:
        """See a whole answer."""
        ...

    def piece(self, data: bytes) -> None:
        """See the next events of a streamed one."""
        ...


async def relay_answer(
    exchange: Exchange,
    wire: RelayedWire,
    provider: RelayingProvider,
    body: bytes,
    *,
    attempt: Attempt,
    onlooker: Onlooker | None = None,
) -> None:
    """Answer whole with what the provider answers."""
    request, model = exchange.request, attempt.target.model
    response = await provider.relay(
        forwarded_path(wire.path(model, stream=False), request, wire.name),
        body,
        wire=wire.name,
        model=model,
        headers=forwarded_headers(request, wire.name),
        timeouts=attempt.timeouts,
    )
    async with response:
        answer = checked_answer(wire, await response.read())
    if onlooker is not None:
        onlooker.whole(answer)
    attempt.commit()
    told = (*passing_headers(response), *warning_headers(provider.notices(model)), *attempt.headers)
    exchange.answer(200, (JSON, *told), answer)


async def relay_stream(
    exchange: Exchange,
    wire: RelayedWire,
    provider: RelayingProvider,
    body: bytes,
    *,
    attempt: Attempt,
    keep_alive: float,
    onlooker: Onlooker | None = None,
) -> None:
    """Answer with the provider's stream as it comes."""
    request, model = exchange.request, attempt.target.model

    def tell(error: Error) -> bytes:
        return wire.stream_renderer(ModelRequest(model, [])).render_error(error)

    answer = StreamedAnswer(exchange, wire.framing, tell, attempt)
    with Pulse(exchange, keep_alive, wire.framing.keep_alive, answer.keep_open):
        response = await provider.relay(
            forwarded_path(wire.path(model, stream=True), request, wire.name),
            body,
            wire=wire.name,
            model=model,
            headers=forwarded_headers(request, wire.name),
            timeouts=attempt.timeouts,
        )
        response.follow_contents()
        try:
            async with response:
                await _pass_events(exchange, answer, wire, response, provider=provider, model=model, onlooker=onlooker)
        except Error as error:
            error.provider = error.provider or provider.name
            error.model = error.model or model
            raise


async def _pass_events(
    exchange: Exchange,
    answer: StreamedAnswer,
    wire: RelayedWire,
    response: HTTPResponse,
    *,
    provider: RelayingProvider,
    model: str,
    onlooker: Onlooker | None,
) -> None:
    """Pass a streamed reply on as it comes, an event at the least, and see that it ends well.

    Nothing is sent before the first event that says something, so that a reply which begins
    with an error, or with nothing but announcements, still becomes a status of its own.
    """
    watch = wire.stream_watch()
    said = False
    headers = [*passing_headers(response), *warning_headers(provider.notices(model))]
    chunks = await checked_events(wire, response, provider.name)
    async for chunk in chunks:
        data = watch.feed(chunk)
        if watch.said:
            said = True
            response.heard()
        if data and onlooker is not None:
            onlooker.piece(data)
        if not answer.committed:
            fault = watch.failure or watch.error
            if fault is not None:
                raise fault
            answer.held += data
            if not answer.held or not (said or watch.ended or len(answer.held) >= _HELD):
                continue
            answer.commit(headers)
        elif data:
            exchange.write(data)
        if exchange.congested:
            await exchange.drain()
            if said:
                response.heard()
        if watch.failure is not None:
            raise watch.failure
        if watch.ended:
            _end(exchange, watch)
            await _finish_reading(chunks)
            return
    rest = watch.close()
    if not watch.finished:
        raise StreamInterrupted("The provider's stream ended before the answer was whole.")
    if not answer.committed:
        if watch.error is not None:
            raise watch.error
        answer.commit(headers)  # a single event, and no end of it
    exchange.write(rest)
    _end(exchange, watch)


def _end(exchange: Exchange, watch: StreamWatch) -> None:
    """End an answer that is whole, or whose last event is an error.

    Raises:
        ProviderError: it is, and has been passed on.

    """
    exchange.end(close=watch.error is not None)
    if watch.error is not None:
        raise watch.error


async def _finish_reading(chunks: AsyncIterator[bytes]) -> None:
    """Read to the end of a body whose answer is over, so that its connection can be used again; not for long."""
    with contextlib.suppress(TimeoutError, Error):
        async with asyncio.timeout(_END_SECONDS):
            async for _ in chunks:
                continue
