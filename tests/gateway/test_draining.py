"""A caller that leaves a provider whose replies are read on: through every path of the gateway, until it stops."""

import asyncio
import logging
import re
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.testing import ScriptedProvider
from interlingua.testing.reply import SeenRequest
from tests.gated import held, held_whole
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

CHAT: dict[str, Any] = {
    "model": "acme/tiny",
    "messages": [{"role": "user", "content": "a secret prompt"}],
    "stream_options": {"include_usage": True},
}
WAYS = pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/v1/chat/completions", CHAT, id="relayed"),
        pytest.param("/v1/messages", {**CHAT, "max_tokens": 9}, id="translated"),
        pytest.param("/v1/chat/completions", {**CHAT, "model": "route"}, id="routed"),
        pytest.param("/v1/messages", {**CHAT, "max_tokens": 9, "model": "rescued"}, id="rescued"),
    ],
)


@asynccontextmanager
async def gateway_of(upstream: ScriptedProvider, **settings: Any) -> AsyncGenerator[HTTPServer]:
    """Run a gateway that reads on what callers leave, unless settings of the provider say otherwise."""
    acme = {"base_url": upstream.base_url, "api_key": "k", "when_caller_leaves": "drain"} | settings
    routes = {"route": {"targets": ["acme/tiny"]}, "rescued": {"targets": ["acme/tiny"], "rescue": "restart"}}
    async with Client(providers={"acme": acme}, routes=routes, max_retries=0, max_concurrency=1) as client:
        gateway = Gateway(ServerSettings(port=0), client)
        server = HTTPServer(gateway, ServerSettings(port=0))
        await server.start()
        try:
            yield server
        finally:
            await server.stop(within=0)
            await gateway.settle(within=0)


async def leave(server: HTTPServer, upstream: ScriptedProvider, path: str, body: dict[str, Any]) -> SeenRequest:
    """Ask, hear the first piece if it is a stream, and go away."""
    before = len(upstream.requests)
    async with calling(server.port) as caller:
        await caller.send(post(path, body))
        seen = await upstream.seen(before + 1)
        if body["stream"]:
            await caller.until(b"One")
    return seen


class Log(logging.Handler):
    """The lines of the gateway's log, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._came = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self._came.set()

    async def line(self, word: str) -> str:
        """Wait for the first line with a word."""
        async with asyncio.timeout(5):
            while not (found := [line for line in self.lines if word in line]):
                self._came.clear()
                await self._came.wait()
        return found[0]


@pytest.fixture
def log() -> Iterator[Log]:
    """Follow the gateway's log."""
    handler, logger = Log(), logging.getLogger("interlingua.gateway")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


async def ended(seen: SeenRequest) -> str | None:
    await asyncio.wait_for(seen.over.wait(), 5)
    return seen.outcome


@WAYS
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_what_a_caller_leaves_is_read_to_its_end_and_its_usage_is_in_the_log(
    log: Log, path: str, body: dict[str, Any], stream: bool
) -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, gateway_of(upstream) as server:
        upstream.send((held if stream else held_whole)(gate))
        seen = await leave(server, upstream, path, {**body, "stream": stream})
        request = await log.line("status=499")
        assert seen.outcome is None
        gate.set()
        drained = await log.line("drained=")

        assert await ended(seen) == "whole"
    words = r'drained=whole usage=exact input=11 output=7 ms=[\d.]+ provider=acme model="tiny" id=(\w+)'
    told = re.fullmatch(words, drained)
    assert told is not None, drained
    assert request.endswith(f"id={told[1]}")
    assert "secret" not in " ".join(log.lines)


@WAYS
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_what_does_not_end_within_the_bound_is_closed(
    log: Log, path: str, body: dict[str, Any], stream: bool
) -> None:
    async with ScriptedProvider() as upstream, gateway_of(upstream, drain_seconds=0.05) as server:
        upstream.send((held if stream else held_whole)(asyncio.Event()))
        seen = await leave(server, upstream, path, {**body, "stream": stream})

        usage = r"usage=estimated input=\d+ output=1" if stream else "usage=unknown"
        assert re.match(f"drained=partly reason=seconds {usage} ", await log.line("drained="))
        assert await ended(seen) == "left"


@WAYS
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_a_provider_that_cancels_is_closed_at_once(
    log: Log, path: str, body: dict[str, Any], stream: bool
) -> None:
    async with ScriptedProvider() as upstream, gateway_of(upstream, when_caller_leaves="cancel") as server:
        upstream.send((held if stream else held_whole)(asyncio.Event()))
        assert await ended(await leave(server, upstream, path, {**body, "stream": stream})) == "left"
    assert "drained" not in " ".join(log.lines)


async def test_a_reply_that_is_read_on_keeps_the_next_caller_waiting(log: Log) -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, gateway_of(upstream) as server, calling(server.port) as next_one:
        upstream.send(held(gate))
        await leave(server, upstream, "/v1/chat/completions", {**CHAT, "stream": True})
        await log.line("status=499")
        await next_one.send(post("/v1/chat/completions", CHAT))
        async with calling(server.port) as other:  # by the time that it is answered, the other one stands in line
            await other.send(b"GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n")
            await other.answer()
        assert len(upstream.requests) == 1
        gate.set()
        assert (await next_one.answer()).status == 200


