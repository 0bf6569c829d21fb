"""Our own HTTP server: framing, keep-alive, clocks, callers that leave or do not read."""

import asyncio
import gc
import socket
import sys

import pytest

from interlingua.errors import InvalidConfig
from interlingua.gateway.connection import Connection
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from tests.gateway.echo import Echo, serving
from tests.gateway.raw import calling, get, post

pytestmark = pytest.mark.anyio


async def test_one_connection_serves_many_requests() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        for number in range(3):
            await caller.send(get(f"/{number}?x=1"))
            answer = await caller.answer()
            assert (answer.status, answer.json()) == (200, ["GET", f"/{number}", "x=1", 0])
            assert answer.headers["content-length"] == str(len(answer.body))


async def test_every_answer_has_an_id_of_its_own_and_a_date() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(get("/") + get("/"))
        first, second = await caller.answer(), await caller.answer()
        assert first.headers["x-interlingua-request-id"] != second.headers["x-interlingua-request-id"]
        assert first.headers["date"].endswith(" GMT")


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(post("/a", b"abc") + get("/pieces") + post("/c", b"") + get("/d"))
        bodies = [(await caller.answer()).body for _ in range(4)]
        assert bodies == [b'["POST","/a","",3]', b"onetwothree", b'["POST","/c","",0]', b'["GET","/d","",0]']


async def test_more_pipelined_requests_than_may_wait_close_the_connection_after_those_that_may() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(get("/") * 60)
        answers = [await caller.answer() for _ in range(16)]
        assert [answer.headers.get("connection") for answer in answers] == [None] * 15 + ["close"]
        await caller.end()
        with pytest.raises(EOFError):
            await caller.answer()


async def test_a_request_split_at_every_byte_is_read() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        for byte in post("/split", b'{"a":1}'):
            await caller.send(bytes([byte]))
        assert (await caller.answer()).json() == ["POST", "/split", "", 7]


async def test_a_chunked_body_with_trailers_is_read_and_the_trailers_reach_no_later_request() -> None:
    chunked = (
        b"POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\nAuthorization: Bearer stolen\r\n\r\n"
    )
    echo = Echo()
    async with serving(echo) as server, calling(server.port) as caller:
        await caller.send(chunked + get("/next"))
        assert (await caller.answer()).json() == ["POST", "/c", "", 5]
        assert (await caller.answer()).json() == ["GET", "/next", "", 0]
    assert echo.seen[0].headers == {b"host": b"localhost", b"transfer-encoding": b"chunked"}
    assert echo.seen[1].headers == {b"host": b"localhost"}


async def test_expect_100_continue_is_answered_before_the_body() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert (await caller.answer()).status == 100
        await caller.send(b"{}")
        assert (await caller.answer()).json() == ["POST", "/", "", 2]


