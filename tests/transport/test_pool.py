"""Connections that are kept, and those that must not be."""

import asyncio
import threading

import pytest

from interlingua.errors import ConnectFailed, InvalidConfig, ProtocolError, StreamInterrupted, TimedOut
from interlingua.transport import HTTPRequest, HTTPTransport, Timeouts
from tests.transport.upstream import OK, Peer, Upstream, always_ok, closing_after, replying


def post(url: str, timeouts: Timeouts = Timeouts()) -> HTTPRequest:  # noqa: B008 - frozen
    return HTTPRequest(method="POST", url=url, body=b"{}", timeouts=timeouts)


async def fetch(transport: HTTPTransport, url: str) -> bytes:
    async with await transport.send(post(url)) as response:
        return await response.read()


@pytest.mark.anyio
async def test_requests_one_after_the_other_share_a_connection() -> None:
    async with Upstream(always_ok) as upstream, HTTPTransport() as transport:
        for _ in range(5):
            assert await fetch(transport, upstream.url) == b"ok"
        assert upstream.accepted == 1


@pytest.mark.anyio
async def test_requests_at_once_have_a_connection_each() -> None:
    async with Upstream(always_ok) as upstream, HTTPTransport() as transport:
        await asyncio.gather(*[fetch(transport, upstream.url) for _ in range(8)])
        await asyncio.gather(*[fetch(transport, upstream.url) for _ in range(8)])
        assert upstream.accepted == 8


@pytest.mark.anyio
async def test_origins_do_not_share_connections() -> None:
    async with Upstream(always_ok) as one, Upstream(always_ok) as two, HTTPTransport() as transport:
        await fetch(transport, one.url)
        await fetch(transport, two.url)
        assert (one.accepted, two.accepted) == (1, 1)


@pytest.mark.anyio
async def test_a_body_given_up_closes_its_connection() -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbeginning"
    async with Upstream(replying(reply)) as upstream, HTTPTransport() as transport:
        async with await transport.send(post(upstream.url)) as response:
            assert await anext(response) == b"beginning"
        await upstream.wait_open(0)
        with pytest.raises(StreamInterrupted, match="closed before its end"):
            await anext(response)
        await response.aclose()


@pytest.mark.anyio
async def test_a_whole_body_that_nobody_read_gives_its_connection_back() -> None:
    async with Upstream(always_ok) as upstream, HTTPTransport() as transport:
        async with await transport.send(post(upstream.url)) as response:
            pass
        assert await response.read() == b"ok"
        await fetch(transport, upstream.url)
        assert upstream.accepted == 1


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen",
        OK + b"garbage",
    ],
    ids=["connection: close", "HTTP/1.0", "a second reply", "garbage behind"],
)
@pytest.mark.anyio
async def test_a_connection_in_doubt_is_not_used_again(reply: bytes) -> None:
    async with Upstream(replying(reply)) as upstream, HTTPTransport() as transport:
        for _ in range(2):
            assert await fetch(transport, upstream.url) == b"ok"
        assert upstream.accepted == 2


