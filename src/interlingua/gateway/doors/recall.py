"""What came before a request of the Responses API, as far as the gateway keeps it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from interlingua.gateway.doors.response_items import (
    Asked,
    continued,
    input_items,
    output_items,
    referred,
    unknown_item,
    unknown_previous,
)
from interlingua.gateway.response_store import ResponseStore, StoredResponse
from interlingua.types.shape import is_object
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
        items = given if speaks else await self._resolved(given, owner)
        if previous is not None:
            items = [*msgspec.json.decode(previous.items), *output_items(previous.response), *items]
        return (body if items is given else continued(members, items)), items

    async def _resolved(self, items: list[Any], owner: str) -> list[Any]:
        """Put kept items into the place of references to them."""
        if not any(is_object(item) and item.get("type", "item_reference") == "item_reference" for item in items):
            return items
        return [item if (named := referred(item)) is None else await self._kept(item, named, owner) for item in items]

    async def _kept(self, item: Any, named: tuple[str, str, int], owner: str) -> Any:
        response_id, kind, number = named
        entry = await self._store.get(response_id)
        if entry is None or entry.owner != owner or entry.relayed:
            raise unknown_item(item["id"])
        kept = msgspec.json.decode(entry.items) if kind == "item" else output_items(entry.response)
        if number >= len(kept):
            raise unknown_item(item["id"])
        return kept[number]
