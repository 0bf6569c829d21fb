"""Official SDKs as callers: each asks through the gateway and tells what its own accumulator made of the answer."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeAlias

import anthropic
import httpx2
import msgspec
import ollama
import openai
from google import genai
from google.genai import types

KEY: Final = "gateway-key-0123456789"


class Heard(msgspec.Struct, kw_only=True):
    """What a caller was told, in words of no wire, as its SDK reads it.

    `shown` is the SDK's whole reply as JSON text; `turn` are the messages of the
    answer as the SDK sends them back in the next request. `cut_short` is set where the
    SDK raises its own error for how the answer ended, instead of giving what came.
    """

    text: str = ""
    thinking: str = ""
    refusal: str = ""
    calls: list[tuple[str, Any]] = []
    finish: str = ""
    counts: tuple[int, int] = (0, 0)
    shown: str = ""
    turn: list[Any] = []
    cut_short: bool = False

    @property
    def gist(self) -> tuple[Any, ...]:
        """What a streamed answer and a whole one have to agree in."""
        return self.text, self.thinking, self.refusal, self.calls, self.finish, self.counts


Ask: TypeAlias = Callable[[dict[str, Any], bool], Awaitable[Heard]]
"""Asks with the SDK's own arguments, streamed or whole."""


class Opened(msgspec.Struct):
    """An SDK's client, and how it asks a model."""

    client: Any
    ask: Ask


Caller: TypeAlias = Callable[[str], AbstractAsyncContextManager[Opened]]
"""Opens an SDK's client at the gateway's URL."""


@asynccontextmanager
async def chat(url: str) -> AsyncGenerator[Opened]:
    """Ask with `openai`, in Chat Completions."""
    opened: Any = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)

    async def ask(given: dict[str, Any], stream: bool) -> Heard:
        if not stream:
            return _of_completion(await client.chat.completions.create(**given))
        async with client.chat.completions.stream(**given, stream_options={"include_usage": True}) as manager:
            try:
                return _of_completion(await manager.get_final_completion())
            except openai.LengthFinishReasonError as error:
                return _of_completion(error.completion)
            except openai.ContentFilterFinishReasonError:
                return Heard(finish="content_filter", cut_short=True)

    async with opened as client:
        yield Opened(client, ask)


@asynccontextmanager
async def responses(url: str) -> AsyncGenerator[Opened]:
    """Ask with `openai`, in Responses."""
    opened: Any = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)

    async def ask(given: dict[str, Any], stream: bool) -> Heard:
        if not stream:
            return _of_response(await client.responses.create(**given))
        async with client.responses.stream(**given) as manager:
            events = [event async for event in manager]
        return _of_response(events[-1].response)

    async with opened as client:
        yield Opened(client, ask)


@asynccontextmanager
async def messages(url: str) -> AsyncGenerator[Opened]:
    """Ask with `anthropic`."""
    opened: Any = anthropic.AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0)

    async def ask(given: dict[str, Any], stream: bool) -> Heard:
        if not stream:
            return _of_message(await client.messages.create(**given))
        async with client.messages.stream(**given) as manager:
            return _of_message(await manager.get_final_message())

    async with opened as client:
        yield Opened(client, ask)


@asynccontextmanager
async def generate_content(url: str) -> AsyncGenerator[Opened]:
    """Ask with `google-genai`, which keeps the connection of each stream that broke, and stops at a hundred of them."""
    unlimited = {"limits": httpx2.Limits(max_connections=None)}
    options = types.HttpOptions(base_url=url, async_client_args=unlimited)
    client = genai.Client(api_key=KEY, http_options=options, vertexai=False)
    aio: Any = client.aio

    async def ask(given: dict[str, Any], stream: bool) -> Heard:
        if not stream:
            return _of_contents([await aio.models.generate_content(**given)])
        pieces = await aio.models.generate_content_stream(**given)
        return _of_contents([piece async for piece in pieces])

    try:
        yield Opened(aio, ask)
    finally:
        await aio.aclose()
        client.close()


@asynccontextmanager
async def native_ollama(url: str) -> AsyncGenerator[Opened]:
    """Ask with `ollama`."""
    client: Any = ollama.AsyncClient(host=url, headers={"authorization": f"Bearer {KEY}"})

    async def ask(given: dict[str, Any], stream: bool) -> Heard:
        reply = await client.chat(**given, stream=stream)
        return _of_chats([piece async for piece in reply] if stream else [reply])

    try:
        yield Opened(client, ask)
    finally:
        await client.close()


