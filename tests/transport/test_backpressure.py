"""A slow reader slows the sender; what waits for it in memory is bounded."""

import asyncio

import pytest

from interlingua.transport import HTTPRequest, HTTPTransport
from interlingua.transport.connection import MAX_UNREAD
from tests.transport.upstream import Peer, Upstream

pytestmark = pytest.mark.anyio

SIZE = 50_000_000
ONE_READ = 256 * 1024


async def fifty_megabytes(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % SIZE)
    for _ in range(SIZE // 100_000):
        await peer.send(b"x" * 100_000)
    await peer.wait_closed()


async def test_the_unread_part_of_a_large_body_is_bounded() -> None:
    async with Upstream(fifty_megabytes) as upstream, HTTPTransport() as transport:
        async with await transport.send(HTTPRequest(method="GET", url=upstream.url)) as response:
            size = most = 0
            async for piece in response:
                size += len(piece)
                await asyncio.sleep(0)  # others run, and so does the socket
                most = max(most, response.unread, len(piece))
        assert size == SIZE
        assert most <= MAX_UNREAD + ONE_READ


async def test_a_reader_that_stops_stops_the_sender() -> None:
    async with Upstream(fifty_megabytes) as upstream, HTTPTransport() as transport:
        async with await transport.send(HTTPRequest(method="GET", url=upstream.url)) as response:
            await anext(response)
            await asyncio.sleep(0.05)
            assert response.paused
            assert response.unread <= MAX_UNREAD + ONE_READ
        await upstream.wait_open(0)


async def test_a_body_that_is_read_whole_is_not_held_back() -> None:
    async with Upstream(fifty_megabytes) as upstream, HTTPTransport() as transport:
        response = await transport.send(HTTPRequest(method="GET", url=upstream.url))
        await asyncio.sleep(0.05)
        assert response.paused
        assert len(await response.read()) == SIZE
