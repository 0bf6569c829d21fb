"""Callers that ask a route the same at the same time, at every front door."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from interlingua.gateway.server import HTTPServer
from interlingua.providers.remote import wire_named
from interlingua.providers.row import WireName
from interlingua.testing import FaultWall, Reply, ScriptedProvider
from interlingua.types import ModelOutput
from tests.gateway.asking import DOORS, gateway_to, request_of, text_of
from tests.gateway.raw import Caller, calling, get

pytestmark = pytest.mark.anyio

ANN, BOB = "ann-key-0123456789", "bob-key-0123456789"
ROUTE = "x-interlingua-route"


@asynccontextmanager
async def shared(provider: ScriptedProvider, *, keys: tuple[str, ...] = (ANN, BOB)) -> AsyncGenerator[HTTPServer]:
    async with gateway_to({"near/tiny": provider.base_url}, keys=keys, coalesce=True) as server:
        yield server


async def callers_of(server: HTTPServer, stack: AsyncExitStack, count: int) -> list[Caller]:
    return [await stack.enter_async_context(calling(server.port)) for _ in range(count)]


async def sent(caller: Caller, server: HTTPServer, wire: WireName, key: str, *, streamed: bool, **more: Any) -> None:
    """Send a request, and wait until the gateway is at work on it; a stream has begun to speak then."""
    await caller.send(request_of(wire, f"Authorization: Bearer {key}", streamed=streamed, **more))
    if streamed:
        await caller.until(b"Hel")
        return
    async with calling(server.port) as other:
        for _ in range(5):
            await other.send(get("/health"))
            await other.answer()


def answer_after(gate: asyncio.Event, provider: ScriptedProvider, *, streamed: bool) -> None:
    """Let the provider's next answer be "Hello", of which a stream says the first half at once."""
    if streamed:
        provider.stream("Hel", "lo", gates={2: gate})
    else:
        body = wire_named("chat_completions").render_response(ModelOutput("Hello", finish_reason="stop"))
        provider.send(Reply(pieces=[gate, body]))


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", DOORS)
async def test_equal_requests_at_a_door_are_one_call(wire: WireName, streamed: bool) -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as provider, shared(provider) as server, AsyncExitStack() as stack:
        answer_after(gate, provider, streamed=streamed)
        callers = await callers_of(server, stack, 3)
        for caller in callers:
            await sent(caller, server, wire, ANN, streamed=streamed)
        gate.set()
        answers = await asyncio.gather(*[caller.answer() for caller in callers])

    assert [text_of(answer, wire, streamed=streamed) for answer in answers] == ["Hello"] * 3
    assert len(provider.requests) == 1
    told = sorted(answer.headers[ROUTE] for answer in answers)
    assert told == ["near/tiny answered", "near/tiny joined", "near/tiny joined"]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", DOORS)
async def test_two_callers_never_share_an_answer(wire: WireName, streamed: bool) -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as provider, shared(provider) as server, AsyncExitStack() as stack:
        for _ in range(2):
            answer_after(gate, provider, streamed=streamed)
        callers = await callers_of(server, stack, 2)
        for caller, key in zip(callers, (ANN, BOB), strict=True):
            await sent(caller, server, wire, key, streamed=streamed)
        gate.set()
        answers = await asyncio.gather(*[caller.answer() for caller in callers])

    assert len(provider.requests) == 2
    assert [answer.headers[ROUTE] for answer in answers] == ["near/tiny answered"] * 2


async def test_without_keys_of_its_own_a_gateway_goes_by_those_that_callers_bring() -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as provider, shared(provider, keys=()) as server, AsyncExitStack() as stack:
        for _ in range(2):
            answer_after(gate, provider, streamed=True)
        callers = await callers_of(server, stack, 3)
        for caller, key in zip(callers, (ANN, BOB, ANN), strict=True):
            await sent(caller, server, "messages", key, streamed=True)
        gate.set()
        await asyncio.gather(*[caller.answer() for caller in callers])

    assert len(provider.requests) == 2


async def test_a_caller_who_leaves_ends_nothing_for_the_other_and_the_last_one_ends_it() -> None:
    async with FaultWall() as wall, AsyncExitStack() as stack:
        given = {"near/f08-stall": wall.base_url}
        server = await stack.enter_async_context(gateway_to(given, coalesce=True))
        async with calling(server.port) as stays:
            async with calling(server.port) as leaves:
                for caller in (leaves, stays):
                    await caller.send(request_of("chat_completions", streamed=True))
                    await caller.until(b"content")
            for _ in range(5):
                async with calling(server.port) as other:
                    await other.send(get("/health"))
                    await other.answer()
            outcome = wall.attempts[0].outcome
        await wall.attempts[0].over.wait()

    assert (len(wall.attempts), outcome, wall.attempts[0].outcome) == (1, None, "left")


async def test_a_failure_is_told_to_each_in_the_words_of_its_door() -> None:
    async with FaultWall() as wall, AsyncExitStack() as stack:
        given = {"near/f04-silence": wall.base_url}
        server = await stack.enter_async_context(gateway_to(given, coalesce=True, first_token_timeout=0.3))
        callers = await callers_of(server, stack, 2)
        for caller in callers:
            await caller.send(request_of("messages", streamed=False))
        answers = await asyncio.gather(*[caller.answer() for caller in callers])

    assert len(wall.attempts) == 1
    for answer in answers:
        assert (answer.status, answer.json()["type"]) == (504, "error")
        assert answer.headers[ROUTE] == "near/f04-silence failed (timed_out first_token)"
