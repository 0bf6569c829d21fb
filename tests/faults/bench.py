"""The sixteen scenarios that Failover Bench publishes, run against the gateway and the library.

`python -m tests.faults.bench` prints the tables. A run of this is no result of Failover Bench, which only its own
harness gives: the scenarios, waits and verdicts are written from its catalogue (methodology 0.1, read 2026-11-25), the
wall, the callers and the grader are ours. Where it runs one scenario after the other, they run side by side here
unless told otherwise; all of them share one gateway and one provider, as there.
"""

# ruff: noqa: T201

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final, Literal, TypeAlias

import httpx2
import msgspec

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.routing.settings import HURRY
from tests.faults.bench_callers import BareCaller, Caller, LibraryCaller, SDKCaller
from tests.faults.bench_scenarios import FULL, PROFILES, SCENARIOS, Evidence, Heard, Profile, Scenario, Verdict, graded
from tests.faults.bench_wall import BenchWall
from tests.faults.figures import Aim, judged
from tests.faults.figures import table as tabulated

Via: TypeAlias = Literal["gateway", "sdk", "library", "nothing"]
"""Who asks whom: a bare client or OpenAI's SDK the gateway, our library its own routes, a bare client the provider."""

VIAS: Final[tuple[Via, ...]] = ("gateway", "sdk", "library", "nothing")

_TUNED: Final = {"first_token_timeout": 10.0, "idle_timeout": 10.0}

CONFIGURATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "default": {},
    "restart": {"rescue": "restart", **_TUNED},
    "continue": {"rescue": "continue", **_TUNED},
    "hold": {"rescue": "hold", **_TUNED},
}
"""What stands in each route beside its targets."""

_PREFILLS: Final = """
[[catalog.rules]]
match = ["fb-ok"]
providers = ["wall"]
prefill = true
"""

USUAL: Final = ("default", "restart")
"""The configurations that are run unless others are named."""

_BARE_PATIENCE: Final = 30.0
_APART: Final = 3.0
"""Seconds between the beginnings of two runs, so that their many first answers do not slow each other down."""
_LIMITS: Final = httpx2.Limits(max_connections=None)


def config_text(base_url: str, configuration: str, profile: Profile) -> str:
    """Write the config file of a run: the provider, and a route for each scenario."""
    lines = ["[providers.wall]", f'base_url = "{base_url}"', 'api_key = "wall"', *_client_lines(profile)]
    settings = [f"{name} = {msgspec.json.encode(value).decode()}" for name, value in _settings(configuration, profile)]
    for scenario in SCENARIOS:
        targets = f'targets = ["wall/{scenario.primary}", "wall/{scenario.fallback}"]'
        lines += ["", f"[routes.{scenario.id}]", targets, *settings]
    return "\n".join(lines) + "\n" + (_PREFILLS if configuration == "continue" else "")


def _settings(configuration: str, profile: Profile) -> Iterable[tuple[str, Any]]:
    """Give the settings of a route; in a fast run its clocks are as much shorter as the waits are."""
    settings = dict(CONFIGURATIONS[configuration])
    for name in _TUNED.keys() & settings.keys():
        settings[name] *= profile.pace
    if profile.flap_pace != 1.0:
        settings.setdefault("first_token_timeout", HURRY * profile.pace)
        settings["breaker_cooldown"] = 5.0 * profile.flap_pace
    return settings.items()


def _client_lines(profile: Profile) -> list[str]:
    if profile.pace == 1.0:
        return []
    return ["", "[client]", f"first_token_timeout = {120 * profile.pace}", f"idle_timeout = {60 * profile.pace}"]


async def run(
    profile: Profile, configuration: str, via: Via, *, at_once: int = len(SCENARIOS), honest: bool = True
) -> list[Verdict]:
    """Run all scenarios, so many at a time, and judge them; see `BenchWall` for a wall that is not `honest`."""
    async with (
        BenchWall(profile.timing, honest=honest) as wall,
        _caller(wall, profile, configuration, via) as caller,
    ):
        await caller.is_alive(_healthy(via))  # so that nothing is loaded while the clocks run
        places = asyncio.Semaphore(at_once)

        async def played(scenario: Scenario) -> Verdict:
            async with places:
                return graded(scenario, await _played(scenario, caller, wall, profile, via))

        return list(await asyncio.gather(*(played(scenario) for scenario in SCENARIOS)))


@asynccontextmanager
async def _caller(wall: BenchWall, profile: Profile, configuration: str, via: Via) -> AsyncGenerator[Caller]:
    async with AsyncExitStack() as stack:
        connections = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, verify=False, limits=_LIMITS))
        if via == "nothing":
            yield BareCaller(wall.base_url, connections, patience=_BARE_PATIENCE * profile.pace)
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = Path(folder) / "interlingua.toml"
        path.write_text(config_text(wall.base_url, configuration, profile), encoding="utf-8")
        client = await stack.enter_async_context(Client.from_config(path))
        if via == "library":
            yield LibraryCaller(client)
            return
        settings = ServerSettings(port=0)
        server = HTTPServer(Gateway(settings, client), settings)
        await server.start()
        stack.push_async_callback(server.stop, within=0)
        address = f"{server.url}/v1"
        yield SDKCaller(address, connections) if via == "sdk" else BareCaller(address, connections)


