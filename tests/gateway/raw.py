"""A caller that sends exactly the bytes it is given."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httptools


class Answer:
    """One answer, parsed."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.complete = False

    def json(self) -> Any:
        return json.loads(self.body)


class _Reader:
    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.parser = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        self.answers.append(Answer())

    def on_header(self, name: bytes, value: bytes) -> None:
        self.answers[-1].headers[name.decode().lower()] = value.decode()

    def on_headers_complete(self) -> None:
        self.answers[-1].status = self.parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self.answers[-1].body += body

    def on_message_complete(self) -> None:
        self.answers[-1].complete = True


class Caller:
    """A connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._stream = reader
        self._reader = _Reader()
        self._taken = 0
        self.closed = False

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """Wait for the next answer; an incomplete one is given when the connection ends first."""
        while True:
            waiting = self._reader.answers[self._taken :]
            if waiting and (waiting[0].complete or self.closed):
                self._taken += 1
                return waiting[0]
            if self.closed:
                raise EOFError("the connection ended without another answer")
            await self._read()

    async def until(self, text: bytes) -> Answer:
        """Wait until the body of the current answer holds `text`."""
        while True:
            waiting = self._reader.answers[self._taken :]
            if waiting and text in waiting[0].body:
                return waiting[0]
            if self.closed:
                raise EOFError(f"the connection ended before {text!r}")
            await self._read()

    async def end(self) -> None:
        """Wait until the other side closes."""
        while not self.closed:
            await self._read()

    async def _read(self) -> None:
        try:
            data = await asyncio.wait_for(self._stream.read(65536), 10)
        except ConnectionResetError:
            data = b""
        if data:
            self._reader.parser.feed_data(data)
        else:
            self.closed = True


@asynccontextmanager
async def calling(port: int) -> AsyncGenerator[Caller]:
    """Connect, and close afterwards."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def post(path: str, body: bytes | dict[str, Any], *headers: str) -> bytes:
    """Write a JSON request."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(data)}", "", ""]).encode() + data


def get(path: str, *headers: str) -> bytes:
    """Write a request without a body."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()
