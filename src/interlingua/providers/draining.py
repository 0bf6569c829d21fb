"""Reading a reply on after its caller has left, for providers that bill all of it anyway."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextvars import ContextVar
from typing import Final, Literal, Protocol, Self, TypeAlias, TypeVar, cast

import msgspec

from interlingua.errors import Error
from interlingua.providers.gauge import Gauge
from interlingua.transport.contract import HTTPRequest, HTTPResponse, Transport
from interlingua.transport.response import StreamedResponse
from interlingua.types import Usage

_log = logging.getLogger("interlingua.providers")

MOST: Final = 256
"""Replies of one provider that are read on at once; any more are closed."""

_END_SECONDS: Final = 0.05
_READ_LIMIT: Final = 64 * 1024 * 1024

_Result = TypeVar("_Result")
_Pending: TypeAlias = asyncio.Task[bytes | None] | None
"""The step of a reply that was being waited for when its caller left."""

Outcome: TypeAlias = Literal["whole", "partly", "failed"]
"""How far a reply was read on."""


class DrainPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How far a reply is read on: for so many seconds, and for so many tokens of output (None: no bound)."""

    seconds: float = 30.0
    tokens: int | None = None


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a reply that was read on.

    It is `whole`, or was read `partly` (`reason` is the bound that was reached: `seconds`,
    `tokens`, `crowded`, or `closed` where the provider was closed), or `failed` (`reason`
    is the error's kind, `status_NNN` or `unreadable`). `usage` is the provider's count, or marked as estimated; None:
    nothing was told. `spent` is in seconds, from the caller's leaving.
    """

    provider: str
    model: str | None
    outcome: Outcome
    reason: str = ""
    spent: float = 0.0
    usage: Usage | None = None

    def __str__(self) -> str:
        """Write it as words of a log line."""
        words = [f"drained={self.outcome}"]
        if self.reason:
            words.append(f"reason={self.reason}")
        usage = self.usage
        if usage is None:
            words.append("usage=unknown")
        else:
            kind = "estimated" if usage.estimated else "exact"
            words.append(f"usage={kind} input={usage.prompt_tokens} output={usage.completion_tokens}")
        model = "-" if self.model is None else msgspec.json.encode(self.model[:100]).decode()
        return " ".join([*words, f"ms={self.spent * 1000:.1f}", f"provider={self.provider}", f"model={model}"])


Drain: TypeAlias = asyncio.Task[Drained]
"""A reply that is being read on; it gives what became of it even when it is stopped."""

HEIR: ContextVar[Callable[[Drain], object] | None] = ContextVar("HEIR", default=None)
"""Who is told of the replies that are read on after the call that is being made now; without one they are logged."""


class Place(Protocol):
    """A limit in which a reply that is read on keeps its place."""

    def occupy(self) -> None:
        """Take a place at once."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


class Drains:
    """The replies of one provider that are read on; closed with it.

    Args:
        provider: its name.
        policy: how far a reply is read on.

    """

    def __init__(self, provider: str, policy: DrainPolicy) -> None:
        self.provider = provider
        self.policy = policy
        self.place: Place | None = None
        """The limit that the provider's calls have to keep."""
        self._running: set[Drain] = set()
        self._ending: set[asyncio.Future[object]] = set()

    @property
    def running(self) -> int:
        """How many replies are being read on."""
        return len(self._running)

    async def send(
        self, transport: Transport, request: HTTPRequest, *, gauge: Gauge, model: str | None
    ) -> "DrainingResponse":
        """Send a request whose reply is read on if the caller leaves, be it before the reply's head is there.

        Raises:
            Error: as `Transport.send`.

        """
        return await DrainingResponse(self, gauge, model).begin(transport, request)

    def begin(
        self,
        reading: Callable[[DrainPolicy | None], Coroutine[None, None, Drained]],
        heir: Callable[[Drain], object] | None,
    ) -> None:
        """Read a reply on, which keeps its place among the provider's calls; without a policy it is only closed."""
        policy = self.policy if len(self._running) < MOST else None
        drain = asyncio.get_running_loop().create_task(reading(policy))
        self._running.add(drain)
        place = self.place
        if place is not None:
            place.occupy()
            drain.add_done_callback(lambda _: place.release())
        drain.add_done_callback(self._running.discard)
        if heir is not None:
            heir(drain)
        else:
            drain.add_done_callback(_tell)

    def end(self, task: "asyncio.Task[_Result]") -> None:
        """Stop a call that is not worth reading on, and hold it until it has stopped."""
        task.cancel()
        ending = cast("asyncio.Future[object]", task)
        self._ending.add(ending)
        ending.add_done_callback(self._ended)

    def _ended(self, ending: asyncio.Future[object]) -> None:
        self._ending.discard(ending)
        if not ending.cancelled():
            ending.exception()  # which nobody is there to be told of

    async def aclose(self) -> None:
        """Wait until all are read, which takes no longer than the policy says; being cancelled stops them."""
        loop = asyncio.get_running_loop()
        own = {drain for drain in self._running if drain.get_loop() is loop}
        for drain in self._running - own:
            if not drain.get_loop().is_closed():
                drain.get_loop().call_soon_threadsafe(stop, drain)
        try:
            if own:
                await asyncio.wait(own)
        except asyncio.CancelledError:
            for drain in own:
                stop(drain)
            raise


class DrainingResponse:
    """A reply that is read on when its caller leaves; meets `HTTPResponse`.

    A caller leaves by being cancelled, or by closing the generator that reads. One that
    closes the reply for another reason, such as an error in it, closes the connection.
    """

    def __init__(self, drains: Drains, gauge: Gauge, model: str | None) -> None:
        self.gauge = gauge
        self._drains = drains
        self._model = model
        self._heir = HEIR.get()
        self._response: HTTPResponse | None = None
        self._steady: StreamedResponse | None = None
        """The reply, if it is one whose reading may be taken up again, which needs no task for each piece."""
        self._chunks: AsyncIterator[bytes] | None = None
        self._sent = False
        self._complete = False
        self._left = False

    async def begin(self, transport: Transport, request: HTTPRequest) -> Self:
        """Send the request and wait for the reply's head."""
        await self._through(self._head(transport, msgspec.structs.replace(request, on_sent=self._note_sent)))
        return self

    @property
    def status(self) -> int:
        """The status code."""
        return self._reply.status

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names in lower case, in the order they came."""
        return self._reply.headers

    def header(self, name: str) -> str | None:
        """Give the first value of the header `name` (lower case), or None."""
        return self._reply.header(name)

    def follow_contents(self) -> None:
        """Let the clocks run on contents; see `HTTPResponse`."""
        self._reply.follow_contents()

    def heard(self) -> None:
        """Tell that what was read had content."""
        self._reply.heard()

    async def read(self, limit: int = _READ_LIMIT) -> bytes:
        """Read the whole body."""
        return await self._through(self._rest(limit)) or b""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._steady is None:
            piece = await self._through(self._next())
        else:
            try:
                piece = await self._next()
            except asyncio.CancelledError:
                self._leave(None)
                raise
        if piece is None:
            raise StopAsyncIteration
        if not self.gauge.followed:
            self.gauge.feed(piece)
        return piece

    async def aclose(self) -> None:
        """Let go of the connection, unless the reply is being read on."""
        if not self._left:
            await self._reply.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if any(isinstance(each, asyncio.CancelledError | GeneratorExit) for each in exc_info):
            self._leave(None)
        await self.aclose()

    @property
    def _reply(self) -> HTTPResponse:
        if self._response is None:
            raise RuntimeError("the reply has not begun")
        return self._response

    def _note_sent(self) -> None:
        self._sent = True

    async def _head(self, transport: Transport, request: HTTPRequest) -> bytes:
        self._response = response = await transport.send(request)
        self.gauge.begin(response)
        if isinstance(response, StreamedResponse):
            response.steady = True
            self._steady = response
        return b""

    async def _next(self) -> bytes | None:
        if self._chunks is None:
            self._chunks = aiter(self._reply)
        piece = await anext(self._chunks, None)
        self._complete = piece is None
        return piece

    async def _rest(self, limit: int) -> bytes:
        body = await self._reply.read(limit)
        self._complete = True
        return body

    async def _through(self, work: Coroutine[None, None, bytes | None]) -> bytes | None:
        """Wait for work that goes on when its caller leaves."""
        loop = asyncio.get_running_loop()
        task, waiter = loop.create_task(work), loop.create_future()
        task.add_done_callback(lambda _: waiter.done() or waiter.set_result(None))
        try:
            await waiter
        except asyncio.CancelledError:
            self._leave(task)
            raise
        return task.result()

    def _leave(self, pending: _Pending) -> None:
        """Have the reply read on, if there is anything to learn from it."""
        if self._left:
            return
        begun = self._sent or self._response is not None
        over = self._complete or self.gauge.ended or self.gauge.given_up
        if begun and not over:
            self._left = True
            self._drains.begin(lambda policy: self._read_on(pending, policy), self._heir)
            return
        if pending is not None:
            self._drains.end(pending)
        if self._steady is not None:
            self._steady.abort()

    async def _read_on(self, pending: _Pending, policy: DrainPolicy | None) -> Drained:
        """Read the rest within its bounds, and say what it told; a cancellation ends the reading at once."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        outcome: Outcome = "partly"
        reason = ""
        try:
            async with asyncio.timeout(policy.seconds if policy is not None else 0) as clock:
                outcome, reason = await self._learn(pending, policy, clock)
        except TimeoutError:
            reason = "seconds" if policy is not None else "crowded"
        except asyncio.CancelledError:
            reason = "closed"
        except Error as error:
            outcome, reason = "failed", error.kind
        finally:
            if self._response is not None:
                await self._response.aclose()
        if self.gauge.ended:
            outcome, reason = "whole", ""
        return Drained(
            provider=self._drains.provider,
            model=self._model,
            outcome=outcome,
            reason=reason,
            spent=loop.time() - started,
            usage=self.gauge.usage,
        )

    async def _learn(
        self, pending: _Pending, policy: DrainPolicy | None, clock: asyncio.Timeout
    ) -> tuple[Outcome, str]:
        """Read to the end of the reply, or to the bound in tokens."""
        gauge = self.gauge
        bound = None if policy is None or policy.tokens is None else gauge.tokens + policy.tokens
        piece = await pending if pending is not None else b""
        if not 200 <= self._reply.status < 300:
            return "failed", f"status_{self._reply.status}"
        while piece is not None:
            gauge.feed(piece)
            if gauge.ended:
                clock.reschedule(asyncio.get_running_loop().time() + _END_SECONDS)
            elif bound is not None and gauge.tokens >= bound:
                return "partly", "tokens"
            if self._complete or gauge.given_up:
                break
            self._reply.heard()
            piece = await self._next()
        gauge.finish()
        return "failed", "unreadable"


def stop(drain: Drain) -> None:
    """End a drain at once; it still tells what it has learned."""
    # One that is cancelled before its first step would never take it, and leave its connection open.
    drain.get_loop().call_soon(drain.cancel)


def _tell(drain: Drain) -> None:
    if not drain.cancelled():
        _log.info("%s", drain.result())
