"""The gateway as a process: it starts, says where it is, drains, and ends."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from interlingua.testing import ScriptedProvider
from tests.gateway.raw import calling, get, post

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of another process"),
]

PROGRAM = """
import logging, sys
from interlingua.errors import InvalidConfig
from interlingua.gateway.lifecycle import serve
from interlingua.gateway.settings import ServerSettings
from interlingua.providers import Registry, RemoteProvider, resolve
from interlingua.transport import HTTPTransport
from tests.gateway.house import Relayed

logging.basicConfig(level=logging.INFO)
endpoint = resolve(Registry().lookup("openai"), api_key="upstream-key-0123456789", base_url=sys.argv[1])
provider = RemoteProvider(endpoint, transport=HTTPTransport())
try:
    settings = ServerSettings(port=int(sys.argv[2]), drain_seconds=float(sys.argv[3]))
    sys.exit(serve(settings, Relayed(provider)))
except InvalidConfig as error:
    sys.exit(error.message)
"""
BODY = {"model": "relayed/tiny", "messages": [{"role": "user", "content": "a secret prompt"}], "stream": True}
CHAT = post("/v1/chat/completions", BODY)


class Process:
    """A running gateway."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.port = port
        self._process = process

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self) -> tuple[int, str]:
        """Wait for its end and give its exit status and what it logged."""
        _, errors = await asyncio.to_thread(self._process.communicate, timeout=20)
        return self._process.returncode, errors


def started(base_url: str, port: int = 0, drain_seconds: float = 20) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, base_url, str(port), str(drain_seconds)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@asynccontextmanager
async def running(upstream: ScriptedProvider, *, drain_seconds: float = 20) -> AsyncGenerator[Process]:
    with started(upstream.base_url, drain_seconds=drain_seconds) as process:
        assert process.stderr is not None
        try:
            banner = await asyncio.to_thread(process.stderr.readline)
            assert banner.startswith("interlingua listens on http://127.0.0.1:")
            yield Process(process, int(banner.rpartition(":")[2]))
        finally:
            process.kill()


async def test_a_stop_signal_lets_a_running_stream_end_and_takes_no_more() -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, running(upstream) as gateway:
        upstream.stream("One", "two", gates={2: gate})
        async with calling(gateway.port) as caller, calling(gateway.port) as idle:
            await idle.send(get("/ready"))
            assert (await idle.answer()).status == 200
            await caller.send(CHAT)
            await caller.until(b'"One"')
            gateway.signal(signal.SIGTERM)
            await idle.end()
            with pytest.raises(OSError, match=r"\[Errno"):
                await asyncio.open_connection("127.0.0.1", gateway.port)
            gate.set()
            answer = await caller.answer()
            assert answer.complete
            assert answer.body.endswith(b"data: [DONE]\n\n")
            await caller.end()
        status, log = await gateway.ended()
        assert status == 0
        assert "method=POST path=/v1/chat/completions status=200" in log
        assert 'model="relayed/tiny"' in log
        assert "stopped interrupted=0" in log
        assert "secret" not in log
        assert "upstream-key" not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_does_not_end_in_time_is_told_so_in_its_own_wire(number: signal.Signals) -> None:
    async with ScriptedProvider() as upstream, running(upstream, drain_seconds=0.1) as gateway:
        upstream.stream("One", "two", keep=2, ending="hang")
        upstream.hang()
        async with calling(gateway.port) as streaming, calling(gateway.port) as waiting:
            await streaming.send(CHAT)
            await streaming.until(b'"One"')
            await waiting.send(CHAT)
            gateway.signal(number)
            streamed, refused = await streaming.answer(), await waiting.answer()
            assert b'"code":"shutting_down"' in streamed.body
            assert b"[DONE]" not in streamed.body
            assert (refused.status, refused.json()["error"]["code"]) == (503, "shutting_down")
        status, log = await gateway.ended()
        assert (status, "stopped interrupted=2" in log) == (0, True)


async def test_a_second_signal_ends_at_once() -> None:
    async with ScriptedProvider() as upstream, running(upstream) as gateway:
        upstream.hang()
        async with calling(gateway.port) as caller, calling(gateway.port) as idle:
            await caller.send(CHAT)
            await idle.send(get("/health"))
            await idle.answer()
            gateway.signal(signal.SIGINT)
            await idle.end()
            gateway.signal(signal.SIGINT)
            status, log = await gateway.ended()
        assert status == 130
        assert "stopped at once" in log


async def test_a_port_in_use_ends_with_one_clear_line() -> None:
    async with ScriptedProvider() as upstream:
        with started(upstream.base_url, port=upstream.port) as process:
            _, errors = await asyncio.to_thread(process.communicate, timeout=20)
        assert process.returncode == 1
        assert errors.startswith(f"127.0.0.1:{upstream.port} is in use already;")
        assert "Traceback" not in errors
