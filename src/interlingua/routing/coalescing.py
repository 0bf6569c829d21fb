"""One call for several equal requests that run at the same time."""

import copy
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

import msgspec

from interlingua.routing.shared_answer import Listener, SharedAnswer
from interlingua.types import (
    Event,
    ModelOutput,
    ModelRequest,
    RouteStep,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
)

_Item = TypeVar("_Item")


class Coalescing:
    """Lets a request join an equal one that is under way; streams join streams, and whole answers whole answers.

    Of those who get an answer to its end, one is told that it was `answered`, and all others
    that they `joined`: so what it has used is counted once.
    """

    __slots__ = ("_streams", "_wholes")

    def __init__(self) -> None:
        self._streams: dict[bytes, SharedAnswer[Event]] = {}
        self._wholes: dict[bytes, SharedAnswer[ModelOutput]] = {}

    async def stream(
        self, request: ModelRequest, ask: Callable[[ModelRequest], AsyncGenerator[Event]]
    ) -> AsyncGenerator[Event]:
        """Give the stream that answers a request, from its beginning."""
        async with _joined(self._streams, identity_of(request), lambda: ask(request)) as listener:
            async for event in listener:
                yield _as_told(event if _is_plain(event) else copy.deepcopy(event), listener)

    async def generate(
        self, request: ModelRequest, ask: Callable[[ModelRequest], Awaitable[ModelOutput]]
    ) -> ModelOutput:
        """Give the whole answer to a request; each caller has an output of its own."""

        async def answer() -> AsyncGenerator[ModelOutput]:
            yield await ask(request)

        async with _joined(self._wholes, identity_of(request), answer) as listener:
            output = await anext(listener)
            if listener.is_alone:
                return output
            own = copy.deepcopy(output)
            if not listener.pays:
                own.route = _as_joined(own.route, listener)
            return own


def identity_of(request: ModelRequest) -> bytes | None:
    """Give what equal requests have in common, and no others; None where that cannot be told.

    Everything counts that may change the answer, the clocks or who may see it, the caller
    (`context.caller`) included; the names under which requests are traced do not.

    Example:
        >>> hello, there = (ModelRequest.build_request("m", "Hello", span_id=name) for name in "ab")
        >>> identity_of(hello) == identity_of(there)
        True

    """
    context = msgspec.structs.replace(request.context, span_id=None, request_id=None)
    traceless = msgspec.structs.replace(request, span_id=None, context=context)
    try:
        data = msgspec.msgpack.encode(traceless)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return hashlib.blake2b(data, digest_size=32).digest()


def _joined(
    running: dict[bytes, SharedAnswer[_Item]], identity: bytes | None, ask: Callable[[], AsyncGenerator[_Item]]
) -> Listener[_Item]:
    """Join an answer that is under way, or begin one."""
    answer = running.get(identity) if identity is not None else None
    if answer is None:

        def close() -> None:
            if identity is not None and running.get(identity) is begun:
                del running[identity]

        answer = begun = SharedAnswer(ask(), closed=close)
        if identity is not None:
            running[identity] = answer
    return answer.listen()


def _is_plain(event: Event) -> bool:
    """Tell whether an event holds nothing that one caller could change for the others."""
    if isinstance(event, TextDelta):
        return event.logprobs is None and event.extensions is None
    return isinstance(event, ThinkingDelta) and not event.extensions


def _as_told(event: Event, listener: Listener[Event]) -> Event:
    """Say of an event who the answer counts for; at its beginning that is whoever began it."""
    if isinstance(event, StreamStart):
        joined = listener.joined
    elif isinstance(event, StreamEnd):
        joined = not listener.pays
    else:
        return event
    return msgspec.structs.replace(event, route=_as_joined(event.route, listener)) if joined else event


def _as_joined(route: tuple[RouteStep, ...], listener: Listener[_Item]) -> tuple[RouteStep, ...]:
    return (*route[:-1], RouteStep(route[-1].target, "joined", "", listener.waited or 0.0)) if route else route
