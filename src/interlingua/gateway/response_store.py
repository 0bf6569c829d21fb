"""Answers that callers may come back to by their id, as the Responses API has it."""

import asyncio
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import blake2b
from typing import Final, TypeVar

import msgspec

from interlingua.errors import InvalidConfig

logger = logging.getLogger("interlingua.gateway")

MOST_ENTRIES: Final = 100_000
MOST_BYTES: Final = 1024**3
"""What a file keeps at most; the oldest entries go first."""
MOST_ENTRIES_IN_MEMORY: Final = 5_000
MOST_BYTES_IN_MEMORY: Final = 64 * 1024**2

_MEMORY: Final = ":memory:"
_BUSY_SECONDS: Final = 10.0
_RECOUNT: Final = 256
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS responses (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    model TEXT NOT NULL,
    relayed INTEGER NOT NULL,
    size INTEGER NOT NULL,
    kept_at REAL NOT NULL,
    response BLOB NOT NULL,
    items BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS salt (value BLOB NOT NULL);
"""

Result = TypeVar("Result")


class StoredResponse(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and what it answered.

    `owner` stands for the key that asked. `model` is the name that was asked for. A
    `relayed` answer is kept by its provider: only who that is stands here. Otherwise
    `response` is the answer and `items` the list of all items before it, as JSON.
    """

    id: str
    owner: str
    model: str
    relayed: bool = False
    response: bytes = b"{}"
    items: bytes = b"[]"


class ResponseStore:
    """Keeps answers in memory, or in a file, up to a number of entries and of bytes.

    SQLite runs in a thread of its own, so what is asked is done in the order it was
    asked in. Nothing is opened before the first use. Several processes may share a file.

    Args:
        path: the file; empty for memory, which ends with the process.
        most_entries: how many answers are kept; None takes what fits the place.
        most_bytes: how large they may be together; None takes what fits the place.

    Example:
        >>> store = ResponseStore()
        >>> await store.put(StoredResponse(id="resp_1", owner="", model="local/smollm2"))
        >>> (await store.get("resp_1")).model
        'local/smollm2'

    """

    def __init__(self, path: str = "", *, most_entries: int | None = None, most_bytes: int | None = None) -> None:
        self._path = path or _MEMORY
        self._most_entries = most_entries or (MOST_ENTRIES if path else MOST_ENTRIES_IN_MEMORY)
        self._most_bytes = most_bytes or (MOST_BYTES if path else MOST_BYTES_IN_MEMORY)
        self._thread: ThreadPoolExecutor | None = None
        self._database: sqlite3.Connection | None = None
        self._salt = b""
        self._count = 0
        self._size = 0.0
        self._until_recount = 0

    async def open(self) -> None:
        """Open the file, if there is one, so that a wrong name is told at once.

        Raises:
            InvalidConfig: it cannot be used.

        """
        if self._path != _MEMORY:
            await self._asked(lambda _: None)

    async def owner(self, key: bytes | None) -> str:
        """Give what stands for a caller's key in the store; the key itself is not kept."""
        if key is None:
            return ""
        if not self._salt:
            self._salt = await self._asked(_read_salt)
        return blake2b(key, digest_size=16, key=self._salt).hexdigest()

    async def put(self, entry: StoredResponse) -> None:
        """Keep an answer; one that is larger than the whole store is not kept."""
        await self._asked(lambda database: self._put(database, entry))

    def put_soon(self, entry: StoredResponse) -> None:
        """Keep an answer without waiting; whatever is asked of the store later comes after it."""
        self._submit(lambda database: self._put(database, entry)).add_done_callback(_log_failure)

    async def get(self, response_id: str) -> StoredResponse | None:
        """Give an answer, or None."""
        return await self._asked(lambda database: _get(database, response_id))

    async def delete(self, response_id: str) -> None:
        """Forget an answer."""
        await self._asked(lambda database: _delete(database, response_id))

    async def aclose(self) -> None:
        """Close the file; what was in memory is gone."""
        if self._thread is not None:
            thread, self._thread = self._thread, None
            await asyncio.get_running_loop().run_in_executor(thread, self._close)
            thread.shutdown()

    async def _asked(self, question: Callable[[sqlite3.Connection], Result]) -> Result:
        return await asyncio.wrap_future(self._submit(question))

    def _submit(self, question: Callable[[sqlite3.Connection], Result]) -> Future[Result]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="interlingua-responses")
        return self._thread.submit(lambda: question(self._opened()))

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                if self._path != _MEMORY:
                    _make_private(self._path)
                database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = NORMAL")
                database.executescript(_TABLES)
            except (sqlite3.Error, OSError) as error:
                raise InvalidConfig(
                    f"response_store: {self._path} cannot be used: {error}.", param="response_store"
                ) from error
            self._database = database
        return self._database

    def _put(self, database: sqlite3.Connection, entry: StoredResponse) -> None:
        size = len(entry.response) + len(entry.items) + len(entry.id) + len(entry.model)
        if size > self._most_bytes:
            logger.warning("a response of %d bytes is too large for the store", size)
            return
        values = (entry.id, entry.owner, entry.model, entry.relayed, size, time.time(), entry.response, entry.items)
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "INSERT OR REPLACE INTO responses (id, owner, model, relayed, size, kept_at, response, items)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            self._make_room(database, size)

    def _make_room(self, database: sqlite3.Connection, size: int) -> None:
        """Forget the oldest answers until the rest fits; other processes' entries are seen at every recount."""
        if self._until_recount == 0:
            self._count, self._size = database.execute("SELECT count(*), total(size) FROM responses").fetchone()
            self._until_recount = _RECOUNT
        else:
            self._count, self._size = self._count + 1, self._size + size
        self._until_recount -= 1
        while self._count > self._most_entries or self._size > self._most_bytes:
            oldest = database.execute("SELECT number, size FROM responses ORDER BY number LIMIT 1").fetchone()
            if oldest is None:
                self._count = self._size = 0
                return
            database.execute("DELETE FROM responses WHERE number = ?", oldest[:1])
            self._count, self._size = self._count - 1, self._size - oldest[1]

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _make_private(path: str) -> None:
    """Make the file, if there is none, so that only its owner can read it: there are prompts in it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _read_salt(database: sqlite3.Connection) -> bytes:
    with database:
        database.execute("BEGIN IMMEDIATE")
        row = database.execute("SELECT value FROM salt").fetchone()
        if row is not None:
            return row[0]
        salt = secrets.token_bytes(32)
        database.execute("INSERT INTO salt VALUES (?)", (salt,))
        return salt


def _get(database: sqlite3.Connection, response_id: str) -> StoredResponse | None:
    row = database.execute(
        "SELECT owner, model, relayed, response, items FROM responses WHERE id = ?", (response_id,)
    ).fetchone()
    if row is None:
        return None
    owner, model, relayed, response, items = row
    return StoredResponse(
        id=response_id, owner=owner, model=model, relayed=bool(relayed), response=response, items=items
    )


def _delete(database: sqlite3.Connection, response_id: str) -> None:
    database.execute("DELETE FROM responses WHERE id = ?", (response_id,))


def _log_failure(done: "Future[None]") -> None:
    error = done.exception()
    if error is not None:
        logger.error("a response could not be kept: %s", error)
