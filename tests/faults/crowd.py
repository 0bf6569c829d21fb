"""`python -m tests.faults.crowd`: thousands of silent streams, and callers that read slowly or not at all.

Three crowds, one after the other, each before a gateway of its own:

- idle streams: opened, one piece of content each, then silence;
- readers: half of them take a thousand bytes a second and half take nothing, while the
  provider sends without end (what a caller has not read shows only once its system
  makes room, so a slow one moves in steps of some kilobytes);
- dribblers: requests that arrive a byte at a time, half of them in the head and half in
  the body.

Meanwhile others ask, one after the other, and their times are compared with those before.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from tests.faults.caller import Answer, Caller, answered, asking, chat, company, connected, head_of, is_healthy
from tests.faults.figures import KIB, MIB, Aim, Progress, Spread, judged, kibibytes, milliseconds, reported, table
from tests.faults.process import Counts, RunningGateway, gateway_process, raise_file_limit
from tests.faults.upstream import Asked, Upstream

AIM_BYTES: Final = 64 * KIB
_CHAT: Final = "/v1/chat/completions"
_RECEIVE_BUFFER: Final = 8 * KIB
_SIPS_A_SECOND: Final = 10
_TOGETHER: Final = 100
_SPARE_FILES: Final = 200


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """How callers that behave fared, before a crowd was there and beside it."""

    before: Spread
    beside: Spread
    refused: int


class IdleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Streams that say one thing and fall silent."""

    wanted: int
    streams: int
    before: Counts
    during: Counts
    after: Counts
    others: Others

    @property
    def bytes_each(self) -> float:
        """The gateway's memory for one of them."""
        return (self.during.rss - self.before.rss) / max(1, self.streams)

    @property
    def files_left(self) -> int:
        """Files and sockets that were not given back."""
        return max(0, self.after.files - self.before.files)


class ReaderFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Callers that take less than they are sent."""

    slow: int
    rate: int
    """Bytes a second that the slow ones read."""
    stalled: int
    write_timeout: float
    bytes_each: float
    """The gateway's memory for one of them, on average."""
    taken: Sequence[int]
    """What was taken from the provider beyond what each caller has read, kernel buffers included."""
    shed: Spread
    """From the moment at which a caller that reads nothing had asked until its provider was let go of."""
    unshed: int
    slow_cut: int
    """Callers that read slowly and were cut all the same."""
    others: Others


class DribbleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that arrive a byte at a time."""

    callers: int
    timeout: float
    told: int
    """Callers that got a 408."""
    held: Spread
    before: Counts
    after: Counts
    others: Others


class CrowdFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All three crowds."""

    idle: IdleFigures
    readers: ReaderFigures
    dribblers: DribbleFigures

    @property
    def aims(self) -> list[Aim]:
        """What was aimed at."""
        idle, readers, dribblers = self.idle, self.readers, self.dribblers
        refused = idle.others.refused + readers.others.refused + dribblers.others.refused
        longest = readers.write_timeout + 2
        return [
            Aim(
                name="memory for an idle stream",
                found=kibibytes(idle.bytes_each),
                aim=f"≤ {kibibytes(AIM_BYTES)}",
                met=idle.bytes_each <= AIM_BYTES,
            ),
            Aim(
                name="idle streams held",
                found=str(idle.streams),
                aim=str(idle.wanted),
                met=idle.streams == idle.wanted,
            ),
            Aim(
                name="files and sockets left open",
                found=str(idle.files_left),
                aim="0",
                met=idle.files_left == 0,
            ),
            Aim(
                name="readers that take nothing and were cut",
                found=f"{readers.stalled - readers.unshed} of {readers.stalled}, {readers.shed.longest:.1f} s at most",
                aim=f"all within {longest:g} s",
                met=readers.unshed == 0 and readers.shed.longest <= longest,
            ),
            Aim(
                name="slow readers cut",
                found=f"{readers.slow_cut} of {readers.slow}",
                aim="0",
                met=readers.slow_cut == 0,
            ),
            Aim(
                name="dribblers told so",
                found=f"{dribblers.told} of {dribblers.callers}, {dribblers.held.longest:.1f} s at most",
                aim=f"all within {dribblers.timeout + 2:g} s",
                met=dribblers.told == dribblers.callers and dribblers.held.longest <= dribblers.timeout + 2,
            ),
            Aim(name="others refused", found=str(refused), aim="0", met=refused == 0),
        ]


