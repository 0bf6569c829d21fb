"""A scripted host on the loopback, for downloads: what it serves, what it was asked, where it hangs up."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    ranges: bool = True
    """Whether a range of the body is given when one is asked for."""
    cut_after: list[int] = field(default_factory=list[int])
    """After how many bytes the connection breaks, for the first, the second, … request."""


@dataclass
class Asked:
    target: str
    headers: dict[str, str]


class Host:
    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[Asked] = []
        self.before_reply: Callable[[Asked], None] | None = None
        self.url = ""

    def targets(self) -> list[str]:
        return [asked.target for asked in self.asked]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        asked = Asked(head[0].split(" ")[1], headers)
        self.asked.append(asked)
        if self.before_reply is not None:
            self.before_reply(asked)
        reply = self.replies.get(asked.target.partition("?")[0], Reply(b"nothing here", 404))
        writer.write(_rendered(reply, headers.get("range")))
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def hosting() -> AsyncGenerator[Host]:
    host = Host()
    server = await asyncio.start_server(host.answer, "127.0.0.1", 0)
    host.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield host
    finally:
        server.close()
        await server.wait_closed()


def _rendered(reply: Reply, wanted: str | None) -> bytes:
    status, body, headers = reply.status, reply.body, dict(reply.headers)
    if wanted and reply.ranges and status == 200:
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        headers["content-range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        status, body = (206, body[start:]) if start < len(body) else (416, b"")
    lines = [f"HTTP/1.1 {status} Scripted", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    sent = body[: reply.cut_after.pop(0)] if reply.cut_after else body
    return "\r\n".join([*lines, "", ""]).encode() + sent
