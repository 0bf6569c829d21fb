"""A server that answers each request with what a function makes of it."""

import asyncio
from http import HTTPStatus
from typing import Final

from interlingua.testing.listener import Listener
from interlingua.testing.reply import Behaviour, Pause, Reply, SeenRequest
from interlingua.testing.severing import flush, sever

_PHRASE: Final = "Scripted"


class LoopbackServer(Listener):
    """Speaks HTTP/1.1 as its replies say, broken ones included.

    It listens on a free port unless one is given. Leaving it ends what still goes on.

    Args:
        answer: makes the reply to a request.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.

    """

    def __init__(self, answer: Behaviour, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(self._connected, host=host, port=port, limit=1 << 24)
        self.connections = 0
        self._answer = answer

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            start: bytes | None = b""
            while start is not None:
                start = await self._exchange(start, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            writer.close()

    async def _exchange(self, start: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        """Answer one request; give what was read of the next one, or None if there will be none."""
        seen = await _read_request(start, reader)
        if seen is None:
            return None
        clock = asyncio.get_running_loop().time
        seen.began = clock()
        reply = self._answer(seen)
        sending = asyncio.ensure_future(_send_reply(writer, reply, seen))
        reading = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((sending, reading), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done() and not reading.result():
                seen.end("left", clock())
                return None
            await sending
            if reply.ending in ("cut", "reset"):
                sever(writer, reset=reply.ending == "reset")
            seen.end("whole" if reply.ending == "clean" else "cut", clock())
        except ConnectionError:
            seen.end("left", clock())
            raise
        finally:
            sending.cancel()
            reading.cancel()
            await asyncio.gather(sending, reading, return_exceptions=True)
            seen.end("stopped", clock())
        if reply.ending != "clean" or reply.status == 0 or reply.framing == "close":
            return None
        if seen.headers.get("connection", "").lower() == "close":
            return None
        return b"" if reading.cancelled() else reading.result()


async def _read_request(start: bytes, reader: asyncio.StreamReader) -> SeenRequest | None:
    try:
        head = start + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return SeenRequest(method, target, headers, await _read_chunks(reader))
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return SeenRequest(method, target, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return body


async def _send_reply(writer: asyncio.StreamWriter, reply: Reply, seen: SeenRequest) -> None:
    if reply.status:
        writer.write(_head(reply))
    bare = reply.status == 0 or reply.length is not None or reply.framing == "close"
    for piece in reply.pieces:
        if isinstance(piece, bytes):
            if piece:
                await writer.drain()
                writer.write(piece if bare else b"%x\r\n%b\r\n" % (len(piece), piece))
                seen.told(piece)
        else:
            await writer.drain()
            await _wait(piece)
    if reply.ending == "clean" and not bare:
        writer.write(b"0\r\n\r\n")
    if reply.ending in ("cut", "reset"):
        await flush(writer)
    await writer.drain()
    if reply.ending == "hang":
        await _wait(Pause())


async def _wait(piece: asyncio.Event | Pause) -> None:
    if isinstance(piece, asyncio.Event):
        await piece.wait()
    elif piece.seconds is None:
        await asyncio.get_running_loop().create_future()
    else:
        await asyncio.sleep(piece.seconds)


def _head(reply: Reply) -> bytes:
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = _PHRASE
    framing = ("transfer-encoding", "chunked") if reply.length is None else ("content-length", str(reply.length))
    if reply.framing == "close":
        framing = ("connection", "close")
    lines = [f"{name}: {value}" for name, value in (*reply.headers, framing)]
    return "\r\n".join([f"HTTP/1.1 {reply.status} {phrase}", *lines, "", ""]).encode("latin-1")
