"""The gateway's core: who may come in, which door a request goes to, and what becomes of failures."""

import asyncio
import functools
import logging
import time
from collections.abc import Iterable, Sequence

import msgspec

from interlingua.errors import Error
from interlingua.gateway.authentication import Keyring
from interlingua.gateway.exchange import Exchange, Request
from interlingua.gateway.failures import fail, refuse
from interlingua.gateway.refusals import (
    BAD_KEY,
    BROKEN,
    FOREIGN_HOST,
    FOREIGN_ORIGIN,
    SHUTTING_DOWN,
    UNKNOWN_METHOD,
    UNKNOWN_PATH,
    UNTYPED_BODY,
    Refusal,
)
from interlingua.gateway.resolver import Resolver
from interlingua.gateway.response_store import ResponseStore
from interlingua.gateway.routes import Route, routes_of
from interlingua.gateway.settings import ServerSettings, is_loopback
from interlingua.gateway.speech import SpokenWires
from interlingua.providers.draining import HEIR, Drain, stop

logger = logging.getLogger("interlingua.gateway")

CLIENT_GONE = 499
"""The status that the log has for a caller that left before its answer was whole."""


class Gateway:
    """The application behind the server (see `connection.Application`).

    Example:
        >>> gateway = Gateway(ServerSettings(), Client())
        >>> server = HTTPServer(gateway, ServerSettings())

    """

    def __init__(self, settings: ServerSettings, resolver: Resolver) -> None:
        resolver.confine()
        self.settings = settings
        self.resolver = resolver
        self.stopping = False
        """Set first thing at a stop signal: `/ready` says no from then on."""
        self.interrupting = False
        """Set when the time to drain is over: handlers that are cancelled then tell their callers."""
        self._keyring = Keyring(settings.api_keys)
        self._wires = SpokenWires()
        self._responses = ResponseStore(settings.response_store)
        self._drains: set[Drain] = set()
        table = routes_of(settings, resolver, self._wires, self._responses, stopping=lambda: self.stopping)
        self._routes = {(route.method, route.path): route for route in table}
        self._below = [route for route in self._routes.values() if route.path.endswith("*")]
        self._methods = _methods(self._routes.values())

    @property
    def routes(self) -> Sequence[Route]:
        """Every route, in the table's order."""
        return tuple(self._routes.values())

    def admit(self, request: Request) -> Refusal | None:
        """Say by its head alone why a request is not served, or None."""
        route = self._find(request)
        if route is None:
            return self._not_found(request)
        if route.open:
            return None
        if self._keyring.is_empty:
            refusal = _foreign(request)
            if refusal is not None:
                return refusal
        elif not self._keyring.admits(request.headers):
            return BAD_KEY
        if route.method == "POST" and not (route.lenient or _is_json(request.headers.get(b"content-type", b""))):
            return UNTYPED_BODY if _has_body(request) else None
        return None

    async def handle(self, exchange: Exchange) -> None:
        """Answer an admitted exchange; whatever happens, it has ended afterwards."""
        started = time.perf_counter()
        route = self._find(exchange.request)
        status = 0
        HEIR.set(functools.partial(self._inherit, exchange.id))
        if route is None:
            refuse(exchange, self._not_found(exchange.request), self._wires.of(exchange.request))
            return
        try:
            waiting = route.handler(exchange)
            if waiting is not None:
                await waiting
            if not exchange.ended:
                logger.error("request %s was left without an end", exchange.id)
                exchange.abort()
        except Error as error:
            exchange.route = exchange.route or error.route
            fail(exchange, error, self._wires.of(exchange.request))
        except asyncio.CancelledError:
            if exchange.ended:
                raise
            if not self.interrupting:
                status = CLIENT_GONE
                raise
            fail(exchange, SHUTTING_DOWN.error(), self._wires.of(exchange.request))
        except Exception:
            logger.exception("request %s failed", exchange.id)
            fail(exchange, BROKEN.error(), self._wires.of(exchange.request))
        finally:
            if logger.isEnabledFor(logging.INFO):
                _log(exchange, status or exchange.status, started)

    def refused(self, exchange: Exchange, refusal: Refusal) -> None:
        """Answer an exchange with a refusal."""
        refuse(exchange, refusal, self._wires.of(exchange.request))
        if logger.isEnabledFor(logging.INFO):
            logger.info("refused code=%s status=%d client=%s id=%s", refusal.code, refusal.status,
                        exchange.request.client, exchange.id)  # fmt: skip

    async def open(self) -> None:
        """Open what is kept on disk.

        Raises:
            InvalidConfig: a file cannot be used; the message names the setting.

        """
        await self._responses.open()

    async def settle(self, *, within: float) -> None:
        """Wait so many seconds for the replies that are read on after their callers have left, and end the rest."""
        if self._drains:
            await asyncio.wait(self._drains, timeout=within)
        rest = tuple(self._drains)
        for drain in rest:
            stop(drain)
        if rest:
            await asyncio.wait(rest)

    async def aclose(self) -> None:
        """Let go of every connection, model and file."""
        await self._responses.aclose()
        await self.resolver.aclose()

    def _inherit(self, request_id: str, drain: Drain) -> None:
        """Look after a reply that is read on without its caller, and log what it told."""
        self._drains.add(drain)
        drain.add_done_callback(functools.partial(self._drained, request_id))

    def _drained(self, request_id: str, drain: Drain) -> None:
        self._drains.discard(drain)
        if not drain.cancelled() and logger.isEnabledFor(logging.INFO):
            logger.info("%s id=%s", drain.result(), request_id)

    def _find(self, request: Request) -> Route | None:
        method = "GET" if request.method == "HEAD" else request.method
        route = self._routes.get((method, request.path))
        if route is not None:
            return route
        for each in self._below:
            if each.method == method and _is_below(request.path, each.path):
                return each
        return None

    def _not_found(self, request: Request) -> Refusal:
        for path, methods in self._methods.items():
            if request.path == path or (path.endswith("*") and _is_below(request.path, path)):
                allowed = ", ".join(methods).encode()
                return UNKNOWN_METHOD.about(
                    f"{request.method} is not served at {request.path[:200]}.", ((b"allow", allowed),)
                )
        return UNKNOWN_PATH.about(f"{request.method} {request.path[:200]} is not served.")