@pytest.mark.anyio
async def test_bytes_that_come_while_a_connection_is_idle_close_it() -> None:
    idle = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await idle.wait()
        await peer.send(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 6\r\n\r\nothers")
        await peer.wait_closed()

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        await fetch(transport, upstream.url)
        idle.set()
        await upstream.wait_open(0)
        assert await fetch(transport, upstream.url) == b"ok"
        assert upstream.accepted == 2


@pytest.mark.anyio
async def test_a_kept_connection_that_the_peer_closes_on_a_request_is_replaced_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()  # and closes without a byte of answer

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        for _ in range(3):
            assert await fetch(transport, upstream.url) == b"ok"
        assert upstream.accepted == 3
        assert len(upstream.heads) == 5


@pytest.mark.anyio
async def test_a_kept_connection_that_is_reset_on_a_request_is_replaced() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.reader.readexactly(1)
        peer.reset()

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        for _ in range(2):
            assert await fetch(transport, upstream.url) == b"ok"
        assert upstream.accepted == 2


@pytest.mark.anyio
async def test_a_kept_connection_that_answers_in_part_is_not_replaced() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.send(b"HTTP/1.1 2")

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        await fetch(transport, upstream.url)
        with pytest.raises(StreamInterrupted, match="head"):
            await fetch(transport, upstream.url)
        assert upstream.accepted == 1


@pytest.mark.anyio
async def test_a_fresh_connection_that_is_closed_is_not_replaced() -> None:
    async with Upstream(closing_after(b"")) as upstream, HTTPTransport() as transport:
        with pytest.raises(StreamInterrupted):
            await fetch(transport, upstream.url)
        assert upstream.accepted == 1


@pytest.mark.anyio
async def test_old_idle_connections_are_closed() -> None:
    async with Upstream(always_ok) as upstream, HTTPTransport(idle_expiry=0.0) as transport:
        await fetch(transport, upstream.url)
        await fetch(transport, upstream.url)
        assert upstream.accepted == 2
        await upstream.wait_open(1)


@pytest.mark.anyio
async def test_no_more_than_max_idle_are_kept() -> None:
    async with Upstream(always_ok) as upstream, HTTPTransport(max_idle=2) as transport:
        await asyncio.gather(*[fetch(transport, upstream.url) for _ in range(6)])
        await upstream.wait_open(2)


@pytest.mark.anyio
async def test_max_connections_makes_requests_wait_in_line() -> None:
    async with Upstream(always_ok) as upstream, HTTPTransport(max_connections=3) as transport:
        assert await asyncio.gather(*[fetch(transport, upstream.url) for _ in range(50)]) == [b"ok"] * 50
        assert upstream.accepted == 3


@pytest.mark.anyio
async def test_the_line_is_first_come_first_served() -> None:
    order: list[int] = []

    async def one(transport: HTTPTransport, url: str, number: int) -> None:
        await fetch(transport, url)
        order.append(number)

    async with Upstream(always_ok) as upstream, HTTPTransport(max_connections=1) as transport:
        await asyncio.gather(*[one(transport, upstream.url, number) for number in range(20)])
    assert order == list(range(20))


@pytest.mark.anyio
async def test_waiting_in_line_ends_with_the_connect_clock() -> None:
    async with Upstream(replying(b"")) as upstream, HTTPTransport(max_connections=1) as transport:
        holder = asyncio.create_task(fetch(transport, upstream.url))
        await upstream.wait_accepted(1)
        with pytest.raises(TimedOut) as caught:
            await transport.send(post(upstream.url, Timeouts(connect=0.05)))
        assert caught.value.clock == "connect"
        holder.cancel()
        await asyncio.wait([holder])
        await upstream.wait_open(0)


@pytest.mark.anyio
async def test_a_closed_connection_makes_room_for_the_next_in_line() -> None:
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    async with Upstream(replying(closing)) as upstream, HTTPTransport(max_connections=1) as transport:
        assert await asyncio.gather(*[fetch(transport, upstream.url) for _ in range(5)]) == [b"ok"] * 5
        assert upstream.accepted == 5


@pytest.mark.anyio
async def test_a_failed_connection_makes_room_for_the_next_in_line() -> None:
    async with Upstream(always_ok) as upstream:
        url = upstream.url
    async with HTTPTransport(max_connections=1) as transport:
        outcomes = await asyncio.gather(*[fetch(transport, url) for _ in range(5)], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectFailed] * 5


@pytest.mark.anyio
async def test_aclose_closes_what_is_idle_and_what_is_in_use() -> None:
    async with Upstream(replying(OK, b"")) as upstream:
        transport = HTTPTransport(max_connections=2)
        await fetch(transport, upstream.url)
        running = [asyncio.create_task(fetch(transport, upstream.url)) for _ in range(3)]
        await upstream.wait_accepted(2)
        await transport.aclose()
        await upstream.wait_open(0)
        outcomes = await asyncio.gather(*running, return_exceptions=True)
        assert all(isinstance(outcome, StreamInterrupted | ConnectFailed) for outcome in outcomes)
        with pytest.raises(InvalidConfig):
            await fetch(transport, upstream.url)
        await transport.aclose()


@pytest.mark.anyio
async def test_a_second_reader_is_refused() -> None:
    async with (
        Upstream(replying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")) as upstream,
        HTTPTransport() as transport,
    ):
        response = await transport.send(post(upstream.url))
        reader = asyncio.create_task(response.read())
        await asyncio.wait([reader], timeout=0)
        with pytest.raises(RuntimeError, match="another task"):
            await response.read()
        reader.cancel()
        await asyncio.wait([reader])


@pytest.mark.anyio
async def test_a_head_without_an_end_is_cut_off() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await peer.send(b"x-filler: " + b"y" * 1000 + b"\r\n")

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        with pytest.raises(ProtocolError, match="65536"):
            await transport.send(post(upstream.url))
        await upstream.wait_open(0)


@pytest.mark.parametrize(
    "filler",
    [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 40, b"HTTP/1.1 200 OK\r\nx: "],
    ids=["informational", "one value"],
)
@pytest.mark.anyio
async def test_no_other_head_without_an_end_is_taken_either(filler: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(filler)
        while True:
            await peer.send(filler if filler.endswith(b"\r\n\r\n") else b"z" * 1000)

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        with pytest.raises(ProtocolError, match="65536"):
            await transport.send(post(upstream.url))
        await upstream.wait_open(0)


@pytest.mark.anyio
async def test_trailers_without_an_end_are_cut_off() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n")
        while True:
            await peer.send(b"x-trailer: " + b"y" * 1000 + b"\r\n")

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        response = await transport.send(post(upstream.url))
        with pytest.raises(ProtocolError, match="65536"):
            await response.read()
        await upstream.wait_open(0)


@pytest.mark.parametrize("times", [1, 3])
def test_one_transport_serves_several_loops_one_after_the_other(times: int) -> None:
    transport = HTTPTransport()

    async def use() -> None:
        async with Upstream(always_ok) as upstream:
            await fetch(transport, upstream.url)
            assert await fetch(transport, upstream.url) == b"ok"
            assert upstream.accepted == 1

    for _ in range(times):
        asyncio.run(use())  # and leaves no socket behind, or the unraisable warning would fail the test
    asyncio.run(transport.aclose())


def test_one_transport_serves_two_loops_at_once() -> None:
    transport = HTTPTransport()
    meeting = threading.Barrier(2)
    results: list[bytes] = []

    async def use() -> None:
        async with Upstream(always_ok) as upstream:
            results.append(await fetch(transport, upstream.url))
            await asyncio.to_thread(meeting.wait, 5)
            results.append(await fetch(transport, upstream.url))
            await asyncio.to_thread(meeting.wait, 5)
            assert upstream.accepted == 1

    other = threading.Thread(target=asyncio.run, args=(use(),))
    other.start()
    asyncio.run(use())
    other.join()
    assert results == [b"ok"] * 4


def test_aclose_reaches_the_connections_of_another_running_loop() -> None:
    transport = HTTPTransport()
    used, closed = threading.Event(), threading.Event()

    async def use() -> None:
        async with Upstream(always_ok) as upstream:
            await fetch(transport, upstream.url)
            used.set()
            await asyncio.to_thread(closed.wait, 5)
            await upstream.wait_open(0)

    other = threading.Thread(target=asyncio.run, args=(use(),))
    other.start()
    used.wait(5)
    asyncio.run(transport.aclose())
    closed.set()
    other.join()
