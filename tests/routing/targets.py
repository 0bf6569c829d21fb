"""Targets without a wire, and a clock that a test moves, for what a route does with them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, TypeAlias

from interlingua.errors import Error
from interlingua.routing.breaker import Breaker
from interlingua.routing.candidate import Candidate
from interlingua.routing.deployment import Deployment
from interlingua.routing.route import Route
from interlingua.routing.settings import RouteSettings
from interlingua.types import (
    Event,
    Finish,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    PartDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ToolCallDelta,
)
from interlingua.types.timeouts import Timeouts

Piece: TypeAlias = str | Error | ToolCallDelta | PartDelta | asyncio.Event | None
REQUEST = ModelRequest.build_request("smart", "Hello")


class Clock:
    """Time that only passes where somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.now += seconds


async def a_moment() -> None:
    """Let everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Voice:
    """A provider: each call takes the next of `script`, pieces of a text or an error; then it is `text`.

    An `asyncio.Event` in a script is a silence until it is set, and None one without an end; `running` counts the
    streams that are open.
    """

    def __init__(self, name: str, *script: Sequence[Piece], text: str = "One two three.") -> None:
        self.name = name
        self.script = list(script)
        self.text = text
        self.requests: list[ModelRequest] = []
        self.running = 0
        self.given = 0
        """Pieces that were asked of it."""

    async def generate(self, request: ModelRequest) -> ModelOutput:
        said = [event.text async for event in self.stream(request) if isinstance(event, TextDelta)]
        return ModelOutput("".join(said), provider=self.name, model=request.model)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        self.requests.append(request)
        pieces = self.script.pop(0) if self.script else self.text.split(" ")
        self.running += 1
        try:
            yield StreamStart(id=self.name, model=request.model)
            begun = False
            for piece in pieces:
                self.given += 1
                if isinstance(piece, Error):
                    raise piece
                if piece is None:
                    await asyncio.Event().wait()
                elif isinstance(piece, asyncio.Event):
                    await piece.wait()
                elif isinstance(piece, ToolCallDelta | PartDelta):
                    yield piece
                else:
                    yield TextDelta(f" {piece}" if begun else piece)
                    begun = True
            yield Finish("stop")
            yield StreamEnd()
        finally:
            self.running -= 1

    async def models(self) -> list[ModelMetadata]:
        return []

    async def aclose(self) -> None:
        pass


def deployment(voice: Voice, clock: Clock, **facts: Any) -> Deployment:
    """Give a deployment of a voice's only model."""
    return Deployment(f"{voice.name}/tiny", voice, "tiny", clock=clock, **facts)


def route_of(
    *targets: Voice | Deployment, clock: Clock, weights: Sequence[float] = (), chance: float = 0.0, **settings: Any
) -> Route:
    """Give a route over the targets; no wait has a random part unless `chance` says so."""
    read = RouteSettings(targets=[str(each) for each in targets], **settings)

    def breaker() -> Breaker:
        return Breaker(failures=read.breaker_failures, cooldown=read.breaker_cooldown, clock=clock)

    deployments = [
        each if isinstance(each, Deployment) else deployment(each, clock, breaker=breaker()) for each in targets
    ]
    candidates = [
        Candidate(
            deployment=each,
            place=place,
            timeouts=read.clocks(Timeouts()),
            hurry=read.hurry(thinks=each.thinks),
            weight=weights[place] if weights else 1.0,
        )
        for place, each in enumerate(deployments)
    ]
    return Route("smart", candidates, read, now=clock, sleep=clock.sleep, chance=lambda: chance)
