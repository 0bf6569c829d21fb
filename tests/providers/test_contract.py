"""Every provider of the table, over a scripted provider of its wire: the same conversation goes well with all."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest

from interlingua.errors import Throttled, Unauthorized
from interlingua.providers import REGISTRY, ProviderRow, RemoteProvider, resolve
from interlingua.testing import ScriptedProvider
from interlingua.transport import HTTPTransport
from interlingua.types import Event, ModelMessage, ModelOutput, ModelRequest, OutputAssembly, Tool

pytestmark = pytest.mark.anyio


def spoken_rows(row: ProviderRow) -> list[ProviderRow]:
    """Give a row for each wire that a provider speaks."""
    further = [
        msgspec.structs.replace(
            row,
            wire=wire,
            also={},
            auth=speech.auth or row.auth,
            headers={**row.headers, **speech.headers},
            dialect=speech.dialect,
        )
        for wire, speech in row.also.items()
    ]
    return [msgspec.structs.replace(row, also={}), *further]


SPOKEN = [spoken for row in REGISTRY if row.generates for spoken in spoken_rows(row)]
ROWS = [pytest.param(row, id=f"{row.id}-{row.wire}") for row in SPOKEN]
"""Each row with its wire, and with each further wire that it speaks."""

LOOKED_AT = ("bearer", "x-api-key", "api-key", "x-goog-api-key")
"""Where scripted providers look for a key."""

KEY = "test-key-0123456789"


def request(model: str) -> ModelRequest:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = Tool(name="weather", description="The weather of a city.", parameters=schema)
    messages = [ModelMessage("system", "Be brief."), ModelMessage("user", "How is the weather in Oslo?")]
    return ModelRequest(model, messages, tools=[tool], max_new_tokens=50)


@asynccontextmanager
async def provider_of(row: ProviderRow, server: ScriptedProvider, key: str = KEY) -> AsyncGenerator[RemoteProvider]:
    needs_key = row.auth != "none"
    endpoint = resolve(row, api_key=key if needs_key else None, base_url=server.base_url, environ={}, deployment=None)
    provider = RemoteProvider(endpoint, transport=HTTPTransport(trust_env=False), owns_transport=True)
    try:
        yield provider
    finally:
        await provider.aclose()


async def streamed(provider: RemoteProvider, asked: ModelRequest) -> ModelOutput:
    assembly = OutputAssembly()
    events: list[Event] = [event async for event in provider.stream(asked)]
    for event in events:
        assembly.add(event)
    assert assembly.complete
    return assembly.output()


@pytest.mark.parametrize("row", ROWS)
async def test_a_provider_keeps_the_contract(row: ProviderRow) -> None:
    async with ScriptedProvider() as server, provider_of(row, server) as provider:
        asked = request(row.default_model or "tiny")

        server.reply("It is cold.")
        whole = await provider.generate(asked)
        assert (whole.text, whole.finish_reason) == ("It is cold.", "stop")
        assert whole.usage is not None
        assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (3, 2)

        server.stream("It ", "is ", "cold.")
        stream = await streamed(provider, asked)
        assert (stream.text, stream.finish_reason) == ("It is cold.", "stop")
        assert stream.usage is not None or not row.dialect.stream_usage

        server.stream(tool_calls=[("weather", '{"city":"Oslo"}')])
        called = await streamed(provider, asked)
        assert [(call.name, call.parsed_arguments()) for call in called.tool_calls] == [("weather", {"city": "Oslo"})]
        assert called.finish_reason == "tool_calls"

        server.fail(429, "slow down", headers={"retry-after": "2"})
        with pytest.raises(Throttled, match="slow down") as raised:
            await provider.generate(asked)
        assert (raised.value.retry_after, raised.value.provider) == (2, row.id)


@pytest.mark.parametrize(
    "row", [row for row in SPOKEN if row.auth in LOOKED_AT], ids=lambda row: f"{row.id}-{row.wire}"
)
async def test_a_key_goes_where_the_provider_looks_for_it(row: ProviderRow) -> None:
    async with ScriptedProvider(key=KEY) as server:
        async with provider_of(row, server) as provider:
            server.reply("Hello")
            assert (await provider.generate(request("tiny"))).text == "Hello"
        async with provider_of(row, server, key="another-key-000") as provider:
            with pytest.raises(Unauthorized):
                await provider.generate(request("tiny"))
