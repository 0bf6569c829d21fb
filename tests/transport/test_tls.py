"""TLS and proxies, with a certificate authority and a proxy made for the test."""

import asyncio
import base64
import socket
import ssl
from pathlib import Path

import pytest
import trustme

from interlingua.errors import ConnectFailed, InvalidConfig, ProtocolError
from interlingua.transport import HTTPRequest, HTTPTransport, dial
from tests.transport.upstream import OK, Peer, Upstream, always_ok, replying

CA = trustme.CA()
CREDENTIALS = b"proxy-authorization: Basic " + base64.b64encode(b"user:p@ss word")


def server_context(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = CA.issue_cert(*(names or ("127.0.0.1", "localhost")))
    certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - trustme also takes pyOpenSSL's
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    CA.configure_trust(context)  # pyright: ignore[reportUnknownMemberType] - trustme also takes pyOpenSSL's
    return context


@pytest.fixture
def ca_bundle(tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    CA.cert_pem.write_to_path(str(path))
    return path


async def fetch(transport: HTTPTransport, url: str, body: bytes = b"{}") -> bytes:
    request = HTTPRequest(method="POST", url=url, body=body, headers=(("authorization", "Bearer key"),))
    async with await transport.send(request) as response:
        return await response.read()


@pytest.mark.anyio
async def test_a_private_authority_is_trusted_through_ca_bundle(ca_bundle: Path) -> None:
    async with Upstream(always_ok, tls=server_context()) as upstream, HTTPTransport(ca_bundle=ca_bundle) as transport:
        for _ in range(3):
            assert await fetch(transport, upstream.url) == b"ok"
        assert upstream.accepted == 1


@pytest.mark.anyio
async def test_an_unknown_authority_is_refused_for_good() -> None:
    async with Upstream(always_ok, tls=server_context()) as upstream, HTTPTransport() as transport:
        with pytest.raises(ConnectFailed, match="ca_bundle") as caught:
            await fetch(transport, upstream.url)
        assert not caught.value.retryable
        assert upstream.heads == []


@pytest.mark.anyio
async def test_a_certificate_of_another_name_is_refused() -> None:
    tls = server_context("elsewhere.example")
    async with Upstream(always_ok, tls=tls) as upstream, HTTPTransport(ssl_context=client_context()) as transport:
        with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1"):
            await fetch(transport, upstream.url)


@pytest.mark.anyio
async def test_a_server_that_does_not_speak_tls_is_a_failed_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with Upstream(script) as upstream, HTTPTransport() as transport:
        with pytest.raises(ConnectFailed, match="TLS"):
            await fetch(transport, upstream.url.replace("http:", "https:"))


@pytest.mark.anyio
async def test_a_large_body_goes_both_ways_over_tls() -> None:
    async def script(peer: Peer) -> None:
        _, body = await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await peer.wait_closed()

    body = bytes(range(256)) * 20_000
    tls = server_context()
    async with Upstream(script, tls=tls) as upstream, HTTPTransport(ssl_context=client_context()) as transport:
        assert await fetch(transport, upstream.url, body) == body


def test_a_missing_or_empty_ca_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="ca_bundle"):
        HTTPTransport(ca_bundle=tmp_path / "absent.pem")
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")

    async def use() -> None:
        async with HTTPTransport(ca_bundle=empty) as transport:
            await fetch(transport, "https://127.0.0.1:1/")

    with pytest.raises(InvalidConfig, match="PEM"):
        asyncio.run(use())
    with pytest.raises(InvalidConfig, match="not both"):
        HTTPTransport(ca_bundle=empty, ssl_context=client_context())


class Relay:
    """A proxy in a few lines: it answers CONNECT and passes bytes both ways."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []

    async def __call__(self, peer: Peer) -> None:
        head, _ = await peer.request()
        self.heads.append(head)
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        await peer.send(b"HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n")
        try:
            await asyncio.gather(copy(peer.reader, writer), copy(reader, peer.writer))
        finally:
            writer.close()
            await writer.wait_closed()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.mark.parametrize("proxy_scheme", ["http", "https"])
@pytest.mark.anyio
async def test_an_https_target_goes_through_a_tunnel(proxy_scheme: str) -> None:
    relay = Relay()
    tls = server_context() if proxy_scheme == "https" else None
    async with Upstream(always_ok, tls=server_context()) as upstream, Upstream(relay, tls=tls) as proxy:
        proxies = proxy.origin.replace("://", "://user:p%40ss%20word@")
        async with HTTPTransport(proxies=proxies, ssl_context=client_context()) as transport:
            for _ in range(3):
                assert await fetch(transport, upstream.url) == b"ok"
            assert await asyncio.gather(*[fetch(transport, upstream.url) for _ in range(3)]) == [b"ok"] * 3
        await upstream.wait_open(0)
        await proxy.wait_open(0)
        target = b"127.0.0.1:%d" % upstream.port
    assert len(relay.heads) == 3
    assert relay.heads[0].startswith(b"CONNECT " + target + b" HTTP/1.1\r\nhost: " + target + b"\r\n")
    assert CREDENTIALS in relay.heads[0]
    assert b"Bearer" not in relay.heads[0]
    assert all(b"proxy-authorization" not in head for head in upstream.heads)


@pytest.mark.anyio
async def test_an_http_target_is_asked_for_in_absolute_form() -> None:
    async with Upstream(always_ok) as proxy:
        proxies = {"http": proxy.origin.replace("://", "://user:p%40ss%20word@")}
        async with HTTPTransport(proxies=proxies) as transport:
            assert await fetch(transport, "http://provider.example/v1?q=1") == b"ok"
    assert proxy.heads[0].startswith(b"POST http://provider.example/v1?q=1 HTTP/1.1\r\nhost: provider.example\r\n")
    assert CREDENTIALS in proxy.heads[0]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "user name and password"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403"),
        (b"SSH-2.0\r\n\r\n", "did not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\nbytes too early", "not valid"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 20_000, "not valid"),
    ],
    ids=["407", "403", "not http", "early bytes", "endless head"],
)
@pytest.mark.anyio
async def test_a_proxy_that_refuses_is_a_failed_connection(answer: bytes, message: str) -> None:
    async with Upstream(replying(answer)) as proxy:
        proxies = proxy.origin.replace("://", "://user:secret-word@")
        async with HTTPTransport(proxies=proxies) as transport:
            with pytest.raises(ConnectFailed, match=message) as caught:
                await fetch(transport, "https://provider.example/")
        await proxy.wait_open(0)
    assert "secret-word" not in str(caught.value)


@pytest.mark.anyio
async def test_a_proxy_that_hangs_up_is_a_failed_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()

    async with Upstream(script) as proxy, HTTPTransport(proxies=proxy.origin) as transport:
        with pytest.raises(ConnectFailed):
            await fetch(transport, "https://provider.example/")


@pytest.mark.anyio
async def test_the_environment_names_the_proxy_and_its_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Upstream(always_ok) as upstream, Upstream(always_ok) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
        async with HTTPTransport() as transport:
            await fetch(transport, "http://provider.example/")
            await fetch(transport, upstream.url)
        async with HTTPTransport(trust_env=False) as transport:
            await fetch(transport, upstream.url)
        async with HTTPTransport(proxies={"all": proxy.origin}) as transport:
            await fetch(transport, upstream.url)
        assert len(upstream.heads) == 2
        assert len(proxy.heads) == 2


@pytest.mark.anyio
async def test_credentials_stay_at_home_when_tls_redirects() -> None:
    async with Upstream(always_ok) as plain:
        location = f"HTTP/1.1 308 Moved\r\nlocation: {plain.url}\r\ncontent-length: 0\r\n\r\n".encode()
        script, trust = replying(location), client_context()
        async with Upstream(script, tls=server_context()) as upstream, HTTPTransport(ssl_context=trust) as transport:
            with pytest.raises(ProtocolError, match="another origin"):
                await fetch(transport, upstream.url)
        assert plain.accepted == 0


@pytest.mark.anyio
async def test_of_two_addresses_the_one_that_answers_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name has an IPv6 address that nobody listens on and an IPv4 address that somebody does."""
    async with Upstream(replying(OK)) as upstream:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo("::1", upstream.port) + await loop.getaddrinfo("127.0.0.1", upstream.port)

        async def resolve(_loop: object, host: str, port: int) -> list[object]:
            return [(entry[0], entry[4]) for entry in found]

        monkeypatch.setattr(dial, "_resolve", resolve)
        async with HTTPTransport() as transport:
            assert await fetch(transport, f"http://two.example:{upstream.port}/") == b"ok"


@pytest.mark.anyio
async def test_a_silent_address_does_not_hold_up_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    silent, connect_one = ("127.0.0.2", 9), dial._connect_one  # pyright: ignore[reportPrivateUsage]
    cancelled: list[bool] = []

    async def connect(loop: asyncio.AbstractEventLoop, family: int, address: tuple[str, int]) -> socket.socket:
        if address != silent:
            return await connect_one(loop, family, address)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)
        raise AssertionError

    async def resolve(_loop: object, host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        return [(socket.AF_INET, silent), (socket.AF_INET, ("127.0.0.1", port))]

    monkeypatch.setattr(dial, "_connect_one", connect)
    monkeypatch.setattr(dial, "_resolve", resolve)
    async with Upstream(replying(OK)) as upstream, HTTPTransport() as transport:
        assert await fetch(transport, f"http://two.example:{upstream.port}/") == b"ok"
    assert cancelled == [True]


@pytest.mark.anyio
async def test_a_name_without_an_address_is_a_failed_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(_loop: object, host: str, port: int) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(dial, "_resolve", resolve)
    async with HTTPTransport() as transport:
        with pytest.raises(ConnectFailed, match="Name or service not known"):
            await fetch(transport, "http://absent.example/")
