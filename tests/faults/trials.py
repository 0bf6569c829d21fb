"""Every fault, asked for in every way: what is asked of whom, behind what, and what must come of it."""

import random
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from interlingua.testing import FAULTS, FaultWall, Verdict
from interlingua.testing.fault import Fault

Door: TypeAlias = Literal["chat_completions", "responses", "messages", "generate_content", "ollama", "library"]
"""Who asks: an SDK through the gateway, named by the wire that it speaks, or the library in its own process."""

Arrangement: TypeAlias = Literal["direct", "alone", "behind", "restart", "continue", "hold"]
"""What the model's name leads to: the model itself, a route with nobody else in it, or one with a healthy target
behind, without rescue or with that kind of it."""

DOORS: Final[tuple[Door, ...]] = get_args(Door)
WIRES: Final = ("chat_completions", "responses", "messages", "generate_content", "ollama", "converse")
ARRANGEMENTS: Final[tuple[Arrangement, ...]] = get_args(Arrangement)
KEY: Final = "sk-canary-0123456789"
_RESCUES: Final = ("restart", "continue", "hold")
_PREFILLS: Final = '[[catalog.rules]]\nmatch = ["healthy"]\nprefill = true\n'


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One request: `name` is the model's name that is asked for, and `model` the wall's that it leads to."""

    name: str
    fault: str
    model: str
    door: Door
    wire: str
    streamed: bool
    arrangement: Arrangement
    seed: int

    @property
    def fallback(self) -> bool:
        """Whether a healthy target stands behind."""
        return self.arrangement not in ("direct", "alone")

    @property
    def rescue(self) -> bool:
        """Whether an answer that broke midway is gone on with."""
        return self.arrangement in _RESCUES

    def expected(self, wall: FaultWall) -> Verdict:
        """Say what must come of it."""
        return wall.expected(
            self.model, wire=self.wire, streamed=self.streamed, fallback=self.fallback, rescue=self.rescue
        )

    def __str__(self) -> str:
        way = "streamed" if self.streamed else "whole"
        return f"{self.model} from {self.door} to {self.wire}, {way}, {self.arrangement}, seed {self.seed}"


def trials_of(fault: Fault, wall: FaultWall, seeds: Sequence[int]) -> Iterator[Trial]:
    """Ask for a fault from every door, streamed and whole, once for each seed.

    The seed draws the wire behind, the arrangement and the place of the fault; so many of
    them as there are pairs of wires and arrangements meet each pair once.
    """
    for door in DOORS:
        for streamed in (True, False):
            drawn = random.Random(f"{fault.id} {door} {streamed}")  # noqa: S311 - to be repeated
            pairs: list[tuple[str, Arrangement]] = [
                (wire, arrangement) for wire in fault.wires for arrangement in ARRANGEMENTS
            ]
            drawn.shuffle(pairs)
            for seed in seeds:
                wire, arrangement = pairs[seed % len(pairs)]
                if fault.applies(wire=wire, streamed=streamed):
                    number = _place(fault, wall, wire, streamed=streamed, seed=seed)
                    yield Trial(
                        name=f"{fault.id}.{door}.{'s' if streamed else 'w'}{seed}",
                        fault=fault.id,
                        model=f"{fault.id}-{number}" if number is not None else fault.id,
                        door=door,
                        wire=wire,
                        streamed=streamed,
                        arrangement=arrangement,
                        seed=seed,
                    )


def _place(fault: Fault, wall: FaultWall, wire: str, *, streamed: bool, seed: int) -> int | None:
    """Draw the place in the answer at which the fault is; None where it has none."""
    if fault.unit is None:
        return None
    last = wall.size(wire, fault.unit, streamed=streamed)
    return random.Random(f"{fault.id} {wire} {streamed} {seed}").randrange(last)  # noqa: S311 - to be repeated


def config_of(trials: Sequence[Trial], wall: FaultWall, clock: float) -> str:
    """Write the config in which each trial has a provider and a name of its own, so that none disturbs another.

    `clock` is the longest silence in seconds; an attempt may last twice as long, and a request four times. What is
    asked again is so after a fifth of the usual wait.
    """
    clocks = (
        f"connect_timeout = {clock}\nfirst_token_timeout = {clock}\nidle_timeout = {clock}\ntimeout = {4 * clock}\n"
    )
    healthy = [_provider(f"healthy_{wire}", wire, wall.base_url) for wire in WIRES]
    parts = [f"[client]\nmax_retries = 1\n{clocks}", *healthy]
    names: list[str] = []
    for number, trial in enumerate(trials):
        target = f"p{number}/{trial.model}"
        parts.append(_provider(f"p{number}", trial.wire, wall.base_url_for(trial.model)))
        if trial.arrangement == "direct":
            names.append(f'"{trial.name}" = "{target}"\n')
            continue
        behind = WIRES[(WIRES.index(trial.wire) + trial.seed) % len(WIRES)]
        other = f"healthy_{behind}/{'tools' if FAULTS[trial.fault].tools else 'healthy'}"
        targets = [target, *([other] if trial.fallback else [])]
        rescue = f'rescue = "{trial.arrangement}"\n' if trial.rescue else ""
        parts.append(
            f'[routes."{trial.name}"]\ntargets = {msgspec.json.encode(targets).decode()}\n'
            f"attempt_timeout = {2 * clock}\nretry_delay = 0.05\n{rescue}"
        )
    return "\n".join([*parts, "[models]\n" + "".join(names), _PREFILLS])


def _provider(name: str, wire: str, base_url: str) -> str:
    return f'[providers.{name}]\nwire = "{wire}"\nbase_url = "{base_url}"\napi_key = "{KEY}"\n'
