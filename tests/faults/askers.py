"""Who asks in a trial: each official SDK through the gateway, or the library in its own process."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Protocol, cast

import anthropic
import msgspec
import ollama
import openai
from google.genai import errors

from interlingua import Client
from interlingua.errors import Error
from interlingua.testing.judgement import Heard
from interlingua.types import ModelOutput
from tests.conformance.asked import FEATURES
from tests.conformance.callers import CALLERS, Opened
from tests.faults.trials import Door


class Asker(Protocol):
    """Asks a model of that name, streamed or whole."""

    def __call__(self, model: str, *, streamed: bool) -> Awaitable[Heard]: ...


_QUESTIONS: Final = FEATURES[0].asked
_RAISED: Final = (openai.APIError, anthropic.APIError, errors.APIError, ollama.ResponseError)
_CONNECTION: Final = (openai.APIConnectionError, anthropic.APIConnectionError)


@asynccontextmanager
async def askers(url: str, client: Client) -> AsyncGenerator[Mapping[Door, Asker]]:
    """Open every SDK at the gateway's URL, and the library as `client` is."""
    async with AsyncExitStack() as stack:
        found: dict[Door, Asker] = {"library": _library(client)}
        for name, caller in CALLERS.items():
            opened = await stack.enter_async_context(caller(url))
            found[cast("Door", name)] = _sdk(opened, _QUESTIONS[name])
        yield found


def overlook_open_generators() -> None:
    """Say nothing of generators that the SDKs leave behind, running, when an answer breaks; all else is said."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "closing of asynchronous generator" not in context["message"]:
            loop.default_exception_handler(context)

    asyncio.get_running_loop().set_exception_handler(handle)


async def heard_within(seconds: float, asking: Awaitable[Heard]) -> Heard:
    """Call it a hang where the end does not come in time."""
    clock = asyncio.get_running_loop().time
    started = clock()
    try:
        async with asyncio.timeout(seconds):
            heard = await asking
    except TimeoutError:
        heard = Heard(outcome="hang")
    return msgspec.structs.replace(heard, seconds=clock() - started)


def _sdk(opened: Opened, question: Mapping[str, object]) -> Asker:
    async def ask(model: str, *, streamed: bool) -> Heard:
        try:
            heard = await opened.ask({**question, "model": model}, streamed)
        except _CONNECTION as error:
            return Heard(outcome="broken", error=_line(error))
        except _RAISED as error:
            return Heard(outcome="error", error=_line(error))
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever else an SDK raises is no error of the API's
            return Heard(outcome="broken", error=_line(error))
        if heard.finish == "failed":  # `response.failed`, which the SDK gives as an answer with that status
            return Heard(outcome="error", error=heard.finish)
        return Heard(outcome="answered", text=heard.text, finish=heard.finish or "", calls=heard.calls)

    return ask


def _library(client: Client) -> Asker:
    async def ask(model: str, *, streamed: bool) -> Heard:
        try:
            output = await (_streamed(client, model) if streamed else client.generate(model, "Hello", max_tokens=64))
        except Error as error:
            return Heard(outcome="error", error=_line(error))
        calls = [(call.name, json.loads(call.arguments)) for call in output.tool_calls]
        return Heard(outcome="answered", text=output.text, finish=output.finish_reason or "", calls=calls)

    return ask


async def _streamed(client: Client, model: str) -> ModelOutput:
    outputs = [output async for output in client.generate_stream(model, "Hello", max_tokens=64)]
    return outputs[-1]


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
