"""The same gateway as an ASGI application."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest

from interlingua.gateway.app import Gateway
from interlingua.gateway.asgi import Application, asgi_app
from interlingua.gateway.settings import ServerSettings
from interlingua.providers import Registry, RemoteProvider, resolve
from interlingua.providers.draining import DrainPolicy
from interlingua.testing import Reply, ScriptedProvider
from interlingua.transport import HTTPTransport
from tests.gateway.house import KEY, Relayed

pytestmark = pytest.mark.anyio

CHAT = {"model": "relayed/tiny", "messages": [{"role": "user", "content": "Hello"}]}


class Server:
    """As much of an ASGI server as a test needs: one request, whose caller may leave."""

    def __init__(
        self, body: bytes, *, method: str = "POST", path: str = "/v1/chat/completions", key: str = KEY
    ) -> None:
        headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
        self.scope: MutableMapping[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": headers, "client": ("127.0.0.1", 1),
        }  # fmt: skip
        self.left = asyncio.Event()
        self.status = 0
        self.body = b""
        self.headers: dict[bytes, bytes] = {}
        self.ended = False
        self._pieces = [body[: len(body) // 2], body[len(body) // 2 :]]

    async def receive(self) -> MutableMapping[str, Any]:
        if self._pieces:
            return {"type": "http.request", "body": self._pieces.pop(0), "more_body": bool(self._pieces)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message["body"]
            self.ended = not message["more_body"]


def application(upstream: ScriptedProvider, transport: HTTPTransport, **settings: Any) -> Application:
    endpoint = resolve(Registry().lookup("openai"), api_key="k" * 20, base_url=upstream.base_url)
    provider = RemoteProvider(endpoint, transport=transport)
    return asgi_app(Gateway(ServerSettings(api_keys=[KEY], **settings), Relayed(provider)))


@pytest.mark.parametrize("model", ["relayed/tiny", "translated/tiny"])
@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer(model: str, stream: bool) -> None:
    async with ScriptedProvider() as upstream:
        transport = HTTPTransport()
        server = Server(json.dumps(CHAT | {"model": model, "stream": stream}).encode())
        await application(upstream, transport)(server.scope, server.receive, server.send)
        await transport.aclose()
        assert (server.status, server.ended) == (200, True)
        assert server.body.endswith(b"data: [DONE]\n\n") is stream
        assert server.headers[b"x-interlingua-request-id"].startswith(b"req_")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Server(b"{}", path="/nothing"), 404),
        (Server(b"{}", method="DELETE"), 405),
        (Server(b"{}", key="wrong-key"), 401),
        (Server(b"{" ), 400),
        (Server(bytes(2000)), 413),
        (Server(b"", method="HEAD", path="/health"), 200),
    ],
    ids=lambda value: value if isinstance(value, int) else "",
)  # fmt: skip
async def test_refusals_are_the_same(asked: Server, status: int) -> None:
    async with ScriptedProvider() as upstream:
        await application(upstream, HTTPTransport(), max_body_bytes=1000)(asked.scope, asked.receive, asked.send)
        assert (asked.status, asked.ended) == (status, True)
        assert (asked.body == b"") is (asked.scope["method"] == "HEAD")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_that_leaves_closes_the_upstream(stream: bool) -> None:
    async with ScriptedProvider() as upstream:
        server = Server(json.dumps(CHAT | {"stream": stream}).encode())

        def behave(_: object) -> Reply:
            server.left.set()
            return Reply(status=0, ending="hang")

        upstream.send(behave)
        transport = HTTPTransport()
        await asyncio.wait_for(application(upstream, transport)(server.scope, server.receive, server.send), 5)
        await asyncio.wait_for(upstream.requests[0].left.wait(), 5)
        await transport.aclose()
        assert server.status == 0


async def test_an_answer_that_cannot_be_finished_is_left_unfinished() -> None:
    async with ScriptedProvider() as upstream:
        event = b'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n'
        upstream.send(Reply(headers=(("content-type", "text/event-stream"),), pieces=[event], ending="cut"))
        server = Server(json.dumps(CHAT | {"stream": True}).encode())
        transport = HTTPTransport()
        await application(upstream, transport)(server.scope, server.receive, server.send)
        await transport.aclose()
        assert b'"code":"stream_interrupted"' in server.body
        assert b"[DONE]" not in server.body


async def test_the_lifespan_closes_the_resolver() -> None:
    async with ScriptedProvider() as upstream:
        provider = RemoteProvider(
            resolve(Registry().lookup("openai"), api_key="k" * 20, base_url=upstream.base_url),
            transport=HTTPTransport(),
        )
        resolver = Relayed(provider)
        events = iter(["lifespan.startup", "lifespan.shutdown"])
        sent: list[str] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": next(events)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message["type"])

        await asgi_app(Gateway(ServerSettings(), resolver))({"type": "lifespan"}, receive, send)
        assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        assert resolver.closed


async def test_the_lifespan_ends_what_is_read_on_without_its_caller() -> None:
    leaving = Server(json.dumps(CHAT | {"stream": False}).encode())

    def behave(_: object) -> Reply:
        leaving.left.set()
        return Reply(status=0, ending="hang")

    events = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> MutableMapping[str, Any]:
        return {"type": next(events)}

    async def send(message: MutableMapping[str, Any]) -> None:
        del message

    async with ScriptedProvider() as upstream:
        upstream.send(behave)
        endpoint = resolve(Registry().lookup("openai"), api_key="k" * 20, base_url=upstream.base_url)
        provider = RemoteProvider(endpoint, transport=HTTPTransport(), drain=DrainPolicy(seconds=20))
        gateway = Gateway(ServerSettings(api_keys=[KEY], drain_seconds=0.05), Relayed(provider))
        await asyncio.wait_for(asgi_app(gateway)(leaving.scope, leaving.receive, leaving.send), 5)
        assert not upstream.requests[0].left.is_set()
        await asyncio.wait_for(asgi_app(gateway)({"type": "lifespan"}, receive, send), 5)
        await asyncio.wait_for(upstream.requests[0].left.wait(), 5)
