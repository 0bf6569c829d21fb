"""Answering a caller of one wire with a provider of another, through the neutral language."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Protocol

import msgspec

from interlingua.errors import ProviderError, StreamInterrupted
from interlingua.gateway.authentication import caller_of
from interlingua.gateway.doors.attempt import Attempt
from interlingua.gateway.doors.headers import adaptation_headers, route_headers
from interlingua.gateway.doors.pulse import Pulse
from interlingua.gateway.doors.streaming import StreamedAnswer
from interlingua.gateway.exchange import Exchange, Headers
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Target, relaying
from interlingua.types import Adaptation, ModelOutput, ModelRequest, StreamEnd, StreamStart, is_content
from interlingua.types.route import RouteStep
from interlingua.wires.contract import StreamRenderer
from interlingua.wires.framing import Framing


class AnsweredWire(Protocol):
    """As much of a wire as it takes to answer in it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def framing(self) -> Framing:
        """How its streams are cut."""
        ...

    def render_response(self, output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
        """Write a whole answer."""
        ...

    def stream_renderer(self, request: ModelRequest) -> StreamRenderer:
        """Begin writing a streamed one."""
        ...


class Recorder(Protocol):
    """Gives a translated answer its own name, and keeps it."""

    id: str
    """What the answer is called."""

    async def whole(self, body: bytes) -> None:
        """Keep a whole answer before it is sent."""
        ...

    async def last(self, data: bytes) -> None:
        """Keep a streamed answer, given the bytes of its last event before they are sent."""
        ...


async def translate_answer(
    exchange: Exchange,
    wire: AnsweredWire,
    attempt: Attempt,
    request: ModelRequest,
    *,
    shown: ModelRequest | None = None,
    unsaid: Sequence[Adaptation] = (),
    recorder: Recorder | None = None,
) -> None:
    """Answer whole; `shown` is the request that the answer repeats, where it is not what the provider is asked.

    `unsaid` is what was lost before the request was one.
    """
    target = attempt.target
    _attribute(request, exchange, attempt)
    try:
        output = await target.provider.generate(request)
    except ProviderError as error:
        forget_foreign_body(error, wire, target)
        raise
    exchange.route = output.route or exchange.route
    if recorder is not None:
        output.id = recorder.id
    body = wire.render_response(output, request=shown or request)
    if recorder is not None:
        await recorder.whole(body)
    attempt.commit()
    told = adaptation_headers(answered_by(target, output.route), [*unsaid, *output.warnings])
    exchange.answer(200, (JSON, *told, *attempt.headers, *route_headers(output.route)), body)


async def translate_stream(
    exchange: Exchange,
    wire: AnsweredWire,
    attempt: Attempt,
    request: ModelRequest,
    *,
    keep_alive: float,
    shown: ModelRequest | None = None,
    unsaid: Sequence[Adaptation] = (),
    recorder: Recorder | None = None,
) -> None:
    """Answer as a stream; `shown` and `unsaid` are as for `translate_answer`."""
    target = attempt.target
    _attribute(request, exchange, attempt)
    renderer = wire.stream_renderer(shown or request)
    answer = StreamedAnswer(exchange, wire.framing, renderer.render_error, attempt)
    headers: Headers = ()
    ended = False
    with Pulse(exchange, keep_alive, wire.framing.keep_alive, answer.keep_open):
        try:
            async with aclosing(target.provider.stream(request)) as events:
                async for event in events:
                    if type(event) is StreamStart and recorder is not None:
                        event = msgspec.structs.replace(event, id=recorder.id)  # noqa: PLW2901
                    data = renderer.render(event)
                    if type(event) is StreamStart:
                        exchange.route = event.route or exchange.route
                        told = adaptation_headers(answered_by(target, event.route), [*unsaid, *event.warnings])
                        headers = (*told, *route_headers(event.route))
                    if type(event) is StreamEnd:
                        ended = True
                        exchange.route = event.route or exchange.route
                        if recorder is not None:
                            await recorder.last(answer.held + data)
                    if not answer.committed:
                        answer.held += data
                        if not is_content(event):
                            continue
                        answer.commit(headers)
                    else:
                        exchange.write(data)
                    if exchange.congested:
                        await exchange.drain()
        except ProviderError as error:
            forget_foreign_body(error, wire, target)
            raise
    if not ended:
        raise StreamInterrupted("The stream ended before the answer was whole.")
    exchange.end()


def _attribute(request: ModelRequest, exchange: Exchange, attempt: Attempt) -> None:
    """Note in a request the clocks of its attempt, and, where a route may share its answer, who asks."""
    request.timeouts = attempt.timeouts or request.timeouts
    if attempt.target.route is not None:
        request.context = msgspec.structs.replace(request.context, caller=caller_of(exchange.request.headers))


def target_name(target: Target) -> str:
    """Say who answers, as `provider/model`."""
    return f"{target.provider.name}/{target.model}"


def answered_by(target: Target, route: Sequence[RouteStep]) -> str:
    """Say who answered, whether it was chosen by the doors or behind them."""
    return route[-1].target if route else target_name(target)


def forget_foreign_body(error: ProviderError, wire: AnsweredWire, target: Target) -> None:
    """Let an error be told in the caller's wire where its own body is of another."""
    if relaying(target.provider, wire.name) is None:
        error.body = None
