"""A route as a provider: whoever can ask a model can ask a route."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar, cast

import msgspec

from interlingua.errors import NoTarget, Unsupported
from interlingua.providers.contract import EmbeddingProvider, RerankProvider
from interlingua.routing.chance import Chance
from interlingua.routing.facts import RequestFacts, facts_of
from interlingua.routing.hedge import Hedge
from interlingua.routing.journey import Journey
from interlingua.routing.race import Race
from interlingua.routing.rescue import Splice, Told, continued, goes_beside
from interlingua.routing.route import Route
from interlingua.types import Event, ModelMetadata, ModelOutput, ModelRequest, StreamEnd, StreamStart
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest

_Answer = TypeVar("_Answer")


class RoutedProvider:
    """Answers with the first of a route's targets that can; see `Provider`.

    An attempt is replaced as long as nothing of its answer has been given: the start of a
    stream is held back until there is something to follow it. After that the route's
    `rescue` says what becomes of a stream that is cut.
    """

    def __init__(self, route: Route) -> None:
        self.name = route.name
        self.route = route

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole; the way there stands in `output.route`."""
        shared = self.route.coalescing
        return await (self._generate(request) if shared is None else shared.generate(request, self._generate))

    def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events; the way there stands on its `StreamStart` and, whole, on its `StreamEnd`."""
        shared = self.route.coalescing
        return self._stream(request) if shared is None else shared.stream(request, self._stream)

    async def _generate(self, request: ModelRequest) -> ModelOutput:
        journey = self.route.journey(facts_of(request), timeout=request.timeout)

        async def ask(chance: Chance) -> ModelOutput:
            output = await chance.candidate.deployment.provider.generate(chance.fitted(request))
            moved = journey.moves(chance)
            if moved is not None:
                output.warnings.append(moved)
            return output

        output = await _first(journey, ask, self.route.hedge)
        output.route = tuple(journey.trace)
        return output

    async def _stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        rescue = self.route.settings.rescue
        journey = self.route.journey(facts_of(request), timeout=request.timeout, streamed=True, rescues=rescue != "off")
        told = Told() if rescue in ("restart", "continue") else None

        def ask(chance: Chance) -> AsyncGenerator[Event]:
            return _held(chance, request) if rescue == "hold" else self._events(chance, journey, request, told)

        async for chance in journey:
            async with Race(journey, chance, ask, self.route.hedge) as race:
                async for event in race.events:
                    if told is not None:
                        told.add(event)
                        race.chance.rescuable = not told.fixed
                    yield _with_route(event, journey, race.chance)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        """Give the vectors of all inputs; see `EmbeddingProvider`."""

        async def ask(chance: Chance) -> EmbeddingOutput:
            provider = chance.candidate.deployment.provider
            if not hasattr(provider, "embed"):
                raise Unsupported("embeddings", model=chance.candidate.name)
            return await cast("EmbeddingProvider", provider).embed(_renamed(request, chance))

        return await _first(self.route.journey(RequestFacts(), timeout=request.timeout), ask)

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        """Sort documents by a query; see `RerankProvider`."""

        async def ask(chance: Chance) -> RerankOutput:
            provider = chance.candidate.deployment.provider
            if not hasattr(provider, "rerank"):
                raise Unsupported("rerank", model=chance.candidate.name)
            return await cast("RerankProvider", provider).rerank(_renamed(request, chance))

        return await _first(self.route.journey(RequestFacts(), timeout=request.timeout), ask)

    async def models(self) -> list[ModelMetadata]:
        """Give the route as the one model that it is."""
        return [ModelMetadata(model=self.name, metadata={"targets": [each.name for each in self.route.candidates]})]

    async def aclose(self) -> None:
        """Nothing is held: the targets belong to whoever made the route."""

    async def _events(
        self, chance: Chance, journey: Journey, request: ModelRequest, told: Told | None
    ) -> AsyncGenerator[Event]:
        """Give one attempt's events, from its first content on; of a rescue, what the caller has not got yet."""
        with chance:
            before = told.text if told is not None else ""
            goes_on = bool(before) and self.route.settings.rescue == "continue" and chance.candidate.deployment.prefills
            splice = Splice("" if goes_on else before) if journey.cut else None
            asked = continued(request, before) if goes_on else request
            held: list[Event] = []
            async with aclosing(chance.candidate.deployment.provider.stream(chance.fitted(asked))) as events:
                async for event in events:
                    for each in (event,) if splice is None else splice.feed(event):
                        if not chance.committed:
                            if goes_beside(each):
                                held.append(each)
                                continue
                            chance.commit()
                            for earlier in held:
                                yield earlier
                        yield each


def _with_route(event: Event, journey: Journey, chance: Chance) -> Event:
    if isinstance(event, StreamStart):
        moved = journey.moves(chance)
        warnings = event.warnings if moved is None else (*event.warnings, moved)
        return msgspec.structs.replace(event, route=journey.trace_with(chance), warnings=warnings)
    if isinstance(event, StreamEnd):
        return msgspec.structs.replace(event, route=journey.trace_with(chance))
    return event


async def _held(chance: Chance, request: ModelRequest) -> AsyncGenerator[Event]:
    """Give nothing before all is there."""
    with chance:
        async with aclosing(chance.candidate.deployment.provider.stream(chance.fitted(request))) as events:
            kept = [event async for event in events]
        chance.commit()
        for event in kept:
            yield event


async def _first(journey: Journey, ask: Callable[[Chance], Awaitable[_Answer]], hedge: Hedge | None = None) -> _Answer:
    """Give the first answer of a journey."""

    async def answer(chance: Chance) -> AsyncGenerator[_Answer]:
        with chance:
            found = await ask(chance)
            chance.commit()
            yield found

    answers: list[_Answer] = []
    async for chance in journey:
        async with Race(journey, chance, answer, hedge) as race:
            answers += [found async for found in race.events]
    if not answers:
        raise NoTarget(f"the route {journey.route!r} ended without an answer.", model=journey.route)
    return answers[0]


_Unary = TypeVar("_Unary", EmbeddingRequest, RerankRequest)


def _renamed(request: _Unary, chance: Chance) -> _Unary:
    return msgspec.structs.replace(request, model=chance.candidate.model, timeouts=chance.timeouts)