def config(upstream: Upstream, **server: float) -> str:
    """Write the gateway's config, whose providers may be silent for long."""
    return "\n".join(
        [
            "[client]\nidle_timeout = 600\nfirst_token_timeout = 600\n",
            f'[providers.upstream]\nbase_url = "{upstream.base_url}"\napi_key = "key-0123456789"\n',
            "[server]\nmax_connections = 20000\nkeep_alive_interval = 600",
            *(f"{name} = {value}" for name, value in server.items()),
        ]
    )


async def idle_streams(gateway: RunningGateway, upstream: Upstream, count: int, progress: Progress) -> IdleFigures:
    """Open `count` streams that fall silent, as far as there are files for them."""
    allowed = (raise_file_limit(4 * count + _SPARE_FILES) - _SPARE_FILES) // 2
    able = min(count, allowed)
    before_others = await _asked_in_turn(gateway)
    before = gateway.counts()
    async with company() as callers:
        for number in range(able):
            callers.append(await asking(gateway.port, _CHAT, chat(f"upstream/midway-{number}", stream=True)))
            if len(callers) % _TOGETHER == 0 or number == able - 1:
                for caller in callers[-_TOGETHER:]:
                    await asyncio.wait_for(asyncio.shield(caller.begun), 30)
            progress.add(1, "idle streams")
        during = gateway.counts()
        streams = sum(1 for caller in callers if caller.status == 200 and not caller.over.done())
        beside = await _asked_in_turn(gateway)
    await _until(lambda: upstream.busy == 0 and gateway.counts().files <= before.files)
    return IdleFigures(
        wanted=count,
        streams=streams,
        before=before,
        during=during,
        after=gateway.counts(),
        others=_others(before_others, beside),
    )


async def readers(
    gateway: RunningGateway, upstream: Upstream, count: int, *, write_timeout: float, rate: int, progress: Progress
) -> ReaderFigures:
    """Let `count` callers read slowly or not at all, for some more than twice the time after which a caller is cut."""
    before_others = await _asked_in_turn(gateway)
    before = gateway.counts()
    slow: list[_Reader] = []
    stalled: list[_Reader] = []
    loop = asyncio.get_running_loop()
    async with company() as callers:
        for number in range(count):
            model = f"endless-{number}"
            body = chat(f"upstream/{model}", stream=True)
            callers.append(caller := await asking(gateway.port, _CHAT, body, receive_buffer=_RECEIVE_BUFFER))
            caller.hold()
            asked = await asyncio.wait_for(upstream.arrived(model), 30)
            (stalled if number % 2 else slow).append(_Reader(caller, asked, loop.time()))
            progress.add(1, "readers")
        sipping = asyncio.ensure_future(_sip(slow, rate))
        await asyncio.sleep(min(1.0, write_timeout / 2))
        during = gateway.counts()
        taken = [each.asked.taken - each.caller.received for each in (*slow, *stalled)]
        beside = await _asked_in_turn(gateway)
        await asyncio.wait([each.asked.closed for each in stalled], timeout=2 * write_timeout + 2)
        await asyncio.sleep(max(0.0, slow[-1].since + 2.5 * write_timeout - loop.time()))
        shed = [each.asked.closed.result() - each.since for each in stalled if each.asked.closed.done()]
        slow_cut = sum(1 for each in slow if each.asked.closed.done())
        sipping.cancel()
        await asyncio.gather(sipping, return_exceptions=True)
    await _until(lambda: upstream.busy == 0)
    return ReaderFigures(
        slow=len(slow),
        rate=rate,
        stalled=len(stalled),
        write_timeout=write_timeout,
        bytes_each=(during.rss - before.rss) / count,
        taken=sorted(taken),
        shed=Spread.of(shed),
        unshed=len(stalled) - len(shed),
        slow_cut=slow_cut,
        others=_others(before_others, beside),
    )