async def test_head_is_get_without_the_body() -> None:
    async with serving(Echo()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert b"content-length: 17\r\n" in head
    assert head.endswith(b"\r\n\r\n")


async def test_http_1_0_gets_an_answer_that_ends_with_the_connection() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(b"GET /pieces HTTP/1.0\r\n\r\n")
        answer = await caller.answer()
        assert answer.body == b"onetwothree"
        assert "transfer-encoding" not in answer.headers
        await caller.end()


async def test_an_offer_to_upgrade_is_ignored_and_the_body_is_read() -> None:
    offer = post("/java", b'{"a":1}', "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(offer + get("/next"))
        assert (await caller.answer()).json() == ["POST", "/java", "", 7]
        assert (await caller.answer()).json() == ["GET", "/next", "", 0]


async def test_an_absolute_target_of_the_same_host_is_served() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(b"GET http://localhost/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await caller.answer()).json() == ["GET", "/a", "b", 0]


async def test_a_caller_that_leaves_cancels_the_work_before_the_first_byte() -> None:
    echo = Echo()
    async with serving(echo) as server:
        async with calling(server.port) as caller:
            await caller.send(post("/wait", b"{}"))
            await echo.started.wait()
        await asyncio.wait_for(echo.cancelled.wait(), 5)


async def test_a_caller_that_leaves_cancels_the_work_in_a_stream() -> None:
    echo = Echo()
    async with serving(echo) as server:
        async with calling(server.port) as caller:
            await caller.send(get("/open"))
            await caller.until(b"begun")
        await asyncio.wait_for(echo.cancelled.wait(), 5)


async def test_what_a_cancelled_request_held_is_freed_without_the_garbage_collector() -> None:
    echo = Echo()
    async with serving(echo) as server:
        gc.collect()
        gc.disable()
        try:
            async with calling(server.port) as caller:
                await caller.send(get("/open"))
                await caller.until(b"begun")
                assert _connections() == 1
            await asyncio.wait_for(echo.cancelled.wait(), 5)
            async with calling(server.port) as another:
                await another.send(get("/next"))
                await another.answer()
                assert _connections() == 1
        finally:
            gc.enable()


def _connections() -> int:
    return sum(1 for each in gc.get_objects() if type(each) is Connection)


async def test_a_caller_that_does_not_read_holds_up_the_writer_and_is_cut() -> None:
    echo = Echo()
    async with serving(echo, write_timeout=0.2) as server:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(get("/flood"))
        await asyncio.wait_for(echo.cancelled.wait(), 5)
        slow.close()
    assert echo.written < 2_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell what it holds")
async def test_a_caller_that_reads_slowly_is_borne_with_though_the_system_asks_for_nothing_new() -> None:
    echo = Echo()
    loop = asyncio.get_running_loop()
    async with serving(echo, write_timeout=0.4) as server:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(get("/flood"))
        slow.setblocking(False)  # noqa: FBT003 - the name is the subject
        for _ in range(30):
            assert await asyncio.wait_for(loop.sock_recv(slow, 4096), 5)
            await asyncio.sleep(0.05)
        assert not echo.cancelled.is_set()
        slow.close()
        await asyncio.wait_for(echo.cancelled.wait(), 5)


@pytest.mark.parametrize(
    "beginning", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", post("/", b"abc")[:-1]], ids=str
)
async def test_a_request_that_does_not_arrive_in_time_is_told_so(beginning: bytes) -> None:
    async with serving(Echo(), header_timeout=0.1, body_timeout=0.1) as server, calling(server.port) as caller:
        await caller.send(beginning)
        if beginning:
            assert (await caller.answer()).status == 408
        await caller.end()


async def test_bytes_that_trickle_in_do_not_wind_up_the_clock_again() -> None:
    async with serving(Echo(), header_timeout=0.1) as server, calling(server.port) as caller:
        await caller.send(b"GET / HTTP/1.1\r\n")
        trickle = asyncio.ensure_future(_trickle(caller.writer))
        answer = await asyncio.wait_for(caller.answer(), 5)
        trickle.cancel()
        await asyncio.gather(trickle, return_exceptions=True)
    assert answer.status == 408


async def _trickle(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.01)


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with serving(Echo(), idle_timeout=0.1) as server, calling(server.port) as caller:
        await caller.send(get("/"))
        await caller.answer()
        await caller.end()
        with pytest.raises(EOFError):
            await caller.answer()


async def test_too_many_connections_are_refused_and_the_others_go_on() -> None:
    async with serving(Echo(), max_connections=1) as server, calling(server.port) as first:
        await first.send(get("/"))
        assert (await first.answer()).status == 200
        async with calling(server.port) as second:
            answer = await second.answer()
            assert (answer.status, answer.json()["error"]["code"]) == (503, "too_many_connections")
        await first.send(get("/"))
        assert (await first.answer()).status == 200


async def test_a_refused_upload_can_still_be_read_about() -> None:
    async with serving(Echo(), max_body_bytes=1000) as server, calling(server.port) as caller:
        await caller.send(post("/", bytes(2_000_000)))
        answer = await caller.answer()
        assert (answer.status, answer.json()["error"]["code"]) == (413, "request_too_large")
        assert answer.headers["connection"] == "close"


async def test_a_body_that_grows_beyond_the_bound_in_chunks_is_refused() -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(Echo(), max_body_bytes=1000) as server, calling(server.port) as caller:
        await caller.send(head + b"1f4\r\n" + bytes(500) + b"\r\n1f5\r\n" + bytes(501) + b"\r\n")
        assert (await caller.answer()).status == 413


async def test_stopping_lets_answers_end_and_interrupts_the_rest() -> None:
    echo = Echo()
    server = HTTPServer(echo, ServerSettings(port=0))
    await server.start()
    async with calling(server.port) as idle, calling(server.port) as busy:
        await idle.send(get("/"))
        await idle.answer()
        echo.started.clear()
        await busy.send(get("/wait"))
        await echo.started.wait()
        assert await server.stop(within=0.05) == 1
        answer = await busy.answer()
        assert (answer.status, answer.body, answer.headers["connection"]) == (503, b"interrupted", "close")
        await idle.end()
    with pytest.raises(OSError, match=r"\[Errno"):
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_a_port_in_use_is_a_clear_error() -> None:
    async with serving(Echo()) as server:
        other = HTTPServer(Echo(), ServerSettings(port=server.port))
        with pytest.raises(InvalidConfig, match=r"is in use already; .*--port 0"):
            await other.start()


async def test_several_processes_may_share_a_port() -> None:
    async with serving(Echo(), share_port=True) as server:
        other = HTTPServer(Echo(), ServerSettings(port=server.port, share_port=True))
        await other.start()
        await other.stop(within=0)


async def test_a_header_value_with_a_line_break_is_not_sent() -> None:
    class Splitting(Echo):
        async def handle(self, exchange: object) -> None:
            with pytest.raises(ValueError, match="line break"):
                exchange.answer(200, ((b"x-a", b"1\r\nx-b: 2"),), b"")  # type: ignore[attr-defined]
            exchange.answer(200, (), b"kept")  # type: ignore[attr-defined]

    async with serving(Splitting()) as server, calling(server.port) as caller:
        await caller.send(get("/"))
        assert (await caller.answer()).body == b"kept"
