"""Opening a connection: names to addresses, happy eyeballs, proxies and TLS."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from typing import cast

from interlingua.errors import ConnectFailed
from interlingua.transport.connection import Connection
from interlingua.transport.proxy import Proxy
from interlingua.transport.url import Origin

_NEXT_ADDRESS_AFTER = 0.25
"""Seconds before the next address is tried beside a silent one (RFC 8305, section 5)."""

_MAX_PROXY_HEAD = 16 * 1024

_Address = tuple[int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


async def dial(origin: Origin, proxy: Proxy | None, *, tls: ssl.SSLContext | None) -> Connection:
    """Open a connection that can serve `origin`; `tls` is needed for https, on either side of a proxy.

    Raises:
        ConnectFailed: the name, the address, the proxy or TLS failed; the message says which and what to do.

    """
    try:
        if proxy is None:
            return await _open(origin, tls if origin.scheme == "https" else None)
        if origin.scheme == "http":
            return await _open(proxy.origin, tls if proxy.origin.scheme == "https" else None)
        return await _open_tunnel(origin, proxy, tls)
    except ssl.SSLCertVerificationError as error:
        failure = ConnectFailed(
            f"The certificate of {origin} was refused: {error.verify_message}. If the server has a private "
            "certificate authority, give its file as `ca_bundle`."
        )
        failure.retryable = False
        raise failure from error
    except ssl.SSLError as error:
        raise ConnectFailed(f"TLS with {origin} failed: {error.reason or error}.") from error
    except OSError as error:
        where = str(origin) if proxy is None else f"{origin} through the proxy {proxy.origin}"
        raise ConnectFailed(f"No connection to {where}: {error.strerror or error}.") from error


async def _open(origin: Origin, tls: ssl.SSLContext | None) -> Connection:
    loop = asyncio.get_running_loop()
    connection = Connection(loop)
    await _create(loop, origin, tls, connection)
    return connection


async def _create(
    loop: asyncio.AbstractEventLoop, origin: Origin, tls: ssl.SSLContext | None, protocol: asyncio.Protocol
) -> None:
    connected = await _connect(loop, origin.host, origin.port)
    # From here on the transport owns the socket, in failure and cancellation too.
    await loop.create_connection(
        lambda: protocol, sock=connected, ssl=tls, server_hostname=_server_name(origin) if tls else None
    )


def _server_name(origin: Origin) -> str:
    return origin.host.rstrip(".")


async def _connect(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    addresses = list(_interleave(await _resolve(loop, host, port)))
    if not addresses:
        raise ConnectFailed(f"The name {host} has no address.")
    if len(addresses) == 1:
        return await _connect_one(loop, *addresses[0])
    return await _race(loop, addresses)


async def _resolve(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def _interleave(addresses: Sequence[_Address]) -> Iterator[_Address]:
    """Take turns between the family that the resolver prefers and the others (RFC 8305, section 4)."""
    first = addresses[0][0] if addresses else 0
    preferred = [address for address in addresses if address[0] == first]
    others = [address for address in addresses if address[0] != first]
    return (address for address in chain.from_iterable(zip_longest(preferred, others)) if address is not None)


async def _connect_one(
    loop: asyncio.AbstractEventLoop,
    family: int,
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(opened, address)
    except BaseException:
        opened.close()
        raise
    return opened


async def _race(loop: asyncio.AbstractEventLoop, addresses: Sequence[_Address]) -> socket.socket:
    """Try the addresses one after the other, each with a head start, and keep the first that connects."""
    running: set[asyncio.Task[socket.socket]] = set()
    waiting = list(reversed(addresses))
    failures: list[BaseException] = []
    winner: socket.socket | None = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                running.add(loop.create_task(_connect_one(loop, *waiting.pop())))
            delay = _NEXT_ADDRESS_AFTER if waiting else None
            done, running = await asyncio.wait(running, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                failure = task.exception()
                if failure is not None:
                    failures.append(failure)
                elif winner is None:
                    winner = task.result()
                else:
                    task.result().close()
    finally:
        await _abandon(running)
    if winner is None:
        raise failures[0]
    return winner


async def _abandon(running: set[asyncio.Task[socket.socket]]) -> None:
    for task in running:
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()


class _Tunnel(asyncio.Protocol):
    """Reads a proxy's answer to CONNECT."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[bytes] = loop.create_future()
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if self.answer.done():
            return
        head, separator, rest = self._head.partition(b"\r\n\r\n")
        if separator and not rest:
            self.answer.set_result(head)
        elif separator or len(self._head) > _MAX_PROXY_HEAD:
            self.answer.set_exception(ConnectFailed("The proxy's answer to CONNECT is not valid."))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.answer.done():
            self.answer.set_exception(ConnectFailed("The proxy closed the connection without an answer to CONNECT."))


async def _open_tunnel(origin: Origin, proxy: Proxy, tls: ssl.SSLContext | None) -> Connection:
    loop = asyncio.get_running_loop()
    tunnel = _Tunnel(loop)
    await _create(loop, proxy.origin, tls if proxy.origin.scheme == "https" else None, tunnel)
    transport = tunnel.transport
    if transport is None or tls is None:
        raise ConnectFailed(f"The proxy {proxy.origin} closed the connection.")
    try:
        transport.write(_connect_request(origin, proxy))
        _check_answer(await tunnel.answer, proxy)
        connection = Connection(loop)
        secured = await loop.start_tls(transport, connection, tls, server_hostname=_server_name(origin))
    except BaseException:
        transport.abort()
        raise
    if secured is None:
        raise ConnectFailed(f"The proxy {proxy.origin} closed the connection during the TLS handshake.")
    connection.connection_made(secured)
    return connection


def _connect_request(origin: Origin, proxy: Proxy) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    lines = f"CONNECT {host}:{origin.port} HTTP/1.1\r\nhost: {host}:{origin.port}\r\n"
    if proxy.authorization:
        lines += f"proxy-authorization: {proxy.authorization}\r\n"
    return (lines + "\r\n").encode()


def _check_answer(head: bytes, proxy: Proxy) -> None:
    parts = head.partition(b"\r\n")[0].split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not (parts[1].isdigit() and len(parts[1]) == 3):
        raise ConnectFailed(f"The proxy {proxy.origin} did not answer in HTTP.")
    status = int(parts[1])
    if status == 407:
        failure = ConnectFailed(
            f"The proxy {proxy.origin} asks for a user name and password (407); write them into its URL: "
            "http://user:password@host:port."
        )
        failure.retryable = False
        raise failure
    if not 200 <= status < 300:
        raise ConnectFailed(f"The proxy {proxy.origin} refused to connect (status {status}).")
