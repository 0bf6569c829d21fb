"""The proxy does to a connection what it was told, and the same for the same seed."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from random import Random

import pytest

from interlingua.errors import Error
from interlingua.providers import REGISTRY, RemoteProvider, resolve
from interlingua.testing import FaultProxy, FaultWall, Passage, Toxics
from interlingua.transport import HTTPTransport
from interlingua.types import ModelRequest
from tests.testing.caller import DEADLINE, connected

pytestmark = pytest.mark.anyio

TEXT = bytes(range(256)) * 8
"""What the target says once it has read as much as it wants."""


class Target:
    """Reads `wanted` bytes of each connection, says `TEXT`, and reads on until the caller ends."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.heard: list[bytes] = []
        self.ends: list[str] = []
        self.ended = asyncio.Event()
        self.origin = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.heard)
        self.heard.append(b"")
        end = "end"
        try:
            while len(self.heard[number]) < self.wanted:
                data = await reader.read(1024)
                self.heard[number] += data
                if not data:
                    break
            writer.write(TEXT)
            await writer.drain()
            while await reader.read(1024):
                pass
        except ConnectionError:
            end = "reset"
        self.ends.append(end)
        self.ended.set()
        writer.close()


@contextlib.asynccontextmanager
async def listening(wanted: int = 4) -> AsyncGenerator[Target]:
    target = Target(wanted)
    server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
    target.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, asyncio.timeout(DEADLINE):
        yield target


async def heard_through(proxy: FaultProxy, said: bytes = b"ping") -> tuple[bytes, str]:
    """Say something and give what came back, and how it ended: `open` if the text came whole."""
    body = b""
    async with connected(proxy.origin) as connection:
        connection.writer.write(said)
        try:
            while len(body) < len(TEXT):
                piece = await connection.reader.read(1 << 16)
                if not piece:
                    return body, "end"
                body += piece
        except ConnectionResetError:
            return body, "reset"
    return body, "open"


async def test_without_toxics_the_bytes_pass_both_ways() -> None:
    async with listening() as target, FaultProxy(target.origin) as proxy:
        assert await heard_through(proxy) == (TEXT, "open")
        await proxy.passages[0].over.wait()

    assert target.heard == [b"ping"]
    assert target.ends == ["end"]
    passage = proxy.passages[0]
    assert (passage.up, passage.down, passage.ended_by) == (4, len(TEXT), "caller")
    assert repr(passage) == "Passage(1, 4 bytes up, 2048 down, caller)"


@pytest.mark.parametrize("count", [0, 1, 100, 2047])
async def test_an_answer_is_cut_after_so_many_bytes(count: int) -> None:
    async with listening() as target, FaultProxy(target.origin, down=Toxics(cut_after=count)) as proxy:
        assert await heard_through(proxy) == (TEXT[:count], "end")
        await target.ended.wait()
        assert (proxy.passages[0].down, proxy.passages[0].ended_by) == (count, "proxy")


async def test_a_request_is_cut_after_so_many_bytes() -> None:
    async with listening(wanted=10) as target, FaultProxy(target.origin, up=Toxics(cut_after=3)) as proxy:
        assert await heard_through(proxy, b"0123456789") == (b"", "end")
        await target.ended.wait()
        assert target.heard == [b"012"]


async def test_a_connection_is_reset_on_both_sides() -> None:
    async with listening() as target, FaultProxy(target.origin, down=Toxics(reset_after=100)) as proxy:
        body, end = await heard_through(proxy)
        await target.ended.wait()
        assert end == "reset"
        assert TEXT.startswith(body)
        assert target.ends == ["reset"]
        assert proxy.passages[0].down == 100


async def test_half_of_a_connection_is_closed() -> None:
    async with (
        listening(wanted=10) as target,
        FaultProxy(target.origin, up=Toxics(half_close_after=3)) as proxy,
    ):
        # The target hears the end after three bytes, and answers all the same.
        assert await heard_through(proxy, b"0123456789") == (TEXT, "open")
        assert target.heard == [b"012"]

    async with listening() as target, FaultProxy(target.origin, down=Toxics(half_close_after=7)) as proxy:
        async with connected(proxy.origin) as connection:
            connection.writer.write(b"ping")
            assert await connection.reader.read() == TEXT[:7]
            assert not target.ends
        await target.ended.wait()
        assert target.ends == ["end"]


async def test_a_black_hole_swallows_and_the_connection_stands() -> None:
    async with listening() as target, FaultProxy(target.origin, down=Toxics(black_hole_after=9)) as proxy:
        async with connected(proxy.origin) as connection:
            connection.writer.write(b"ping")
            assert await connection.reader.readexactly(9) == TEXT[:9]
            passage = proxy.passages[0]
            assert (passage.ended_by, passage.over.is_set()) == (None, False)
        await passage.over.wait()
        assert (passage.down, passage.ended_by) == (9, "caller")


