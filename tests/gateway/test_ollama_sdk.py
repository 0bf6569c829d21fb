"""Ollama's official SDK against the gateway, over a provider of another wire."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import ollama
import pytest

from interlingua.gateway.server import HTTPServer
from interlingua.testing import ScriptedProvider
from interlingua.wires.table import WIRES
from tests.gateway.house import KEY, gateway_over

pytestmark = [pytest.mark.anyio, pytest.mark.skipif("ollama" not in WIRES, reason="the wire is not there")]

MODEL = "translated/tiny"
HELLO = [{"role": "user", "content": "Hello"}]


@asynccontextmanager
async def sdk(server: HTTPServer, key: str = KEY) -> AsyncGenerator[Any]:
    """Give a client; it is of no type, since the SDK's own annotations are half unknown."""
    client: Any = ollama.AsyncClient(host=server.url, headers={"authorization": f"Bearer {key}"})
    try:
        yield client
    finally:
        await client.close()


async def test_chat() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply("Hi there.")
        reply = await client.chat(model=MODEL, messages=HELLO, options={"temperature": 0, "num_predict": 9})
        assert (reply.message.content, reply.done, reply.done_reason) == ("Hi there.", True, "stop")
        assert (reply.prompt_eval_count, reply.eval_count) == (3, 2)
        asked = upstream.requests[0].json
        assert (asked["model"], asked["temperature"]) == ("tiny", 0)


async def test_stream() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One", " two", thinking="Hm.")
        parts = [part async for part in await client.chat(model=MODEL, messages=HELLO, stream=True)]
        assert "".join(part.message.content or "" for part in parts) == "One two"
        assert "".join(part.message.thinking or "" for part in parts) == "Hm."
        assert (parts[-1].done, parts[-1].eval_count) == (True, 2)


async def test_a_text_with_separators_is_one_line() -> None:
    odd = "a\u2028b\u2029c\u0085d"
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream(odd, odd, thinking=odd)
        parts = [part async for part in await client.chat(model=MODEL, messages=HELLO, stream=True)]
        assert "".join(part.message.content or "" for part in parts) == odd * 2
        assert "".join(part.message.thinking or "" for part in parts) == odd


async def test_tool_calls() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply(None, tool_calls=[("weather", '{"city":"Oslo"}')])
        tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
        reply = await client.chat(model=MODEL, messages=HELLO, tools=[tool])
        assert [call.function.arguments for call in reply.message.tool_calls] == [{"city": "Oslo"}]


@pytest.mark.parametrize("stream", [False, True])
async def test_generate(stream: bool) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("upon", " a time.") if stream else upstream.reply("upon a time.")
        reply = await client.generate(model=MODEL, prompt="Once", system="Tell.", stream=stream)
        text = "".join([part.response async for part in reply]) if stream else reply.response
        assert text == "upon a time."
        assert [each["content"] for each in upstream.requests[0].json["messages"]] == ["Tell.", "Once"]


async def test_models() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        assert [model.model for model in (await client.list()).models] == ["relayed/tiny", "translated/tiny"]
        assert [model.model for model in (await client.ps()).models] == ["relayed/tiny", "translated/tiny"]
        shown = await client.show("relayed/tiny")
        assert "completion" in shown.capabilities
        with pytest.raises(ollama.ResponseError) as raised:
            await client.show("relayed/huge")
        assert raised.value.status_code == 404


async def test_failures_are_typed() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(ollama.ResponseError) as missing:
            await client.chat(model="nobody", messages=HELLO)
        assert missing.value.status_code == 404
        upstream.fail(429, "slow down")
        with pytest.raises(ollama.ResponseError, match="slow down"):
            await client.chat(model=MODEL, messages=HELLO)
        upstream.fail_in_stream("out of capacity", after=["One"])
        with pytest.raises(ollama.ResponseError, match="out of capacity"):
            async for _ in await client.chat(model=MODEL, messages=HELLO, stream=True):
                pass
        async with sdk(server, "wrong-key-0123") as other:
            with pytest.raises(ollama.ResponseError) as stranger:
                await other.chat(model=MODEL, messages=HELLO)
        assert stranger.value.status_code == 401
