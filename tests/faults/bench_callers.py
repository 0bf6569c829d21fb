"""Who asks: a bare client that follows the published rules of parsing, OpenAI's SDK, and our own library."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import httpx2
import msgspec
import openai
from openai import AsyncOpenAI

from interlingua import Client
from interlingua.errors import Error
from tests.faults.bench_scenarios import Heard
from tests.faults.bench_wall import PROMPT, TEXT

_MESSAGES: Final = [{"role": "user", "content": PROMPT}]
_CONNECT: Final = 10.0
_ALIVE_WITHIN: Final = 10.0


class Caller(Protocol):
    """Asks for answers."""

    async def ask(self, model: str, *, longest: float) -> Heard:
        """Ask for a stream, and wait for `longest` seconds at most."""
        ...

    async def is_alive(self, model: str) -> bool:
        """Tell whether a healthy model answers whole."""
        ...


async def _bounded(ask: Callable[[], Awaitable[Heard]], longest: float) -> Heard:
    """Ask, and call it a hang where the end does not come a second after the longest wait."""
    clock = asyncio.get_running_loop().time
    started = clock()
    try:
        async with asyncio.timeout(longest + 1.0):
            heard = await ask()
    except TimeoutError:
        heard = Heard(outcome="hang")
    return msgspec.structs.replace(heard, seconds=clock() - started)


def _error(error: Exception) -> Heard:
    return Heard(outcome="error", error=f"{type(error).__name__}: {error}"[:160])


class BareCaller:
    """One request, no repeats; `patience` is the longest silence in seconds, else the scenario's longest wait."""

    def __init__(self, base_url: str, connections: httpx2.AsyncClient, *, patience: float | None = None) -> None:
        self._address = f"{base_url}/chat/completions"
        self._connections = connections
        self._patience = patience

    async def ask(self, model: str, *, longest: float) -> Heard:
        return await _bounded(lambda: self._ask(model, self._patience or longest), longest)

    async def is_alive(self, model: str) -> bool:
        body = {"model": model, "messages": _MESSAGES}
        reply = await self._connections.post(self._address, json=body, timeout=_ALIVE_WITHIN)
        return reply.status_code == 200 and reply.json()["choices"][0]["message"]["content"] == TEXT

    async def _ask(self, model: str, patience: float) -> Heard:
        body = {"model": model, "messages": _MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
        timeout = httpx2.Timeout(patience, connect=_CONNECT)
        headers = {"authorization": "Bearer bench"}
        heard = _Reading()
        try:
            async with self._connections.stream(
                "POST", self._address, json=body, headers=headers, timeout=timeout
            ) as reply:
                if reply.status_code != 200:
                    return Heard(outcome="error", error=f"{reply.status_code} {(await reply.aread())[:120].decode()}")
                async for line in reply.aiter_lines():
                    if line.startswith("data:") and heard.read(line.removeprefix("data:").strip()):
                        break
        except httpx2.HTTPError as error:
            return _error(error)
        return heard.result()


class _Reading:
    """What a stream has said so far, leniently read."""

    def __init__(self) -> None:
        self.text = ""
        self.model = ""
        self.usage = False
        self.error = ""

    def read(self, data: str) -> bool:
        """Take an event in; tell whether there is nothing more to read."""
        if data == "[DONE]":
            return True
        try:
            event = msgspec.json.decode(data, type=dict[str, Any])
        except msgspec.DecodeError:
            return False
        if event.get("error"):
            self.error = f"in the stream: {event['error']}"[:160]
            return True
        self.model = event.get("model") or self.model
        self.usage = bool(event.get("usage")) or self.usage
        choices: list[dict[str, Any]] = event.get("choices") or []
        for choice in choices:
            delta: dict[str, Any] = choice.get("delta") or {}
            self.text += str(delta.get("content") or "")
        return False

    def result(self) -> Heard:
        """Say what was heard; a body that ended well is an answer, whatever stands in it."""
        if self.error:
            return Heard(outcome="error", error=self.error)
        return Heard(outcome="answered", text=self.text, model=self.model, usage=self.usage)


class SDKCaller:
    """OpenAI's own SDK, which repeats nothing."""

    def __init__(self, base_url: str, connections: httpx2.AsyncClient) -> None:
        self._client = AsyncOpenAI(base_url=base_url, api_key="bench", max_retries=0, http_client=connections)

    async def ask(self, model: str, *, longest: float) -> Heard:
        return await _bounded(lambda: self._ask(model, longest), longest)

    async def is_alive(self, model: str) -> bool:
        answer = await self._client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": PROMPT}], timeout=_ALIVE_WITHIN
        )
        return answer.choices[0].message.content == TEXT

    async def _ask(self, model: str, longest: float) -> Heard:
        text, named, usage = "", "", False
        try:
            async with await self._client.chat.completions.create(
                model=model,
                messages=[{"role": "user", "content": PROMPT}],
                stream=True,
                stream_options={"include_usage": True},
                timeout=openai.Timeout(longest, connect=_CONNECT),
            ) as chunks:
                async for chunk in chunks:
                    named, usage = chunk.model or named, chunk.usage is not None or usage
                    text += "".join(choice.delta.content or "" for choice in chunk.choices)
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            return _error(error)
        return Heard(outcome="answered", text=text, model=named, usage=usage)


class LibraryCaller:
    """Our own client, in the same process as the routes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, model: str, *, longest: float) -> Heard:
        return await _bounded(lambda: self._ask(model), longest)

    async def is_alive(self, model: str) -> bool:
        return (await self._client.generate(model, PROMPT)).text == TEXT

    async def _ask(self, model: str) -> Heard:
        heard, text = Heard(outcome="answered"), ""
        try:
            async for piece in self._client.generate_stream(model, PROMPT):
                text += piece.delta
                heard = Heard(outcome="answered", text=text, model=piece.model or "", usage=piece.usage is not None)
        except Error as error:
            return _error(error)
        return heard