async def test_a_caller_that_leaves_the_line_has_nothing_read_on(log: Log) -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, gateway_of(upstream) as server, calling(server.port) as first:
        upstream.send(held_whole(gate))
        await first.send(post("/v1/chat/completions", CHAT))
        await upstream.seen()
        async with calling(server.port) as second, calling(server.port) as other:
            await second.send(post("/v1/chat/completions", CHAT))
            await other.send(b"GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n")
            await other.answer()
        await log.line("status=499")
        gate.set()
        assert (await first.answer()).status == 200
    assert len(upstream.requests) == 1
    assert "drained" not in " ".join(log.lines)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_the_slower_one_of_two_that_were_asked_is_read_on(log: Log, stream: bool) -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as slow, ScriptedProvider() as quick:
        slow.send(held_whole(gate))
        providers = {
            "slow": {"base_url": slow.base_url, "api_key": "k", "when_caller_leaves": "drain"},
            "quick": {"base_url": quick.base_url, "api_key": "k"},
        }
        both = {"targets": ["slow/tiny", "quick/tiny"], "hedge_after": 0.01, "hedge_share": 1.0}
        async with Client(providers=providers, routes={"both": both}) as client:
            gateway = Gateway(ServerSettings(port=0), client)
            server = HTTPServer(gateway, ServerSettings(port=0))
            await server.start()
            async with calling(server.port) as caller:
                await caller.send(post("/v1/chat/completions", {**CHAT, "model": "both", "stream": stream}))
                answer = await caller.answer()
            gate.set()
            drained = await log.line("drained=")
            await server.stop(within=0)

        assert answer.status == 200
        assert drained.startswith("drained=whole usage=exact input=11 output=7 ")
        assert drained.endswith(f"id={answer.headers['x-interlingua-request-id']}")
        assert await ended(slow.requests[0]) == "whole"


PROGRAM = """
import json, logging, sys
from interlingua import Client
from interlingua.gateway.lifecycle import serve
from interlingua.gateway.settings import ServerSettings

logging.basicConfig(level=logging.INFO)
acme = {"base_url": sys.argv[1], "api_key": "k", "when_caller_leaves": "drain"}
settings = ServerSettings(port=0, drain_seconds=float(sys.argv[2]))
sys.exit(serve(settings, Client(providers={"acme": acme})))
"""


class Process:
    """A gateway in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    async def ended(self) -> tuple[int, str]:
        """Wait for its end and give its exit status and what it logged."""
        _, errors = await asyncio.to_thread(self.process.communicate, timeout=20)
        return self.process.returncode, errors


def started(base_url: str, drain_seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM, base_url, str(drain_seconds)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@asynccontextmanager
async def running(upstream: ScriptedProvider, *, drain_seconds: float) -> AsyncGenerator[Process]:
    with started(upstream.base_url, drain_seconds) as process:
        assert process.stderr is not None
        try:
            banner = await asyncio.to_thread(process.stderr.readline)
            yield Process(process, int(banner.rpartition(":")[2]))
        finally:
            process.kill()


async def left_behind(upstream: ScriptedProvider, port: int, gate: asyncio.Event) -> SeenRequest:
    """Leave a stream, and see the gateway note it."""
    upstream.send(held(gate))
    async with calling(port) as caller:
        await caller.send(post("/v1/chat/completions", {**CHAT, "stream": True}))
        await caller.until(b"One")
    async with calling(port) as other:
        await other.send(b"GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await other.answer()
    return upstream.requests[-1]


signals = pytest.mark.skipif(sys.platform == "win32", reason="signals of another process")


@signals
async def test_a_stop_signal_waits_for_what_is_read_on() -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, running(upstream, drain_seconds=20) as gateway:
        seen = await left_behind(upstream, gateway.port, gate)
        gateway.process.send_signal(signal.SIGTERM)
        await stopped_listening(gateway.port)
        assert seen.outcome is None
        gate.set()
        status, log = await gateway.ended()
        assert (status, await ended(seen)) == (0, "whole")
        assert "drained=whole usage=exact input=11 output=7" in log


@signals
@pytest.mark.parametrize("count", [1, 2], ids=["bounded", "at once"])
async def test_the_time_to_stop_bounds_it_and_a_second_signal_ends_it(count: int) -> None:
    seconds = 0.2 if count == 1 else 20
    async with ScriptedProvider() as upstream, running(upstream, drain_seconds=seconds) as gateway:
        seen = await left_behind(upstream, gateway.port, asyncio.Event())
        gateway.process.send_signal(signal.SIGTERM)
        if count == 2:
            await stopped_listening(gateway.port)
            gateway.process.send_signal(signal.SIGTERM)
        status, log = await gateway.ended()
        assert status == (0 if count == 1 else 130)
        assert "drained=partly reason=closed usage=estimated" in log
        assert await ended(seen) == "left"


@signals
async def test_what_is_interrupted_at_the_stop_is_not_read_on() -> None:
    async with ScriptedProvider() as upstream, running(upstream, drain_seconds=0.1) as gateway:
        upstream.send(held(asyncio.Event()))
        async with calling(gateway.port) as caller:
            await caller.send(post("/v1/chat/completions", {**CHAT, "stream": True}))
            await caller.until(b"One")
            gateway.process.send_signal(signal.SIGTERM)
            assert b"shutting_down" in (await caller.answer()).body
        status, log = await gateway.ended()
        assert (status, await ended(upstream.requests[0])) == (0, "left")
        assert "drained=partly reason=closed" in log


async def stopped_listening(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            writer.close()
