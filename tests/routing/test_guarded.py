import asyncio
from collections.abc import AsyncGenerator

import pytest

from interlingua.errors import BadRequest, ConcurrencyExceeded, Error, Overloaded, StreamInterrupted, TimedOut
from interlingua.providers import Provider
from interlingua.routing import ConcurrencyLimit, GuardedProvider, RetryPolicy
from interlingua.types import (
    Event,
    Finish,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    StreamEnd,
    StreamStart,
    TextDelta,
)

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest.build_request("tiny", "Hello")
WHOLE: list[Event | Error] = [StreamStart(id="1"), TextDelta("Hi"), Finish("stop"), StreamEnd()]


class Scripted:
    """A provider without a wire: each call takes the next of `outcomes`."""

    name = "scripted"

    def __init__(self, *outcomes: "list[Event | Error]") -> None:
        self.outcomes = list(outcomes)
        self.requests: list[ModelRequest] = []
        self.closed = 0
        self.gate: asyncio.Event | None = None

    async def generate(self, request: ModelRequest) -> ModelOutput:
        return ModelOutput(
            "".join([event.text async for event in self.stream(request) if isinstance(event, TextDelta)])
        )

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        self.requests.append(request)
        try:
            for outcome in self.outcomes.pop(0):
                if self.gate is not None:
                    await self.gate.wait()
                if isinstance(outcome, Error):
                    raise outcome
                yield outcome
        finally:
            self.closed += 1

    async def models(self) -> list[ModelMetadata]:
        return [ModelMetadata(model="tiny")]

    async def aclose(self) -> None:
        self.closed = -1


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def guarded(provider: Provider, *, limit: ConcurrencyLimit | None = None) -> tuple[GuardedProvider, Sleeps]:
    sleeps = Sleeps()
    return GuardedProvider(provider, retry=RetryPolicy(jitter=0.0), limit=limit, sleep=sleeps), sleeps


async def test_an_answer_is_asked_for_again() -> None:
    provider = Scripted([Overloaded("busy")], [Overloaded("busy")], WHOLE)
    guard, sleeps = guarded(provider)

    output = await guard.generate(REQUEST)

    assert output.text == "Hi"
    assert sleeps == [0.5, 1.0]


async def test_a_stream_that_fails_before_its_first_content_is_begun_again() -> None:
    provider = Scripted([Overloaded("busy")], [StreamStart(id="lost"), StreamInterrupted("cut")], WHOLE)
    guard, sleeps = guarded(provider)

    events = [event async for event in guard.stream(REQUEST)]

    assert events == WHOLE
    assert sleeps == [0.5, 1.0]
    assert provider.closed == 3


async def test_a_stream_that_fails_after_its_first_content_is_not_begun_again() -> None:
    provider = Scripted([StreamStart(), TextDelta("Hi"), StreamInterrupted("cut")], WHOLE)
    guard, sleeps = guarded(provider)
    stream = guard.stream(REQUEST)

    begun = [await anext(stream), await anext(stream)]
    with pytest.raises(StreamInterrupted):
        await anext(stream)

    assert begun == [StreamStart(), TextDelta("Hi")]
    assert sleeps == []
    assert len(provider.requests) == 1


@pytest.mark.parametrize("error", [BadRequest("no"), TimedOut("first_token", 5)], ids=lambda error: error.kind)
async def test_what_will_not_pass_is_raised_at_once(error: Error) -> None:
    provider = Scripted([error], WHOLE)
    guard, _ = guarded(provider)

    with pytest.raises(type(error)) as caught:
        _ = [event async for event in guard.stream(REQUEST)]

    assert caught.value is error
    assert len(provider.requests) == 1


async def test_a_stream_of_a_start_alone_is_given_as_it_is() -> None:
    guard, _ = guarded(Scripted([StreamStart(id="1")]))

    assert [event async for event in guard.stream(REQUEST)] == [StreamStart(id="1")]


async def test_without_a_policy_there_is_one_try() -> None:
    provider = Scripted([Overloaded("busy")], WHOLE)

    with pytest.raises(Overloaded):
        await GuardedProvider(provider).generate(REQUEST)


async def test_the_time_of_a_request_bounds_all_tries() -> None:
    provider = Scripted([Overloaded("busy")], [Overloaded("busy")], WHOLE)
    guard, sleeps = guarded(provider)
    request = ModelRequest.build_request("tiny", "Hello", timeout=1.0)

    with pytest.raises(Overloaded):
        await guard.generate(request)

    assert sleeps == [0.5]
    assert request.timeout == 1.0
    second = provider.requests[1].timeout
    assert second is not None
    assert 0.0 < second <= 0.5


async def test_beyond_the_limit_a_call_is_refused() -> None:
    provider = Scripted(WHOLE, WHOLE)
    provider.gate = asyncio.Event()
    guard, _ = guarded(provider, limit=ConcurrencyLimit(1, queue=0))
    first = asyncio.create_task(guard.generate(REQUEST))
    await asyncio.sleep(0)

    with pytest.raises(ConcurrencyExceeded):
        await guard.generate(REQUEST)
    with pytest.raises(ConcurrencyExceeded):
        _ = [event async for event in guard.stream(REQUEST)]

    provider.gate.set()
    assert (await first).text == "Hi"


async def test_a_stream_holds_its_place_until_it_is_closed() -> None:
    limit = ConcurrencyLimit(1)
    provider = Scripted(WHOLE)
    guard, _ = guarded(provider, limit=limit)
    stream = guard.stream(REQUEST)

    await anext(stream)
    held = limit.running
    await stream.aclose()

    assert (held, limit.running) == (1, 0)
    assert provider.closed == 1


async def test_cancelling_gives_the_place_back() -> None:
    limit = ConcurrencyLimit(1)
    provider = Scripted(WHOLE)
    provider.gate = asyncio.Event()
    guard, _ = guarded(provider, limit=limit)
    task = asyncio.create_task(guard.generate(REQUEST))
    await asyncio.sleep(0)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert limit.running == 0
    assert provider.closed == 1


async def test_the_rest_is_passed_on() -> None:
    provider = Scripted()
    guard, _ = guarded(provider)

    assert guard.name == "scripted"
    assert [model.model for model in await guard.models()] == ["tiny"]
    await guard.aclose()
    assert provider.closed == -1
