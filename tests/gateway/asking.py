"""Asking the route `smart` of a gateway at any of its doors, for tests of what a route does."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.providers.remote import wire_named
from interlingua.providers.row import WireName
from interlingua.types import TextDelta
from tests.gateway.raw import Answer, post

SAID: Final[Mapping[str, Any]] = {"messages": [{"role": "user", "content": "Hello"}], "model": "smart"}
_CONTENTS: Final[Mapping[str, Any]] = {"contents": [{"parts": [{"text": "Hello"}]}]}
DOORS: Final[Mapping[WireName, tuple[str, str, Mapping[str, Any]]]] = {
    "chat_completions": ("/v1/chat/completions", "/v1/chat/completions", SAID),
    "messages": ("/v1/messages", "/v1/messages", {**SAID, "max_tokens": 100}),
    "responses": ("/v1/responses", "/v1/responses", {"model": "smart", "input": "Hello"}),
    "generate_content": (
        "/v1beta/models/smart:generateContent", "/v1beta/models/smart:streamGenerateContent?alt=sse", _CONTENTS,
    ),
    "ollama": ("/api/chat", "/api/chat", SAID),
}  # fmt: skip
"""Where each wire is asked for a whole answer, where for a stream, and with what."""


def request_of(wire: WireName, *headers: str, streamed: bool, **more: Any) -> bytes:
    """Write a request of a wire."""
    whole, stream, body = DOORS[wire]
    said = {} if wire == "generate_content" else {"stream": streamed}
    return post(stream if streamed else whole, {**body, **said, **more}, *headers)


def text_of(answer: Answer, wire: WireName, *, streamed: bool) -> str:
    """Give the whole text of an answer in a wire."""
    if not streamed:
        return wire_named(wire).parse_response(answer.body).text
    parser = wire_named(wire).stream_parser()
    events = [*parser.feed(answer.body), *parser.close()]
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@asynccontextmanager
async def gateway_to(
    targets: Mapping[str, str], *, keys: tuple[str, ...] = (), **route: Any
) -> AsyncGenerator[HTTPServer]:
    """Run a gateway whose route `smart` has these targets, `provider/model`, each at its base URL."""
    providers = {
        name.partition("/")[0]: {"base_url": url, "api_key": "k", "extends": "openai"} for name, url in targets.items()
    }
    settings = ServerSettings(port=0, api_keys=list(keys))
    given: dict[str, Any] = {"targets": list(targets), "retries": 0, **route}
    async with Client(providers=providers, routes={"smart": given}) as client:
        server = HTTPServer(Gateway(settings, client), settings)
        await server.start()
        try:
            yield server
        finally:
            await server.stop(within=0)
