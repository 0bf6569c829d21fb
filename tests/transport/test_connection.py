"""One connection without a network: any split of a reply is the same reply, and no bytes do worse than an error."""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import Error
from interlingua.transport import Timeouts
from interlingua.transport.connection import Connection
from interlingua.transport.response import StreamedResponse

OFF = Timeouts(connect=None, first_token=None, idle=None, total=None)


class SilentTransport(asyncio.Transport):
    """Takes what is written and does nothing."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self.aborted = False

    def write(self, data: Any) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


class Keeper:
    """Counts what comes back."""

    def __init__(self) -> None:
        self.released = 0

    def release(self, connection: Connection) -> None:
        self.released += 1

    def discard(self, connection: Connection) -> None:
        pass


def replay(pieces: Iterable[bytes]) -> tuple[StreamedResponse, SilentTransport, Keeper]:
    """Feed a reply to a connection, then end it."""
    loop = asyncio.new_event_loop()
    try:
        connection, keeper = Connection(loop), Keeper()
        transport = SilentTransport(connection)
        connection.connection_made(transport)
        connection.adopt(keeper)
        response = connection.start("POST", b"head", b"", OFF, None)
        for piece in pieces:
            if not transport.aborted:
                connection.data_received(piece)
        if not transport.aborted:
            connection.eof_received()
        connection.connection_lost(None)
        return response, transport, keeper
    finally:
        loop.close()


def split(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges) if start < end]


@st.composite
def replies(draw: st.DrawFn) -> tuple[bytes, int, bytes]:
    """Draw a reply: its bytes, and the status and body that they say."""
    status = draw(st.sampled_from([200, 201, 400, 404, 429, 500, 529]))
    body = draw(st.binary(max_size=200))
    head = (
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * draw(st.integers(0, 2))
        + b"HTTP/1.1 %d Said\r\nx: y\r\n" % status
    )
    framing = draw(st.sampled_from(["length", "chunked", "end"]))
    if framing == "length":
        return head + b"content-length: %d\r\n\r\n" % len(body) + body, status, body
    if framing == "end":
        return head + b"\r\n" + body, status, body
    chunks = list(split(body, draw(st.lists(st.integers(0, 200), max_size=5))))
    framed = b"".join(b"%x\r\n" % len(chunk) + chunk + b"\r\n" for chunk in chunks)
    trailer = draw(st.sampled_from([b"", b"x-trailer: z\r\n"]))
    return head + b"transfer-encoding: chunked\r\n\r\n" + framed + b"0\r\n" + trailer + b"\r\n", status, body


def framing_of(stream: bytes) -> str:
    """Say how the body's end is told, by the head alone: a body may hold anything."""
    head = stream[stream.index(b" Said\r\n") :].partition(b"\r\n\r\n")[0]
    if b"\r\ncontent-length: " in head:
        return "length"
    return "chunked" if b"\r\ntransfer-encoding: chunked" in head else "end"


@settings(deadline=None)
@given(replies(), st.lists(st.integers(0, 1000), max_size=10))
def test_any_split_of_a_reply_is_the_same_reply(reply: tuple[bytes, int, bytes], cuts: list[int]) -> None:
    stream, status, body = reply
    response, _, keeper = replay(split(stream, cuts))
    assert response.complete
    assert response.failure is None
    assert (response.status, b"".join(response.pieces)) == (status, body)
    assert response.header("x") == "y"
    assert keeper.released == (framing_of(stream) != "end")


@settings(deadline=None)
@given(replies(), st.integers(0, 1000), st.lists(st.integers(0, 1000), max_size=4))
def test_a_reply_cut_anywhere_is_never_whole(reply: tuple[bytes, int, bytes], cut: int, cuts: list[int]) -> None:
    stream, _, body = reply
    if framing_of(stream) == "end":
        stream = stream.replace(b"\r\nx: y", b"\r\nx: y\r\ncontent-length: 100000", 1)
    elif framing_of(stream) == "length" and not body:
        return
    response, _, keeper = replay(split(stream[: cut % len(stream)], cuts))
    assert not response.complete
    assert response.failure is not None
    assert keeper.released == 0


@settings(deadline=None, max_examples=300)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"content-length: 3\r\n", b"content-length: -1\r\n", b"transfer-encoding: chunked\r\n",
    b"transfer-encoding: gzip\r\n",
    b"content-encoding: gzip\r\n", b"\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"HTTP/1.0 204 No\r\n\r\n",
    b"ffffffffffffffff\r\n",
]), max_size=12))  # fmt: skip
def test_no_bytes_do_worse_than_a_typed_error(pieces: list[bytes]) -> None:
    response, transport, keeper = replay(pieces)
    if response.complete:
        assert response.failure is None
    else:
        assert isinstance(response.failure, Error)
        assert transport.aborted
    assert keeper.released <= 1
