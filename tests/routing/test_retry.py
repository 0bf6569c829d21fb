import asyncio

import pytest

from interlingua.errors import (
    BadRequest,
    ConnectFailed,
    Error,
    Overloaded,
    QuotaExhausted,
    ServerFault,
    StreamInterrupted,
    Throttled,
    TimedOut,
)
from interlingua.routing import RetryPolicy, retrying

pytestmark = pytest.mark.anyio

STEADY = RetryPolicy(jitter=0.0)


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_waits_double_up_to_the_cap() -> None:
    policy = RetryPolicy(attempts=9, base_delay=1.0, max_delay=5.0, jitter=0.0)

    waits = [policy.delay(attempt, Overloaded("busy")) for attempt in range(1, 6)]

    assert waits == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_jitter_takes_a_part_off() -> None:
    policy = RetryPolicy(base_delay=1.0, jitter=0.5)

    assert policy.delay(1, Overloaded("busy"), chance=lambda: 1.0) == 0.5
    assert policy.delay(1, Overloaded("busy"), chance=lambda: 0.0) == 1.0


@pytest.mark.parametrize(
    "error",
    [
        ConnectFailed("refused"),
        TimedOut("connect", 5),
        StreamInterrupted("cut"),
        Throttled("slow down"),
        Overloaded("busy"),
        ServerFault("oops"),
    ],
    ids=lambda error: error.kind,
)
def test_what_may_pass_is_tried_again(error: Error) -> None:
    assert STEADY.delay(1, error) == 0.5


@pytest.mark.parametrize(
    "error",
    [
        BadRequest("no"),
        QuotaExhausted("no money"),
        TimedOut("first_token", 5),
        TimedOut("idle", 5),
        TimedOut("total", 5),
    ],
    ids=str,
)
def test_what_will_not_pass_or_may_be_going_on_is_not_tried_again(error: Error) -> None:
    assert STEADY.delay(1, error) is None


def test_the_last_try_is_the_last() -> None:
    assert STEADY.delay(3, Overloaded("busy")) is None
    assert RetryPolicy(attempts=1).delay(1, Overloaded("busy")) is None


def test_retry_after_is_believed() -> None:
    assert STEADY.delay(1, Throttled("slow down", retry_after=7.5)) == 7.5
    assert STEADY.delay(1, Throttled("slow down", retry_after=0.0)) == 0.0
    assert STEADY.delay(1, Throttled("slow down", retry_after=-3.0)) == 0.0


def test_a_retry_after_beyond_the_cap_is_left_to_the_caller() -> None:
    assert STEADY.delay(1, Throttled("slow down", retry_after=31.0)) is None


async def test_a_call_is_made_again_until_it_succeeds() -> None:
    sleeps = Sleeps()
    outcomes: list[Error | str] = [Overloaded("busy"), Throttled("slow down", retry_after=2.0), "answer"]

    async def call() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Error):
            raise outcome
        return outcome

    assert await retrying(call, policy=STEADY, sleep=sleeps) == "answer"
    assert sleeps == [0.5, 2.0]


async def test_the_last_error_is_raised_as_it_came() -> None:
    errors = [Overloaded(f"busy {number}") for number in range(3)]
    raised = iter(errors)

    async def call() -> str:
        raise next(raised)

    with pytest.raises(Overloaded) as caught:
        await retrying(call, policy=STEADY, sleep=Sleeps())
    assert caught.value is errors[2]


async def test_an_error_that_is_not_ours_is_not_caught() -> None:
    async def call() -> str:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        await retrying(call, policy=STEADY, sleep=Sleeps())


async def test_cancelling_ends_the_wait() -> None:
    waiting = asyncio.Event()

    async def call() -> str:
        raise Overloaded("busy")

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(retrying(call, policy=STEADY, sleep=sleep))
    await waiting.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
