"""Passing bytes between a caller and a provider that speak the same wire."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from interlingua.errors import Error, StreamInterrupted
from interlingua.gateway.doors.alignment import EventAligner
from interlingua.gateway.doors.headers import (
    forwarded_headers,
    forwarded_path,
    passing_headers,
    warning_headers,
)
from interlingua.gateway.doors.pulse import Pulse
from interlingua.gateway.doors.streaming import StreamedAnswer
from interlingua.gateway.doors.upstream import check_answer, checked_events
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.providers.contract import RelayingProvider
from interlingua.transport.contract import HTTPResponse
from interlingua.types import ModelRequest
from interlingua.wires.contract import RelayedWire, StreamWatch
from interlingua.wires.framing import SERVER_SENT_EVENTS

_END_SECONDS = 0.05


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
    model: str,
    onlooker: Onlooker | None = None,
) -> None:
    """Answer whole with what the provider answers."""
    request = exchange.request
    response = await provider.relay(
        forwarded_path(wire.path(model, stream=False), request, wire.name),
        body,
        wire=wire.name,
        model=model,
        headers=forwarded_headers(request, wire.name),
    )
    async with response:
        answer = await response.read()
    check_answer(wire, answer)
    if onlooker is not None:
        onlooker.whole(answer)
    exchange.answer(200, (JSON, *passing_headers(response), *warning_headers(provider.notices(model))), answer)


async def relay_stream(
    exchange: Exchange,
    wire: RelayedWire,
    provider: RelayingProvider,
    body: bytes,
    *,
    model: str,
    keep_alive: float,
    onlooker: Onlooker | None = None,
) -> None:
    """Answer with the provider's stream as it comes."""
    request = exchange.request

    def tell(error: Error) -> bytes:
        return wire.stream_renderer(ModelRequest(model, [])).render_error(error)

    answer = StreamedAnswer(exchange, wire.framing, tell)
    with Pulse(exchange, keep_alive, wire.framing.keep_alive, answer.begin):
        response = await provider.relay(
            forwarded_path(wire.path(model, stream=True), request, wire.name),
            body,
            wire=wire.name,
            model=model,
            headers=forwarded_headers(request, wire.name),
        )
        async with response:
            await _pass_events(exchange, answer, wire, response, provider=provider, model=model, onlooker=onlooker)


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

    Nothing is sent before the first event, so that a reply which begins with an error
    still becomes a status of its own.
    """
    aligner = EventAligner(wire.framing.ends)
    watch = wire.stream_watch()
    first = b"data:" if wire.framing is SERVER_SENT_EVENTS else b"{"
    held = b""
    headers = [*passing_headers(response), *warning_headers(provider.notices(model))]
    chunks = await checked_events(wire, response, provider.name)
    async for chunk in chunks:
        data = aligner.feed(chunk)
        if not data:
            continue
        ended = watch.feed(data)
        if onlooker is not None:
            onlooker.piece(data)
        if exchange.status == 0:
            held += data
            if first not in held:
                continue
            if watch.error is not None:
                raise watch.error
            answer.begin(headers)
            data, held = held, b""
        exchange.write(data)
        if exchange.congested:
            await exchange.drain()
        if ended:
            exchange.end()
            await _finish_reading(chunks)
            return
    rest = aligner.rest()
    watch.feed(rest)
    if exchange.status == 0 and watch.finished and watch.error is None:  # a single event, and no end of it
        answer.begin(headers)
    _end_unmarked(exchange, held + rest, watch)


def _end_unmarked(exchange: Exchange, rest: bytes, watch: StreamWatch) -> None:
    """End a stream whose provider closed it without the usual end mark.

    Raises:
        StreamInterrupted: it was not whole.

    """
    if not watch.finished:
        raise StreamInterrupted("The provider's stream ended before the answer was whole.")
    if watch.error is not None and exchange.status == 0:
        raise watch.error
    exchange.write(rest)
    exchange.end(close=watch.error is not None)


async def _finish_reading(chunks: AsyncIterator[bytes]) -> None:
    """Read to the end of a body whose answer is over, so that its connection can be used again; not for long."""
    with contextlib.suppress(TimeoutError, Error):
        async with asyncio.timeout(_END_SECONDS):
            async for _ in chunks:
                continue
