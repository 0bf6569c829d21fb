"""Bytes of a provider's own wires, within a limit and with retries."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Self

from interlingua.providers.contract import RelayingProvider, Service
from interlingua.providers.remote import RemoteProvider
from interlingua.routing.guarded import GuardedProvider
from interlingua.routing.limit import ConcurrencyLimit
from interlingua.routing.retry import RetryPolicy, retrying
from interlingua.transport import HTTPResponse
from interlingua.types import Adaptation, Timeouts


class GuardedRelay(GuardedProvider):
    """A `GuardedProvider` whose provider also takes bytes of the wires that it speaks as they are."""

    def __init__(
        self, provider: RelayingProvider, *, retry: RetryPolicy | None = None, limit: ConcurrencyLimit | None = None
    ) -> None:
        super().__init__(provider, retry=retry, limit=limit)
        self._relaying = provider
        if isinstance(provider, RemoteProvider) and provider.drains is not None:
            provider.drains.place = limit

    def relays(self, wire: str, *, service: Service | None = None) -> bool:
        """Tell whether the provider speaks the wire of that name, or takes its bytes for a service as they are."""
        return self._relaying.relays(wire, service=service)

    def notices(self, model: str) -> Sequence[Adaptation]:
        """Give what is to be told of a model whatever is asked of it."""
        return self._relaying.notices(model)

    async def relay(
        self,
        path: str,
        body: bytes,
        *,
        wire: str,
        service: Service | None = None,
        method: str = "POST",
        model: str | None = None,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
    ) -> HTTPResponse:
        """Send `body` and give the raw reply, which the caller closes; an error status is raised.

        A place in the limit is held until the reply is closed.

        Raises:
            ConcurrencyExceeded: too many calls wait already.
            Error: the last try failed, with this.

        """

        def send() -> Awaitable[HTTPResponse]:
            return self._relaying.relay(
                path,
                body,
                wire=wire,
                service=service,
                method=method,
                model=model,
                accept=accept,
                headers=headers,
                timeouts=timeouts,
            )

        if self.limit is None:
            return await retrying(send, policy=self.retry)
        await self.limit.acquire()
        try:
            response = await retrying(send, policy=self.retry)
        except BaseException:
            self.limit.release()
            raise
        return _HeldResponse(response, self.limit.release)


class _HeldResponse:
    """A reply that gives its place in the limit back when it is closed."""

    def __init__(self, response: HTTPResponse, release: Callable[[], None]) -> None:
        self._response = response
        self._release: Callable[[], None] | None = release
        self.status = response.status
        self.headers = response.headers

    def header(self, name: str) -> str | None:
        return self._response.header(name)

    async def read(self, limit: int = 1 << 26) -> bytes:
        return await self._response.read(limit)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._response)

    def follow_contents(self) -> None:
        self._response.follow_contents()

    def heard(self) -> None:
        self._response.heard()

    async def aclose(self) -> None:
        await self.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        release, self._release = self._release, None
        try:
            await self._response.__aexit__(*exc_info)
        finally:
            if release is not None:
                release()