async def dribblers(gateway: RunningGateway, count: int, *, timeout: float, progress: Progress) -> DribbleFigures:  # noqa: ASYNC109 - the gateway's, not this function's
    """Let `count` callers send their requests a byte at a time, for as long as the gateway listens."""
    before_others = await _asked_in_turn(gateway)
    before = gateway.counts()
    async with company() as callers:
        for _ in range(count):
            callers.append(caller := await connected(gateway.port))
            caller.ends = (b"HTTP/1.1 408",)
        progress.add(count, "dribblers")
        started = asyncio.get_running_loop().time()
        dribbling = asyncio.ensure_future(_dribble(callers))
        await asyncio.sleep(timeout / 4)
        beside = await _asked_in_turn(gateway)
        _, late = await asyncio.wait([caller.over for caller in callers], timeout=timeout + 5)
        dribbling.cancel()
        await asyncio.gather(dribbling, return_exceptions=True)
        held = [caller.over.result() - started for caller in callers if caller.over not in late]
        told = sum(1 for caller in callers if caller.status == 408)
    await _until(lambda: gateway.counts().files <= before.files)
    return DribbleFigures(
        callers=count,
        timeout=timeout,
        told=told,
        held=Spread.of(held),
        before=before,
        after=gateway.counts(),
        others=_others(before_others, beside),
    )


class _Reader:
    """A caller that is sent more than it takes."""

    def __init__(self, caller: Caller, asked: Asked, since: float) -> None:
        self.caller = caller
        self.asked = asked
        self.since = since


