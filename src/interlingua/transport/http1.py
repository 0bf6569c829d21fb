"""The transport of our own: HTTP/1.1 over asyncio, with llhttp as its parser."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from typing import Self

from interlingua.errors import InvalidConfig, ProtocolError, StreamInterrupted, TimedOut
from interlingua.transport.connection import Connection, StaleConnection
from interlingua.transport.contract import HTTPRequest
from interlingua.transport.pool import Lane, Pool, PoolLimits
from interlingua.transport.proxy import ProxyTable, read_environment, read_settings
from interlingua.transport.redirect import MAX_REDIRECTS, REDIRECTS, check_redirect
from interlingua.transport.response import StreamedResponse
from interlingua.transport.url import Target, parse_url


class HTTPTransport:
    """Sends requests over kept HTTP/1.1 connections; meets `Transport`.

    One transport may be used from several event loops: each has its own connections, and they
    are closed when `asyncio.run` ends the loop. `aclose` closes those of all loops.

    Args:
        proxies: The proxy to use, or one for each of `http`, `https` and `all`, with exceptions under `no`;
            the environment then plays no part.
        trust_env: Whether `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are read when `proxies`
            is not given. They are read once, here.
        ca_bundle: A PEM file, or a folder of them, that holds the certificate authorities to trust
            instead of the system's.
        ssl_context: A TLS context to use as it is, instead of `ca_bundle`.
        max_connections: The most connections for each origin; None sets no limit. A request beyond it
            waits in line, for as long as its connect clock allows.
        max_idle: The most connections for each origin that are kept when nobody uses them.
        idle_expiry: After how many seconds without use a connection is not used again.

    Raises:
        InvalidConfig: a proxy or the CA bundle cannot be used, or options contradict each other.

    Example:
        >>> async def fetch(url: str) -> bytes:
        ...     async with HTTPTransport() as transport:
        ...         async with await transport.send(HTTPRequest(method="GET", url=url)) as response:
        ...             return await response.read()

    """

    def __init__(
        self,
        *,
        proxies: str | Mapping[str, str] | None = None,
        trust_env: bool = True,
        ca_bundle: str | os.PathLike[str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int | None = None,
        max_idle: int = 100,
        idle_expiry: float = 30.0,
    ) -> None:
        if ca_bundle is not None and ssl_context is not None:
            raise InvalidConfig("Give ca_bundle or ssl_context, not both.", param="ca_bundle")
        if ca_bundle is not None and not os.path.exists(ca_bundle):  # noqa: PTH110 - pathlib costs at import
            raise InvalidConfig(f"ca_bundle: there is no file {str(ca_bundle)!r}.", param="ca_bundle")
        if max_connections is not None and max_connections < 1:
            raise InvalidConfig("max_connections must be at least 1, or None for no limit.", param="max_connections")
        if proxies is not None:
            self._proxies = read_settings(proxies)
        else:
            self._proxies = read_environment() if trust_env else ProxyTable({})
        self._ca_bundle = ca_bundle
        self._ssl_context = ssl_context
        self._limits = PoolLimits(max_connections=max_connections, max_idle=max_idle, idle_expiry=idle_expiry)
        self._pools: dict[asyncio.AbstractEventLoop, Pool] = {}
        self._closed = False

    @property
    def open_connections(self) -> int:
        """How many connections are open or being opened, in all loops, for your metrics."""
        return sum(lane.open_count for pool in self._pools.values() for lane in pool.lanes.values())

    @property
    def idle_connections(self) -> int:
        """How many of them wait for a request."""
        return sum(lane.idle_count for pool in self._pools.values() for lane in pool.lanes.values())

    async def send(self, request: HTTPRequest) -> StreamedResponse:
        """Send `request` and give the reply as soon as its head is there.

        A kept connection that the peer closed before it answered is replaced once. Redirects within
        the origin are followed, three at most: 307 and 308 with the body, 301 and 302 for GET alone.

        Raises:
            InvalidRequest: the method, the URL or a header cannot be sent.
            ConnectFailed: no connection could be made.
            TimedOut: a clock ran out; `clock` says which.
            ProtocolError: the reply was not HTTP, or redirected to another host.
            StreamInterrupted: the connection closed before the reply's head was whole.

        """
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None or pool.closed:
            pool = await self._open_pool(loop)
        target = parse_url(request.url)
        lane = pool.lanes.get(target.origin) or pool.add_lane(target.origin, self._proxies.find(target.origin))
        total = request.timeouts.total
        total_due = None if total is None else loop.time() + total
        response = await self._exchange(lane, target, request, total_due)
        if response.status in REDIRECTS and request.follow_redirects:
            return await self._follow(lane, target, request, response, total_due)
        return response

    async def _exchange(
        self, lane: Lane, target: Target, request: HTTPRequest, total_due: float | None
    ) -> StreamedResponse:
        body = request.body
        head = lane.head.render(request.method, target.path, request.headers, len(body))
        connection = lane.take()
        if connection is None:
            connection = await self._connect(lane, request, total_due)
        if request.on_sent is not None:
            request.on_sent()
        response = connection.start(request.method, head, body, request.timeouts, total_due)
        try:
            await response.wait_for_head()
        except StaleConnection:
            connection = await self._connect(lane, request, total_due, fresh=True)
            response = connection.start(request.method, head, body, request.timeouts, total_due)
            try:
                await response.wait_for_head()
            except StaleConnection as error:
                raise StreamInterrupted("The new connection closed before the request was sent.") from error
        return response

    async def _connect(
        self, lane: Lane, request: HTTPRequest, total_due: float | None, *, fresh: bool = False
    ) -> Connection:
        loop = asyncio.get_running_loop()
        clock, seconds = "connect", request.timeouts.connect
        due = None if seconds is None else loop.time() + seconds
        if total_due is not None and (due is None or total_due < due):
            clock, seconds, due = "total", request.timeouts.total, total_due
        try:
            async with asyncio.timeout_at(due):
                return await (lane.open_fresh() if fresh else lane.open())
        except TimeoutError:
            raise TimedOut(clock, seconds or 0.0) from None

    async def _follow(
        self, lane: Lane, target: Target, request: HTTPRequest, response: StreamedResponse, total_due: float | None
    ) -> StreamedResponse:
        for _ in range(MAX_REDIRECTS):
            location = response.header("location")
            if location is None:
                break
            await response.aclose()
            target = check_redirect(target, location, response.status, request.method)
            response = await self._exchange(lane, target, request, total_due)
            if response.status not in REDIRECTS:
                break
        else:
            await response.aclose()
            raise ProtocolError(f"{target.origin} redirected more than {MAX_REDIRECTS} times.")
        return response

    async def _open_pool(self, loop: asyncio.AbstractEventLoop) -> Pool:
        if self._closed:
            raise InvalidConfig("The transport has been closed; make a new one.")
        for other in [other for other in self._pools if other.is_closed()]:
            self._pools.pop(other).abandon()
        pool = self._pools[loop] = Pool(loop, limits=self._limits, tls=self._tls)
        await pool.watch_loop()
        return pool

    def _tls(self) -> ssl.SSLContext:
        if self._ssl_context is None:
            bundle = self._ca_bundle
            try:
                if bundle is None:
                    context = ssl.create_default_context()
                elif os.path.isdir(bundle):  # noqa: PTH112
                    context = ssl.create_default_context(capath=bundle)
                else:
                    context = ssl.create_default_context(cafile=bundle)
            except (ssl.SSLError, OSError) as error:
                raise InvalidConfig(
                    f"ca_bundle: {str(bundle)!r} has no certificates in PEM: {error}.", param="ca_bundle"
                ) from error
            context.set_alpn_protocols(["http/1.1"])
            self._ssl_context = context
        return self._ssl_context

    async def aclose(self) -> None:
        """Close every connection; the transport may not be used afterwards."""
        self._closed = True
        pools, self._pools = self._pools, {}
        own = pools.pop(asyncio.get_running_loop(), None)
        for pool in pools.values():
            pool.abandon()
        if own is not None:
            await own.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()
