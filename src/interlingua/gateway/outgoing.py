"""How much of what was sent to a caller is still on its way."""

import asyncio
import struct
import sys
from typing import Final

_SIZE: Final = struct.Struct("i")


def unread(transport: asyncio.Transport) -> int:
    """Count the bytes that a caller's machine has not taken yet: our own, and those that the system keeps for it.

    The system takes hundreds of kilobytes, and has us write again only when a third of them
    is gone. At a thousand bytes a second that lasts minutes, in which our own buffer alone
    would say that nobody reads. Where the system does not tell (it does on Linux, as
    SIOCOUTQ), our own buffer is all that is counted.
    """
    return transport.get_write_buffer_size() + _held_by_system(transport)


def _held_by_system(transport: asyncio.Transport) -> int:
    if sys.platform != "linux":
        return 0
    import fcntl  # noqa: PLC0415 - not on Windows
    import termios  # noqa: PLC0415 - not on Windows

    wire = transport.get_extra_info("socket")
    if wire is None or wire.fileno() < 0:
        return 0
    try:
        return int(_SIZE.unpack(fcntl.ioctl(wire.fileno(), termios.TIOCOUTQ, bytes(_SIZE.size)))[0])
    except OSError:
        return 0
