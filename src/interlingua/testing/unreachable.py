"""Addresses of the loopback at which no connection comes about (F01)."""

import asyncio
import socket
from contextlib import ExitStack
from typing import Self

from interlingua.testing.severing import sever


class Unreachable:
    """Three ports: one that refuses, one that resets what it took, and one that never completes a connection.

    The last one is a queue of one place that is full, which Linux answers with silence;
    other systems may refuse there.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._held = ExitStack()
        self._resetting: asyncio.Server | None = None
        self.ports: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        self.ports["f01-refused"] = self._bound().getsockname()[1]
        full = self._bound()
        full.listen(0)
        self._held.enter_context(socket.create_connection(full.getsockname()))
        self.ports["f01-black-hole"] = full.getsockname()[1]
        self._resetting = await asyncio.start_server(_reset, self._host, 0)
        self.ports["f01-reset"] = self._resetting.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._held.close()
        if self._resetting is not None:
            self._resetting.close()
            await self._resetting.wait_closed()

    def _bound(self) -> socket.socket:
        taken = self._held.enter_context(socket.socket())
        taken.bind((self._host, 0))
        return taken


def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    sever(writer, reset=True)
