"""What the gateway needs to know of whoever finds models: `interlingua.Client` is one."""

from typing import Protocol, cast

from interlingua.providers.contract import (
    CountingProvider,
    EmbeddingProvider,
    Provider,
    RelayingProvider,
    RerankProvider,
    Service,
)
from interlingua.routing.route import Route
from interlingua.types import ModelMetadata, ModelRequest


class Target(Protocol):
    """Where a request goes."""

    @property
    def name(self) -> str:
        """The name that the caller used."""
        ...

    @property
    def provider(self) -> Provider:
        """Who answers; retries and limits are its own."""
        ...

    @property
    def model(self) -> str:
        """The provider's own name of the model."""
        ...

    @property
    def encoding(self) -> str | None:
        """The encoding that tokens are counted with, where the owner of the gateway names one."""
        ...

    @property
    def defaults(self) -> ModelRequest | None:
        """What the name sets beside the model; None: nothing."""
        ...

    @property
    def route(self) -> Route | None:
        """The route that the name is, whose targets `provider` asks; None: it leads to one model."""
        ...


class Resolver(Protocol):
    """Finds who serves a model."""

    def resolve(self, model: str | None) -> Target:
        """Find it.

        Raises:
            NoSuchModel: nobody serves a model of that name.
            NoSuchProvider: the name begins with a provider that is unknown.
            MissingKey: the provider's key is not set.

        """
        ...

    def confine(self) -> None:
        """Serve no model of this machine that its owner has not named: callers are not the owner."""
        ...

    async def models(self) -> list[ModelMetadata]:
        """List the models by the names that requests use."""
        ...

    async def aclose(self) -> None:
        """Let go of every connection and model."""
        ...


def relaying(provider: Provider, wire: str, *, service: Service | None = None) -> RelayingProvider | None:
    """Give `provider` as one that relays bytes of `wire`, or None if it does not."""
    if not hasattr(provider, "relays"):
        return None
    able = cast("RelayingProvider", provider)
    return able if able.relays(wire, service=service) else None


def counting(provider: Provider) -> CountingProvider | None:
    """Give `provider` as one that may count tokens, or None if it cannot."""
    return cast("CountingProvider", provider) if hasattr(provider, "count_tokens") else None


def embedding(provider: Provider) -> EmbeddingProvider | None:
    """Give `provider` as one that may turn texts into vectors, or None if it cannot."""
    return cast("EmbeddingProvider", provider) if hasattr(provider, "embed") else None


def reranking(provider: Provider) -> RerankProvider | None:
    """Give `provider` as one that may sort documents, or None if it cannot."""
    return cast("RerankProvider", provider) if hasattr(provider, "rerank") else None
