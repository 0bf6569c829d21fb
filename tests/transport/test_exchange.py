"""Whole exchanges, on both transports: what one gives, the other gives."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx2
import pytest

from interlingua.errors import (
    ConnectFailed,
    InvalidRequest,
    ProtocolError,
    StreamInterrupted,
)
from interlingua.transport import HTTPRequest, HTTPTransport, HTTPX2Transport, Transport
from tests.transport.upstream import OK, Peer, Upstream, closing_after, replying

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["own", "httpx2"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    if request.param == "own":
        async with HTTPTransport() as own:
            yield own
    else:
        async with HTTPX2Transport(httpx2.AsyncClient(trust_env=False, verify=False)) as injected:
            yield injected


def post(url: str, body: bytes = b"{}", **options: object) -> HTTPRequest:
    return HTTPRequest(method="POST", url=url, body=body, **options)  # pyright: ignore[reportArgumentType]


async def test_a_request_arrives_whole_and_its_reply_comes_back(transport: Transport) -> None:
    reply = b"HTTP/1.1 201 Created\r\nX-One: a\r\nSet-Cookie: b\r\nSet-Cookie: c\r\ncontent-length: 5\r\n\r\nhello"
    async with Upstream(replying(reply)) as upstream:
        request = post(
            upstream.url + "?q=1", b'{"a":1}', headers=(("Authorization", "Bearer key"), ("x-two", "zwei ü"))
        )
        async with await transport.send(request) as response:
            body = await response.read()
        assert body == b"hello"
        assert response.status == 201
        assert response.header("x-one") == "a"
        assert [value for name, value in response.headers if name == "set-cookie"] == ["b", "c"]
        assert response.header("absent") is None
        head = upstream.heads[0]
        assert head.startswith(b"POST /v1/chat?q=1 HTTP/1.1\r\n")
        assert b"\r\nhost: 127.0.0.1:%d\r\n" % upstream.port in head.replace(b"Host:", b"host:")
        assert b"\r\nauthorization: Bearer key\r\n" in head.replace(b"Authorization:", b"authorization:")
        assert "x-two: zwei ü".encode() in head
        assert b"accept-encoding: identity\r\n" in head.lower()
        assert upstream.bodies == [b'{"a":1}']


async def test_a_chunked_body_is_given_as_it_arrives(transport: Transport) -> None:
    first_is_read = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        await first_is_read.wait()
        await peer.send(b"3;ext=1\r\ntwo\r\n0\r\ntrailer: x\r\n\r\n")
        await peer.wait_closed()

    async with Upstream(script) as upstream, await transport.send(post(upstream.url)) as response:
        pieces = aiter(response)
        assert await anext(pieces) == b"one"
        first_is_read.set()
        assert [piece async for piece in pieces] == [b"two"]
        assert response.header("trailer") is None


async def test_a_body_without_a_length_ends_with_the_connection(transport: Transport) -> None:
    async with Upstream(closing_after(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")) as upstream:
        async with await transport.send(post(upstream.url)) as response:
            assert await response.read() == b"until the end"
        await upstream.wait_open(0)


@pytest.mark.parametrize(
    "reply",
    [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n"],
    ids=["204", "304"],
)
async def test_some_statuses_have_no_body(transport: Transport, reply: bytes) -> None:
    async with Upstream(replying(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        assert await response.read() == b""


async def test_the_reply_to_head_has_no_body(transport: Transport) -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"
    async with Upstream(replying(reply)) as upstream:
        async with await transport.send(HTTPRequest(method="HEAD", url=upstream.url)) as response:
            assert await response.read() == b""
        assert response.header("content-length") == "10"


async def test_informational_replies_are_skipped(transport: Transport) -> None:
    reply = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + OK
    async with Upstream(replying(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        assert response.status == 200
        assert response.header("link") is None
        assert await response.read() == b"ok"


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    ],
    ids=["length", "no last chunk", "inside a chunk"],
)
async def test_a_truncated_body_is_never_taken_for_a_whole_one(transport: Transport, reply: bytes) -> None:
    async with Upstream(closing_after(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        with pytest.raises(StreamInterrupted):
            await response.read()


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\ncontent-le"], ids=["silence", "half a head"])
async def test_a_connection_that_ends_before_the_head_is_an_interruption(transport: Transport, reply: bytes) -> None:
    async with Upstream(closing_after(reply)) as upstream:
        with pytest.raises(StreamInterrupted):
            await transport.send(post(upstream.url))


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    ],
    ids=["not http", "status", "header", "length", "two lengths"],
)
async def test_garbage_is_a_protocol_error(transport: Transport, reply: bytes) -> None:
    async with Upstream(replying(reply)) as upstream:
        with pytest.raises(ProtocolError):
            await transport.send(post(upstream.url))


async def test_garbage_inside_a_chunked_body_is_a_protocol_error(transport: Transport) -> None:
    reply = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n"
    async with Upstream(replying(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        with pytest.raises(ProtocolError):
            await response.read()


async def test_a_refused_connection_says_so(transport: Transport) -> None:
    async with Upstream(replying(OK)) as upstream:
        url = upstream.url
    with pytest.raises(ConnectFailed) as caught:
        await transport.send(post(url))
    assert caught.value.retryable


async def test_a_body_beyond_the_limit_is_refused(transport: Transport) -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1000
    async with Upstream(replying(reply)) as upstream:
        response = await transport.send(post(upstream.url))
        with pytest.raises(ProtocolError, match="999"):
            await response.read(999)
        await upstream.wait_open(0)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        (b"gzip", gzip.compress(b"hello " * 100)),
        (b"deflate", zlib.compress(b"hello " * 100)),
        (b"deflate", zlib.compress(b"hello " * 100, wbits=-15)),
        (b"identity", b"hello " * 100),
    ],
    ids=["gzip", "deflate", "raw deflate", "identity"],
)
async def test_an_encoding_that_nobody_asked_for_is_undone(
    transport: Transport, encoding: bytes, packed: bytes
) -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-encoding: %s\r\ncontent-length: %d\r\n\r\n" % (encoding, len(packed)) + packed
    async with Upstream(replying(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        assert await response.read() == b"hello " * 100
        assert response.header("content-encoding") in (None, "identity")
        assert response.header("content-length") in (None, "600")


async def test_an_unknown_encoding_is_a_protocol_error(transport: Transport) -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: 2\r\n\r\nok"
    async with Upstream(replying(reply)) as upstream:
        with pytest.raises(ProtocolError, match="zstd"):
            await transport.send(post(upstream.url))
        await upstream.wait_open(0)


async def test_a_body_that_swells_is_cut_off(transport: Transport) -> None:
    packed = gzip.compress(bytes(30_000_000))
    reply = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed) + packed
    async with Upstream(replying(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        with pytest.raises(ProtocolError, match="100 times"):
            await response.read()


async def test_an_encoded_body_that_ends_too_early_is_a_protocol_error(transport: Transport) -> None:
    packed = gzip.compress(b"hello " * 1000)[:-9]
    reply = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed) + packed
    async with Upstream(replying(reply)) as upstream, await transport.send(post(upstream.url)) as response:
        with pytest.raises(ProtocolError, match="too early"):
            await response.read()


def redirect(status: int, location: str) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_host_is_refused_and_gets_no_credentials(transport: Transport, status: int) -> None:
    async with Upstream(replying(OK)) as other:
        async with Upstream(replying(redirect(status, other.origin + "/steal?key=1"))) as upstream:
            request = post(upstream.url, headers=(("authorization", "Bearer secret"),))
            with pytest.raises(ProtocolError) as caught:
                await transport.send(request)
        assert other.accepted == 0
    assert f"127.0.0.1:{other.port}" in caught.value.message
    assert "steal" not in caught.value.message


async def test_a_redirect_within_the_origin_keeps_the_body(transport: Transport) -> None:
    async def script(peer: Peer) -> None:
        head, _ = await peer.request()
        await peer.send(OK if b"/v2/chat" in head else redirect(308, "/v2/chat"))
        await script(peer)

    async with Upstream(script) as upstream, await transport.send(post(upstream.url, b"payload")) as response:
        assert response.status == 200
        assert upstream.bodies == [b"payload", b"payload"]


async def test_a_redirect_that_would_lose_the_body_is_refused(transport: Transport) -> None:
    async with Upstream(replying(redirect(302, "/elsewhere"))) as upstream:
        with pytest.raises(ProtocolError, match="lose the body"):
            await transport.send(post(upstream.url))


async def test_redirects_in_a_circle_end(transport: Transport) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(redirect(307, "/v1/chat"))

    async with Upstream(script) as upstream:
        with pytest.raises(ProtocolError, match="more than 3"):
            await transport.send(post(upstream.url))
        assert len(upstream.heads) == 4


async def test_a_redirect_is_the_reply_when_that_is_asked_for(transport: Transport) -> None:
    async with Upstream(replying(redirect(302, "https://example.com/"))) as upstream:
        response = await transport.send(post(upstream.url, follow_redirects=False))
        await response.aclose()
    assert response.status == 302
    assert response.header("location") == "https://example.com/"


@pytest.mark.parametrize(
    "broken",
    [
        {"method": "GET / HTTP/1.1\r\nx: y\r\n"},
        {"method": "CONNECT"},
        {"url": "http://127.0.0.1/a\r\nx: y"},
        {"url": "http://127.0.0.1/a b"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "http://user:password@127.0.0.1/"},
        {"headers": (("x-a", "b\r\nx-c: d"),)},
        {"headers": (("x-a", "b\nc"),)},
        {"headers": (("x-a", "b\0c"),)},
        {"headers": (("x a", "b"),)},
        {"headers": (("x-a:", "b"),)},
        {"headers": (("", "b"),)},
        {"headers": (("Host", "elsewhere"),)},
        {"headers": (("Content-Length", "0"),)},
        {"headers": (("Transfer-Encoding", "chunked"),)},
        {"headers": (("x-a", "\ud800"),)},
    ],
    ids=str,
)
async def test_what_could_break_out_of_its_line_is_not_sent(transport: Transport, broken: dict[str, object]) -> None:
    async with Upstream(replying(OK)) as upstream:
        fields: dict[str, object] = {"method": "POST", "url": upstream.url} | broken
        with pytest.raises(InvalidRequest):
            await transport.send(HTTPRequest(**fields))  # pyright: ignore[reportArgumentType]
        assert upstream.accepted == 0
