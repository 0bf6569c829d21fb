"""The routes of a client: built from their tables when they are first asked for, over deployments that they share."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from interlingua.catalog import packaged_catalog
from interlingua.catalog.models import Catalog
from interlingua.errors import InvalidConfig, MissingKey
from interlingua.providers.contract import Provider
from interlingua.routing.breaker import Breaker
from interlingua.routing.candidate import Candidate
from interlingua.routing.deployment import Deployment
from interlingua.routing.rest import Rest
from interlingua.routing.retry_budget import RetryBudget
from interlingua.routing.route import Route
from interlingua.routing.settings import RouteSettings, RouteTarget
from interlingua.types import Event, ModelMetadata, ModelOutput, ModelRequest, StreamStart
from interlingua.types.timeouts import Timeouts


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a name leads: a model at a provider, one for each key that there is for it."""

    provider: str
    """The provider's name."""
    model: str
    keyed: Sequence[Provider]
    """The provider with each of its keys; a call is one attempt."""
    defaults: ModelRequest | None = None
    timeouts: Timeouts
    known_as: tuple[str, ...]
    """The names under which the catalog may know the provider."""


class Routes:
    """Gives routes by their names.

    Args:
        tables: their settings, by name.
        find: gives the place of a model's name that is no route's.
        names: tells whether a name could be one that `find` knows; raises what is wrong with it.
        seconds: for one request, where neither it nor the route says so.
        catalog: what is known of models.

    Raises:
        InvalidConfig: a route's settings do not fit, a target is unknown, or routes lead to each other in a circle.

    """

    def __init__(
        self,
        tables: Mapping[str, Mapping[str, Any]],
        *,
        find: Callable[[str], Place],
        names: Callable[[str], object],
        seconds: float,
        catalog: Catalog | None,
    ) -> None:
        self._settings = {name: _read(name, table) for name, table in tables.items()}
        self._find = find
        self._seconds = seconds
        self._own_catalog = catalog
        self._budget = RetryBudget()
        self._built: dict[str, Route] = {}
        self._deployments: dict[str, list[Deployment]] = {}
        self._keys: dict[tuple[str, int], Rest] = {}
        for name in self._settings:
            self._check(name, (), names)

    def __contains__(self, name: str) -> bool:
        return name in self._settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def route(self, name: str) -> Route:
        """Give a route; the same one each time."""
        return self._built.get(name) or self._build(name, self._settings[name])

    def of_keys(self, name: str) -> Route:
        """Give the route of a single model whose provider has several keys."""
        return self._built.get(name) or self._build(name, RouteSettings(targets=[name]))

    def targets(self, name: str) -> tuple[str, ...]:
        """Give the names of a route's targets, as they are listed."""
        return tuple(target.model for target in self._settings[name].targets)

    @property
    def _catalog(self) -> Catalog:
        """What is known of models; the packaged catalog is read when the first route is built, and not before."""
        return self._own_catalog or packaged_catalog()

    def _build(self, name: str, settings: RouteSettings) -> Route:
        route = Route(name, self._candidates(settings), settings, seconds=self._seconds, budget=self._budget)
        self._built[name] = route
        return route

    def _candidates(self, settings: RouteSettings) -> list[Candidate]:
        found: list[Candidate] = []
        for target in settings.targets:
            first = found[-1].place + 1 if found else 0
            behind = self._behind(target, settings)
            found += [msgspec.structs.replace(each, place=first + each.place) for each in behind]
        return found

    def _behind(self, target: RouteTarget, settings: RouteSettings) -> list[Candidate]:
        conditions = (target.when,) if target.when is not None else ()
        if target.model in self._settings:
            inner = self._candidates(self._settings[target.model])
            share = target.weight / (sum(each.weight for each in inner) or 1.0)
            return [
                msgspec.structs.replace(each, weight=each.weight * share, conditions=(*conditions, *each.conditions))
                for each in inner
            ]
        deployments = self._deployed(target.model, settings)
        return [
            Candidate(
                deployment=each,
                place=0,
                timeouts=settings.clocks(each.timeouts),
                hurry=settings.hurry(thinks=each.thinks),
                weight=target.weight / len(deployments),
                conditions=conditions,
                several_keys=len(deployments) > 1,
            )
            for each in deployments
        ]

    def _deployed(self, name: str, settings: RouteSettings) -> list[Deployment]:
        known = self._deployments.get(name)
        if known is None:
            place = self._place(name)
            known = self._deployments[name] = [
                self._deployment(place, provider, number, settings) for number, provider in enumerate(place.keyed, 1)
            ]
        return known

    def _place(self, name: str) -> Place:
        """Find a place; one whose key is missing is kept, and says so when it is asked."""
        try:
            return self._find(name)
        except MissingKey as error:
            provider, _, model = name.partition("/")
            keyless = KeylessProvider(provider, error)
            return Place(provider=provider, model=model, keyed=[keyless], timeouts=Timeouts(), known_as=(provider,))

    def _deployment(self, place: Place, provider: Provider, number: int, settings: RouteSettings) -> Deployment:
        entry = self._catalog.lookup(place.model, provider=place.known_as)
        rules = self._catalog.rules(place.model, provider=place.known_as)
        suffix = f"#{number}" if len(place.keyed) > 1 else ""
        return Deployment(
            f"{place.provider}{suffix}/{place.model}",
            provider,
            place.model,
            key=self._keys.setdefault((place.provider, number), Rest()),
            defaults=place.defaults,
            timeouts=place.timeouts,
            window=entry.context_length if entry is not None else None,
            price=self._catalog.price(place.model, provider=place.known_as),
            prefills=rules is not None and rules.prefill is True,
            thinks=entry is not None and entry.capabilities.reasoning is True,
            breaker=Breaker(failures=settings.breaker_failures, cooldown=settings.breaker_cooldown),
        )

    def _check(self, name: str, above: tuple[str, ...], names: Callable[[str], object]) -> None:
        """See that a route leads to models, and never back to itself."""
        if name in above:
            circle = " → ".join((*above[above.index(name) :], name))
            raise InvalidConfig(
                f"routes.{name}: it leads back to itself ({circle}); a route's targets must end in models.",
                param=f"routes.{name}.targets",
            )
        for target in self._settings[name].targets:
            if target.model in self._settings:
                self._check(target.model, (*above, name), names)
                continue
            try:
                names(target.model)
            except InvalidConfig as error:
                raise InvalidConfig(f"routes.{name}: {error.message}", param=f"routes.{name}.targets") from error


class KeylessProvider:
    """A provider that cannot be asked, since its key is not set."""

    def __init__(self, name: str, error: MissingKey) -> None:
        self.name = name
        self._error = error

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Say that the key is missing."""
        del request
        raise self._error

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Say that the key is missing."""
        yield StreamStart(model=request.model)
        raise self._error

    async def models(self) -> list[ModelMetadata]:
        """Give none."""
        return []

    async def aclose(self) -> None:
        """Nothing is held."""


def _read(name: str, table: Mapping[str, Any]) -> RouteSettings:
    build: Any = RouteSettings
    try:
        return build(**table)
    except InvalidConfig as error:
        param = f"routes.{name}.{error.param}" if error.param else f"routes.{name}"
        raise InvalidConfig(f"routes.{name}: {error.message}", param=param) from error
