"""Asynchronous code, called from code that is not."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from interlingua import InvalidConfig
from interlingua.client.portal import Portal


async def numbers(closed: list[bool]) -> AsyncGenerator[int]:
    try:
        for number in range(5):
            yield number
    finally:
        closed.append(True)


async def double(number: int) -> int:
    return number * 2


def test_a_coroutine_is_run_to_its_end() -> None:
    portal = Portal()
    assert portal.call(double(4)) == 8
    portal.close()


def test_it_works_inside_a_running_loop() -> None:
    async def main() -> int:
        portal = Portal()
        try:
            return portal.call(double(5))
        finally:
            portal.close()

    assert asyncio.run(main()) == 10


def test_an_exception_comes_through() -> None:
    async def fail() -> None:
        raise ValueError("as it is")

    portal = Portal()
    with pytest.raises(ValueError, match="as it is"):
        portal.call(fail())
    portal.close()


def test_a_stream_is_iterated_and_closed() -> None:
    portal, closed = Portal(), list[bool]()
    assert list(portal.iterate(numbers(closed))) == [0, 1, 2, 3, 4]
    assert closed == [True]
    portal.close()


def test_leaving_a_stream_early_closes_it() -> None:
    portal, closed = Portal(), list[bool]()
    stream = portal.iterate(numbers(closed))
    assert next(stream) == 0
    stream.close()
    assert closed == [True]
    portal.close()


def test_a_closed_portal_says_so() -> None:
    portal = Portal()
    portal.close()
    portal.close()
    coroutine = double(1)
    with pytest.raises(InvalidConfig, match="closed"):
        portal.call(coroutine)
    coroutine.close()
