"""The models as Ollama's clients ask for them."""

from interlingua.gateway.doors.models import described
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Resolver
from interlingua.types.shape import malformed
from interlingua.wires.members import read_members, typed_value
from interlingua.wires.ollama.models import render_ps, render_show, render_tags, render_version


class OllamaModelDoors:
    """List models, and describe one; all of them are ready, as far as a caller can tell."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def tags(self, exchange: Exchange) -> None:
        """Answer `GET /api/tags`."""
        exchange.answer(200, (JSON,), render_tags(await self._resolver.models()))

    async def loaded(self, exchange: Exchange) -> None:
        """Answer `GET /api/ps`."""
        exchange.answer(200, (JSON,), render_ps(await self._resolver.models()))

    async def show(self, exchange: Exchange) -> None:
        """Answer `POST /api/show`.

        Raises:
            InvalidRequest: no model is named.
            NoSuchModel: there is none of that name.

        """
        given = {member.name: member.value for member in read_members(exchange.request.body)}
        name = typed_value(given, "model", str, "a string") or typed_value(given, "name", str, "a string")
        if not name:
            raise malformed("model", "given as a string")
        exchange.answer(200, (JSON,), render_show(await described(self._resolver, exchange, name)))

    def version(self, exchange: Exchange) -> None:
        """Answer `GET /api/version`."""
        exchange.answer(200, (JSON,), render_version())
