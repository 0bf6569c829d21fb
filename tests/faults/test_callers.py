"""What callers do to the gateway, in small: the figures are judged in the long runs, the findings here."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anthropic
import openai
import pytest

from interlingua.testing import ScriptedProvider
from tests.faults import cancels, crowd, flap
from tests.faults.figures import MIB, Aim, Progress
from tests.faults.process import GatewayProcess, gateway_process, hosted_gateway
from tests.faults.upstream import Upstream
from tests.gateway.raw import calling, get

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc is read"),
]

AT_THE_PROVIDER = [phase for phase in cancels.PHASES if not phase.waits and phase is not cancels.UNREAD]
QUESTION = "Say hello."


def missed(aims: list[Aim], *names: str) -> list[Aim]:
    """Give the aims that were missed; those of time are not looked at, since others use this machine too."""
    found = {aim.name for aim in aims}
    assert set(names) <= found
    return [aim for aim in aims if aim.name in names and not aim.met]


async def test_callers_who_leave_end_the_work_in_every_phase_and_leave_nothing_open() -> None:
    figures = await cancels.run(200, lambda total: Progress("callers that left", total))
    assert [phase.name for phase in figures.phases if phase.seconds.count == 0] == []
    assert (
        missed(
            figures.aims,
            "never noticed",
            "provider asked after the caller left",
            "requests that go on at the provider",
            "files and sockets left open",
            "answered afterwards",
        )
        == []
    )
    assert all(phase.seconds.p50 < 1 for phase in figures.phases)


async def test_callers_who_leave_leave_no_task_behind() -> None:
    async with Upstream() as upstream, hosted_gateway(cancels.config(upstream)) as gateway:
        progress = Progress("callers that left", 60)
        figures = await cancels.measured(gateway, upstream, 60, progress, phases=AT_THE_PROVIDER)
    assert figures.before.tasks is not None
    assert figures.after.tasks == figures.before.tasks


async def test_silent_streams_cost_little_and_those_who_dawdle_hold_up_nobody() -> None:
    progress = Progress("callers", 340)
    settings = {"write_timeout": 0.8, "header_timeout": 0.8, "body_timeout": 0.8}
    async with crowd.gateway_and_upstream(**settings) as (gateway, upstream):
        figures = crowd.CrowdFigures(
            idle=await crowd.idle_streams(gateway, upstream, 200, progress),
            dribblers=await crowd.dribblers(gateway, 100, timeout=0.8, progress=progress),
            readers=await crowd.readers(gateway, upstream, 40, write_timeout=0.8, rate=40_000, progress=progress),
        )
    names = "memory for an idle stream", "idle streams held", "files and sockets left open", "others refused"
    assert missed(figures.aims, *names) == []
    assert (figures.readers.unshed, figures.readers.slow_cut) == (0, 0)
    assert figures.readers.bytes_each < 4 * MIB
    assert figures.dribblers.told == figures.dribblers.callers


async def test_a_target_that_comes_and_goes_costs_no_answer_and_is_not_hammered() -> None:
    figures = await flap.run(flap.FAST, 40, Progress("requests", 160))
    assert figures.failures == {}
    assert missed(figures.aims, "answered whole", "attempts on the first target, for each request") == []
    assert figures.attempts_each < 1.6  # it is down for a third of this short time
    assert None not in [turn.back_after for turn in figures.turns]


@asynccontextmanager
async def stopping_gateway(upstream: ScriptedProvider, *, delay: float, drain: float) -> AsyncGenerator[GatewayProcess]:
    config = (
        f'[providers.upstream]\nbase_url = "{upstream.base_url}"\napi_key = "key-0123456789"\n'
        f"[server]\ndrain_delay = {delay}\ndrain_seconds = {drain}\n"
    )
    async with gateway_process(config) as gateway:
        yield gateway


async def test_a_stopping_gateway_says_so_and_still_takes_requests_until_its_delay_is_over() -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, stopping_gateway(upstream, delay=30, drain=30) as gateway:
        upstream.stream("One", "two", gates={2: gate})
        base_url = f"http://127.0.0.1:{gateway.port}/v1"
        async with (
            openai.AsyncOpenAI(base_url=base_url, api_key="any", max_retries=0) as sdk,
            calling(gateway.port) as probe,
        ):
            running = asyncio.ensure_future(_text_of_chat(sdk))
            await upstream.seen()
            gateway.signal(signal.SIGTERM)
            status = 200
            while status == 200:  # until the signal has arrived
                await probe.send(get("/ready"))
                status = (await probe.answer()).status
            assert status == 503
            await probe.send(get("/health"))
            assert (await probe.answer()).status == 200
            assert await _text_of_chat(sdk) == "Hello!"
            gate.set()
            assert await running == "Onetwo"
        gateway.signal(signal.SIGTERM)
        assert await gateway.ended() == 130


async def test_what_is_cut_off_by_the_stop_is_raised_by_every_sdk() -> None:
    async with ScriptedProvider() as upstream, stopping_gateway(upstream, delay=0, drain=0.2) as gateway:
        origin = f"http://127.0.0.1:{gateway.port}"
        upstream.stream("One", "two", keep=2, ending="hang")
        upstream.stream("One", "two", keep=2, ending="hang")
        async with (
            openai.AsyncOpenAI(base_url=f"{origin}/v1", api_key="any", max_retries=0) as chat,
            anthropic.AsyncAnthropic(base_url=origin, api_key="any", max_retries=0) as messages,
        ):
            chatting = asyncio.ensure_future(_text_of_chat(chat))
            await upstream.seen(1)
            telling = asyncio.ensure_future(_text_of_messages(messages))
            await upstream.seen(2)
            gateway.signal(signal.SIGTERM)
            with pytest.raises(openai.APIError, match=r"shutting down|stopping"):
                await chatting
            with pytest.raises(anthropic.APIError, match=r"shutting down|stopping"):
                await telling
        assert await gateway.ended() == 0
    assert "stopped interrupted=2" in gateway.log.lines[-1]


async def _text_of_chat(sdk: openai.AsyncOpenAI) -> str:
    stream = await sdk.chat.completions.create(
        model="upstream/tiny", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])


async def _text_of_messages(sdk: anthropic.AsyncAnthropic) -> str:
    async with sdk.messages.stream(
        model="upstream/tiny", max_tokens=100, messages=[{"role": "user", "content": QUESTION}]
    ) as stream:
        return "".join([text async for text in stream.text_stream])
