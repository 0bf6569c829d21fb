"""What came before a request of the Responses API, as far as the gateway keeps it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from interlingua.gateway.doors.response_items import (
    Asked,
    continued,
    input_items,
    is_reference,
    output_items,
    referred,
    unknown_item,
    unknown_previous,
)
from interlingua.gateway.response_store import ResponseStore, StoredResponse
from interlingua.wires.members import Member


class Recall:
    """Finds kept answers and items; those of another key are told like ones that do not exist."""

    def __init__(self, store: ResponseStore) -> None:
        self._store = store

    async def previous(self, asked: Asked, owner: str, *, known_to_provider: bool) -> StoredResponse | None:
        """Find what a request continues.

        None where it continues nothing, or something that only its provider may know.

        Raises:
            InvalidRequest: there is no such answer, or it is another's.

        """
        if asked.previous is None:
            return None
        entry = await self._store.get(asked.previous)
        if entry is None:
            if known_to_provider:
                return None
            raise unknown_previous(asked.previous)
        if entry.owner != owner or (entry.relayed and not known_to_provider):
            raise unknown_previous(asked.previous)
        return entry

    async def whole(
        self, body: bytes, members: Sequence[Member], previous: StoredResponse | None, owner: str, *, speaks: bool
    ) -> tuple[bytes, list[Any]]:
        """Give a request with all that came before it, and its items.

        A provider that `speaks` the API may know an item that a reference names; for any
        other it is put in its place.

        Raises:
            InvalidRequest: the input is malformed.
            NotFound: a reference names no kept item.

        """
        given = input_items(members)
        items = given
        if any(map(is_reference, given)):
            items = [await self._resolved(item, owner, speaks=speaks) if is_reference(item) else item for item in given]
        if previous is not None:
            items = [*msgspec.json.decode(previous.items), *output_items(previous.response), *items]
        return (body if items is given else continued(members, items)), items

    async def _resolved(self, item: Any, owner: str, *, speaks: bool) -> Any:
        """Give the item that a reference names, or the reference where its provider may know it."""
        named = referred(item)
        kept = None if named is None else await self._kept(*named, owner)
        if kept is None and not speaks:
            raise unknown_item(str(item.get("id")))
        return item if kept is None else kept

    async def _kept(self, response_id: str, kind: str, number: int, owner: str) -> Any:
        entry = await self._store.get(response_id)
        if entry is None or entry.owner != owner or entry.relayed:
            return None
        kept = msgspec.json.decode(entry.items) if kind == "item" else output_items(entry.response)
        return kept[number] if number < len(kept) else None
