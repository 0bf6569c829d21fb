"""Targets without a wire, and a clock that a test moves, for what a route does with them."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

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
    StreamEnd,
    StreamStart,
    TextDelta,
    ToolCallDelta,
)
from interlingua.types.timeouts import Timeouts

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


class Voice:
    """A provider: each call takes the next of `script`, pieces of a text or an error; then it is `text`."""

    def __init__(self, name: str, *script: Sequence[str | Error | ToolCallDelta], text: str = "One two three.") -> None:
        self.name = name
        self.script = list(script)
        self.text = text
        self.requests: list[ModelRequest] = []

    async def generate(self, request: ModelRequest) -> ModelOutput:
        said = [event.text async for event in self.stream(request) if isinstance(event, TextDelta)]
        return ModelOutput("".join(said), provider=self.name, model=request.model)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        self.requests.append(request)
        pieces = self.script.pop(0) if self.script else self.text.split(" ")
        yield StreamStart(id=self.name, model=request.model)
        for number, piece in enumerate(pieces):
            if isinstance(piece, Error):
                raise piece
            if isinstance(piece, ToolCallDelta):
                yield piece
                continue
            yield TextDelta(piece if number == 0 else f" {piece}")
        yield Finish("stop")
        yield StreamEnd()

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
