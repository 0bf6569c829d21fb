"""POST /v1/responses: as any other generation, and with a memory."""

import logging
import sqlite3

import msgspec

from interlingua.errors import Unsupported
from interlingua.gateway.authentication import presented_key
from interlingua.gateway.doors.attempt import Attempt, Attempts, facts_in
from interlingua.gateway.doors.generation import directed, find, speaks_neutrally
from interlingua.gateway.doors.recall import Recall
from interlingua.gateway.doors.relay import relay_answer, relay_stream
from interlingua.gateway.doors.response_items import (
    Asked,
    id_in_stream,
    id_of_answer,
    new_id,
    read_asked,
    refers_here,
    response_of_last,
    unkept,
)
from interlingua.gateway.doors.translation import translate_answer, translate_stream
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.resolver import Resolver, relaying
from interlingua.gateway.response_store import ResponseStore, StoredResponse
from interlingua.routing.facts import RequestFacts
from interlingua.routing.route import Route
from interlingua.types.seal import carries_seal
from interlingua.wires.contract import RelayedWire
from interlingua.wires.members import Member
from interlingua.wires.request_head import RequestHead

logger = logging.getLogger("interlingua.gateway")

_LONGEST_BEGINNING = 64 * 1024


class ResponsesDoor:
    """Answers in the Responses API, and keeps answers for `previous_response_id`.

    A provider that speaks the wire keeps its answers itself; here stands whose they are
    and where. For all others the gateway keeps the answer and every item before it,
    unless the request says `store: false`. An answer belongs to the key that asked.
    """

    def __init__(self, resolver: Resolver, wire: RelayedWire, store: ResponseStore, *, keep_alive: float) -> None:
        self._resolver = resolver
        self._wire = wire
        self._store = store
        self._recall = Recall(store)
        self._keep_alive = keep_alive

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request.

        Raises:
            Error: it failed; what has been sent until then says how it can be told.

        """
        wire, body = self._wire, exchange.request.body
        head = wire.read_head(body)
        asked, members = read_asked(body)
        exchange.model = head.model
        target = find(self._resolver, head.model)
        owner = await self._store.owner(presented_key(exchange.request.headers))
        if speaks_neutrally(target, streamed=head.stream):
            await self._answer(exchange, Attempt(target), head, asked, members, owner=owner)
            return
        async for attempt in Attempts(exchange, target, self._facts(body, target.route, asked), streamed=head.stream):
            with attempt:
                await self._answer(exchange, attempt, head, asked, members, owner=owner)

    def _facts(self, body: bytes, route: Route | None, asked: Asked) -> RequestFacts | None:
        """Look at a request; one that goes on with an answer that a provider keeps has to go to that provider."""
        facts = facts_in(body, self._wire, route)
        if facts is None or asked.previous is None:
            return facts
        return msgspec.structs.replace(facts, conversation=("response", asked.previous), goes_on=True, bound=True)

    async def _answer(
        self,
        exchange: Exchange,
        attempt: Attempt,
        head: RequestHead,
        asked: Asked,
        members: list[Member],
        *,
        owner: str,
    ) -> None:
        """Answer with one target, by bytes that pass if it speaks the wire and keeps what the request refers to."""
        wire, body, target = self._wire, exchange.request.body, attempt.target
        provider = relaying(target.provider, wire.name) if target.defaults is None else None
        previous = await self._recall.previous(asked, owner, known_to_provider=provider is not None)
        foreign = asked.previous is None and (carries_seal(body) or refers_here(body))
        if provider is None or foreign or (previous is not None and not previous.relayed):
            await self._translate(exchange, attempt, asked, members, previous, owner=owner, stream=head.stream)
            return
        onlooker = _Pointer(self._store, owner, head.model, attempt) if asked.store else None
        replaced = head.with_model(body, target.model)
        if head.stream:
            await relay_stream(
                exchange, wire, provider, replaced, attempt=attempt, keep_alive=self._keep_alive, onlooker=onlooker
            )
        else:
            await relay_answer(exchange, wire, provider, replaced, attempt=attempt, onlooker=onlooker)

    async def _translate(
        self,
        exchange: Exchange,
        attempt: Attempt,
        asked: Asked,
        members: list[Member],
        previous: StoredResponse | None,
        *,
        owner: str,
        stream: bool,
    ) -> None:
        wire, target = self._wire, attempt.target
        _refuse_unkept(asked, target.model)
        speaks = relaying(target.provider, wire.name) is not None
        body, items = await self._recall.whole(exchange.request.body, members, previous, owner, speaks=speaks)
        recorder = _Recorder(self._store if asked.store else None, owner, exchange.model or "", items)
        shown = wire.parse_request(body)
        if asked.previous is not None:
            fields = {**shown.extensions.get(wire.name, {}), "previous_response_id": asked.previous}
            shown.extensions = {**shown.extensions, wire.name: fields}
        asked_behind = unkept(wire.parse_request(body), wire.name, speaks=speaks)
        request = directed(asked_behind, target, exchange.request, wire)
        shown.model = target.model
        if stream:
            await translate_stream(
                exchange, wire, attempt, request, keep_alive=self._keep_alive, shown=shown, recorder=recorder
            )
        else:
            await translate_answer(exchange, wire, attempt, request, shown=shown, recorder=recorder)


def _refuse_unkept(asked: Asked, model: str) -> None:
    """Refuse what only a provider that speaks the wire can do.

    Raises:
        Unsupported: it is asked for.

    """
    remedy = "Only a provider that speaks the Responses API itself can."
    if asked.background:
        raise Unsupported("background", model=model, remedy=remedy)
    if asked.conversation:
        raise Unsupported("conversation", model=model, remedy=remedy)


class _Recorder:
    """Names a translated answer, and keeps it if there is a store (see `translation.Recorder`)."""

    def __init__(self, store: ResponseStore | None, owner: str, model: str, items: list[object]) -> None:
        self.id = new_id()
        self._store = store
        self._owner = owner
        self._model = model
        self._items = items

    async def whole(self, body: bytes) -> None:
        if self._store is None:
            return
        entry = StoredResponse(
            id=id_of_answer(body) or self.id,
            owner=self._owner,
            model=self._model,
            response=body,
            items=msgspec.json.encode(self._items),
        )
        try:
            await self._store.put(entry)
        except sqlite3.Error:
            logger.exception("a response could not be kept")  # it is made and paid for, so its caller gets it

    async def last(self, data: bytes) -> None:
        response = response_of_last(data) if self._store is not None else None
        if response is not None:
            await self.whole(response)


class _Pointer:
    """Notes whose a relayed answer is, and who keeps it (see `relay.Onlooker`)."""

    def __init__(self, store: ResponseStore, owner: str, model: str, attempt: Attempt) -> None:
        self._store = store
        self._owner = owner
        self._model = model
        self._attempt = attempt
        self._beginning = b""
        self._done = False

    def whole(self, body: bytes) -> None:
        self._note(id_of_answer(body))

    def piece(self, data: bytes) -> None:
        if self._done:
            return
        self._beginning += data
        name = id_in_stream(self._beginning)
        self._done = name is not None or len(self._beginning) > _LONGEST_BEGINNING
        self._note(name)

    def _note(self, name: str | None) -> None:
        if name is not None:
            self._attempt.keeps(("response", name))
            self._store.put_soon(StoredResponse(id=name, owner=self._owner, model=self._model, relayed=True))