def _of_completion(completion: Any) -> Heard:
    choice = completion.choices[0]
    message = choice.message
    thought: dict[str, Any] = message.model_extra or {}
    usage = completion.usage
    return Heard(
        text=message.content or "",
        thinking=thought.get("reasoning_content") or "",
        refusal=message.refusal or "",
        calls=[(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or ()],
        finish=choice.finish_reason,
        counts=(usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0),
        shown=completion.to_json(),
        turn=[_plain(message.to_dict())],
    )


def _of_response(response: Any) -> Heard:
    items: list[Any] = response.output
    contents = [content for item in items if item.type == "message" for content in item.content]
    thoughts = [part for item in items if item.type == "reasoning" for part in (*item.summary, *(item.content or ()))]
    usage = response.usage
    return Heard(
        text="".join(content.text for content in contents if content.type == "output_text"),
        thinking="".join(part.text for part in thoughts),
        refusal="".join(content.refusal for content in contents if content.type == "refusal"),
        calls=[(item.name, json.loads(item.arguments)) for item in items if item.type == "function_call"],
        finish=response.incomplete_details.reason if response.incomplete_details else response.status,
        counts=(usage.input_tokens, usage.output_tokens) if usage else (0, 0),
        shown=response.to_json(),
        turn=[_plain(item.to_dict()) for item in items],
    )


def _of_message(message: Any) -> Heard:
    blocks: list[Any] = message.content
    usage = message.usage
    read = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0) if usage else 0
    return Heard(
        text="".join(block.text for block in blocks if block.type == "text"),
        thinking="".join(block.thinking for block in blocks if block.type == "thinking"),
        calls=[(block.name, block.input) for block in blocks if block.type == "tool_use"],
        finish=message.stop_reason or "",
        counts=(usage.input_tokens + read, usage.output_tokens) if usage else (0, 0),
        shown=message.to_json(),
        turn=[{"role": "assistant", "content": [_plain(block.to_dict()) for block in blocks]}],
    )


def _of_contents(replies: list[Any]) -> Heard:
    candidates = [candidate for reply in replies for candidate in reply.candidates or ()]
    parts = [part for each in candidates for part in (each.content.parts if each.content else None) or ()]
    usage: Any = next((reply.usage_metadata for reply in reversed(replies) if reply.usage_metadata), None)
    finishes = [str(each.finish_reason.value) for each in candidates if each.finish_reason]
    counts = (0, 0)
    if usage is not None:
        counts = (
            usage.prompt_token_count or 0,
            (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        )
    return Heard(
        text="".join(part.text or "" for part in parts if not part.thought),
        thinking="".join(part.text or "" for part in parts if part.thought),
        calls=[(part.function_call.name, part.function_call.args) for part in parts if part.function_call],
        finish=finishes[-1] if finishes else "",
        counts=counts,
        shown=json.dumps([reply.model_dump(mode="json", exclude_none=True) for reply in replies]),
        turn=[types.Content(role="model", parts=parts)],
    )


def _of_chats(replies: list[Any]) -> Heard:
    text = "".join(piece.message.content or "" for piece in replies)
    thinking = "".join(piece.message.thinking or "" for piece in replies)
    calls = [call for piece in replies for call in piece.message.tool_calls or ()]
    last = replies[-1]
    turn: dict[str, Any] = {"role": "assistant", "content": text, "tool_calls": [call.model_dump() for call in calls]}
    return Heard(
        text=text,
        thinking=thinking,
        calls=[(call.function.name, dict(call.function.arguments)) for call in calls],
        finish=last.done_reason or "",
        counts=(last.prompt_eval_count or 0, last.eval_count or 0),
        shown=json.dumps([piece.model_dump(mode="json") for piece in replies]),
        turn=[turn | ({"thinking": thinking} if thinking else {})],
    )


def _plain(value: Any) -> Any:
    """Leave out what an SDK added to its own objects and would not send."""
    unsent = ("parsed", "parsed_arguments", "parsed_output")
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in unsent}  # pyright: ignore[reportUnknownVariableType]
    return [_plain(each) for each in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


CALLERS: Final[dict[str, Caller]] = {
    "chat_completions": chat,
    "responses": responses,
    "messages": messages,
    "generate_content": generate_content,
    "ollama": native_ollama,
}
"""Every SDK, by the wire that it speaks."""
