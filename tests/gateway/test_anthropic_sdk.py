"""Anthropic's official SDK against the gateway, over a provider of another wire."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anthropic
import pytest
from anthropic.types import MessageParam, ToolParam

from interlingua.gateway.server import HTTPServer
from interlingua.testing import ScriptedProvider
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

MODEL = "translated/tiny"
HELLO: list[MessageParam] = [{"role": "user", "content": "Hello"}]
WEATHER: ToolParam = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@asynccontextmanager
async def sdk(server: HTTPServer, key: str = KEY) -> AsyncGenerator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=server.url, api_key=key, max_retries=0) as client:
        yield client


async def test_message() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply("Hi there.")
        message = await client.messages.create(model=MODEL, max_tokens=9, messages=HELLO, system="Be brief.")
        assert [(block.type, getattr(block, "text", "")) for block in message.content] == [("text", "Hi there.")]
        assert (message.type, message.role, message.stop_reason) == ("message", "assistant", "end_turn")
        assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 2)
        asked = upstream.requests[0].json
        assert asked["model"] == "tiny"
        assert [each["role"] for each in asked["messages"]] == ["system", "user"]


async def test_stream() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One", " two", thinking="Hm.")
        async with client.messages.stream(model=MODEL, max_tokens=9, messages=HELLO) as stream:
            texts = [text async for text in stream.text_stream]
            message = await stream.get_final_message()
        assert texts == ["One", " two"]
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 2)


async def test_tool_calls_with_streamed_arguments() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream(tool_calls=[("weather", '{"city":"Oslo"}'), ("weather", '{"city":"Rome"}')])
        async with client.messages.stream(model=MODEL, max_tokens=9, messages=HELLO, tools=[WEATHER]) as stream:
            message = await stream.get_final_message()
        calls = [block.input for block in message.content if block.type == "tool_use"]
        assert (message.stop_reason, calls) == ("tool_use", [{"city": "Oslo"}, {"city": "Rome"}])


async def test_tokens_are_counted_and_said_to_be_estimated() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        raw = await client.messages.with_raw_response.count_tokens(model=MODEL, messages=HELLO, tools=[WEATHER])
        assert raw.headers["x-interlingua-warnings"].startswith("estimated input_tokens")
        assert (await raw.parse()).input_tokens > 8
        assert upstream.requests == []


async def test_a_wrong_key_is_an_authentication_error() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server, "wrong-key") as client:
        with pytest.raises(anthropic.AuthenticationError) as raised:
            await client.messages.create(model=MODEL, max_tokens=9, messages=HELLO)
        assert raised.value.type == "authentication_error"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_unknown_model_is_a_typed_404(stream: bool) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(anthropic.NotFoundError) as raised:
            await client.messages.create(model="nobody", max_tokens=9, messages=HELLO, stream=stream)
        assert raised.value.type == "not_found_error"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.InternalServerError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
    ],
)
async def test_a_providers_failure_is_told_in_anthropics_shape(
    status: int, raised: type[anthropic.APIStatusError], stream: bool
) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail(status, "no luck", headers={"retry-after": "7"})
        with pytest.raises(raised) as caught:
            await client.messages.create(model=MODEL, max_tokens=9, messages=HELLO, stream=stream)
        body = caught.value.response.json()
        assert body["type"] == "error"
        assert "no luck" in body["error"]["message"]


async def test_a_failure_within_a_stream_is_raised() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail_in_stream("out of capacity", after=["One"])
        with pytest.raises(anthropic.APIStatusError, match="out of capacity"):
            async with client.messages.stream(model=MODEL, max_tokens=9, messages=HELLO) as stream:
                await stream.get_final_message()


async def test_models_are_listed_in_pages() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        listed = [model async for model in client.models.list(limit=1)]
        assert [model.id for model in listed] == ["relayed/tiny", "translated/tiny"]
        assert (listed[0].type, listed[0].max_input_tokens, listed[0].created_at.year) == ("model", 64, 1970)
        page = await client.models.list(before_id="translated/tiny")
        assert ([model.id for model in page.data], page.has_more) == (["relayed/tiny"], False)
        assert (await client.models.retrieve("relayed/tiny")).display_name == "relayed/tiny"
        with pytest.raises(anthropic.NotFoundError):
            await client.models.retrieve("relayed/huge")
        with pytest.raises(anthropic.BadRequestError):
            await client.models.list(after_id="nobody")


@pytest.mark.parametrize(
    "request_bytes",
    [
        post("/v1/messages", b"{}"),
        post("/v1/messages", b'{"model":"translated/tiny"', f"x-api-key: {KEY}"),
        post("/v1/messages/nowhere", b"{}", f"x-api-key: {KEY}"),
        post("/v1/messages", b"{}", f"x-api-key: {KEY}", "content-encoding: gzip"),
        b"GET /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + KEY.encode() + b"\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: "
        + KEY.encode()
        + b"\r\ncontent-length: 9\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
    ids=["no key", "half json", "path", "coding", "method", "untyped", "headers"],
)
async def test_every_refusal_has_anthropics_shape(request_bytes: bytes) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(request_bytes)
        answer = await caller.answer()
        assert answer.status >= 400
        body = answer.json()
        assert body["type"] == "error"
        assert body["error"]["type"]
        assert body["error"]["message"]
