"""A route that asks a second target while the first one is silent, at every front door."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from interlingua.providers.row import WireName
from interlingua.testing import FaultWall
from tests.gateway.asking import DOORS, SAID, gateway_to, request_of, text_of
from tests.gateway.raw import Answer, calling, post

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def gateway_before(wall: FaultWall, *, first: str, second: str = "healthy", **route: Any) -> AsyncGenerator[int]:
    """Run a gateway whose route `smart` has two models of the wall; give its port."""
    targets = {f"near/{first}": wall.base_url, f"far/{second}": wall.base_url}
    settings: dict[str, Any] = {"hedge_after": 0.05, **route}
    async with gateway_to(targets, **settings) as server:
        yield server.port


async def asked(port: int, wire: WireName, *, streamed: bool) -> Answer:
    async with calling(port) as caller:
        await caller.send(request_of(wire, streamed=streamed))
        return await caller.answer()


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", DOORS)
async def test_every_door_answers_with_the_quicker_of_two(wire: WireName, streamed: bool) -> None:
    async with FaultWall() as wall, gateway_before(wall, first="f04-silence") as port:
        answer = await asked(port, wire, streamed=streamed)
        await wall.attempts[0].over.wait()

    assert text_of(answer, wire, streamed=streamed) == wall.canonical
    assert answer.headers["x-interlingua-route"] == "near/f04-silence outrun, far/healthy answered"
    assert [attempt.outcome for attempt in wall.attempts] == ["left", "whole"]


@pytest.mark.parametrize("fault", ["f03-late-60", "f03-headers-then-silence", "f03-heartbeats-first", "f08-stall-0"])
async def test_announcements_and_heartbeats_are_no_content(fault: str) -> None:
    async with FaultWall() as wall, gateway_before(wall, first=fault) as port:
        answer = await asked(port, "chat_completions", streamed=True)
        await wall.attempts[0].over.wait()

    assert text_of(answer, "chat_completions", streamed=True) == wall.canonical
    assert wall.attempts[0].outcome == "left"


async def test_who_has_begun_to_speak_is_waited_for() -> None:
    async with FaultWall(stall=0.2) as wall, gateway_before(wall, first="f08-stall") as port:
        answer = await asked(port, "chat_completions", streamed=True)

    assert text_of(answer, "chat_completions", streamed=True) == wall.canonical
    assert [attempt.model for attempt in wall.attempts] == ["f08-stall"]


async def test_no_more_than_the_share_is_asked_twice() -> None:
    route: dict[str, Any] = {"first": "f03-late-1", "hedge_share": 0.25, "hedge_after": 0.02, "affinity": False}
    async with FaultWall(second=0.1) as wall, gateway_before(wall, **route) as port:
        for _ in range(8):
            await asked(port, "chat_completions", streamed=True)

    assert [attempt.model for attempt in wall.attempts].count("healthy") == 1 + 8 * 0.25


async def test_both_that_fail_are_told_of() -> None:
    route: dict[str, Any] = {"first": "f04-silence", "second": "f20-503", "first_token_timeout": 0.3}
    async with FaultWall() as wall, gateway_before(wall, **route) as port:
        answer = await asked(port, "chat_completions", streamed=True)

    assert answer.status == 504
    told = "far/f20-503 failed (overloaded 503), near/f04-silence failed (timed_out first_token)"
    assert answer.headers["x-interlingua-route"] == told


async def test_a_caller_who_leaves_ends_both() -> None:
    async with FaultWall() as wall, gateway_before(wall, first="f04-silence", second="f04-silence") as port:
        async with calling(port) as caller:
            await caller.send(request_of("chat_completions", streamed=True))
            await wall.seen(2)
        for attempt in wall.attempts:
            await attempt.over.wait()

    assert [attempt.outcome for attempt in wall.attempts] == ["left", "left"]


async def test_bytes_pass_where_nothing_of_this_is_set() -> None:
    body = {**SAID, "stream": True, "future_field": 1}
    async with (
        FaultWall() as wall,
        gateway_before(wall, first="healthy", hedge_after=None) as port,
        calling(port) as caller,
    ):
        await caller.send(post("/v1/chat/completions", body))
        await caller.answer()

    assert msgspec.json.decode(wall.attempts[0].request.body) == {**body, "model": "healthy"}
