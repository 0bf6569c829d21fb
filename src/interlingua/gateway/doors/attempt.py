"""Trying to answer an exchange: once where a name leads to one model, and as often as a route has chances."""

import re
from collections.abc import Hashable
from types import TracebackType
from typing import Final, Self

import msgspec

from interlingua.gateway.doors.headers import route_headers, warning_headers
from interlingua.gateway.exchange import Exchange, Headers
from interlingua.gateway.resolver import Target
from interlingua.providers.contract import Provider
from interlingua.routing.chance import Chance
from interlingua.routing.facts import RequestFacts, facts_of
from interlingua.routing.journey import Journey
from interlingua.routing.route import Route
from interlingua.types import ModelRequest
from interlingua.types.merging import merged_request
from interlingua.types.timeouts import Timeouts
from interlingua.wires.contract import RelayedWire

_STATE: Final = re.compile(rb'"(?:signature|encrypted_content|thoughtSignature|thought_signature|file_id)"\s*:\s*"')
_BYTES_PER_TOKEN: Final = 4
_BETWEEN_TURNS: Final = b", \t\r\n"
_ANSWERED: Final = re.compile(rb'"role"\s*:\s*"(?:assistant|model)"')


class ChosenTarget(msgspec.Struct, frozen=True):
    """A route's target as the doors see it: a `Target`."""

    name: str
    provider: Provider
    model: str
    encoding: str | None
    defaults: ModelRequest | None
    route: Route | None = None


class Attempt:
    """One try, as a `with` block around it; see `Chance` for what becomes of a failure in it."""

    __slots__ = ("_chance", "_journey", "target", "timeouts")

    def __init__(self, target: Target, journey: Journey | None = None, chance: Chance | None = None) -> None:
        self.target = target
        self.timeouts: Timeouts | None = chance.timeouts if chance is not None else None
        self._journey = journey
        self._chance = chance

    @property
    def alone(self) -> bool:
        """Whether nobody else can be asked."""
        return self._chance is None

    def commit(self) -> None:
        """Note that the first content goes to the caller now: from here on a failure is told, and not repaired."""
        if self._chance is not None:
            self._chance.commit()

    def keeps(self, conversation: Hashable) -> None:
        """Note that what goes on with this answer has to come back to who gave it."""
        if self._journey is not None and self._chance is not None:
            self._journey.note(conversation, self._chance)

    @property
    def headers(self) -> Headers:
        """What an answer says of the way to it; nothing where there was no choice."""
        if self._journey is None or self._chance is None:
            return ()
        moved = self._journey.moves(self._chance)
        warnings = [] if moved is None else warning_headers([moved])
        return (*route_headers(self._journey.trace_with(self._chance)), *warnings)

    def __enter__(self) -> Self:
        if self._chance is not None:
            self._chance.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self._chance.__exit__(kind, error, trace) if self._chance is not None else False


class Attempts:
    """The tries at one request, one after the other; the way stands on the exchange, for the log.

    Example:
        >>> async for attempt in Attempts(exchange, target, facts, streamed=head.stream):
        ...     with attempt:
        ...         ...  # ask attempt.target, and raise what went wrong

    """

    __slots__ = ("_done", "_journey", "_target")

    def __init__(
        self, exchange: Exchange, target: Target, facts: RequestFacts | None = None, *, streamed: bool
    ) -> None:
        self._target = target
        self._done = False
        self._journey: Journey | None = None
        if target.route is not None:
            self._journey = target.route.journey(facts or RequestFacts(), streamed=streamed)
            exchange.route = self._journey.trace

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Attempt:
        if self._journey is None:
            if self._done:
                raise StopAsyncIteration
            self._done = True
            return Attempt(self._target)
        if self._journey.done:
            raise StopAsyncIteration
        chance = await anext(self._journey)
        return Attempt(self._chosen(chance), self._journey, chance)

    def _chosen(self, chance: Chance) -> ChosenTarget:
        target, deployment = self._target, chance.candidate.deployment
        defaults = deployment.defaults
        if target.defaults is not None:
            defaults = target.defaults if defaults is None else merged_request(target.defaults, defaults)
        return ChosenTarget(target.name, deployment.provider, deployment.model, target.encoding, defaults)


def facts_in(
    body: bytes, wire: RelayedWire, route: Route | None, *, model: str | None = None, stream: bool | None = None
) -> RequestFacts | None:
    """Look at a body as closely as a route needs; None where there is no route.

    Raises:
        InvalidRequest: the body cannot be read.

    """
    if route is None:
        return None
    if route.measures:
        return facts_of(wire.parse_request(body, model=model, stream=stream))
    tokens = len(body) // _BYTES_PER_TOKEN
    return _opening_of(body, tokens) if route.remembers else RequestFacts(tokens=tokens)


class _Opening(msgspec.Struct):
    """Where the wires have the beginning of a conversation."""

    prompt_cache_key: str | None = None
    system: msgspec.Raw = msgspec.Raw()
    instructions: msgspec.Raw = msgspec.Raw()
    systemInstruction: msgspec.Raw = msgspec.Raw()  # noqa: N815 - the wire's name
    messages: msgspec.Raw = msgspec.Raw()
    input: msgspec.Raw = msgspec.Raw()
    contents: msgspec.Raw = msgspec.Raw()


_read_opening = msgspec.json.Decoder(_Opening).decode
_read_turns = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _opening_of(body: bytes, tokens: int) -> RequestFacts:
    """Name the conversation of a body that is not read otherwise, by its cache key or by its first turns."""
    try:
        opening = _read_opening(body)
        if opening.prompt_cache_key is not None:
            return RequestFacts(conversation=("cache", opening.prompt_cache_key), goes_on=True, tokens=tokens)
        turns = bytes(opening.messages or opening.input or opening.contents)
        answer = _ANSWERED.search(turns)
        end = len(turns) - 1 if answer is None else _begin_of_turn(turns, answer.start())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return RequestFacts(tokens=tokens)
    first = turns[1:end].rstrip(_BETWEEN_TURNS)
    named = "bytes", hash((bytes(opening.system), bytes(opening.instructions), bytes(opening.systemInstruction), first))
    state = answer is not None and _STATE.search(turns) is not None
    return RequestFacts(conversation=named, goes_on=answer is not None, state=state, tokens=tokens)


def _begin_of_turn(turns: bytes, place: int) -> int:
    """Give where the turn begins that is spoken at this place: nearly always the role is the first that it says."""
    begin = turns.rfind(b"{", 0, place)
    if not turns[begin + 1 : place].strip():
        return begin
    end = 0
    for turn in _read_turns(turns):
        begin = turns.index(turn, end)
        end = begin + len(bytes(turn))
        if end > place:
            break
    return begin
