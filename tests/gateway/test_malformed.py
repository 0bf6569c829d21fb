"""Requests that are not HTTP/1.1, or mean to be two things at once: one clear answer each, and nothing smuggled."""

import pytest

from tests.gateway.echo import Echo, serving
from tests.gateway.raw import calling, get

pytestmark = pytest.mark.anyio

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def request(*lines: str, line: str = "POST /p HTTP/1.1", host: str = "Host: localhost", body: bytes = b"") -> bytes:
    return "\r\n".join([line, *([host] if host else []), *lines, "", ""]).encode("latin-1") + body


MALFORMED: dict[str, tuple[bytes, int]] = {
    "no host": (request(host="", line="GET / HTTP/1.1"), 400),
    "two hosts": (request("Host: other", line="GET / HTTP/1.1"), 400),
    "the same host twice": (request("Host: localhost", line="GET / HTTP/1.1"), 400),
    "empty host": (request(host="Host:", line="GET / HTTP/1.1"), 400),
    "host with a path": (request(host="Host: localhost/a", line="GET / HTTP/1.1"), 400),
    "host with a user": (request(host="Host: a@localhost", line="GET / HTTP/1.1"), 400),
    "host with a space": (request(host="Host: local host", line="GET / HTTP/1.1"), 400),
    "host with a bad port": (request(host="Host: localhost:80a", line="GET / HTTP/1.1"), 400),
    "host list": (request(host="Host: localhost, other", line="GET / HTTP/1.1"), 400),
    "target of another host": (request(line="GET http://other/ HTTP/1.1"), 400),
    "target with a user": (request(line="GET http://localhost@other/ HTTP/1.1"), 400),
    "https target": (request(line="GET https://localhost/ HTTP/1.1"), 400),
    "target with a fragment": (request(line="GET /a#b HTTP/1.1"), 400),
    "relative target": (request(line="GET a HTTP/1.1"), 400),
    "target beyond ascii": (request(line="GET /\xff HTTP/1.1"), 400),
    "long target": (request(line=f"GET /{'a' * 9000} HTTP/1.1"), 414),
    "connect": (request(line="CONNECT localhost:443 HTTP/1.1"), 405),
    "both lengths": (
        request("Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
        400,
    ),
    "both lengths, the other way": (
        request("Transfer-Encoding: chunked", "Content-Length: 4", body=b"0\r\n\r\n" + SMUGGLED),
        400,
    ),
    "two lengths": (request("Content-Length: 3", "Content-Length: 50", body=b"abc" + SMUGGLED), 400),
    "the same length twice": (request("Content-Length: 3", "Content-Length: 3", body=b"abc" + SMUGGLED), 400),
    "list of lengths": (request("Content-Length: 3, 3", body=b"abc" + SMUGGLED), 400),
    "length with a sign": (request("Content-Length: +3", body=b"abc" + SMUGGLED), 400),
    "negative length": (request("Content-Length: -3", body=b"abc" + SMUGGLED), 400),
    "length in hex": (request("Content-Length: 0x3", body=b"abc" + SMUGGLED), 400),
    "empty length": (request("Content-Length:", body=b"abc" + SMUGGLED), 400),
    "length without end": (request("Content-Length: 99999999999999999999999"), 400),
    "length beyond the bound": (request("Content-Length: 9999999999"), 413),
    "two codings": (request("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n" + SMUGGLED), 501),
    "coding after chunked": (request("Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n" + SMUGGLED), 400),
    "chunked twice": (request(*["Transfer-Encoding: chunked"] * 2, body=b"0\r\n\r\n" + SMUGGLED), 400),
    "unknown coding": (request("Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED), 501),
    "identity coding": (request("Transfer-Encoding: identity", body=b"abc" + SMUGGLED), 501),
    "coding behind a space": (request("Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SMUGGLED), 400),
    "coding behind a tab": (request("Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + SMUGGLED), 400),
    "coding in http/1.0": (request("Transfer-Encoding: chunked", line="POST / HTTP/1.0", body=b"0\r\n\r\n"), 400),
    "bad chunk size": (request("Transfer-Encoding: chunked", body=b"zz\r\n" + SMUGGLED), 400),
    "negative chunk size": (request("Transfer-Encoding: chunked", body=b"-1\r\n" + SMUGGLED), 400),
    "chunk size without end": (request("Transfer-Encoding: chunked", body=b"f" * 20 + b"\r\n" + SMUGGLED), 400),
    "chunk longer than said": (request("Transfer-Encoding: chunked", body=b"1\r\nabc\r\n" + SMUGGLED), 400),
    "chunk lines with bare lf": (request("Transfer-Encoding: chunked", body=b"1\na\n0\n\n" + SMUGGLED), 400),
    "nul in a chunk extension": (request("Transfer-Encoding: chunked", body=b"1;\x00\r\na\r\n0\r\n\r\n"), 400),
    "bare lf": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
    "bare cr": (b"GET / HTTP/1.1\r\nHost: localhost\rX: 1\r\n\r\n", 400),
    "folded header": (request("X: 1", " 2", line="GET / HTTP/1.1"), 400),
    "header before a space": (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
    "space before the colon": (request("X : 1", line="GET / HTTP/1.1"), 400),
    "header without a name": (request(": 1", line="GET / HTTP/1.1"), 400),
    "header without a colon": (request("X", line="GET / HTTP/1.1"), 400),
    "nul in a header": (request("X: a\x00b", line="GET / HTTP/1.1"), 400),
    "control character in a header": (request("X: a\x01b", line="GET / HTTP/1.1"), 400),
    "many headers": (request(*[f"X-{number}: 1" for number in range(200)], line="GET / HTTP/1.1"), 431),
    "long header": (request(f"X: {'a' * 70_000}", line="GET / HTTP/1.1"), 431),
    "header without end": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 700_000, 431),
    "two keys": (request("Authorization: Bearer a", "Authorization: Bearer b", line="GET / HTTP/1.1"), 400),
    "two types": (request("Content-Type: text/plain", "Content-Type: application/json"), 400),
    "compressed body": (request("Content-Encoding: gzip", "Content-Length: 2", body=b"\x1f\x8b"), 415),
    "unknown expectation": (request("Expect: 200-ok", "Content-Length: 2", body=b"{}"), 417),
    "http/0.9": (b"GET /\r\n\r\n", 505),
    "http/2.0": (request(line="GET / HTTP/2.0"), 505),
    "http/9.9": (request(line="GET / HTTP/9.9"), 400),
    "http/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "rtsp": (request(line="DESCRIBE / RTSP/1.0"), 501),
    "unknown method": (request(line="BREW / HTTP/1.1"), 501),
    "lower case method": (request(line="get / HTTP/1.1"), 501),
    "tls": (bytes.fromhex("16030100c8010000c40303"), 400),
    "ssh": (b"SSH-2.0-OpenSSH_9.9\r\n", 400),
    "noise": (bytes(range(256)) * 4, 400),
    "nothing but a nul": (b"\x00", 400),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_request_gets_one_clear_answer_and_nothing_after_it_is_read(name: str) -> None:
    data, status = MALFORMED[name]
    echo = Echo()
    async with serving(echo) as server:
        async with calling(server.port) as caller:
            await caller.send(data)
            answer = await caller.answer()
            assert answer.status == status
            error = answer.json()["error"]
            assert error["message"]
            assert error["type"] == "invalid_request_error"
            assert error["code"]
            assert answer.headers["connection"] == "close"
            caller.writer.write_eof()
            await caller.end()
            with pytest.raises(EOFError):
                await caller.answer()
        assert echo.seen == []
        async with calling(server.port) as caller:
            await caller.send(get("/after"))
            assert (await caller.answer()).status == 200


async def test_what_follows_a_request_that_closes_is_not_read() -> None:
    echo = Echo()
    async with serving(echo) as server, calling(server.port) as caller:
        await caller.send(get("/", "Connection: close") + SMUGGLED)
        assert (await caller.answer()).status == 200
        await caller.end()
    assert [request.path for request in echo.seen] == ["/"]


async def test_a_malformed_request_behind_a_good_one_is_refused_after_the_good_answer() -> None:
    async with serving(Echo()) as server, calling(server.port) as caller:
        await caller.send(get("/good") + b"GET / HTTP/1.1\r\n\r\n" + SMUGGLED)
        assert (await caller.answer()).status == 200
        assert (await caller.answer()).status == 400
        await caller.end()
