"""A reply whose caller leaves: closed at once, or read on to learn what it used."""

import asyncio
import random
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TypeVar, cast

import httpx2
import msgspec
import pytest

from interlingua.errors import StreamInterrupted
from interlingua.providers import REGISTRY, RemoteProvider, resolve
from interlingua.providers.draining import HEIR, Drain, Drained, DrainPolicy
from interlingua.providers.row import WireName
from interlingua.routing.limit import ConcurrencyLimit
from interlingua.routing.relay import GuardedRelay
from interlingua.testing import FaultWall, ScriptedProvider
from interlingua.testing.reply import Pause, Reply, SeenRequest
from interlingua.testing.voices import voice_for
from interlingua.transport import HTTPResponse, HTTPTransport, HTTPX2Transport, Timeouts, Transport
from interlingua.types import ModelRequest, TextDelta
from tests.gated import LINE, held, held_whole

pytestmark = pytest.mark.anyio

_Answer = TypeVar("_Answer")

WIRES = ("chat_completions", "messages", "responses", "generate_content", "ollama", "converse")
EACH_WIRE = pytest.mark.parametrize("wire", WIRES)
REQUEST = ModelRequest.build_request("tiny", "Hello", max_new_tokens=9)
CHAT = b'{"model":"tiny","stream":true,"messages":[{"role":"user","content":"Hello"}]}'
CHAT_BODY = {"model": "tiny", "stream": True, "stream_options": {"include_usage": True}}
PATIENT = DrainPolicy(seconds=20)
HASTY = DrainPolicy(seconds=0.05)


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    async with ScriptedProvider() as server:
        yield server


@pytest.fixture
async def left() -> list[Drain]:
    """Collect what is read on for calls of this test."""
    drains: list[Drain] = []
    HEIR.set(drains.append)
    return drains


def provider_of(
    server: ScriptedProvider | FaultWall,
    drain: DrainPolicy | None,
    *,
    wire: str = "chat_completions",
    transport: Transport | None = None,
    timeouts: Timeouts | None = None,
) -> RemoteProvider:
    row = msgspec.structs.replace(REGISTRY.lookup("openai"), wire=cast("WireName", wire), also={})
    endpoint = resolve(row, api_key="sk-test", base_url=server.base_url)
    carrier = transport or HTTPTransport()
    return RemoteProvider(endpoint, transport=carrier, drain=drain, owns_transport=True, timeouts=timeouts)


async def leave_mid_stream(provider: RemoteProvider | GuardedRelay) -> None:
    """Hear the first piece of text, and leave."""
    async with aclosing(provider.stream(REQUEST)) as events:
        async for event in events:
            if isinstance(event, TextDelta) and event.text:
                return