async def _played(scenario: Scenario, caller: Caller, wall: BenchWall, profile: Profile, via: Via) -> Evidence:
    started = monotonic()
    wall.begin(scenario.primary)
    direct = via == "nothing"
    flaps = scenario.id == "s15"
    heard: list[Heard] = []
    for number in range(profile.requests if flaps else 1):
        await asyncio.sleep(max(number * profile.every - (monotonic() - started), 0.0))
        at = monotonic() - started
        answer = await caller.ask(scenario.primary if direct else scenario.id, longest=scenario.longest)
        heard.append(msgspec.structs.replace(answer, at=at))
    return Evidence(
        heard=heard,
        primary=wall.seen(scenario.primary),
        fallback=wall.seen(scenario.fallback),
        has_fallback=not direct,
        alive=await caller.is_alive(_healthy(via)),
        profile=profile,
    )


def _healthy(via: Via) -> str:
    return "fb-ok" if via == "nothing" else "wall/fb-ok"


class BenchFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts, by the configuration and by who asks."""

    profile: Profile
    verdicts: Mapping[tuple[str, Via], Sequence[Verdict]]

    @property
    def aims(self) -> Sequence[Aim]:
        """What was aimed at: no failure at all, 13 rescued by default, and all with a rescue."""
        aims: list[Aim] = []
        for (name, via), verdicts in self.verdicts.items():
            found = counted(verdicts)
            least = _LEAST[name] if via != "nothing" else 0
            told = ", ".join(f"{count} {grade}" for grade, count in found.items())
            met = found["fail"] == 0 and found["pass"] >= least
            aims.append(Aim(name=f"{name}, {_ASKERS[via]}", found=told, aim=f"≥ {least} pass, 0 fail", met=met))
        return aims


_LEAST: Final = {"default": 13, "restart": 16, "continue": 16, "hold": 16}
"""Scenarios that must pass, by the configuration; without rescue three streams are cut for good."""

_ASKERS: Final[Mapping[Via, str]] = {
    "gateway": "a bare client asks the gateway",
    "sdk": "OpenAI's SDK asks the gateway",
    "library": "the library asks",
    "nothing": "a bare client asks the provider",
}


async def measured(
    pairs: Sequence[tuple[str, Via]], profile: Profile = FULL, *, at_once: int = len(SCENARIOS)
) -> BenchFigures:
    """Run the scenarios for each pair of a configuration and who asks, side by side."""

    async def later(number: int, name: str, via: Via) -> list[Verdict]:
        await asyncio.sleep(number * _APART)
        return await run(profile, name, via, at_once=at_once)

    results = await asyncio.gather(*(later(number, name, via) for number, (name, via) in enumerate(pairs)))
    return BenchFigures(profile=profile, verdicts=dict(zip(pairs, results, strict=True)))


def shown(figures: BenchFigures) -> Iterable[str]:
    """Write the grades as a table of Markdown."""
    columns = [f"{name}: {_ASKERS[via]}" for name, via in figures.verdicts]
    rows = [
        (each[0].scenario, each[0].does, *[f"{verdict.grade} ({verdict.seconds:.1f} s)" for verdict in each])
        for each in zip(*figures.verdicts.values(), strict=True)
    ]
    yield from tabulated(("", "what happens", *columns), rows)
    yield ""
    yield from judged(figures.aims)


def table(verdicts: Iterable[Verdict]) -> str:
    """Write verdicts as lines of text."""
    rows = [("", "grade", "seconds", "asked", "what happens", "what the caller saw")]
    rows += [
        (
            each.scenario,
            each.grade,
            f"{each.seconds:.1f}",
            str(each.attempts),
            each.does,
            each.saw + "".join(f"; not: {missed}" for missed in each.missed),
        )
        for each in verdicts
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join("  ".join([*(cell.ljust(widths[n]) for n, cell in enumerate(row[:5])), row[5]]) for row in rows)


def counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Count the grades."""
    grades = [each.grade for each in verdicts]
    return {grade: grades.count(grade) for grade in ("pass", "partial", "safe", "fail")}


def main() -> int:
    """Run what the command line says; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.bench", description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--configuration", choices=CONFIGURATIONS, action="append")
    parser.add_argument("--via", choices=VIAS, action="append")
    parser.add_argument("--one-by-one", action="store_true", help="as Failover Bench does; takes minutes")
    given = parser.parse_args()
    profile = PROFILES[given.profile]
    vias: list[Via] = [via for via in VIAS if via in (given.via or VIAS[:3])]
    pairs: list[tuple[str, Via]] = [(name, via) for name in given.configuration or USUAL for via in vias]
    at_once = 1 if given.one_by_one else len(SCENARIOS)
    figures = asyncio.run(measured(pairs, profile, at_once=at_once))
    for (name, via), verdicts in figures.verdicts.items():
        print(f"{name}, via {via}, {profile.name}: {counted(verdicts)}\n{table(verdicts)}\n")
    return 1 if any(each.grade == "fail" for verdicts in figures.verdicts.values() for each in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
