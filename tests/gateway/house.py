"""The gateway over a scripted provider: by relay where both speak the same wire, or by translation."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec

from interlingua.errors import NoSuchModel
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.providers import Registry, RemoteProvider, resolve
from interlingua.providers.contract import EmbeddingProvider, Provider, RerankProvider
from interlingua.providers.row import EmbeddingService, RerankService, WireName
from interlingua.routing.route import Route
from interlingua.testing import ScriptedProvider
from interlingua.transport import HTTPTransport
from interlingua.types import (
    EmbeddingOutput,
    EmbeddingRequest,
    Event,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    RerankOutput,
    RerankRequest,
    Timeouts,
)

KEY = "gateway-key-0123456789"
UPSTREAM_KEY = "upstream-key-0123456789"


class Target:
    """Where a request goes."""

    def __init__(self, name: str, provider: Provider, model: str) -> None:
        self.name = name
        self.provider = provider
        self.model = model
        self.defaults: ModelRequest | None = None
        self.encoding: str | None = None
        self.route: Route | None = None


class Translated:
    """A provider that can only be asked in the neutral language, as the embedded model is."""

    def __init__(self, provider: Provider) -> None:
        self.name = provider.name
        self._provider = provider

    async def generate(self, request: ModelRequest) -> ModelOutput:
        return await self._provider.generate(request)

    def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        return self._provider.stream(request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        return await cast("EmbeddingProvider", self._provider).embed(request)

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        return await cast("RerankProvider", self._provider).rerank(request)

    async def models(self) -> list[ModelMetadata]:
        return await self._provider.models()

    async def aclose(self) -> None:
        await self._provider.aclose()


class Relayed:
    """Serves `relayed/…` and `translated/…` from one provider."""

    def __init__(self, provider: Provider) -> None:
        self.closed = False
        self.confined = False
        self._providers: dict[str, Provider] = {"relayed": provider, "translated": Translated(provider)}

    def resolve(self, model: str | None) -> Target:
        prefix, _, name = (model or "").partition("/")
        if prefix not in self._providers or not name:
            raise NoSuchModel(f"There is no model {model!r}; GET /v1/models lists them.", model=model)
        return Target(model or "", self._providers[prefix], name)

    def confine(self) -> None:
        self.confined = True

    async def models(self) -> list[ModelMetadata]:
        return [ModelMetadata(model=f"{prefix}/tiny", provider=prefix, context_length=64) for prefix in self._providers]

    async def aclose(self) -> None:
        self.closed = True


@asynccontextmanager
async def gateway_over(
    upstream: ScriptedProvider,
    *,
    wire: str = "chat_completions",
    embeddings: EmbeddingService | None = None,
    rerank: RerankService | None = None,
    timeouts: Timeouts | None = None,
    **settings: Any,
) -> AsyncGenerator[HTTPServer]:
    """Run a gateway on a free port, with `KEY` as its key unless settings say otherwise.

    `wire`, `embeddings`, `rerank` and `timeouts` are its provider's.
    """
    row = msgspec.structs.replace(
        Registry().lookup("openai"), wire=cast("WireName", wire), also={}, embeddings=embeddings, rerank=rerank
    )
    endpoint = resolve(row, api_key=UPSTREAM_KEY, base_url=upstream.base_url)
    transport = HTTPTransport()
    given: dict[str, Any] = {"port": 0, "api_keys": [KEY]} | settings
    read = ServerSettings(**given)
    gateway = Gateway(read, Relayed(RemoteProvider(endpoint, transport=transport, timeouts=timeouts)))
    server = HTTPServer(gateway, read)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(within=0)
        await gateway.aclose()
        await transport.aclose()