async def test_a_request_may_vanish() -> None:
    async with listening() as target, FaultProxy(target.origin, up=Toxics(black_hole_after=0)) as proxy:
        async with connected(proxy.origin) as connection:
            connection.writer.write(b"ping")
            await connection.writer.drain()
        await target.ended.wait()
        assert (target.heard, proxy.passages[0].up) == ([b""], 0)


async def test_bytes_come_one_by_one() -> None:
    async with listening() as target, FaultProxy(target.origin, down=Toxics(slices=1)) as proxy:
        reader, writer = await asyncio.open_connection(*proxy.origin.removeprefix("http://").split(":"))
        writer.write(b"ping")
        first = await reader.read(1 << 16)
        rest = await reader.readexactly(len(TEXT) - len(first))
        assert len(first) < 64
        assert first + rest == TEXT
        writer.close()


async def test_time_passes() -> None:
    clock = asyncio.get_running_loop().time
    async with listening() as target:
        async with FaultProxy(target.origin, up=Toxics(latency=0.05), down=Toxics(latency=0.05)) as proxy:
            began = clock()
            assert await heard_through(proxy) == (TEXT, "open")
            assert clock() - began >= 0.1
        async with FaultProxy(target.origin, down=Toxics(bandwidth=len(TEXT) * 10)) as proxy:
            began = clock()
            assert await heard_through(proxy) == (TEXT, "open")
            assert clock() - began >= 0.09


async def test_the_first_connections_are_reset_and_the_next_sick() -> None:
    async with listening() as target:
        async with FaultProxy(target.origin, refuse=2, sick=1, down=Toxics(cut_after=5)) as proxy:
            ends = [(await heard_through(proxy))[1] for _ in range(4)]
        assert ends == ["reset", "reset", "end", "open"]
        assert [passage.ended_by for passage in proxy.passages[:3]] == ["proxy"] * 3


async def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    async def cuts(seed: int) -> list[int]:
        async with FaultProxy(target.origin, down=Toxics(cut_after=(1, 2000)), seed=seed) as proxy:
            return [len((await heard_through(proxy))[0]) for _ in range(5)]

    async with listening() as target:
        first, again, other = await cuts(1), await cuts(1), await cuts(2)

    assert first == again
    assert first != other
    assert len(set(first)) > 1
    jittery = Toxics(latency=1, jitter=2)
    delays = [jittery.delay(Random(seed)) for seed in range(50)]  # noqa: S311 - no secrets
    assert 1 <= min(delays) < max(delays) <= 3


async def test_a_target_that_is_not_there_resets() -> None:
    async with FaultWall() as wall, FaultProxy(wall.base_url_for("f01-refused")) as proxy:
        assert (await heard_through(proxy))[1] == "reset"
        assert proxy.passages[0].ended_by == "target"


async def test_leaving_ends_what_stands() -> None:
    async with listening() as target:
        async with FaultProxy(target.origin) as proxy, connected(proxy.origin) as connection:
            connection.writer.write(b"ping")
            await connection.reader.readexactly(len(TEXT))
            await proxy.__aexit__()
            assert await connection.reader.read() == b""
        await target.ended.wait()


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({"latency": -1}, {"bandwidth": 0}, {"slices": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Toxics(**wrong)
    with pytest.raises(ValueError, match="no origin with a port"):
        FaultProxy("localhost")
    with pytest.raises(RuntimeError, match="async with"):
        _ = FaultProxy("http://127.0.0.1:1").origin
    assert repr(Passage(3)) == "Passage(3, 0 bytes up, 0 down, open)"


@pytest.mark.parametrize("toxics", [Toxics(cut_after=(1, 9000)), Toxics(reset_after=(1, 9000)), Toxics(slices=1)])
async def test_a_stream_that_breaks_anywhere_is_whole_or_an_error(toxics: Toxics) -> None:
    ends: set[str] = set()
    async with FaultWall() as wall, FaultProxy(wall.origin, down=toxics, seed=4) as proxy:
        for _ in range(12):
            endpoint = resolve(REGISTRY.lookup("openai"), api_key="sk-none", base_url=proxy.base_url)
            provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)
            request = ModelRequest.build_request("healthy", "Hello")
            text, end = "", "whole"
            try:
                async for event in provider.stream(request):
                    text += getattr(event, "text", "")
            except Error:
                end = "error"
            await provider.aclose()
            assert wall.canonical.startswith(text)
            assert end == "error" or text == wall.canonical
            ends.add(end)

    assert "whole" in ends if toxics.slices else "error" in ends
