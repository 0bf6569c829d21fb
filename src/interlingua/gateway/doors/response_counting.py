"""How many tokens a request of the Responses API has, with what came before it."""

import msgspec

from interlingua.gateway.authentication import presented_key
from interlingua.gateway.doors.counting import CountingDoor
from interlingua.gateway.doors.generation import find
from interlingua.gateway.doors.recall import Recall
from interlingua.gateway.doors.response_items import read_asked
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.resolver import Resolver, relaying
from interlingua.gateway.response_store import ResponseStore
from interlingua.wires.contract import RelayedWire


class ResponsesCountingDoor:
    """Counts as `CountingDoor` does, kept answers and items included."""

    def __init__(self, resolver: Resolver, wire: RelayedWire, store: ResponseStore) -> None:
        self._resolver = resolver
        self._wire = wire
        self._store = store
        self._recall = Recall(store)
        self._door = CountingDoor(resolver, wire)

    async def handle(self, exchange: Exchange) -> None:
        """Answer a question.

        Raises:
            Error: it could not be answered.

        """
        body = exchange.request.body
        head = self._wire.read_head(body, stream=False)
        asked, members = read_asked(body)
        target = find(self._resolver, head.model)
        speaks = relaying(target.provider, self._wire.name) is not None
        owner = await self._store.owner(presented_key(exchange.request.headers))
        previous = await self._recall.previous(asked, owner, known_to_provider=speaks)
        if previous is None or not previous.relayed:
            body, _ = await self._recall.whole(body, members, previous, owner, speaks=speaks)
            exchange.request = msgspec.structs.replace(exchange.request, body=body)
        await self._door.handle(exchange)
