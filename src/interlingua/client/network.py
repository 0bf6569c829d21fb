"""How a client reaches the network: clocks, retries, limits, proxies."""

import math

from interlingua.errors import InvalidConfig
from interlingua.providers import RemoteProvider
from interlingua.providers.contract import Provider
from interlingua.routing import ConcurrencyLimit, GuardedProvider, RetryPolicy
from interlingua.routing.relay import GuardedRelay
from interlingua.transport import HTTPTransport, Timeouts, Transport
from interlingua.types import declared, setting


@declared
class NetworkSettings:
    """The settings that every client has; give an infinite time (`inf`) to switch a clock off."""

    connect_timeout: float = setting(
        "Longest time to connect, proxy and TLS included.", default=10.0, minimum=0, unit="seconds", kw_only=True
    )
    first_token_timeout: float = setting(
        "Longest time until the first content of the answer.",
        default=120.0,
        minimum=0,
        unit="seconds",
        kw_only=True,
    )
    idle_timeout: float = setting(
        "Longest time without content within an answer.",
        default=60.0,
        minimum=0,
        unit="seconds",
        kw_only=True,
    )
    max_retries: int = setting(
        "How often a call that may succeed is sent again before its first token.",
        default=2,
        minimum=0,
        maximum=20,
        kw_only=True,
    )
    max_concurrency: int | None = setting("How many calls may run at once.", default=None, minimum=1, kw_only=True)
    max_waiting: int | None = setting(
        "How many calls may wait for their turn; None is no bound.", default=None, minimum=0, kw_only=True
    )
    trust_env: bool = setting(
        "Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY count.", default=True, kw_only=True
    )
    ca_bundle: str | None = setting("File with further certificate authorities.", default=None, kw_only=True)
    transport: Transport | None = setting(
        "A transport of your own, such as HTTPX2Transport; it stays yours to close.",
        default=None,
        runtime=True,
        kw_only=True,
    )

    def timeouts(self, total: float) -> Timeouts:
        """Give the four clocks; `total` is in seconds."""
        return Timeouts(
            connect=_finite(self.connect_timeout),
            first_token=_finite(self.first_token_timeout),
            idle=_finite(self.idle_timeout),
            total=_finite(total),
        )

    def build_transport(self, proxies: str | dict[str, str] | None) -> Transport:
        """Give the transport that was passed in, or a new one by these settings."""
        if self.transport is not None:
            return self.transport
        return HTTPTransport(proxies=proxies, trust_env=self.trust_env, ca_bundle=self.ca_bundle)

    def limit(self) -> ConcurrencyLimit | None:
        """Give a new limit of the calls that run at once; None where there is none."""
        if self.max_concurrency is not None:
            return ConcurrencyLimit(self.max_concurrency, queue=self.max_waiting)
        if self.max_waiting is not None:
            raise InvalidConfig("max_waiting: it needs max_concurrency beside it.", param="max_waiting")
        return None

    def guard(self, provider: Provider, limit: ConcurrencyLimit | None) -> GuardedProvider:
        """Put a limit and these retries in front of a provider."""
        retry = RetryPolicy(attempts=self.max_retries + 1)
        if isinstance(provider, RemoteProvider):
            return GuardedRelay(provider, retry=retry, limit=limit)
        return GuardedProvider(provider, retry=retry, limit=limit)


def _finite(seconds: float) -> float | None:
    return None if math.isinf(seconds) else seconds
