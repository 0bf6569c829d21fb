import asyncio
import threading

import pytest

from interlingua.errors import ConcurrencyExceeded, InvalidConfig
from interlingua.routing import ConcurrencyLimit

pytestmark = pytest.mark.anyio


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_than_the_limit_run_at_once() -> None:
    limit = ConcurrencyLimit(2)
    done = asyncio.Event()
    most = 0

    async def work() -> None:
        nonlocal most
        async with limit.slot():
            most = max(most, limit.running)
            await done.wait()

    tasks = [asyncio.create_task(work()) for _ in range(5)]
    await settle()
    waiting = limit.waiting
    done.set()
    await asyncio.gather(*tasks)

    assert (most, waiting) == (2, 3)
    assert (limit.running, limit.waiting) == (0, 0)


async def test_who_came_first_goes_first() -> None:
    limit = ConcurrencyLimit(1)
    order: list[int] = []

    async def work(number: int) -> None:
        async with limit.slot():
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(10)))

    assert order == list(range(10))


async def test_a_newcomer_does_not_overtake() -> None:
    limit = ConcurrencyLimit(1)
    await limit.acquire()
    second = asyncio.create_task(limit.acquire())
    await settle()

    limit.release()
    third = asyncio.create_task(limit.acquire())
    await settle()

    assert second.done()
    assert not third.done()
    limit.release()
    await third
    limit.release()


async def test_beyond_the_queue_a_call_is_refused() -> None:
    limit = ConcurrencyLimit(1, queue=1)
    await limit.acquire()
    waiting = asyncio.create_task(limit.acquire())
    await settle()

    with pytest.raises(ConcurrencyExceeded, match="1 calls are running and 1 are waiting"):
        await limit.acquire()

    limit.release()
    await waiting
    limit.release()
    assert limit.running == 0


async def test_a_queue_of_zero_lets_nobody_wait() -> None:
    limit = ConcurrencyLimit(1, queue=0)
    await limit.acquire()

    with pytest.raises(ConcurrencyExceeded):
        await limit.acquire()
    limit.release()


async def test_a_waiter_that_is_cancelled_leaves_the_queue() -> None:
    limit = ConcurrencyLimit(1)
    await limit.acquire()
    waiting = asyncio.create_task(limit.acquire())
    await settle()

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert limit.waiting == 0
    limit.release()
    assert limit.running == 0


async def test_a_waiter_cancelled_as_it_is_let_in_gives_its_place_on() -> None:
    limit = ConcurrencyLimit(1)
    await limit.acquire()
    first = asyncio.create_task(limit.acquire())
    second = asyncio.create_task(limit.acquire())
    await settle()

    limit.release()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.wait_for(second, 5)

    limit.release()
    assert (limit.running, limit.waiting) == (0, 0)


async def test_a_failing_block_gives_its_place_back() -> None:
    limit = ConcurrencyLimit(1)

    with pytest.raises(KeyError):
        async with limit.slot():
            raise KeyError("oops")

    assert limit.running == 0


def test_one_limit_serves_several_event_loops() -> None:
    limit = ConcurrencyLimit(3)
    lock = threading.Lock()
    running = most = served = 0

    async def work() -> None:
        nonlocal running, most, served
        for _ in range(50):
            async with limit.slot():
                with lock:
                    running += 1
                    most = max(most, running)
                await asyncio.sleep(0)
                with lock:
                    running -= 1
                    served += 1

    async def crowd() -> None:
        await asyncio.gather(*(work() for _ in range(4)))

    threads = [threading.Thread(target=lambda: asyncio.run(crowd())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert served == 600
    assert most <= 3
    assert (limit.running, limit.waiting) == (0, 0)


def test_a_waiter_whose_loop_is_gone_is_passed_over() -> None:
    limit = ConcurrencyLimit(1)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(limit.acquire())
    lost = loop.create_task(limit.acquire())
    loop.run_until_complete(settle())
    loop.close()

    limit.release()

    assert (limit.running, limit.waiting) == (0, 0)
    lost._log_destroy_pending = False  # type: ignore[attr-defined] - its loop was closed under it on purpose
    lost.get_coro().close()  # type: ignore[union-attr]


@pytest.mark.parametrize(("limit", "queue"), [(0, None), (1, -1)])
def test_a_limit_that_lets_nobody_in_is_refused(limit: int, queue: int | None) -> None:
    with pytest.raises(InvalidConfig, match="at least"):
        ConcurrencyLimit(limit, queue=queue)


async def test_what_runs_on_takes_over_the_place_of_its_call() -> None:
    limit = ConcurrencyLimit(1)
    await limit.acquire()
    waiting = asyncio.create_task(limit.acquire())
    await settle()

    limit.occupy()
    limit.release()
    await settle()
    before = (limit.running, waiting.done())
    limit.release()
    await settle()

    assert before == (1, False)
    assert (limit.running, waiting.done()) == (1, True)
