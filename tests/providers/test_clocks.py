"""The clocks of one attempt, whoever sets them."""

from collections.abc import AsyncGenerator

import msgspec
import pytest

from interlingua.errors import TimedOut
from interlingua.providers import REGISTRY, RemoteProvider, resolve
from interlingua.routing.relay import GuardedRelay
from interlingua.testing import ScriptedProvider
from interlingua.transport import HTTPTransport, Timeouts
from interlingua.types import EmbeddingRequest, ModelRequest, RerankRequest

pytestmark = pytest.mark.anyio

SOON = 0.05
REQUEST = ModelRequest.build_request("tiny", "Hello")


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    async with ScriptedProvider() as server:
        yield server


@pytest.fixture
async def provider(server: ScriptedProvider) -> AsyncGenerator[RemoteProvider]:
    endpoint = resolve(REGISTRY.lookup("vllm"), api_key="sk-test", base_url=server.base_url)
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)
    yield provider
    await provider.aclose()


async def test_a_requests_clocks_win_over_the_providers(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.hang()

    with pytest.raises(TimedOut) as caught:
        await provider.generate(msgspec.structs.replace(REQUEST, timeouts=Timeouts(first_token=SOON)))

    assert (caught.value.clock, caught.value.provider) == ("first_token", "vllm")


async def test_a_requests_time_bounds_its_clocks(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.hang()

    with pytest.raises(TimedOut) as caught:
        await provider.generate(msgspec.structs.replace(REQUEST, timeouts=Timeouts(), timeout=SOON))

    assert caught.value.clock == "total"


async def test_clocks_are_not_sent(server: ScriptedProvider, provider: RemoteProvider) -> None:
    output = await provider.generate(msgspec.structs.replace(REQUEST, timeouts=Timeouts(idle=3), strict=True))

    assert not output.warnings
    assert b"idle" not in server.requests[0].body


async def test_vectors_have_clocks_too(server: ScriptedProvider, provider: RemoteProvider) -> None:
    clocks = Timeouts(first_token=SOON)
    server.hang()
    server.hang()

    with pytest.raises(TimedOut):
        await provider.embed(EmbeddingRequest(model="tiny", inputs=["Hello"], timeouts=clocks))
    with pytest.raises(TimedOut):
        await provider.rerank(RerankRequest(model="tiny", query="Who?", documents=["Ada"], timeouts=clocks))


async def test_relayed_bytes_have_clocks_too(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.hang()

    with pytest.raises(TimedOut) as caught:
        await GuardedRelay(provider).relay(
            "/chat/completions", b"{}", wire="chat_completions", timeouts=Timeouts(first_token=SOON)
        )

    assert caught.value.clock == "first_token"
