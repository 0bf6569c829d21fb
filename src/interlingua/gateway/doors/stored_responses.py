"""Answers of the Responses API that are asked for again: read, deleted, cancelled, their input listed."""

from typing import Final
from urllib.parse import quote, unquote

from interlingua.errors import InvalidRequest
from interlingua.gateway.authentication import presented_key
from interlingua.gateway.doors.headers import forwarded_headers, passing_headers
from interlingua.gateway.doors.response_items import items_page, unknown_response
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.gateway.refusals import UNKNOWN_PATH
from interlingua.gateway.resolver import Resolver, relaying
from interlingua.gateway.response_store import ResponseStore, StoredResponse
from interlingua.wires.contract import RelayedWire

_ABOVE: Final = "/v1/responses/"
_QUERIES: Final = ("after", "before", "include", "include[]", "limit", "order")
"""Query parameters that reach the provider. A kept answer is not streamed again."""


class StoredResponsesDoor:
    """Gives, deletes and cancels answers; those that a provider keeps are asked of it.

    Another key's answer is told like one that does not exist.
    """

    def __init__(self, resolver: Resolver, wire: RelayedWire, store: ResponseStore) -> None:
        self._resolver = resolver
        self._wire = wire
        self._store = store

    async def give(self, exchange: Exchange) -> None:
        """Answer `GET /v1/responses/{id}` and `GET /v1/responses/{id}/input_items`.

        Raises:
            Error: there is no such answer, or its provider cannot be asked.

        """
        name, below = _read_path(exchange.request.path, ("", "input_items"))
        if "stream=true" in exchange.request.query.lower().split("&"):
            raise InvalidRequest("A kept response is given whole; leave out stream.", param="stream")
        entry = await self._found(exchange, name)
        if entry.relayed:
            await self._ask_provider(exchange, entry, below)
        elif below:
            exchange.answer(200, (JSON,), items_page(entry.items, exchange.request.query, response_id=name))
        else:
            exchange.answer(200, (JSON,), entry.response)

    async def cancel(self, exchange: Exchange) -> None:
        """Answer `POST /v1/responses/{id}/cancel`.

        Raises:
            InvalidRequest: the answer was whole before it could be cancelled.
            Error: there is no such answer, or its provider cannot be asked.

        """
        name, below = _read_path(exchange.request.path, ("cancel",))
        entry = await self._found(exchange, name)
        if not entry.relayed:
            raise InvalidRequest("Only a response that was made with background=true can be cancelled.")
        await self._ask_provider(exchange, entry, below)

    async def delete(self, exchange: Exchange) -> None:
        """Answer `DELETE /v1/responses/{id}`.

        Raises:
            Error: there is no such answer, or its provider cannot be asked.

        """
        name, below = _read_path(exchange.request.path, ("",))
        entry = await self._found(exchange, name)
        if entry.relayed:
            await self._ask_provider(exchange, entry, below)
        else:
            exchange.answer(200, (JSON,), b'{"id":"%b","object":"response","deleted":true}' % name.encode("ascii"))
        await self._store.delete(name)

    async def _found(self, exchange: Exchange, name: str) -> StoredResponse:
        owner = await self._store.owner(presented_key(exchange.request.headers))
        entry = await self._store.get(name)
        if entry is None or entry.owner != owner:
            raise unknown_response(name)
        exchange.model = entry.model
        return entry

    async def _ask_provider(self, exchange: Exchange, entry: StoredResponse, below: str) -> None:
        """Ask whoever keeps an answer, with its provider's own words back."""
        request = exchange.request
        target = self._resolver.resolve(entry.model)
        provider = relaying(target.provider, self._wire.name)
        if provider is None:
            raise unknown_response(entry.id)
        path = f"/responses/{quote(entry.id, safe='')}" + (f"/{below}" if below else "")
        kept = [each for each in request.query.split("&") if unquote(each.partition("=")[0]) in _QUERIES]
        response = await provider.relay(
            "?".join([path, "&".join(kept)]) if kept else path,
            request.body,
            wire=self._wire.name,
            method=request.method,
            model=target.model,
            headers=forwarded_headers(request, self._wire.name),
        )
        async with response:
            answer = await response.read()
        exchange.answer(200, (JSON, *passing_headers(response)), answer)


def _read_path(path: str, allowed: tuple[str, ...]) -> tuple[str, str]:
    """Give the id that a path names, and what stands below it.

    Raises:
        InvalidRequest: nothing is served there.

    """
    name, slash, below = path.removeprefix(_ABOVE).partition("/")
    if below not in allowed or (slash and not below) or not name:
        raise UNKNOWN_PATH.about(f"{path[:200]} is not served.").error()
    return unquote(name, errors="replace"), below
