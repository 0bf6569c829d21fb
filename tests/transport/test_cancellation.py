"""A cancelled call closes its connection at once, whatever it was doing, and leaves the pool as it was."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx2
import pytest

from interlingua.errors import Error
from interlingua.transport import HTTPRequest, HTTPTransport, HTTPX2Transport, Timeouts, Transport
from interlingua.transport.pool import Lane, PoolLimits
from interlingua.transport.url import parse_url
from tests.transport.upstream import OK, Peer, Upstream, always_ok, replying

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
PATIENT = Timeouts(connect=None, first_token=None, idle=None, total=None)


@pytest.fixture(params=["own", "httpx2"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    if request.param == "own":
        async with HTTPTransport(max_connections=1) as own:
            yield own
    else:
        limits = httpx2.Limits(max_connections=1)
        async with HTTPX2Transport(httpx2.AsyncClient(trust_env=False, verify=False, limits=limits)) as injected:
            yield injected


def post(url: str) -> HTTPRequest:
    return HTTPRequest(method="POST", url=url, body=b"{}", timeouts=PATIENT)


async def fetch(transport: Transport, url: str) -> bytes:
    async with await transport.send(post(url)) as response:
        return await response.read()


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    assert task.cancelled()


def start(work: Coroutine[Any, Any, bytes]) -> asyncio.Task[bytes]:
    return asyncio.create_task(work)


async def test_while_the_head_is_awaited(transport: Transport) -> None:
    async def script(peer: Peer) -> None:
        head, _ = await peer.request()
        if b"/wait" not in head:
            await peer.send(OK)
        await peer.wait_closed()

    async with Upstream(script) as upstream:
        task = start(fetch(transport, upstream.origin + "/wait"))
        await upstream.wait_accepted(1)
        await cancel(task)
        await upstream.wait_open(0)
        assert await fetch(transport, upstream.url) == b"ok"


async def test_while_the_body_is_read(transport: Transport) -> None:
    async def script(peer: Peer) -> None:
        head, _ = await peer.request()
        await peer.send(HEAD + b"2\r\nok\r\n" if b"/wait" in head else OK)
        await peer.wait_closed()

    async with Upstream(script) as upstream:
        response = await transport.send(post(upstream.origin + "/wait"))
        assert await anext(aiter(response)) == b"ok"
        task = start(response.read())
        await asyncio.wait([task], timeout=0.01)
        await cancel(task)
        await upstream.wait_open(0)
        assert await fetch(transport, upstream.url) == b"ok"


async def test_while_a_place_in_the_pool_is_awaited(transport: Transport) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await finish.wait()
            await peer.send(OK)

    finish = asyncio.Event()
    async with Upstream(script) as upstream:
        holder = start(fetch(transport, upstream.url))
        await upstream.wait_accepted(1)
        waiting = [start(fetch(transport, upstream.url)) for _ in range(3)]
        await asyncio.wait(waiting, timeout=0.01)
        await cancel(waiting[0])
        await cancel(waiting[1])
        finish.set()
        assert await asyncio.gather(holder, waiting[2], fetch(transport, upstream.url)) == [b"ok"] * 3
        assert upstream.accepted == 1


async def test_in_the_tls_handshake(transport: Transport) -> None:
    async with Upstream(replying(b"")) as upstream:
        task = start(fetch(transport, upstream.url.replace("http:", "https:")))
        await upstream.wait_accepted(1)
        await asyncio.wait([task], timeout=0.01)
        await cancel(task)
        await upstream.wait_open(0)


async def test_in_a_proxy_handshake() -> None:
    async with Upstream(replying(b"")) as proxy, HTTPTransport(proxies=proxy.origin, max_connections=1) as transport:
        for _ in range(3):
            task = start(fetch(transport, "https://example.com/"))
            await proxy.wait_open(1)
            await asyncio.wait([task], timeout=0.01)
            await cancel(task)
            await proxy.wait_open(0)
        assert proxy.accepted == 3


async def test_in_the_tls_handshake_behind_a_proxy() -> None:
    agreed = b"HTTP/1.1 200 Connection established\r\n\r\n"
    async with Upstream(replying(agreed)) as proxy, HTTPTransport(proxies=proxy.origin, max_connections=1) as transport:
        for _ in range(3):
            task = start(fetch(transport, "https://example.com/"))
            await proxy.wait_open(1)
            await asyncio.wait([task], timeout=0.05)
            await cancel(task)
            await proxy.wait_open(0)


async def test_what_was_handed_over_in_the_moment_of_a_cancellation_goes_to_the_next() -> None:
    async with Upstream(always_ok) as upstream:
        lane = Lane(
            parse_url(upstream.url).origin,
            None,
            loop=asyncio.get_running_loop(),
            limits=PoolLimits(max_connections=1, max_idle=1, idle_expiry=60.0),
            tls=ssl.create_default_context,
        )
        connection = await lane.open()
        first, second = asyncio.create_task(lane.open()), asyncio.create_task(lane.open())
        await asyncio.wait([first, second], timeout=0)
        lane.release(connection)
        first.cancel()
        assert await second is connection
        assert first.cancelled()
        lane.close()
        await lane.wait_closed()


async def capricious(peer: Peer) -> None:
    """Answer in pieces, with the time that each takes drawn at random."""
    chance = random.Random(peer.writer.get_extra_info("peername")[1])  # noqa: S311
    while True:
        await peer.request()
        await peer.pause(chance.random() * 0.004)
        await peer.send(HEAD)
        for _ in range(3):
            await peer.pause(chance.random() * 0.002)
            await peer.send(b"5\r\nhello\r\n")
        await peer.send(b"0\r\n\r\n")


@pytest.mark.parametrize("max_connections", [None, 5])
async def test_a_storm_of_cancellations_leaves_nothing_behind(max_connections: int | None) -> None:
    chance = random.Random(20261122)  # noqa: S311
    tasks_before = len(asyncio.all_tasks())

    async def call(transport: HTTPTransport, url: str) -> bytes:
        try:
            async with asyncio.timeout(chance.random() * 0.1):
                return await fetch(transport, url)
        except TimeoutError:
            return b""

    async with Upstream(capricious) as upstream:
        async with HTTPTransport(max_connections=max_connections) as transport:
            answers: list[bytes] = []
            for _ in range(10):
                answers += await asyncio.gather(*[call(transport, upstream.url) for _ in range(40)])
            assert set(answers) <= {b"", b"hello" * 3}
            await upstream.wait_open(transport.idle_connections)
            assert transport.open_connections == transport.idle_connections
            assert await fetch(transport, upstream.url) == b"hello" * 3
        await upstream.wait_open(0)
    assert len(asyncio.all_tasks()) == tasks_before


async def test_no_failure_is_left_unread() -> None:
    """A connection that fails while nobody waits for it must not end in a message about a lost exception."""
    async with Upstream(replying(HEAD + b"2\r\nok\r\nbroken")) as upstream, HTTPTransport() as transport:
        response = await transport.send(post(upstream.url))
        await upstream.wait_open(0)
        with pytest.raises(Error):
            await response.read()
