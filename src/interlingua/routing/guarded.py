"""A provider with a limit and retries in front of it."""

import asyncio
import copy
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, Self, TypeVar, cast

import msgspec

from interlingua.errors import Error, Unsupported
from interlingua.providers.contract import EmbeddingProvider, Provider, RerankProvider
from interlingua.routing.limit import ConcurrencyLimit
from interlingua.routing.retry import RetryPolicy, Sleep
from interlingua.types import Event, ModelMetadata, ModelOutput, ModelRequest, StreamStart
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest

_Request = TypeVar("_Request", ModelRequest, EmbeddingRequest, RerankRequest)
_Answer = TypeVar("_Answer")


class GuardedProvider:
    """Answers as the provider behind it does, within a limit, and tries again where that may help.

    A stream is begun again only while the caller has got nothing of it: its start is
    held back until there is something to follow it. A request's own `timeout` bounds all
    tries together. A place in the limit is held from the first try to the last event.

    Args:
        provider: who answers.
        retry: when to try again; None tries once.
        limit: how many calls may run at once; None is no limit.
        sleep: waits between tries.
        chance: gives a number from 0 to 1, for the jitter of that wait.

    """

    def __init__(
        self,
        provider: Provider,
        *,
        retry: RetryPolicy | None = None,
        limit: ConcurrencyLimit | None = None,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = provider.name
        self.provider = provider
        self.retry = retry or RetryPolicy(attempts=1)
        self.limit = limit
        self._sleep = sleep
        self._chance = chance

    def unrepeated(self) -> Self:
        """Give the same within the same limit, for one who repeats calls himself."""
        other = copy.copy(self)
        other.retry = RetryPolicy(attempts=1)
        return other

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole; see `Provider`.

        Raises:
            ConcurrencyExceeded: too many calls wait already.
            Error: the last try failed, with this.

        """
        return await self._tried(request, self.provider.generate)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events; see `Provider`.

        Raises:
            ConcurrencyExceeded: too many calls wait already.
            Error: the last try failed, with this, or a stream failed after its first events.

        """
        if self.limit is not None:
            await self.limit.acquire()
        try:
            tries = _Tries(request, self.retry, self._sleep, self._chance)
            while True:
                events = self.provider.stream(tries.request)
                begun = False
                try:
                    held: list[Event] = []
                    async for event in events:
                        if begun:
                            yield event
                        elif isinstance(event, StreamStart):
                            held.append(event)
                        else:
                            begun = True
                            for earlier in held:
                                yield earlier
                            yield event
                    if not begun:
                        for earlier in held:
                            yield earlier
                except Error as error:
                    if begun:
                        raise
                    await tries.wait_after(error)
                else:
                    return
                finally:
                    await events.aclose()
        finally:
            if self.limit is not None:
                self.limit.release()

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        """Give the vectors of all inputs; see `EmbeddingProvider`.

        Raises:
            ConcurrencyExceeded: too many calls wait already.
            Unsupported: the provider has no vectors.
            Error: the last try failed, with this.

        """
        if not hasattr(self.provider, "embed"):
            raise Unsupported("embeddings", model=request.model, remedy=f"{self.name} has none.")
        return await self._tried(request, cast("EmbeddingProvider", self.provider).embed)

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        """Sort documents by a query; see `RerankProvider`.

        Raises:
            ConcurrencyExceeded: too many calls wait already.
            Unsupported: the provider sorts none.
            Error: the last try failed, with this.

        """
        if not hasattr(self.provider, "rerank"):
            raise Unsupported("rerank", model=request.model, remedy=f"{self.name} sorts no documents.")
        return await self._tried(request, cast("RerankProvider", self.provider).rerank)

    async def models(self) -> list[ModelMetadata]:
        """List the models that can be asked for."""
        return await self.provider.models()

    async def aclose(self) -> None:
        """Close the provider behind."""
        await self.provider.aclose()

    async def _tried(self, request: _Request, call: Callable[[_Request], Awaitable[_Answer]]) -> _Answer:
        """Make a call within the limit, again where that may help."""
        if self.limit is None:
            return await self._again(request, call)
        async with self.limit.slot():
            return await self._again(request, call)

    async def _again(self, request: _Request, call: Callable[[_Request], Awaitable[_Answer]]) -> _Answer:
        tries = _Tries(request, self.retry, self._sleep, self._chance)
        while True:
            try:
                return await call(tries.request)
            except Error as error:
                await tries.wait_after(error)


class _Tries(Generic[_Request]):
    """Counts the tries of one request and keeps them within its time."""

    def __init__(self, request: _Request, policy: RetryPolicy, sleep: Sleep, chance: Callable[[], float]) -> None:
        self.request = request
        self._policy = policy
        self._sleep = sleep
        self._chance = chance
        self._attempt = 1
        self._deadline = None if request.timeout is None else time.monotonic() + request.timeout

    async def wait_after(self, error: Error) -> None:
        """Wait for the next try, or raise `error` if there is to be none."""
        delay = self._policy.delay(self._attempt, error, chance=self._chance)
        if delay is None:
            raise error
        if self._deadline is not None:
            left = self._deadline - time.monotonic() - delay
            if left <= 0:
                raise error
            self.request = msgspec.structs.replace(self.request, timeout=left)
        await self._sleep(delay)
        self._attempt += 1
