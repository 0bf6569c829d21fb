"""A stream's clocks run on what the model says, whatever its provider sends to keep the connection open."""

import asyncio
from collections.abc import AsyncGenerator

import httpx2
import msgspec
import pytest

from interlingua.errors import TimedOut
from interlingua.providers import Registry, RemoteProvider, resolve
from interlingua.testing import ScriptedProvider
from interlingua.testing.reply import Pause
from interlingua.transport import HTTPTransport, HTTPX2Transport, Timeouts, Transport
from interlingua.types import Event, ModelRequest, StreamEnd, TextDelta
from tests.signs import EACH, Signs

pytestmark = pytest.mark.anyio

SOON = 0.05
EACH_WIRE = pytest.mark.parametrize("signs", EACH, ids=lambda signs: signs.wire)
ROWS = {"messages": "anthropic", "generate_content": "gemini", "ollama": "ollama", "converse": "bedrock"}


@pytest.fixture(params=["own", "httpx2"])
async def transport(request: pytest.FixtureRequest) -> AsyncGenerator[Transport]:
    if request.param == "own":
        async with HTTPTransport(trust_env=False) as own:
            yield own
    else:
        async with HTTPX2Transport(httpx2.AsyncClient(trust_env=False)) as injected:
            yield injected


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    async with ScriptedProvider() as server:
        yield server


def provider_of(signs: Signs, server: ScriptedProvider, transport: Transport) -> RemoteProvider:
    row = Registry().lookup(ROWS.get(signs.wire, "openai"))
    row = msgspec.structs.replace(row, wire=signs.wire, base_url=server.base_url, also={})
    endpoint = resolve(row, api_key="test-key-0123456789", base_url=server.base_url, environ={})
    return RemoteProvider(endpoint, transport=transport, name="acme")


def asking(**clocks: float | None) -> ModelRequest:
    given: dict[str, float | None] = {"first_token": 10.0, "idle": 10.0, "total": 10.0, **clocks}
    return ModelRequest.build_request("tiny", "Hello", timeouts=Timeouts(**given))


async def collect(provider: RemoteProvider, request: ModelRequest, events: list[Event]) -> None:
    async for event in provider.stream(request):
        events.append(event)  # noqa: PERF401 - what came before an error stays


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@EACH_WIRE
async def test_signs_of_life_are_no_first_token(signs: Signs, server: ScriptedProvider, transport: Transport) -> None:
    server.send(signs.beating())
    events: list[Event] = []

    with pytest.raises(TimedOut) as caught:
        await collect(provider_of(signs, server, transport), asking(first_token=SOON), events)

    assert (caught.value.clock, caught.value.seconds) == ("first_token", SOON)
    assert (caught.value.provider, caught.value.model) == ("acme", "tiny")
    assert text_of(events) == ""
    await asyncio.wait_for(server.requests[0].left.wait(), 5)


@EACH_WIRE
async def test_signs_of_life_do_not_wind_the_idle_clock(
    signs: Signs, server: ScriptedProvider, transport: Transport
) -> None:
    server.send(signs.beating(signs.one, signs.one))
    events: list[Event] = []

    with pytest.raises(TimedOut) as caught:
        await collect(provider_of(signs, server, transport), asking(idle=SOON), events)

    assert (caught.value.clock, caught.value.seconds) == ("idle", SOON)
    assert text_of(events) == "OneOne"
    await asyncio.wait_for(server.requests[0].left.wait(), 5)


@EACH_WIRE
async def test_thinking_for_longer_than_the_idle_clock_is_no_idleness_before_the_first_token(
    signs: Signs, server: ScriptedProvider, transport: Transport
) -> None:
    reply = signs.paused(Pause(0.0))
    server.send(msgspec.structs.replace(reply, pieces=[*signs.signs, Pause(3 * SOON), *reply.pieces]))

    events = [event async for event in provider_of(signs, server, transport).stream(asking(idle=SOON))]

    assert text_of(events) == "OneOne"


@EACH_WIRE
async def test_a_slow_reader_is_no_silent_provider(
    signs: Signs, server: ScriptedProvider, transport: Transport
) -> None:
    server.send(signs.paused(Pause(3 * SOON)))
    events: list[Event] = []

    async for event in provider_of(signs, server, transport).stream(asking(first_token=SOON, idle=SOON)):
        events.append(event)
        await asyncio.wait_for(server.requests[0].over.wait(), 5)

    assert text_of(events) == "OneOne"
    assert isinstance(events[-1], StreamEnd)


async def test_a_reader_that_holds_the_sender_back_is_no_silent_provider(
    server: ScriptedProvider, transport: Transport
) -> None:
    signs, times = EACH[0], 150_000
    server.send(signs.paused(Pause(0.0), times=times))
    count, held = 0, asyncio.Event()

    async for event in provider_of(signs, server, transport).stream(asking(first_token=SOON, idle=SOON)):
        if count == 1:
            asyncio.get_running_loop().call_later(3 * SOON, held.set)
            await held.wait()
        count += isinstance(event, TextDelta)

    assert count == times + 1


async def test_no_timer_is_left(server: ScriptedProvider) -> None:
    def timers() -> int:
        scheduled: list[asyncio.TimerHandle] = vars(asyncio.get_running_loop())["_scheduled"]
        return sum("Connection" in repr(handle) and not handle.cancelled() for handle in scheduled)

    async with HTTPTransport(trust_env=False) as transport:
        provider = provider_of(EACH[0], server, transport)
        server.send(EACH[0].beating(EACH[0].one))
        with pytest.raises(TimedOut):
            await collect(provider, asking(idle=SOON), [])
        server.send(EACH[0].beating(EACH[0].one))
        events = provider.stream(asking())
        async for event in events:
            if isinstance(event, TextDelta):
                assert timers() == 1
                break
        await events.aclose()

        assert timers() == 0
