"""A proxy of TCP that does to a connection what networks do."""

import asyncio
from random import Random
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from interlingua.testing.listener import Listener
from interlingua.testing.severing import flush, sever
from interlingua.testing.toxics import End, Toxics

Side: TypeAlias = Literal["caller", "target", "proxy"]

_READ: Final = 1 << 16
_WAITING: Final = 16
_STEPS: Final = 100
"""Writes a second, where the bandwidth is bounded."""

_CLEAN: Final = Toxics()


class Passage:
    """One connection through the proxy.

    `up` and `down` count the bytes that were passed to the target and to the caller.
    `ended_by` says who closed first: the caller, the target, or the proxy itself. `over`
    is set when both sides are closed.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.up = 0
        self.down = 0
        self.ended_by: Side | None = None
        self.over = asyncio.Event()

    def __repr__(self) -> str:
        return f"Passage({self.number}, {self.up} bytes up, {self.down} down, {self.ended_by or 'open'})"

    def end(self, side: Side) -> None:
        """Say who closed; the first word stands."""
        self.ended_by = self.ended_by or side


class FaultProxy(Listener):
    """Passes connections on to a target, with faults that a seed decides.

    What is drawn depends on the seed, the number of the connection and the direction
    alone, so that the same run fails in the same places. `passages` is the log. `up`,
    `down`, `refuse` and `sick` may be changed at any time, and hold for the connections
    that come then.

    Args:
        target: the origin to pass to, as `http://127.0.0.1:8080`; a path is not looked at.
        up: what happens to what the caller sends.
        down: what happens to what the target sends.
        refuse: the number of connections, from the first, that are reset as soon as they stand. A socket that
            listens cannot refuse as one that does not; for that, see the wall's `f01-refused`.
        sick: the number of connections, from the first that is not refused, that `up` and `down` hold for; all unless
            given.
        seed: what the drawing begins with.
        host: the address to listen on.

    Example:
        >>> async with FaultProxy(server.origin, down=Toxics(cut_after=200), sick=1) as proxy:
        ...     ...  # the first answer through proxy.origin is cut after 200 bytes, the others are not

    """

    def __init__(
        self,
        target: str,
        *,
        up: Toxics = _CLEAN,
        down: Toxics = _CLEAN,
        refuse: int = 0,
        sick: int | None = None,
        seed: int = 0,
        host: str = "127.0.0.1",
    ) -> None:
        address = urlsplit(target)
        if not address.hostname or not address.port:
            raise ValueError(f"{target!r} is no origin with a port, as http://127.0.0.1:8080 is")
        self.up = up
        self.down = down
        self.refuse = refuse
        self.sick = sick
        self.passages: list[Passage] = []
        self._target = (address.hostname, address.port)
        self._seed = seed
        super().__init__(self._connected, host=host)

    @property
    def origin(self) -> str:
        """Its address without a path."""
        if self.port is None:
            raise RuntimeError("the proxy has not been entered: `async with FaultProxy(target) as proxy`")
        return f"http://{self._host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Its address as providers write it, `…/v1`."""
        return f"{self.origin}/v1"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passage = Passage(len(self.passages) + 1)
        self.passages.append(passage)
        try:
            if passage.number <= self.refuse:
                passage.end("proxy")
                sever(writer, reset=True)
                return
            try:
                there = await asyncio.open_connection(*self._target)
            except OSError:
                passage.end("target")
                sever(writer, reset=True)
                return
            await self._pass(passage, (reader, writer), there)
        finally:
            writer.close()
            passage.over.set()

    async def _pass(
        self,
        passage: Passage,
        here: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        sick = self.sick is None or passage.number - self.refuse <= self.sick
        up = _Direction(passage, "up", self.up if sick else _CLEAN, self._chance(passage, "up"))
        down = _Direction(passage, "down", self.down if sick else _CLEAN, self._chance(passage, "down"))
        both = [
            asyncio.ensure_future(up.carry(here[0], there[1])),
            asyncio.ensure_future(down.carry(there[0], here[1])),
        ]
        writers = (here[1], there[1])
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_EXCEPTION)
            for task in both:
                if task.done():
                    task.result()
        except _Severed as severed:
            passage.end("proxy")
            if not severed.reset:
                await asyncio.gather(*(flush(writer) for writer in writers), return_exceptions=True)
            for writer in writers:
                sever(writer, reset=severed.reset)
        except ConnectionError:
            for writer in writers:
                sever(writer, reset=True)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            there[1].close()

    def _chance(self, passage: Passage, way: str) -> Random:
        return Random(f"{self._seed} {passage.number} {way}")  # noqa: S311 - faults, not secrets


