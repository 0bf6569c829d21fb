from collections.abc import Callable
from pathlib import Path

import pytest

from interlingua.local.engine import Engine
from interlingua.local.pool import EnginePool
from tests.local.llamas import OPTIONS, ScriptedServer

pytestmark = pytest.mark.anyio

A, B, C = Path("a"), Path("b"), Path("c")


def make(path: Path) -> Callable[[], Engine]:
    return lambda: Engine(path, OPTIONS, load=ScriptedServer().load)


async def test_the_same_file_has_one_engine() -> None:
    pool = EnginePool(1)

    async with pool.lend(A, make(A)) as first, pool.lend(A, make(A)) as second:
        assert first is second
    await pool.aclose()

    assert first.closed


async def test_the_engine_used_longest_ago_is_closed_when_there_are_too_many() -> None:
    pool = EnginePool(2)
    async with pool.lend(A, make(A)) as a:
        pass
    async with pool.lend(B, make(B)) as b:
        pass
    async with pool.lend(A, make(A)):
        pass

    async with pool.lend(C, make(C)):
        assert (a.closed, b.closed) == (False, True)
    await pool.aclose()


async def test_an_engine_that_answers_is_not_closed() -> None:
    pool = EnginePool(1)

    async with pool.lend(A, make(A)) as a, pool.lend(B, make(B)) as b:
        assert not a.closed
        assert pool.engines == [a, b]
    async with pool.lend(B, make(B)):
        assert a.closed
    await pool.aclose()
