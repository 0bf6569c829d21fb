"""Google's official SDK against the gateway, over a provider of another wire."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from interlingua.gateway.server import HTTPServer
from interlingua.providers.row import WireName
from interlingua.testing import Reply, ScriptedProvider
from interlingua.testing.reply import Pause
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_named
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, get, post

pytestmark = pytest.mark.anyio

MODEL = "translated/tiny"
WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather",
            parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}},
        )
    ]
)


@asynccontextmanager
async def sdk(server: HTTPServer, key: str = KEY, version: str = "v1beta") -> AsyncGenerator[Any]:
    """Give a client; it is of no type, since the SDK's own annotations are half unknown."""
    client = genai.Client(
        api_key=key, http_options=types.HttpOptions(base_url=server.url, api_version=version), vertexai=False
    )
    try:
        yield client.aio
    finally:
        await client.aio.aclose()
        client.close()


@pytest.mark.parametrize("version", ["v1beta", "v1"])
async def test_content(version: str) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream) as server,
        sdk(server, version=version) as client,
    ):
        upstream.reply("Hi there.")
        reply = await client.models.generate_content(
            model=MODEL,
            contents="Hello",
            config=types.GenerateContentConfig(system_instruction="Be brief.", temperature=0),
        )
        assert reply.text == "Hi there."
        assert reply.candidates is not None
        assert reply.candidates[0].finish_reason == types.FinishReason.STOP
        assert reply.usage_metadata is not None
        assert reply.usage_metadata.total_token_count == 5
        asked = upstream.requests[0].json
        assert (asked["model"], asked["temperature"]) == ("tiny", 0)
        assert [each["role"] for each in asked["messages"]] == ["system", "user"]


async def test_stream() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One", " two", " three")
        stream = await client.models.generate_content_stream(model=MODEL, contents="Hello")
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.text or "" for chunk in chunks) == "One two three"
        assert chunks[-1].usage_metadata is not None
        assert chunks[-1].usage_metadata.candidates_token_count == 3
        assert chunks[-1].candidates is not None
        assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP


@pytest.mark.parametrize("wire", ["chat_completions", "generate_content"])
async def test_a_silent_stream_is_kept_open_by_what_the_sdk_skips(wire: WireName) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=wire, keep_alive_interval=0.02) as server,
        sdk(server) as client,
    ):
        events = voice_named(wire).streamed(Line(pieces=["One", " two"]), model="tiny", body={})
        pieces = [each for event in events for each in (Pause(0.05), event)]
        upstream.send(Reply(headers=[("content-type", "text/event-stream")], pieces=pieces))
        stream = await client.models.generate_content_stream(model="relayed/tiny", contents="Hello")
        assert "".join([chunk.text or "" async for chunk in stream]) == "One two"


async def test_tool_calls() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply(None, tool_calls=[("weather", '{"city":"Oslo"}'), ("weather", '{"city":"Rome"}')])
        reply = await client.models.generate_content(
            model=MODEL, contents="Hello", config=types.GenerateContentConfig(tools=[WEATHER])
        )
        assert [call.args for call in reply.function_calls or ()] == [{"city": "Oslo"}, {"city": "Rome"}]
        assert upstream.requests[0].json["tools"][0]["function"]["name"] == "weather"


async def test_tokens_are_counted() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        counted = await client.models.count_tokens(model=MODEL, contents="Hello there")
        assert (counted.total_tokens or 0) > 2
        assert upstream.requests == []


async def test_a_wrong_key_is_a_client_error() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server, "wrong-key") as client:
        with pytest.raises(errors.ClientError) as raised:
            await client.models.generate_content(model=MODEL, contents="Hello")
        assert (raised.value.code, raised.value.status) == (401, "UNAUTHENTICATED")


async def test_a_key_in_the_query_is_not_taken() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(get(f"/v1beta/models?key={KEY}"))
        answer = await caller.answer()
        assert (answer.status, answer.json()["error"]["code"]) == (401, 401)


async def whole(client: Any, model: str) -> None:
    await client.models.generate_content(model=model, contents="Hello")


async def streamed(client: Any, model: str) -> None:
    async for _ in await client.models.generate_content_stream(model=model, contents="Hello"):
        pass


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_failures_are_typed(ask: Callable[[Any, str], Awaitable[None]]) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(errors.ClientError) as missing:
            await ask(client, "nobody")
        assert (missing.value.code, missing.value.status) == (404, "NOT_FOUND")
        upstream.fail(429, "slow down")
        with pytest.raises(errors.ClientError, match="slow down") as throttled:
            await ask(client, MODEL)
        assert (throttled.value.code, throttled.value.status) == (429, "RESOURCE_EXHAUSTED")
        upstream.fail(500, "no luck")
        with pytest.raises(errors.ServerError, match="no luck"):
            await ask(client, MODEL)


async def test_a_failure_within_a_stream_is_raised() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail_in_stream("out of capacity", after=["One"])
        stream = await client.models.generate_content_stream(model=MODEL, contents="Hello")
        with pytest.raises(errors.APIError, match="out of capacity"):
            assert [chunk async for chunk in stream]


async def test_models_are_listed_in_pages() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        pager = await client.models.list(config={"page_size": 1})
        listed = [model async for model in pager]
        assert [model.name for model in listed] == ["models/relayed/tiny", "models/translated/tiny"]
        assert listed[0].input_token_limit == 64
        assert listed[0].supported_actions == ["generateContent", "countTokens"]
        assert (await client.models.get(model="relayed/tiny")).name == "models/relayed/tiny"
        with pytest.raises(errors.ClientError) as raised:
            await client.models.get(model="relayed/huge")
        assert raised.value.code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1beta/models/translated%2Ftiny:generateContent", 200),
        ("/v1beta/models/translated/tiny:streamGenerateContent?alt=sse", 200),
        ("/v1beta/models/translated/tiny:streamGenerateContent?$alt=sse", 200),
        ("/v1beta/models/translated/tiny:streamGenerateContent", 200),
        ("/v1beta/models/translated/tiny:batchGenerate", 404),
        ("/v1beta/models/translated/tiny", 404),
        ("/v1beta/nowhere", 404),
    ],
)
async def test_the_address_says_model_and_operation(path: str, status: int) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        body = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
        await caller.send(post(path, body, f"x-goog-api-key: {KEY}"))
        answer = await caller.answer()
        assert answer.status == status
        if status != 200:
            assert set(answer.json()["error"]) >= {"code", "message", "status"}