class _Severed(Exception):
    """Both sides are to be closed."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset


class _Direction:
    """One direction of a connection."""

    def __init__(self, passage: Passage, way: Literal["up", "down"], toxics: Toxics, chance: Random) -> None:
        self._passage = passage
        self._way: Literal["up", "down"] = way
        self._toxics = toxics
        self._chance = chance
        self._ending: tuple[int, End] | None = toxics.ending(chance)
        self._passed = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes until the sender ends, or the toxics do.

        Raises:
            ConnectionError: one of the sides is gone.
            _Severed: both sides are to be closed.

        """
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_WAITING)
        receiving = asyncio.ensure_future(self._receive(reader, waiting))
        delivering = asyncio.ensure_future(self._deliver(waiting, writer))
        try:
            await asyncio.wait((receiving, delivering), return_when=asyncio.FIRST_EXCEPTION)
            for task in (delivering, receiving):
                if task.done():
                    task.result()
            await delivering
        finally:
            for task in (receiving, delivering):
                task.cancel()
            await asyncio.gather(receiving, delivering, return_exceptions=True)

    async def _receive(self, reader: asyncio.StreamReader, waiting: asyncio.Queue[tuple[float, bytes]]) -> None:
        clock, due = asyncio.get_running_loop().time, 0.0
        try:
            while data := await reader.read(_READ):
                due = max(due, clock() + self._toxics.delay(self._chance))
                await waiting.put((due, data))
        except ConnectionError:
            self._passage.end("caller" if self._way == "up" else "target")
            raise
        self._passage.end("caller" if self._way == "up" else "target")
        await waiting.put((due, b""))

    async def _deliver(self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        clock, deaf = asyncio.get_running_loop().time, await self._ended(writer)
        while True:
            due, data = await waiting.get()
            if due > clock():
                await asyncio.sleep(due - clock())
            if not data:
                if deaf and self._ending is not None and self._ending[1] == "black_hole":
                    raise _Severed(reset=False)  # nobody is left to keep the connection for
                if not deaf and writer.can_write_eof():
                    writer.write_eof()
                return
            deaf = deaf or await self._write(data, writer)

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> bool:
        """Write what may still pass; tell whether that was all that ever will."""
        toxics = self._toxics
        size = toxics.slices or len(data)
        if toxics.bandwidth is not None:
            size = min(size, max(1, int(toxics.bandwidth / _STEPS)))
        place = 0
        while place < len(data):
            left = size if self._ending is None else min(size, self._ending[0] - self._passed)
            piece = data[place : place + left]
            await writer.drain()
            writer.write(piece)
            place += len(piece)
            self._count(len(piece))
            if toxics.bandwidth is not None:
                await asyncio.sleep(len(piece) / toxics.bandwidth)
            elif toxics.slices is not None:
                await asyncio.sleep(0)
            if await self._ended(writer):
                return True
        return False

    async def _ended(self, writer: asyncio.StreamWriter) -> bool:
        """End what is to end here; tell whether nothing more passes."""
        if self._ending is None or self._passed < self._ending[0]:
            return False
        end = self._ending[1]
        if end in ("cut", "reset"):
            await flush(writer)
            raise _Severed(reset=end == "reset")
        if end == "half_close" and writer.can_write_eof():
            writer.write_eof()
        return True

    def _count(self, size: int) -> None:
        self._passed += size
        if self._way == "up":
            self._passage.up = self._passed
        else:
            self._passage.down = self._passed