def _methods(routes: Iterable[Route]) -> dict[str, list[str]]:
    methods: dict[str, list[str]] = {}
    for route in routes:
        methods.setdefault(route.path, []).extend(["GET", "HEAD"] if route.method == "GET" else [route.method])
    return methods


def _is_below(path: str, pattern: str) -> bool:
    return len(path) >= len(pattern) and path.startswith(pattern[:-1])


def _is_json(content_type: bytes) -> bool:
    return content_type[:16].lower() == b"application/json" and content_type[16:17] in {b"", b";", b" "}


def _has_body(request: Request) -> bool:
    return b"transfer-encoding" in request.headers or request.headers.get(b"content-length", b"0") != b"0"


def _foreign(request: Request) -> Refusal | None:
    """Keep web pages out of a gateway that asks nobody for a key.

    A page can make a browser call this machine, under a name of its own (DNS rebinding)
    or as a request that needs no permission beforehand. Neither looks like a client.
    """
    headers = request.headers
    host = headers.get(b"host")
    if host is not None and not _is_own(host):
        return FOREIGN_HOST
    origin = headers.get(b"origin")
    if origin is not None and not _is_own(origin.partition(b"://")[2]):
        return FOREIGN_ORIGIN
    return None


def _is_own(authority: bytes) -> bool:
    if authority[:10] == b"127.0.0.1:" or authority[:10] == b"localhost:":
        return True
    name = authority.decode("latin-1").lower()
    if name.startswith("["):
        return is_loopback(name[1:].partition("]")[0])
    return is_loopback(name.partition(":")[0])


def _log(exchange: Exchange, status: int, started: float) -> None:
    """Write the request's one line: no prompt, no key, no query string."""
    request = exchange.request
    model = "-" if exchange.model is None else msgspec.json.encode(exchange.model[:100]).decode()
    logger.info(
        "method=%s path=%s status=%d ms=%.1f bytes=%d model=%s%s client=%s id=%s",
        request.method,
        request.path[:200],
        status,
        (time.perf_counter() - started) * 1000,
        exchange.sent,
        model,
        f' route="{"; ".join(map(str, exchange.route))}"' if exchange.route else "",
        request.client,
        exchange.id,
    )
