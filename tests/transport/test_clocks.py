"""The four clocks."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from interlingua.errors import TimedOut
from interlingua.transport import HTTPRequest, HTTPTransport, HTTPX2Transport, Timeouts, Transport
from tests.transport.upstream import OK, Peer, Upstream, always_ok, replying

pytestmark = pytest.mark.anyio

OFF = Timeouts(connect=None, first_token=None, idle=None, total=None)
HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture(params=["own", "httpx2"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    if request.param == "own":
        async with HTTPTransport() as own:
            yield own
    else:
        async with HTTPX2Transport(httpx2.AsyncClient(trust_env=False, verify=False)) as injected:
            yield injected


def post(url: str, body: bytes = b"{}", **clocks: float | None) -> HTTPRequest:
    off: dict[str, float | None] = {"connect": None, "first_token": None, "idle": None, "total": None}
    return HTTPRequest(method="POST", url=url, body=body, timeouts=Timeouts(**off | clocks))


async def test_connect_runs_out_in_a_handshake_that_nobody_answers(transport: Transport) -> None:
    async with Upstream(replying(b"")) as upstream:
        with pytest.raises(TimedOut) as caught:
            await transport.send(post(upstream.url.replace("http:", "https:"), connect=0.05))
        assert (caught.value.clock, caught.value.seconds) == ("connect", 0.05)
        await upstream.wait_open(0)


async def test_first_token_runs_out_before_the_head(transport: Transport) -> None:
    async with Upstream(replying(b"")) as upstream:
        with pytest.raises(TimedOut) as caught:
            await transport.send(post(upstream.url, connect=5.0, first_token=0.05))
        assert (caught.value.clock, caught.value.seconds) == ("first_token", 0.05)
        await upstream.wait_open(0)


async def test_first_token_runs_out_between_the_head_and_the_body(transport: Transport) -> None:
    async with Upstream(replying(HEAD)) as upstream:
        response = await transport.send(post(upstream.url, first_token=0.05, idle=5.0))
        with pytest.raises(TimedOut) as caught:
            await response.read()
        assert caught.value.clock == "first_token"
        await upstream.wait_open(0)


async def test_idle_runs_out_between_two_pieces(transport: Transport) -> None:
    async with Upstream(replying(HEAD + b"2\r\nok\r\n")) as upstream:
        response = await transport.send(post(upstream.url, first_token=5.0, idle=0.05))
        assert await anext(aiter(response)) == b"ok"
        with pytest.raises(TimedOut) as caught:
            await anext(aiter(response))
        assert caught.value.clock == "idle"
        await upstream.wait_open(0)


async def test_total_runs_out_though_bytes_keep_coming(transport: Transport) -> None:
    async with Upstream(drip) as upstream:
        response = await transport.send(post(upstream.url, idle=5.0, total=0.2))
        with pytest.raises(TimedOut) as caught:
            await response.read()
        assert (caught.value.clock, caught.value.seconds) == ("total", 0.2)
        await upstream.wait_open(0)


async def drip(peer: Peer) -> None:
    """Send a byte now and then until the client is gone."""
    await peer.request()
    await peer.send(HEAD)
    while True:
        await peer.send(b"1\r\nx\r\n")
        await peer.pause(0.01)


async def test_total_runs_out_before_the_head(transport: Transport) -> None:
    async with Upstream(replying(b"")) as upstream:
        with pytest.raises(TimedOut) as caught:
            await transport.send(post(upstream.url, first_token=5.0, total=0.05))
        assert caught.value.clock == "total"
        await upstream.wait_open(0)


async def test_total_runs_out_in_the_handshake() -> None:
    async with Upstream(replying(b"")) as upstream, HTTPTransport() as transport:
        with pytest.raises(TimedOut) as caught:
            await transport.send(post(upstream.url.replace("http:", "https:"), connect=5.0, total=0.05))
        assert caught.value.clock == "total"
        await upstream.wait_open(0)


async def test_clocks_that_are_off_never_ring(transport: Transport) -> None:
    script = replying(HEAD + b"2\r\nok\r\n0\r\n\r\n")
    async with Upstream(script) as upstream, await transport.send(post(upstream.url)) as response:
        assert await response.read() == b"ok"


async def test_a_clock_of_one_request_does_not_ring_in_the_next() -> None:
    async with Upstream(drip_once) as upstream, HTTPTransport() as transport:
        async with await transport.send(post(upstream.url, first_token=0.1, idle=0.1, total=0.1)) as response:
            assert await response.read() == b"ok"
        async with await transport.send(post(upstream.url, idle=5.0)) as response:
            assert await response.read() == b"x" * 15
        assert upstream.accepted == 1


async def drip_once(peer: Peer) -> None:
    """Answer at once, then answer slowly, over 0.15 seconds."""
    await peer.request()
    await peer.send(OK)
    await peer.request()
    await peer.send(HEAD)
    for _ in range(15):
        await peer.send(b"1\r\nx\r\n")
        await peer.pause(0.01)
    await peer.send(b"0\r\n\r\n")
    await peer.wait_closed()


async def test_a_shorter_clock_on_a_kept_connection_rings_in_time() -> None:
    async with Upstream(replying(OK, b"")) as upstream, HTTPTransport() as transport:
        async with await transport.send(post(upstream.url, first_token=60.0)) as response:
            await response.read()
        async with asyncio.timeout(5):
            with pytest.raises(TimedOut):
                await transport.send(post(upstream.url, first_token=0.05))
        assert upstream.accepted == 1


async def test_idle_stands_still_while_the_reader_is_slow() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4000000\r\n\r\n" + bytes(4_000_000))
        await peer.wait_closed()

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        response = await transport.send(post(upstream.url, idle=0.05))
        size = len(await anext(response))
        await asyncio.sleep(0.2)  # the reader is busy elsewhere
        size += len(await response.read())
        assert size == 4_000_000


async def test_first_token_waits_for_a_slow_upload() -> None:
    """The clock begins when the request is out, and a peer that keeps taking it in is not late."""

    async def script(peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while left:
            left -= len(await peer.reader.read(100_000))
            await peer.pause(0.002)
        await peer.send(OK)
        await always_ok(peer)

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        request = post(upstream.url, bytes(20_000_000), first_token=0.2)
        async with await transport.send(request) as response:
            assert await response.read() == b"ok"


async def test_first_token_rings_when_a_peer_stops_taking_the_request() -> None:
    async def script(peer: Peer) -> None:
        await peer.pause(60)  # the stream's own buffer fills, and then the socket's

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        with pytest.raises(TimedOut) as caught:
            await transport.send(post(upstream.url, bytes(50_000_000), first_token=0.05))
        assert caught.value.clock == "first_token"
