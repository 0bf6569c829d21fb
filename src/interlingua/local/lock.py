"""One at a time, across processes: whoever holds the lock file may write beside it."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final

_LOOK_AGAIN_SECONDS: Final = 0.1


@asynccontextmanager
async def locked(path: Path) -> AsyncGenerator[None]:
    """Hold `path` locked, waiting for whoever holds it now; the system frees it when a process dies.

    The file stays: deleting it would let two callers lock two files of one name.

    Raises:
        OSError: the file cannot be made, or its file system has no locks.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        while not _take(file):  # noqa: ASYNC110 - another process holds it, which sets no event
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        yield


if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _take(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
