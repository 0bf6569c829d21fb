"""Asks a gateway as a caller does, and tells what came of it without any kindness."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec

from interlingua.client import Client
from interlingua.errors import ConfigError, Error, ProviderError, StreamInterrupted
from interlingua.testing.judgement import Heard
from interlingua.transport import HTTPRequest, HTTPTransport, Transport
from interlingua.transport.response import StreamedResponse
from interlingua.types import ModelOutput

_GATEWAY: Final = "gateway"
_QUESTION: Final = "Tell me about the lighthouse."
_MAX_TOKENS: Final = 64
_REFUSED: Final = 400
_PATHS: Final = {
    "chat_completions": "/v1",
    "responses": "/v1",
    "messages": "/v1",
    "generate_content": "/v1beta",
    "ollama": "",
}
_VERSION: Final = re.compile(r"/(v1|v1beta|api)/*$")
_TELL_IN_ANY_BODY: Final = ("generate_content", "ollama")
_STREAMS: Final = ("text/event-stream", "application/x-ndjson", "application/ndjson")
_KEY_HEADERS: Final = {"messages": "x-api-key", "generate_content": "x-goog-api-key"}

WIRES: Final = tuple(_PATHS)
"""The APIs in which a gateway can be asked."""


class Asker:
    """Asks one gateway in one wire, with no second try, and over a new connection each time.

    What counts as an answer, and what as an error of the API, is what the official SDKs
    take for it (openai 3.54, anthropic 2.12, google-genai 3.4 and ollama 0.6.3, compared
    2026-11-25). A stream that ends in good order without saying why is an answer to them;
    `Heard` shows that the text is not whole, or that no reason was told. The bytes are read
    by this library's own client, which bears odd framings that some SDKs do not, and no
    broken events.

    Args:
        url: the gateway's address, with or without the version at its end.
        wire: the API to ask in.
        key: the gateway's key; any text where it has none.
        longest: the seconds after which an answer is called a hang.
        settings: further settings of `Client`, such as `ca_bundle`.

    Example:
        >>> asker = Asker("http://127.0.0.1:4180", wire="messages", key=None, longest=60.0)
        >>> (await asker.ask("wall/healthy", streamed=True)).outcome
        'answered'

    """

    def __init__(
        self, url: str, *, wire: str, key: str | None, longest: float, settings: Mapping[str, Any] | None = None
    ) -> None:
        self._wire = wire
        self._longest = longest
        self._provider: dict[str, Any] = {
            "base_url": base_url_of(url, wire),
            "wire": wire,
            "api_key": key or "unused",
            "auth": _KEY_HEADERS.get(wire, "bearer"),
        }
        self._settings = dict(settings or {})

    async def ask(self, model: str, *, streamed: bool) -> Heard:
        """Ask for a model once, and wait for the end, but no longer than `longest`.

        Raises:
            ConfigError: the address or a setting cannot be used.

        """
        clock = asyncio.get_running_loop().time
        started = clock()
        network: dict[str, Any] = {
            name: value for name, value in self._settings.items() if name in ("ca_bundle", "proxies", "trust_env")
        }
        async with HTTPTransport(**network) as transport:
            watched = _Watched(transport, wire=self._wire, streamed=streamed)
            async with self._client(watched) as client:
                try:
                    async with asyncio.timeout(self._longest):
                        heard = await _heard(client, watched, f"{_GATEWAY}/{model}", streamed=streamed)
                except TimeoutError:
                    heard = Heard(outcome="hang", error=f"There was no end within {self._longest:g} s.")
        return msgspec.structs.replace(heard, seconds=clock() - started)

    def _client(self, transport: Transport) -> Client:
        late = 2 * self._longest
        return Client(
            providers={_GATEWAY: self._provider},
            transport=transport,
            max_retries=0,
            connect_timeout=late,
            first_token_timeout=late,
            idle_timeout=late,
            timeout=late,
        )


def base_url_of(url: str, wire: str) -> str:
    """Give the base URL for a wire, whether the address of the gateway was written with a version or not.

    Example:
        >>> base_url_of("http://127.0.0.1:4180/v1", "generate_content")
        'http://127.0.0.1:4180/v1beta'

    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    path = _VERSION.sub("", parts.path.rstrip("/")) + _PATHS[wire]
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


class _Watched:
    """A transport that remembers the reply, to tell what an SDK makes of it."""

    def __init__(self, transport: HTTPTransport, *, wire: str, streamed: bool) -> None:
        self.reply: StreamedResponse | None = None
        self._transport = transport
        self._wire = wire
        self._streamed = streamed

    async def send(self, request: HTTPRequest) -> StreamedResponse:
        self.reply = await self._transport.send(request)
        return self.reply

    async def aclose(self) -> None:
        await self._transport.aclose()

    def ended(self, error: StreamInterrupted) -> bool:
        """Tell whether the stream ended in good order, and only its text says that it was cut."""
        return self.reply is not None and self.reply.failure is not error

    def told(self, error: Error) -> bool:
        """Tell whether an SDK raises this as an error of the API: by its status, or as an event of a stream.

        The body of an error under a status of 200 is none to most; they look for the answer in it.
        """
        if self.reply is None or self.reply.status >= _REFUSED:
            return self.reply is not None
        kind = self.reply.header("content-type") or ""
        is_event = kind.startswith(_STREAMS) or (self._streamed and self._wire in _TELL_IN_ANY_BODY)
        return is_event and isinstance(error, ProviderError)


async def _heard(client: Client, watched: _Watched, model: str, *, streamed: bool) -> Heard:
    text = ""
    try:
        if streamed:
            output = ModelOutput()
            async for output in client.generate_stream(model, _QUESTION, max_tokens=_MAX_TOKENS):
                text += output.delta
        else:
            output = await client.generate(model, _QUESTION, max_tokens=_MAX_TOKENS)
    except ConfigError:
        raise
    except StreamInterrupted as error:
        # A stream that ends in good order is an answer to whoever does not look for the reason of its end.
        outcome = "answered" if streamed and watched.ended(error) else "broken"
        return Heard(outcome=outcome, text=error.partial or text, error=_line(error))
    except Error as error:
        return Heard(outcome="error" if watched.told(error) else "broken", text=text, error=_line(error))
    calls = [(call.name, _decoded(call.arguments)) for call in output.tool_calls]
    return Heard(outcome="answered", text=output.text, finish=output.finish_reason or "", calls=calls)


def _decoded(arguments: str) -> object:
    try:
        return msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments


def _line(error: Error) -> str:
    return f"{error.kind}: {error.message}".replace("\n", " ")[:200]
