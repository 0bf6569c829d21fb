"""Many callers of one route that hedges and shares, who come and leave at any moment: nothing is lost or left."""

import asyncio
from random import Random
from typing import Any

import pytest

from interlingua.errors import Error, Overloaded, StreamInterrupted
from interlingua.routing.routed import RoutedProvider
from interlingua.types import ModelRequest, StreamEnd, TextDelta
from tests.routing.targets import Clock, Piece, Voice, a_moment, deployment, route_of

pytestmark = pytest.mark.anyio

WHOLE = "One two three."


def script_of(chance: Random, gate: asyncio.Event) -> list[Piece]:
    """Say it all, with silences, or fail somewhere."""
    pieces: list[Piece] = []
    for word in WHOLE.split(" "):
        pieces += [chance.choice([gate, gate, Overloaded("down", status=503), StreamInterrupted("cut")])] * (
            chance.random() < 0.4
        )
        pieces.append(word)
    return pieces


async def asked(routed: RoutedProvider, request: ModelRequest, *, streamed: bool) -> str:
    if not streamed:
        return (await routed.generate(request)).text
    events = [event async for event in routed.stream(request)]
    assert isinstance(events[-1], StreamEnd)
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("seed", range(40))
async def test_whoever_stays_has_the_whole_answer_or_an_error_and_nothing_is_left(seed: int) -> None:
    chance, gate, clock = Random(seed), asyncio.Event(), Clock()  # noqa: S311 - a crowd that can be had again
    before = asyncio.all_tasks()
    voices = [Voice(name, *[script_of(chance, gate) for _ in range(30)], text=WHOLE) for name in "abc"]
    targets = [deployment(voice, clock) for voice in voices]
    settings: dict[str, Any] = {
        "hedge_after": 1.0,
        "hedge_share": 1.0,
        "coalesce": chance.random() < 0.7,
        "rescue": chance.choice(["off", "restart", "continue", "hold"]),
        "retries": chance.choice([0, 1]),
        "breaker_failures": 1000,
    }
    route = route_of(*targets, clock=clock, **settings)
    tasks: list[asyncio.Task[str]] = []
    for _ in range(40):
        request = ModelRequest.build_request("smart", f"Hello {chance.randrange(3)}")
        tasks.append(asyncio.create_task(asked(RoutedProvider(route), request, streamed=chance.random() < 0.5)))
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        if chance.random() < 0.4:
            chance.choice(tasks).cancel()
    await a_moment()
    gate.set()

    heard = await asyncio.gather(*tasks, return_exceptions=True)

    assert all(each == WHOLE or isinstance(each, Error | asyncio.CancelledError) for each in heard), heard
    assert sum(each == WHOLE for each in heard) > 5
    assert [(each.busy, voice.running) for each, voice in zip(targets, voices, strict=True)] == [(0, 0)] * 3
    assert asyncio.all_tasks() == before
