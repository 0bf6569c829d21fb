"""POST /v1/chat/completions: bytes that pass where the provider speaks this wire too, translation where not."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from interlingua.client.llm_client import merged_request
from interlingua.errors import Error, NoSuchModel, StreamInterrupted
from interlingua.gateway.doors.alignment import EventAligner
from interlingua.gateway.doors.pulse import Pulse
from interlingua.gateway.doors.upstream import check_answer, checked_events, passing_headers
from interlingua.gateway.exchange import Exchange, Headers
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Resolver, Target, relaying
from interlingua.providers.contract import RelayingProvider
from interlingua.transport.contract import HTTPResponse
from interlingua.types import Adaptation, ModelRequest, StreamEnd, StreamStart
from interlingua.wires import chat_completions as wire
from interlingua.wires.chat_completions.relay import StreamWatch

PATH = "/chat/completions"
"""Where the operation is, below a provider's base URL."""

_EVENT_STREAM: tuple[tuple[bytes, bytes], ...] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)
_END_MARK = b"data: [DONE]\n\n"
_END_SECONDS = 0.05
_LONGEST_HEADER = 2048


class ChatCompletionsDoor:
    """Answers chat completions, streamed and not.

    Where the provider speaks the same wire, only the model's name is replaced on the
    way there and nothing on the way back. Otherwise the request is read, asked of the
    provider in the neutral language, and its answer written; what had to be changed is
    named in `x-interlingua-warnings`.
    """

    def __init__(self, resolver: Resolver, *, keep_alive: float) -> None:
        self._resolver = resolver
        self._keep_alive = keep_alive

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request.

        Raises:
            Error: it failed; what has been sent until then says how it can be told.

        """
        body = exchange.request.body
        head = wire.read_head(body)
        exchange.model = head.model
        target = self._find(head.model)
        provider = relaying(target.provider, wire.name) if target.defaults is None else None
        if provider is not None:
            replaced = head.with_model(body, target.model)
            if head.stream:
                await self._relay_stream(exchange, provider, replaced, target.model)
            else:
                await _relay_answer(exchange, provider, replaced, target.model)
            return
        request = wire.parse_request(body)
        if target.defaults is not None:
            request = merged_request(request, target.defaults)
        request.model = target.model
        if head.stream:
            await self._translate_stream(exchange, target, request)
        else:
            await _translate_answer(exchange, target, request)

    def _find(self, model: str | None) -> Target:
        try:
            return self._resolver.resolve(model)
        except NoSuchModel as error:
            error.code = error.code or "model_not_found"
            error.param = error.param or "model"
            raise

    async def _relay_stream(self, exchange: Exchange, provider: RelayingProvider, body: bytes, model: str) -> None:
        begin = functools.partial(_begin_stream, exchange)
        with Pulse(exchange, self._keep_alive, begin):
            response = await provider.relay(PATH, body, wire=wire.name, model=model)
            async with response:
                await _pass_events(exchange, response, provider.name)

    async def _translate_stream(self, exchange: Exchange, target: Target, request: ModelRequest) -> None:
        renderer = wire.stream_renderer(request)
        begin = functools.partial(_begin_stream, exchange)
        held = b""
        headers: Headers = ()
        ended = False
        with Pulse(exchange, self._keep_alive, begin):
            async with aclosing(target.provider.stream(request)) as events:
                async for event in events:
                    data = renderer.render(event)
                    if exchange.sent == 0 and type(event) is StreamStart:
                        headers = _adaptation_headers(target, event.warnings)
                        held += data
                        continue
                    if exchange.status == 0:
                        _begin_stream(exchange, headers)
                    exchange.write(held + data if held else data)
                    held = b""
                    if exchange.congested:
                        await exchange.drain()
                    ended = type(event) is StreamEnd
        if not ended:
            raise StreamInterrupted("The stream ended before the answer was whole.")
        exchange.end()


def _begin_stream(exchange: Exchange, headers: Headers = ()) -> None:
    """Commit to a stream: from here on a failure is told in it."""
    exchange.start(200, (*_EVENT_STREAM, *headers))
    exchange.in_band = _error_event


def _error_event(error: Error) -> bytes:
    return b"data: " + wire.render_error(error) + b"\n\n"


async def _relay_answer(exchange: Exchange, provider: RelayingProvider, body: bytes, model: str) -> None:
    response = await provider.relay(PATH, body, wire=wire.name, model=model)
    async with response:
        answer = await response.read()
    check_answer(wire, answer)
    exchange.answer(200, (JSON, *passing_headers(response)), answer)


async def _pass_events(exchange: Exchange, response: HTTPResponse, provider: str) -> None:
    """Pass a streamed reply on as it comes, an event at the least, and see that it ends well.

    Nothing is sent before the first event, so that a reply which begins with an error
    still becomes a status of its own.
    """
    aligner = EventAligner()
    watch = StreamWatch()
    held = b""
    chunks = await checked_events(wire, response, provider)
    async for chunk in chunks:
        data = aligner.feed(chunk)
        if not data:
            continue
        watch.feed(data)
        if exchange.status == 0:
            held += data
            if b"data:" not in held:
                continue
            if watch.error is not None:
                raise watch.error
            _begin_stream(exchange, passing_headers(response))
            data, held = held, b""
        exchange.write(data)
        if exchange.congested:
            await exchange.drain()
        if data.endswith(_END_MARK):
            exchange.end()
            await _finish_reading(chunks)
            return
    _end_unmarked(exchange, aligner.rest(), watch)


def _end_unmarked(exchange: Exchange, rest: bytes, watch: StreamWatch) -> None:
    """End a stream whose provider closed it without the usual end mark.

    Raises:
        StreamInterrupted: it was not whole.

    """
    watch.feed(rest)
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


async def _translate_answer(exchange: Exchange, target: Target, request: ModelRequest) -> None:
    output = await target.provider.generate(request)
    exchange.answer(200, (JSON, *_adaptation_headers(target, output.warnings)), wire.render_response(output))


def _adaptation_headers(target: Target, warnings: Sequence[Adaptation]) -> list[tuple[bytes, bytes]]:
    """Say which model answered, and what was changed on the way to it."""
    headers = [(b"x-interlingua-model", _header_text(f"{target.provider.name}/{target.model}"))]
    if warnings:
        headers.append((b"x-interlingua-warnings", _header_text(", ".join(map(str, warnings)))))
    return headers


def _header_text(text: str) -> bytes:
    """Write a text as a header's value, whatever it holds."""
    shown = "".join(character if " " <= character <= "~" else "?" for character in text[:_LONGEST_HEADER])
    return shown.encode("ascii")