async def leave_cancelled(task: "asyncio.Task[_Answer]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def ended(seen: SeenRequest) -> str | None:
    await asyncio.wait_for(seen.over.wait(), 5)
    return seen.outcome


async def told(left: list[Drain]) -> Drained:
    assert len(left) == 1
    done, _ = await asyncio.wait(left, timeout=5)  # `wait_for` would stop it
    assert done
    return left[0].result()


@EACH_WIRE
async def test_a_stream_is_read_to_its_end_and_its_usage_is_the_providers(
    server: ScriptedProvider, left: list[Drain], wire: str
) -> None:
    gate = asyncio.Event()
    server.send(held(gate))
    async with aclosing(provider_of(server, PATIENT, wire=wire)) as provider:
        await leave_mid_stream(provider)
        assert provider.drains is not None
        assert provider.drains.running == 1
        gate.set()
        drained = await told(left)

        assert (drained.outcome, drained.reason, drained.provider, drained.model) == ("whole", "", "openai", "tiny")
        assert drained.usage is not None
        assert (drained.usage.prompt_tokens, drained.usage.completion_tokens) == (11, 7)
        assert drained.usage.estimated is False
        assert await ended(server.requests[0]) == "whole"
        assert provider.drains.running == 0


@EACH_WIRE
async def test_a_whole_answer_is_waited_for(server: ScriptedProvider, left: list[Drain], wire: str) -> None:
    gate = asyncio.Event()
    server.send(held_whole(gate))
    async with aclosing(provider_of(server, PATIENT, wire=wire)) as provider:
        asking = asyncio.create_task(provider.generate(REQUEST))
        await server.seen()
        await leave_cancelled(asking)
        gate.set()
        drained = await told(left)

        assert drained.outcome == "whole"
        assert drained.usage is not None
        assert (drained.usage.prompt_tokens, drained.usage.completion_tokens) == (11, 7)


async def test_a_whole_answer_is_waited_for_from_the_middle_of_its_body(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    gate = asyncio.Event()
    body = voice_for("POST", "/chat/completions").whole(LINE, model="tiny", body={})
    server.send(Reply(pieces=[body[:20], gate, body[20:]], length=len(body)))

    async def read(response: HTTPResponse) -> bytes:
        async with response:
            return await response.read()

    async with aclosing(provider_of(server, PATIENT)) as provider:
        reading = asyncio.create_task(read(await provider.relay("/chat/completions", CHAT, model="tiny")))
        await asyncio.sleep(0)
        await leave_cancelled(reading)
        gate.set()

        assert str(await told(left)).startswith("drained=whole usage=exact input=11 output=7 ")
        assert await ended(server.requests[0]) == "whole"


async def test_a_provider_that_cancels_closes_at_once(server: ScriptedProvider, left: list[Drain]) -> None:
    server.send(held(asyncio.Event()))
    server.hang()
    async with aclosing(provider_of(server, None)) as provider:
        await leave_mid_stream(provider)
        assert await ended(server.requests[0]) == "left"
        asking = asyncio.create_task(provider.generate(REQUEST))
        await server.seen(2)
        await leave_cancelled(asking)
        assert await ended(server.requests[1]) == "left"
    assert not left


async def test_the_time_is_bounded_and_what_came_until_then_is_an_estimate(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    server.send(held(asyncio.Event()))
    async with aclosing(provider_of(server, HASTY)) as provider:
        await leave_mid_stream(provider)
        drained = await told(left)

        assert (drained.outcome, drained.reason) == ("partly", "seconds")
        assert 0.04 < drained.spent < 5
        assert drained.usage is not None
        assert (drained.usage.completion_tokens, drained.usage.estimated) == (1, True)
        assert await ended(server.requests[0]) == "left"


async def test_what_a_provider_told_first_is_kept_where_the_end_is_not_reached(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    server.send(held(asyncio.Event()))
    async with aclosing(provider_of(server, HASTY, wire="messages")) as provider:
        await leave_mid_stream(provider)
        drained = await told(left)

        assert drained.usage is not None
        assert (drained.usage.prompt_tokens, drained.usage.estimated) == (11, True)


async def test_an_unstreamed_answer_that_does_not_come_in_time_leaves_the_usage_unknown(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    server.send(held_whole(asyncio.Event()))
    async with aclosing(provider_of(server, HASTY)) as provider:
        asking = asyncio.create_task(provider.generate(REQUEST))
        await server.seen()
        await leave_cancelled(asking)
        drained = await told(left)

        assert str(drained).startswith("drained=partly reason=seconds usage=unknown ")
        assert await ended(server.requests[0]) == "left"


async def test_the_tokens_are_bounded(left: list[Drain]) -> None:
    policy = DrainPolicy(seconds=20, tokens=25)
    async with FaultWall(pieces=["x" * 4000] * 1000) as wall, aclosing(provider_of(wall, policy)) as provider:
        await leave_mid_stream(provider)
        drained = await told(left)

        assert (drained.outcome, drained.reason) == ("partly", "tokens")
        assert drained.usage is not None
        assert drained.usage.estimated
        assert drained.usage.completion_tokens >= 25


async def test_a_relayed_stream_is_read_on_wherever_its_reader_was(server: ScriptedProvider, left: list[Drain]) -> None:
    gate = asyncio.Event()
    begun = asyncio.Event()
    server.send(held(gate))
    server.send(held(gate))

    async def waiting_for_more(response: HTTPResponse) -> None:
        async with response:
            async for piece in response:
                if b"One" in piece:
                    begun.set()

    async def busy_elsewhere(response: HTTPResponse) -> None:
        async with response:
            async for _ in response:
                begun.set()
                await asyncio.get_running_loop().create_future()

    async with aclosing(provider_of(server, PATIENT)) as provider:
        for number, reader in enumerate((waiting_for_more, busy_elsewhere)):
            reading = asyncio.create_task(reader(await provider.relay("/chat/completions", CHAT, model="tiny")))
            await begun.wait()
            begun.clear()
            await leave_cancelled(reading)
            assert len(left) == number + 1
        gate.set()
        for drain in left:
            # The caller did not ask for usage, so the provider does not tell it.
            assert str(await drain).startswith(f"drained=whole usage=estimated input={len(CHAT) // 4} output=3 ")
        assert [await ended(seen) for seen in server.requests] == ["whole", "whole"]


async def test_a_json_array_tells_its_usage_in_its_last_piece(server: ScriptedProvider, left: list[Drain]) -> None:
    gate = asyncio.Event()
    first = b'[{"candidates":[{"content":{"role":"model","parts":[{"text":"One"}]},"index":0}]}\n,'
    usage = b'"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":6}'
    last = b'{"candidates":[{"finishReason":"STOP","index":0}],%b}]' % usage
    server.send(Reply(pieces=[first, gate, last]))
    async with aclosing(provider_of(server, PATIENT, wire="generate_content")) as provider:
        response = await provider.relay("/models/tiny:streamGenerateContent", b"{}", model="tiny")
        with suppress(GeneratorExit):
            async with response:
                assert await anext(aiter(response)) == first
                raise GeneratorExit
        gate.set()

        assert str(await told(left)).startswith("drained=whole usage=exact input=5 output=6 ")


async def test_a_count_is_not_read_on(server: ScriptedProvider, left: list[Drain]) -> None:
    server.hang()
    async with aclosing(provider_of(server, PATIENT, wire="messages")) as provider:
        asking = asyncio.create_task(provider.relay("/messages/count_tokens", b'{"model":"tiny"}', model="tiny"))
        seen = await server.seen()
        await leave_cancelled(asking)
        assert await ended(seen) == "left"
    assert not left


async def test_a_request_that_still_waits_for_a_connection_is_never_sent(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    gate = asyncio.Event()
    server.send(held_whole(gate))
    transport = HTTPTransport(max_connections=1)
    async with aclosing(provider_of(server, PATIENT, transport=transport)) as provider:
        first = asyncio.create_task(provider.generate(REQUEST))
        await server.seen()
        second = asyncio.create_task(provider.generate(REQUEST))
        for _ in range(10):
            await asyncio.sleep(0)
        await leave_cancelled(second)
        gate.set()
        await first
        assert (await provider.generate(REQUEST)).text == "Hello!"
    assert len(server.requests) == 2
    assert not left


async def test_an_error_in_a_reply_closes_it_and_is_not_read_on(server: ScriptedProvider, left: list[Drain]) -> None:
    server.send(held(asyncio.Event()))
    async with aclosing(provider_of(server, PATIENT)) as provider:
        with suppress(StreamInterrupted):
            async with await provider.relay("/chat/completions", CHAT, model="tiny"):
                raise StreamInterrupted("the reader has seen enough")
        assert await ended(server.requests[0]) == "left"
    assert not left


async def test_an_answer_that_is_over_is_not_read_on(server: ScriptedProvider, left: list[Drain]) -> None:
    server.stream("One", "two", ending="hang")
    async with aclosing(provider_of(server, PATIENT)) as provider:
        assert [event async for event in provider.stream(REQUEST)]
        assert await ended(server.requests[0]) == "left"
    assert not left


async def test_a_body_that_is_held_open_behind_the_answers_end_is_closed(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    gate = asyncio.Event()
    events = voice_for("POST", "/chat/completions").streamed(LINE, model="tiny", body=CHAT_BODY)
    server.send(Reply(headers=[("content-type", "text/event-stream")], pieces=[gate, *events], ending="hang"))
    async with aclosing(provider_of(server, PATIENT)) as provider:
        with suppress(GeneratorExit):
            async with await provider.relay("/chat/completions", CHAT, model="tiny"):
                raise GeneratorExit
        gate.set()

        assert str(await told(left)).startswith("drained=whole usage=exact input=11 output=7 ")
        assert await ended(server.requests[0]) == "left"


async def test_a_refusal_that_comes_after_the_caller_has_left_is_told_as_one(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    gate = asyncio.Event()
    server.send(Reply(status=0, pieces=[gate, b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\n{}"]))
    async with aclosing(provider_of(server, PATIENT)) as provider:
        asking = asyncio.create_task(provider.generate(REQUEST))
        await server.seen()
        await leave_cancelled(asking)
        gate.set()

        assert str(await told(left)).startswith("drained=failed reason=status_503 usage=unknown ")


async def test_a_reply_that_breaks_while_it_is_read_on_is_told_as_broken(left: list[Drain]) -> None:
    async with FaultWall() as wall, aclosing(provider_of(wall, PATIENT)) as provider:
        request = msgspec.structs.replace(REQUEST, model="f06-cut-after-7")
        async with aclosing(provider.stream(request)) as events:
            await anext(events)
        drained = await told(left)

        assert (drained.outcome, drained.reason) == ("failed", "stream_interrupted")
        assert drained.usage is not None
        assert drained.usage.estimated


async def test_the_clocks_of_the_request_still_run(server: ScriptedProvider, left: list[Drain]) -> None:
    server.send(held(asyncio.Event()))
    clocks = Timeouts(first_token=5, idle=0.05, total=5)
    async with aclosing(provider_of(server, PATIENT, timeouts=clocks)) as provider:
        await leave_mid_stream(provider)
        drained = await told(left)

        assert (drained.outcome, drained.reason) == ("failed", "timed_out")


async def test_contents_wind_the_clock_as_they_did_for_the_caller(server: ScriptedProvider, left: list[Drain]) -> None:
    events = voice_for("POST", "/chat/completions").streamed(LINE, model="tiny", body=CHAT_BODY)
    pieces = [piece for event in events for piece in (event, Pause(0.15))]
    server.send(Reply(headers=[("content-type", "text/event-stream")], pieces=pieces))
    clocks = Timeouts(first_token=0.5, idle=0.5, total=5)
    async with aclosing(provider_of(server, PATIENT, timeouts=clocks)) as provider:
        await leave_mid_stream(provider)

        assert (await told(left)).outcome == "whole"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", WIRES[:-1])
async def test_bytes_of_every_wire_are_read_on(
    server: ScriptedProvider, left: list[Drain], wire: str, streamed: bool
) -> None:
    gate = asyncio.Event()
    server.send(held(gate) if streamed else held_whole(gate))
    body = msgspec.json.encode({**CHAT_BODY, "stream": streamed})
    async with aclosing(provider_of(server, PATIENT, wire=wire)) as provider:
        path = provider.wire.path("tiny", stream=streamed)
        asking = asyncio.create_task(provider.relay(path, body, model="tiny"))
        await server.seen()
        if streamed:
            with suppress(GeneratorExit):
                async with await asking:
                    raise GeneratorExit
        else:
            await leave_cancelled(asking)
        gate.set()

        assert str(await told(left)).startswith("drained=whole usage=exact input=11 output=7 ")


async def test_a_stream_that_cannot_be_read_is_closed(server: ScriptedProvider, left: list[Drain]) -> None:
    gate = asyncio.Event()
    head = [("content-type", "text/event-stream")]
    server.send(Reply(headers=head, pieces=[b"data: {\n\n", gate, b"data: {\n\n"], ending="hang"))
    server.send(Reply(headers=head, pieces=[gate, b"data: {\n\n"], ending="hang"))
    async with aclosing(provider_of(server, PATIENT)) as provider:
        for reads in (True, False):
            with suppress(GeneratorExit):
                async with await provider.relay("/chat/completions", CHAT, model="tiny") as response:
                    if reads:
                        await anext(aiter(response))
                    raise GeneratorExit
        assert await ended(server.requests[0]) == "left"
        gate.set()

        assert str(await told(left)).startswith("drained=failed reason=unreadable usage=unknown ")
        assert await ended(server.requests[1]) == "left"


async def test_closing_the_provider_waits_for_what_is_read_on(server: ScriptedProvider, left: list[Drain]) -> None:
    gate = asyncio.Event()
    server.send(held(gate))
    provider = provider_of(server, PATIENT)
    await leave_mid_stream(provider)
    closing = asyncio.create_task(provider.aclose())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not closing.done()
    gate.set()
    await asyncio.wait_for(closing, 5)

    assert (await told(left)).outcome == "whole"
    assert await ended(server.requests[0]) == "whole"


async def test_closing_that_is_given_up_stops_what_is_read_on(server: ScriptedProvider, left: list[Drain]) -> None:
    server.send(held(asyncio.Event()))
    provider = provider_of(server, PATIENT)
    await leave_mid_stream(provider)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(provider.aclose(), 0.02)
    drained = await told(left)

    assert (drained.outcome, drained.reason) == ("partly", "closed")
    assert await ended(server.requests[0]) == "left"
    await provider.aclose()


async def test_a_reply_that_is_read_on_keeps_its_place_in_the_limit(
    server: ScriptedProvider, left: list[Drain]
) -> None:
    gate, second_gate = asyncio.Event(), asyncio.Event()
    server.send(held(gate))
    server.send(held_whole(second_gate))
    limit = ConcurrencyLimit(1)
    async with aclosing(provider_of(server, PATIENT)) as provider:
        guarded = GuardedRelay(provider, limit=limit)
        await leave_mid_stream(guarded)
        assert limit.running == 1
        waiting = asyncio.create_task(guarded.generate(REQUEST))
        for _ in range(10):
            await asyncio.sleep(0)
        assert (limit.waiting, len(server.requests)) == (1, 1)
        gate.set()
        await told(left)
        await server.seen(2)
        await leave_cancelled(waiting)
        assert (limit.running, limit.waiting) == (1, 0)
        second_gate.set()
        await left[1]
        await asyncio.sleep(0)
        assert limit.running == 0
        response = await guarded.relay("/chat/completions", CHAT, wire="chat_completions", model="tiny")
        with suppress(GeneratorExit):
            async with response:
                raise GeneratorExit
        assert (len(left), limit.running) == (3, 1)
        await left[2]


async def test_nothing_of_a_long_stream_is_kept(left: list[Drain]) -> None:
    pieces = ["y" * 100_000] * 200
    async with FaultWall(pieces=pieces) as wall, aclosing(provider_of(wall, PATIENT)) as provider:
        await leave_mid_stream(provider)
        tracemalloc.start()
        try:
            drained = await told(left)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert drained.outcome == "whole"
        assert peak < 4_000_000


async def test_a_transport_of_another_make_is_read_on_too(server: ScriptedProvider, left: list[Drain]) -> None:
    gate, second_gate = asyncio.Event(), asyncio.Event()
    server.send(held(gate))
    server.send(held_whole(second_gate))
    transport = HTTPX2Transport(httpx2.AsyncClient())
    async with aclosing(provider_of(server, PATIENT, transport=transport)) as provider:
        await leave_mid_stream(provider)
        gate.set()
        assert (await told(left)).outcome == "whole"
        asking = asyncio.create_task(provider.generate(REQUEST))
        await server.seen(2)
        await leave_cancelled(asking)
        second_gate.set()
        assert (await left[1]).outcome == "whole"


async def test_without_anybody_who_wants_to_know_it_is_logged(
    server: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    gate = asyncio.Event()
    server.send(held(gate))
    caplog.set_level("INFO", "interlingua.providers")
    async with aclosing(provider_of(server, PATIENT)) as provider:
        await leave_mid_stream(provider)
        gate.set()
    assert "drained=whole usage=exact input=11 output=7" in caplog.text
    assert 'model="tiny"' in caplog.text


async def test_a_loop_that_ends_stops_what_is_read_on(server: ScriptedProvider) -> None:
    server.send(held(asyncio.Event()))
    drains: list[Drain] = []

    async def leave() -> None:
        HEIR.set(drains.append)
        await leave_mid_stream(provider_of(server, PATIENT))

    await asyncio.wait_for(asyncio.to_thread(asyncio.run, leave()), 5)

    assert await ended(server.requests[0]) == "left"
    assert drains[0].result().reason == "closed"


async def test_closing_from_another_loop_stops_what_is_read_on(server: ScriptedProvider, left: list[Drain]) -> None:
    server.send(held(asyncio.Event()))
    provider = provider_of(server, PATIENT)
    assert provider.drains is not None
    await leave_mid_stream(provider)
    await asyncio.to_thread(asyncio.run, provider.drains.aclose())

    assert (await told(left)).reason == "closed"
    assert await ended(server.requests[0]) == "left"
    await provider.aclose()


@pytest.mark.parametrize("seed", range(5))
async def test_callers_that_leave_at_any_moment_leave_nothing_behind(left: list[Drain], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable one
    limit = ConcurrencyLimit(4)
    before = len(asyncio.all_tasks())

    async def read(response: HTTPResponse) -> None:
        async with response:
            async for _ in response:
                pass

    async def call(provider: GuardedRelay, kind: int) -> None:
        if kind == 0:
            await provider.generate(REQUEST)
        elif kind == 1:
            async with aclosing(provider.stream(REQUEST)) as events:
                async for _ in events:
                    pass
        else:
            path, body = "/chat/completions", msgspec.json.encode(CHAT_BODY)
            await read(await provider.relay(path, body, wire="chat_completions", model="tiny"))

    async with FaultWall() as wall:
        remote = provider_of(wall, PATIENT)
        provider = GuardedRelay(remote, limit=limit)
        for _ in range(15):
            calls = [asyncio.create_task(call(provider, chance.randrange(3))) for _ in range(8)]
            for each in calls:
                for _ in range(chance.randrange(12)):
                    await asyncio.sleep(0)
                each.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.wait_for(remote.aclose(), 10)

        assert len(left) > 10
        assert {drain.result().outcome for drain in left} == {"whole"}
        assert limit.running == limit.waiting == 0
        assert remote.drains is not None
        assert remote.drains.running == 0
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before


async def test_no_more_than_so_many_are_read_on_at_once(
    server: ScriptedProvider, left: list[Drain], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interlingua.providers.draining.MOST", 1)
    gate = asyncio.Event()
    server.send(held(gate))
    server.send(held(gate))
    async with aclosing(provider_of(server, PATIENT)) as provider:
        await leave_mid_stream(provider)
        await leave_mid_stream(provider)
        assert str(await left[1]).startswith("drained=partly reason=crowded usage=estimated ")
        assert await ended(server.requests[1]) == "left"
        gate.set()
        assert (await left[0]).outcome == "whole"