async def _sip(slow: Sequence[_Reader], rate: int) -> None:
    """Read so many bytes a second for each."""
    while True:
        for each in slow:
            each.caller.sip(rate // _SIPS_A_SECOND)
        await asyncio.sleep(1 / _SIPS_A_SECOND)


async def _dribble(callers: Sequence[Caller]) -> None:
    """Send a byte to each in turn: to the first half in the head, to the other half in the body."""
    head = head_of(_CHAT, 100_000)
    for number, caller in enumerate(callers):
        if number % 2:
            caller.send(head)
    position = 0
    while True:
        for number, caller in enumerate(callers):
            if not caller.over.done():
                caller.send(b" " if number % 2 else head[position % len(head) :][:1])
        position += 1
        await asyncio.sleep(0.2)


async def _asked_in_turn(gateway: RunningGateway, count: int = 60) -> list[Answer]:
    """Ask as one who behaves; the first ones warm up and are left out."""
    found: list[Answer] = []
    for number in range(count + 5):
        body = chat(f"upstream/whole-{number}", stream=number % 2 == 0)
        found.append(await asyncio.wait_for(answered(gateway.port, _CHAT, body), 30))
    await is_healthy(gateway.port)
    return found[5:]


def _others(before: Sequence[Answer], beside: Sequence[Answer]) -> Others:
    return Others(
        before=Spread.of(answer.seconds for answer in before),
        beside=Spread.of(answer.seconds for answer in beside),
        refused=sum(1 for answer in (*before, *beside) if answer.status != 200),
    )


async def _until(settled: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait until something is so, but not for long."""
    for _ in range(round(seconds / 0.02)):
        if settled():
            return
        await asyncio.sleep(0.02)


@asynccontextmanager
async def gateway_and_upstream(**server: float) -> AsyncGenerator[tuple[RunningGateway, Upstream]]:
    """Start a gateway with these settings of its server, and a provider behind it."""
    async with Upstream() as upstream, gateway_process(config(upstream, **server)) as gateway:
        yield gateway, upstream


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How many come; times in seconds, `rate` in bytes a second."""

    streams: int = 5000
    readers: int = 200
    dribblers: int = 500
    write_timeout: float = 30.0
    rate: int = 1000
    header_timeout: float = 10.0

    @property
    def total(self) -> int:
        """All of them."""
        return self.streams + self.readers + self.dribblers


async def run(sizes: Sizes, progress: Progress) -> CrowdFigures:
    """Measure the three crowds, each before a gateway of its own."""
    patience, hurry = sizes.write_timeout, sizes.header_timeout
    async with gateway_and_upstream() as (gateway, upstream):
        idle = await idle_streams(gateway, upstream, sizes.streams, progress)
    async with gateway_and_upstream(write_timeout=patience) as (gateway, upstream):
        read = await readers(
            gateway, upstream, sizes.readers, write_timeout=patience, rate=sizes.rate, progress=progress
        )
    async with gateway_and_upstream(header_timeout=hurry, body_timeout=hurry) as (gateway, _):
        dribbled = await dribblers(gateway, sizes.dribblers, timeout=hurry, progress=progress)
    progress.end()
    return CrowdFigures(idle=idle, readers=read, dribblers=dribbled)


def shown(figures: CrowdFigures) -> list[str]:
    """Write the figures as tables."""
    idle, reading, dribbled = figures.idle, figures.readers, figures.dribblers
    counted = (
        (name, counts) for name, counts in (("before", idle.before), ("with them", idle.during), ("after", idle.after))
    )
    memory = [(name, f"{counts.rss / MIB:.1f} MiB", counts.files) for name, counts in counted]
    crowds = (
        (f"{idle.streams} idle streams", idle.others),
        (f"{reading.slow + reading.stalled} slow readers", reading.others),
        (f"{dribbled.callers} dribblers", dribbled.others),
    )
    times = [
        (name, milliseconds(others.before.p50), milliseconds(others.before.p99), milliseconds(others.beside.p50),
         milliseconds(others.beside.p99))
        for name, others in crowds
    ]  # fmt: skip
    middle = reading.taken[len(reading.taken) // 2]
    rows = [
        ("the gateway's memory for each", kibibytes(reading.bytes_each)),
        ("taken from the provider and not read yet, median", kibibytes(middle)),
        ("the same, most", kibibytes(reading.taken[-1])),
        (
            f"cut for reading nothing ({reading.write_timeout:g} s allowed)",
            f"{reading.shed.count} of {reading.stalled}",
        ),
        ("cut after, median and longest", f"{reading.shed.p50:.1f} s, {reading.shed.longest:.1f} s"),
        (f"cut while reading {reading.rate:,} bytes a second", f"{reading.slow_cut} of {reading.slow}"),
    ]
    return [
        *table((f"{idle.streams} idle streams", "resident memory", "open files"), memory),
        "",
        *table((f"{reading.slow} slow readers, {reading.stalled} that read nothing", ""), rows),
        "",
        *table(("others, beside", "p50 before", "p99 before", "p50 beside", "p99 beside"), times),
        "",
        *judged(figures.aims),
    ]


def main() -> int:
    """Measure and print; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crowd", description=__doc__)
    usual = Sizes()
    for name, does in _OPTIONS.items():
        value: float = getattr(usual, name)
        read = float if name.endswith("timeout") else int
        parser.add_argument(f"--{name.replace('_', '-')}", type=read, default=value, help=f"{does} ({value:g})")
    sizes = Sizes(**vars(parser.parse_args()))
    return reported(run(sizes, Progress("callers", sizes.total)), shown)


_OPTIONS: Final = {
    "streams": "idle streams",
    "readers": "slow readers",
    "dribblers": "requests that arrive a byte at a time",
    "write_timeout": "seconds before a caller is cut",
    "rate": "bytes a second that slow readers take",
    "header_timeout": "seconds for a request to arrive",
}


if __name__ == "__main__":
    sys.exit(main())
