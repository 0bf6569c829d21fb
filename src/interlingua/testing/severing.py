"""Ending a connection of the event loop in a way that the other side sees."""

import asyncio
import socket
import struct
from typing import Final

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""Linger for no time: to close is to reset."""


async def flush(writer: asyncio.StreamWriter) -> None:
    """Wait until the kernel has all that was written."""
    writer.transport.set_write_buffer_limits(high=0)
    await writer.drain()


def sever(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    """Close a connection at once: in an orderly way (FIN), or with a reset (RST)."""
    if reset:
        wire: socket.socket = writer.get_extra_info("socket")
        if wire.fileno() >= 0:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()
