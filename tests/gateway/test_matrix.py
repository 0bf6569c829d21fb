"""Every official SDK over every wire behind the gateway: an answer, a stream, a tool call."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import types

from interlingua.testing import ScriptedProvider
from interlingua.testing.voices import NAMES
from interlingua.wires.table import WIRES
from tests.gateway.house import KEY, gateway_over

pytestmark = pytest.mark.anyio

MODEL = "translated/tiny"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

Said: TypeAlias = tuple[str, list[tuple[str, Any]]]
Ask: TypeAlias = Callable[[str, bool], Awaitable[Said]]
"""Asks with one tool declared, whole or streamed; gives the text and the calls."""


async def chat(url: str, stream: bool) -> Said:
    function: Any = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        if stream:
            async with client.chat.completions.stream(
                model=MODEL, messages=[{"role": "user", "content": "Hello"}], tools=[function]
            ) as manager:
                completion: Any = await manager.get_final_completion()
        else:
            completion = await client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": "Hello"}], tools=[function]
            )
    message = completion.choices[0].message
    calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or ()]
    return message.content or "", calls


async def responses(url: str, stream: bool) -> Said:
    function: Any = {"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        if stream:
            async with client.responses.stream(model=MODEL, input="Hello", tools=[function]) as manager:
                response: Any = await manager.get_final_response()
        else:
            response = await client.responses.create(model=MODEL, input="Hello", tools=[function])
    calls = [(item.name, json.loads(item.arguments)) for item in response.output if item.type == "function_call"]
    return response.output_text, calls


async def messages(url: str, stream: bool) -> Said:
    tool: Any = {"name": "weather", "input_schema": SCHEMA}
    opened: Any = anthropic.AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0)
    async with opened as client:
        asked: dict[str, Any] = {
            "model": MODEL, "max_tokens": 99, "messages": [{"role": "user", "content": "Hello"}], "tools": [tool],
        }  # fmt: skip
        if stream:
            async with client.messages.stream(**asked) as manager:
                message: Any = await manager.get_final_message()
        else:
            message = await client.messages.create(**asked)
    text = "".join(block.text for block in message.content if block.type == "text")
    return text, [(block.name, block.input) for block in message.content if block.type == "tool_use"]


async def generate_content(url: str, stream: bool) -> Said:
    declared = types.FunctionDeclaration(name="weather", parameters_json_schema=SCHEMA)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
    client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url), vertexai=False)
    aio: Any = client.aio
    if stream:
        pieces = await aio.models.generate_content_stream(model=MODEL, contents="Hello", config=config)
        replies = [piece async for piece in pieces]
    else:
        replies = [await aio.models.generate_content(model=MODEL, contents="Hello", config=config)]
    await aio.aclose()
    client.close()
    parts = [
        part
        for reply in replies
        for candidate in reply.candidates or ()
        for part in (candidate.content.parts if candidate.content else None) or ()
    ]
    calls = [(part.function_call.name, part.function_call.args) for part in parts if part.function_call]
    return "".join(part.text or "" for part in parts), calls


async def native_ollama(url: str, stream: bool) -> Said:
    tool = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    client: Any = ollama.AsyncClient(host=url, headers={"authorization": f"Bearer {KEY}"})
    hello = [{"role": "user", "content": "Hello"}]
    reply = await client.chat(model=MODEL, messages=hello, tools=[tool], stream=stream)
    replies = [piece async for piece in reply] if stream else [reply]
    await client.close()
    calls = [call for piece in replies for call in piece.message.tool_calls or ()]
    text = "".join(piece.message.content or "" for piece in replies)
    return text, [(call.function.name, dict(call.function.arguments)) for call in calls]


CALLERS: dict[str, Ask] = {
    "chat_completions": chat,
    "responses": responses,
    "messages": messages,
    "generate_content": generate_content,
    "ollama": native_ollama,
}
BEHIND = [name for name in WIRES if name in NAMES]


@pytest.mark.newest_openai
@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("caller", [name for name in CALLERS if name in WIRES])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_text_and_tools(caller: str, behind: str, stream: bool) -> None:
    ask = CALLERS[caller]
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=behind) as server:
        upstream.stream("Hi", " there.") if stream else upstream.reply("Hi there.")
        assert await ask(server.url, stream) == ("Hi there.", [])
        calls = [("weather", '{"city":"Oslo"}'), ("weather", '{"city":"Rome"}')]
        upstream.stream(tool_calls=calls) if stream else upstream.reply(None, tool_calls=calls)
        _, called = await ask(server.url, stream)
        assert called == [("weather", {"city": "Oslo"}), ("weather", {"city": "Rome"})]
        assert all("weather" in str(seen.json) for seen in upstream.requests)
