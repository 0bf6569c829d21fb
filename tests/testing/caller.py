"""A caller of the fault wall that shows what came over the connection, to the byte."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec

from interlingua.testing import FaultWall

SERVED = ("chat_completions", "messages", "responses", "generate_content", "ollama")
WIRES = (*SERVED, "converse")
DEADLINE = 20

PATHS = {
    "chat_completions": ("/v1/chat/completions", "/v1/chat/completions"),
    "messages": ("/v1/messages", "/v1/messages"),
    "responses": ("/v1/responses", "/v1/responses"),
    "generate_content": ("/v1beta/models/{}:streamGenerateContent?alt=sse", "/v1beta/models/{}:generateContent"),
    "ollama": ("/api/chat", "/api/chat"),
    "converse": ("/model/{}/converse-stream", "/model/{}/converse"),
}


def question(wire: str, model: str, *, streamed: bool, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Give the path and the body of a request."""
    path = PATHS[wire][0 if streamed else 1].format(model)
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    if wire == "responses":
        body = {"model": model, "input": "Hello", "stream": streamed}
    elif wire != "generate_content":
        body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "stream": streamed}
    if wire == "chat_completions" and streamed:
        body["stream_options"] = {"include_usage": True}
    return path, body | fields


class Heard:
    """A reply as it came: `chunks` are those of a chunked body, `complete` that it ended as its framing says."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.complete = False
        self.reset = False

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Connection:
    """A connection to the wall, on which one request is asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        data = msgspec.json.encode(body)
        lines = [f"POST {path} HTTP/1.1", "host: wall", f"content-length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await self.writer.drain()

    async def head(self, heard: Heard) -> None:
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n").split("\r\n")
        heard.status = int(first.split(" ")[1])
        heard.headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    async def chunk(self) -> bytes:
        """Read the next chunk of a chunked body, empty at its end."""
        size = int((await self.reader.readuntil(b"\r\n")).strip(), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def hear(self) -> Heard:
        """Read the reply to its end, or to the end of the connection."""
        heard = Heard()
        try:
            await self.head(heard)
            if heard.headers.get("transfer-encoding") == "chunked":
                while piece := await self.chunk():
                    heard.chunks.append(piece)
                heard.complete = True
            else:
                length = int(heard.headers.get("content-length", -1))
                while len(heard.body) != length and (piece := await self.reader.read(1 << 16)):
                    heard.chunks.append(piece)
                heard.complete = length < 0 or len(heard.body) == length
        except asyncio.IncompleteReadError:
            pass
        except ConnectionResetError:
            heard.reset = True
        return heard


@asynccontextmanager
async def connected(base_url: str) -> AsyncGenerator[Connection]:
    """Open a connection."""
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


async def hear(wall: FaultWall, wire: str, model: str, *, streamed: bool = True, **fields: Any) -> Heard:
    """Ask once and read the reply to its end."""
    async with connected(wall.base_url_for(model)) as connection, asyncio.timeout(DEADLINE):
        path, body = question(wire, model, streamed=streamed, **fields)
        await connection.ask(path, body, {"authorization": "Bearer sk-canary", "x-api-key": "sk-canary"})
        return await connection.hear()
