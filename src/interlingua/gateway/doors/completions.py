"""POST /v1/completions: the API before Chat Completions, for callers that still write it."""

import copy

from interlingua.errors import Unsupported
from interlingua.gateway.doors.attempt import Attempt
from interlingua.gateway.doors.generation import find
from interlingua.gateway.doors.headers import is_strict
from interlingua.gateway.doors.translation import translate_answer, translate_stream
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.resolver import Resolver
from interlingua.types.merging import merged_request
from interlingua.wires import completions as wire


class CompletionsDoor:
    """Asks a chat model for the continuation of a prompt; always by translation, since no model speaks this wire."""

    def __init__(self, resolver: Resolver, *, keep_alive: float) -> None:
        self._resolver = resolver
        self._keep_alive = keep_alive

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request.

        Raises:
            Unsupported: the caller is strict, and something cannot be asked.
            Error: it failed; what has been sent until then says how it can be told.

        """
        shown, unsaid = wire.parse_request(exchange.request.body)
        exchange.model = shown.model
        target = find(self._resolver, shown.model)
        request = copy.copy(shown)
        if is_strict(exchange.request):
            request.strict = True
            for each in unsaid:
                if each.kind == "dropped":
                    raise Unsupported(each.feature, model=target.model, remedy=f"({each.detail})")
        request.echo = None
        if target.defaults is not None:
            request = merged_request(request, target.defaults)
        request.model = shown.model = target.model
        if shown.stream:
            await translate_stream(
                exchange, wire, Attempt(target), request, keep_alive=self._keep_alive, shown=shown, unsaid=unsaid
            )
        else:
            await translate_answer(exchange, wire, Attempt(target), request, shown=shown, unsaid=unsaid)
