"""Asking a model, in any wire: bytes that pass where the provider speaks it too, translation where not."""

from interlingua.errors import NoSuchModel
from interlingua.gateway.doors.attempt import Attempt, Attempts, facts_in
from interlingua.gateway.doors.headers import forwarded_headers, is_strict
from interlingua.gateway.doors.relay import relay_answer, relay_stream
from interlingua.gateway.doors.translation import translate_answer, translate_stream
from interlingua.gateway.exchange import Exchange, Request
from interlingua.gateway.resolver import Resolver, Target, relaying
from interlingua.providers.contract import RelayingProvider
from interlingua.types import ModelRequest
from interlingua.types.merging import merged_request
from interlingua.types.seal import carries_seal
from interlingua.wires.contract import RelayedWire


class GenerationDoor:
    """Answers the requests of one wire, streamed and not.

    Where the provider speaks the same wire, only the model's name is replaced on the
    way there and nothing on the way back. Otherwise the request is read, asked of the
    provider in the neutral language, and its answer written; what had to be changed is
    named in `x-interlingua-warnings`.
    """

    def __init__(self, resolver: Resolver, wire: RelayedWire, *, keep_alive: float) -> None:
        self.resolver = resolver
        self.wire = wire
        self.keep_alive = keep_alive

    async def handle(self, exchange: Exchange) -> None:
        """Answer a request whose body says which model it wants, and whether as a stream.

        Raises:
            Error: it failed; what has been sent until then says how it can be told.

        """
        await self.answer(exchange)

    async def answer(self, exchange: Exchange, *, model: str | None = None, stream: bool | None = None) -> None:
        """Answer a request; `model` and `stream` are given where the wire has them in the address.

        Raises:
            Error: it failed; what has been sent until then says how it can be told.

        """
        wire = self.wire
        body = exchange.request.body
        head = wire.read_head(body, model=model, stream=stream)
        exchange.model = head.model
        target = find(self.resolver, head.model)
        if speaks_neutrally(target, streamed=head.stream):
            await self._translate(exchange, Attempt(target), model=model, stream=head.stream)
            return
        facts = facts_in(body, wire, target.route, model=model, stream=stream)
        async for attempt in Attempts(exchange, target, facts, streamed=head.stream):
            with attempt:
                provider = passing(attempt.target, wire, body)
                if provider is None:
                    await self._translate(exchange, attempt, model=model, stream=head.stream)
                    continue
                replaced = head.with_model(body, attempt.target.model)
                if head.stream:
                    await relay_stream(exchange, wire, provider, replaced, attempt=attempt, keep_alive=self.keep_alive)
                else:
                    await relay_answer(exchange, wire, provider, replaced, attempt=attempt)

    async def _translate(self, exchange: Exchange, attempt: Attempt, *, model: str | None, stream: bool) -> None:
        wire = self.wire
        read = wire.parse_request(exchange.request.body, model=model, stream=stream)
        request = directed(read, attempt.target, exchange.request, wire)
        if stream:
            await translate_stream(exchange, wire, attempt, request, keep_alive=self.keep_alive)
        else:
            await translate_answer(exchange, wire, attempt, request)


def speaks_neutrally(target: Target, *, streamed: bool) -> bool:
    """Tell whether a route does more with answers than pass their bytes."""
    return target.route is not None and target.route.speaks_neutrally(streamed=streamed)


def passing(target: Target, wire: RelayedWire, body: bytes) -> RelayingProvider | None:
    """Give the provider that a body may pass to as it is; None where it has to be written anew.

    That is where the name sets more than the model, and where the body brings back state
    of another provider, which this one would refuse.
    """
    if target.defaults is not None or carries_seal(body):
        return None
    return relaying(target.provider, wire.name)


def find(resolver: Resolver, model: str | None) -> Target:
    """Find who serves a model.

    Raises:
        NoSuchModel: nobody does; the error is told as one about the request's `model`.

    """
    try:
        return resolver.resolve(model)
    except NoSuchModel as error:
        error.code = error.code or "model_not_found"
        error.param = error.param or "model"
        raise


def directed(request: ModelRequest, target: Target, caller: Request, wire: RelayedWire) -> ModelRequest:
    """Give a request as it is asked of `target`: with its defaults, its name of the model, and the caller's headers.

    The headers go where the target speaks the wire that they belong to. With
    `x-interlingua-strict: true` what the target cannot be told is refused by name.
    """
    if target.defaults is not None:
        request = merged_request(request, target.defaults)
    request.model = target.model
    if is_strict(caller):
        request.strict = True
    headers = forwarded_headers(caller, wire.name)
    if headers is not None and _speaks(target, wire.name):
        request.extra_headers = {**(request.extra_headers or {}), **headers}
    return request


def _speaks(target: Target, wire: str) -> bool:
    """Tell whether a target speaks a wire itself; a route does if all of its targets do."""
    behind = (
        [target.provider] if target.route is None else [each.deployment.provider for each in target.route.candidates]
    )
    return all(relaying(each, wire) is not None for each in behind)
