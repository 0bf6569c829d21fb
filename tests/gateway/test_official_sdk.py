"""The official SDK against the gateway: what it gets, and what it raises."""

import asyncio
import json
import queue
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import openai
import pytest
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam, ChatCompletionToolParam

from interlingua.gateway.server import HTTPServer
from interlingua.testing import Reply, ScriptedProvider
from tests.gateway.house import KEY, gateway_over

pytestmark = pytest.mark.anyio

MODELS = pytest.mark.parametrize("model", ["relayed/tiny", "translated/tiny"])
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
WEATHER: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "strict": True,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


@asynccontextmanager
async def sdk(server: HTTPServer, key: str = KEY) -> AsyncGenerator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client:
        yield client


@MODELS
async def test_chat(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply("Hi there.")
        completion = await client.chat.completions.create(model=model, messages=HELLO, temperature=0, seed=0)
        assert completion.choices[0].message.content == "Hi there."
        assert completion.choices[0].finish_reason == "stop"
        assert completion.usage is not None
        assert completion.usage.total_tokens == 5
        assert completion.object == "chat.completion"
        asked = upstream.requests[0].json
        assert (asked["model"], asked["temperature"], asked["seed"]) == ("tiny", 0, 0)
        assert upstream.requests[0].headers["authorization"] == "Bearer upstream-key-0123456789"


@MODELS
async def test_stream_with_usage(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One", " two", " three")
        stream = await client.chat.completions.create(
            model=model, messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "One two three"
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
        assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [3]
        assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}


@MODELS
async def test_stream_without_usage_has_none(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One")
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        assert [chunk.usage async for chunk in stream if chunk.usage] == []


@MODELS
async def test_tool_call(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply(None, tool_calls=[("weather", '{"city":"Oslo"}'), ("weather", '{"city":"Rome"}')])
        completion = await client.chat.completions.create(model=model, messages=HELLO, tools=WEATHER)
        calls = completion.choices[0].message.tool_calls or []
        assert completion.choices[0].finish_reason == "tool_calls"
        assert [json.loads(call.function.arguments) for call in calls if call.type == "function"] == [
            {"city": "Oslo"},
            {"city": "Rome"},
        ]


@MODELS
async def test_tool_call_with_streamed_arguments(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream(tool_calls=[("weather", '{"city":"Oslo"}')])
        async with client.chat.completions.stream(model=model, messages=HELLO, tools=WEATHER) as stream:
            completion = await stream.get_final_completion()
        call = (completion.choices[0].message.tool_calls or [])[0]
        assert call.type == "function"
        assert (call.function.name, call.function.arguments) == ("weather", '{"city":"Oslo"}')


async def test_models_are_listed_and_described() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        assert [model.id async for model in client.models.list()] == ["relayed/tiny", "translated/tiny"]
        described = await client.models.retrieve("relayed/tiny")
        assert (described.id, described.object, described.owned_by) == ("relayed/tiny", "model", "relayed")
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("relayed/huge")


@pytest.mark.parametrize("stream", [False, True])
async def test_an_unknown_model_is_a_typed_404(stream: bool) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(openai.NotFoundError) as caught:
            await client.chat.completions.create(model="nobody/knows", messages=HELLO, stream=stream)
        assert caught.value.status_code == 404
        assert caught.value.code == "model_not_found"
        assert upstream.requests == []


async def test_an_unknown_path_is_a_typed_404_with_the_remedy() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream) as server,
        openai.AsyncOpenAI(base_url=server.url, api_key=KEY, max_retries=0) as client,
    ):
        with pytest.raises(openai.NotFoundError, match="ends in /v1"):
            await client.chat.completions.create(model="relayed/tiny", messages=HELLO)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_wrong_key_is_a_typed_401(stream: bool) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server, "wrong") as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            await client.chat.completions.create(model="relayed/tiny", messages=HELLO, stream=stream)
        assert caught.value.code == "invalid_api_key"
        assert upstream.requests == []


@MODELS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
async def test_a_providers_error_keeps_its_type(
    model: str, stream: bool, status: int, kind: type[openai.APIStatusError]
) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail(status, "the provider says no", code="some_code", headers={"retry-after": "7"})
        with pytest.raises(kind, match="the provider says no") as caught:
            await client.chat.completions.create(model=model, messages=HELLO, stream=stream)
        assert caught.value.code == "some_code"
        assert caught.value.response.headers["retry-after"] == "7"
        assert caught.value.request_id == "req_scripted"


@MODELS
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_of_the_gateway_itself_is_not_the_callers_401(model: str, status: int) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail(status, "Incorrect API key provided.", code="invalid_api_key")
        with pytest.raises(openai.InternalServerError) as caught:
            await client.chat.completions.create(model=model, messages=HELLO)
        assert (caught.value.status_code, caught.value.code) == (502, "upstream_unauthorized")
        assert caught.value.response.headers["x-should-retry"] == "false"


@MODELS
async def test_an_error_within_a_stream_is_raised_after_what_came_before(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        gate = asyncio.Event()
        first = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"One"},"finish_reason":null}]}\n\n'
        error = b'data: {"error":{"message":"it broke","type":"server_error","code":"500"}}\n\n'
        upstream.send(Reply(headers=(("content-type", "text/event-stream"),), pieces=[first, gate, error]))
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        texts: list[str] = []
        with pytest.raises(openai.APIError, match="it broke"):
            await _collect(stream, texts, gate)
        assert "".join(texts) == "One"


async def _collect(stream: openai.AsyncStream[ChatCompletionChunk], texts: list[str], gate: asyncio.Event) -> None:
    async for chunk in stream:
        texts.append(chunk.choices[0].delta.content or "")
        gate.set()


@MODELS
async def test_an_error_as_the_first_event_is_a_proper_status(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail_in_stream("it broke")
        with pytest.raises(openai.InternalServerError, match="it broke"):
            await client.chat.completions.create(model=model, messages=HELLO, stream=True)


@MODELS
@pytest.mark.parametrize("kept", [1, 2, 3, 4])
async def test_a_stream_that_is_cut_is_raised_and_never_ends_well(model: str, kept: int) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One", " two", " three", keep=kept, ending="cut")
        with pytest.raises(openai.APIError):
            async for _ in await client.chat.completions.create(model=model, messages=HELLO, stream=True):
                pass


def test_the_synchronous_sdk() -> None:
    with _in_thread() as (url, upstream, loop):
        loop.call_soon_threadsafe(upstream.stream, "One", " two")
        with openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
            stream = client.chat.completions.create(model="relayed/tiny", messages=HELLO, stream=True)
            assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "One two"
            assert client.chat.completions.create(model="translated/tiny", messages=HELLO).choices[0].message.content
            with pytest.raises(openai.NotFoundError):
                client.chat.completions.create(model="nobody/knows", messages=HELLO)
        with (
            openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0) as client,
            pytest.raises(openai.AuthenticationError),
        ):
            client.models.list()


@contextmanager
def _in_thread() -> Generator[tuple[str, ScriptedProvider, asyncio.AbstractEventLoop]]:
    """Run a gateway in a loop of another thread."""
    ready: queue.Queue[tuple[str, ScriptedProvider, asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def run() -> None:
        stop = asyncio.Event()
        async with ScriptedProvider() as upstream, gateway_over(upstream) as server:
            ready.put((server.url, upstream, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    url, upstream, loop, stop = ready.get(timeout=10)
    try:
        yield url, upstream, loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
