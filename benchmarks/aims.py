"""What the project wants its figures to be, and whether a run's figures are so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.results import median
from benchmarks.tables import OURS_DOOR, OURS_LIBRARY, TIMES

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Aim:
    """A figure, the bound that must hold, and the one that is aimed at; `at_least` turns both around."""

    title: str
    unit: str
    bound: float
    aim: float
    figure: Callable[[Values], float | None]
    at_least: bool = False

    def verdict(self, value: float) -> str:
        """Say in one word how a figure stands."""
        if self.meets(value, self.aim):
            return "met"
        return "within bounds" if self.meets(value, self.bound) else "**missed**"

    def meets(self, value: float, limit: float) -> bool:
        """Whether a figure keeps a limit."""
        return value >= limit if self.at_least else value <= limit


def _library(test: str, *, name: str = OURS_LIBRARY, loop: str = "asyncio") -> Callable[[Values], float | None]:
    return lambda values: median(values["library"].get(f"{name} on {loop}", {}).get(test, ()), "cpu_us")


def _door(test: str, *path: str, name: str = OURS_DOOR) -> Callable[[Values], float | None]:
    return lambda values: median(values["doors"].get(name, {}).get(test, ()), *path)


def _import(statement: str, figure: str) -> Callable[[Values], float | None]:
    return lambda values: values["imports"].get(f"{statement} (interlingua)", {}).get(figure)


Figure = Callable[[Values], float | None]


def _over(first: Figure, second: Figure, combine: Callable[[float, float], float]) -> Figure:
    def figure(values: Values) -> float | None:
        one, other = first(values), second(values)
        return combine(one, other) if one is not None and other else None

    return figure


def _times(peer: Figure, ours: Figure) -> Figure:
    return _over(peer, ours, lambda one, other: one / other)


def _minus(first: Figure, second: Figure) -> Figure:
    return _over(first, second, lambda one, other: one - other)


_JSON, _DENSE, _BURST = _door("json", "cpu_us_req"), _door("dense", "cpu_us_event"), _door("burst", "cpu_us_event")
_TRANSLATED = _door("burst", "cpu_us_event", name=f"{OURS_DOOR}, translating")
_OPENAI, _LITELLM = "openai SDK", "litellm SDK"

AIMS = (
    Aim("gateway: JSON request, relayed", "µs", 150, 80, _JSON),
    Aim("gateway: event, dense", "µs", 70, 45, _DENSE),
    Aim("gateway: event, burst", "µs", 15, 8, _BURST),
    Aim("gateway: event translated, over relayed, burst", "µs", 15, 6, _minus(_TRANSLATED, _BURST)),
    Aim(
        "gateway: added p50 at 50 requests a second",
        "µs",
        1000,
        500,
        _minus(_door("rate", "lat_us", "p50"), _door("rate", "lat_us", "p50", name="direct")),
    ),
    Aim("gateway: start to first answer", "s", 1.0, 0.4, _door("start", "startup_s")),
    Aim("gateway: idle memory", "MiB", 80, 45, _door("start", "idle_mib")),
    Aim(
        "gateway: JSON request, LiteLLM's proxy over ours",
        TIMES,
        160,
        300,
        _times(_door("json", "cpu_us_req", name="litellm proxy"), _JSON),
        at_least=True,
    ),
    Aim("library: call, asyncio", "µs", 300, 100, _library("call_one")),
    Aim("library: call, uvloop", "µs", 300, 100, _library("call_one", loop="uvloop")),
    Aim("library: event, burst, asyncio", "µs", 25, 12, _library("burst_one")),
    Aim("library: event, burst, uvloop", "µs", 25, 12, _library("burst_one", loop="uvloop")),
    Aim(
        "library: call, openai SDK over ours",
        TIMES,
        14,
        40,
        _times(_library("call_one", name=_OPENAI), _library("call_one")),
        at_least=True,
    ),
    Aim(
        "library: event, openai SDK over ours",
        TIMES,
        16,
        30,
        _times(_library("burst_one", name=_OPENAI), _library("burst_one")),
        at_least=True,
    ),
    Aim(
        "library: call, LiteLLM's SDK over ours",
        TIMES,
        30,
        90,
        _times(_library("call_one", name=_LITELLM), _library("call_one")),
        at_least=True,
    ),
    Aim(
        "library: event, LiteLLM's SDK over ours",
        TIMES,
        37,
        75,
        _times(_library("burst_one", name=_LITELLM), _library("burst_one")),
        at_least=True,
    ),
    Aim("`import interlingua`, over a bare start", "ms", 200, 80, _import("import interlingua", "over_bare_ms")),
    Aim(
        "`from interlingua import Client`, over a bare start",
        "ms",
        200,
        80,
        _import("from interlingua import Client", "over_bare_ms"),
    ),
    Aim("installed size, without uvloop", "MB", 30, 10, _import("import interlingua", "size_mb")),
    Aim("packages installed", "", 10, 5, _import("import interlingua", "packages")),
)


def aims_table(values: Values) -> str:
    """Compare a run's figures with the aims; figures that it has not are left out."""
    lines = ["| figure | must hold | aim | this run | |", "| --- | ---: | ---: | ---: | --- |"]
    for aim in AIMS:
        value = aim.figure(values)
        if value is None:
            continue
        sign = "≥" if aim.at_least else "≤"
        limits = [f"{sign} {limit:g} {aim.unit}".rstrip() for limit in (aim.bound, aim.aim)]
        shown = f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"
        lines.append(f"| {aim.title} | {limits[0]} | {limits[1]} | {shown} {aim.unit} | {aim.verdict(value)} |")
    return "\n".join(lines)
