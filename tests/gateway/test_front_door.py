"""Whatever comes in, one clear answer goes out, and the next caller is served."""

import asyncio
import json
from collections.abc import Generator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlingua.testing import ScriptedProvider
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import Answer, calling, get, post

STATUSES = {200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 431, 501, 502, 505}
AUTHORIZATION = f"Authorization: Bearer {KEY}"
GOOD: dict[str, Any] = {
    "model": "relayed/tiny",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ]},
        {"role": "tool", "tool_call_id": "1", "content": "done"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "temperature": 0,
    "max_tokens": 5,
    "stop": ["x"],
    "stream": False,
}  # fmt: skip

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class Door:
    """A gateway in a loop of its own, for all examples of a test."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._stack = AsyncExitStack()
        self._port = 0

    async def open(self) -> None:
        upstream = await self._stack.enter_async_context(ScriptedProvider())
        server = await self._stack.enter_async_context(gateway_over(upstream, header_timeout=0.1, body_timeout=0.1))
        self._port = server.port

    async def close(self) -> None:
        await self._stack.aclose()

    def ask(self, data: bytes) -> Answer | None:
        """Send bytes, take the first answer if there is one, and see that a good request is served afterwards."""
        return self._runner.run(self._ask(data))

    async def _ask(self, data: bytes) -> Answer | None:
        async with calling(self._port) as caller:
            try:
                await caller.send(data)
                first = await caller.answer()
            except (EOFError, ConnectionError):
                first = None
        async with calling(self._port) as caller:
            await caller.send(post("/v1/chat/completions", GOOD, AUTHORIZATION))
            assert (await caller.answer()).status == 200
        return first


@pytest.fixture(scope="module")
def door() -> Generator[Door]:
    with asyncio.Runner() as runner:
        opened = Door(runner)
        runner.run(opened.open())
        yield opened
        runner.run(opened.close())


def check(answer: Answer | None) -> None:
    """See that an answer is one that the gateway means to give, errors in OpenAI's shape."""
    assert answer is not None
    assert answer.complete
    assert answer.status in STATUSES
    assert answer.headers["x-interlingua-request-id"]
    if answer.status != 200:
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["message"]
        assert error["type"]
        assert error["code"] or error["type"] == "invalid_request_error"


def quick(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick(60)
@given(st.binary(max_size=200))
def test_arbitrary_bytes(door: Door, data: bytes) -> None:
    answer = door.ask(data)
    if answer is not None:
        check(answer)


@quick(150)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_as_a_body(door: Door, body: bytes) -> None:
    check(door.ask(post("/v1/chat/completions", body, AUTHORIZATION)))


@quick(150)
@given(JSON_VALUES)
def test_arbitrary_json_as_a_body(door: Door, value: Any) -> None:
    check(door.ask(post("/v1/chat/completions", json.dumps(value).encode("utf-8", "surrogatepass"), AUTHORIZATION)))


@quick(300)
@given(st.data())
def test_a_good_body_with_one_thing_changed(door: Door, data: st.DataObject) -> None:
    body = json.loads(json.dumps(GOOD))
    body["model"] = data.draw(st.sampled_from(["relayed/tiny", "translated/tiny"]))
    place, key = data.draw(st.sampled_from(list(_places(body))))
    place[key] = data.draw(JSON_VALUES)
    check(door.ask(post("/v1/chat/completions", json.dumps(body).encode(), AUTHORIZATION)))


@quick(150)
@given(st.data())
def test_a_good_request_with_bytes_changed(door: Door, data: st.DataObject) -> None:
    request = bytearray(post("/v1/chat/completions", GOOD, AUTHORIZATION))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(request) - 1))
        request[position : position + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    answer = door.ask(bytes(request))
    if answer is not None:
        check(answer)


HEADER_NAMES = st.sampled_from(
    ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "Authorization", "X-Api-Key",
     "Content-Type", "Content-Encoding", "Origin", "Trailer", "TE", "X-Odd"]
)  # fmt: skip
HEADER_VALUES = st.sampled_from(
    ["", "0", "5", "chunked", "close", "keep-alive", "upgrade", "h2c", "websocket", "100-continue", "gzip", "identity",
     "Bearer", "localhost", "text/plain", "application/json; charset=utf-8", "http://evil.example", "*", "a" * 3000]
) | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)  # fmt: skip


@quick(150)
@given(st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=5))
def test_odd_headers(door: Door, headers: list[tuple[str, str]]) -> None:
    lines = [f"{name}: {value}" for name, value in headers]
    request = "\r\n".join(["POST /v1/chat/completions HTTP/1.1", "Host: localhost", AUTHORIZATION, *lines, "", ""])
    answer = door.ask(request.encode("latin-1"))
    if answer is not None and answer.status != 100:
        check(answer)


@quick(100)
@given(st.sampled_from(["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH"]), st.text(max_size=40))
def test_odd_paths(door: Door, method: str, path: str) -> None:
    line = f"{method} /{path} HTTP/1.1\r\nHost: localhost\r\n{AUTHORIZATION}\r\n\r\n"
    if method != "HEAD":
        check(door.ask(line.encode()))


@pytest.mark.parametrize(
    "path",
    ["/v1/chat/completions/", "//v1/chat/completions", "/v1/../v1/models", "/V1/models", "/v1%2fmodels", "/v1/models;x",
     "/v1/models/", "/v1//models", "/./health", "/health/", "/%68ealth"],
)  # fmt: skip
def test_only_the_paths_of_the_table_are_served(door: Door, path: str) -> None:
    answer = door.ask(get(path, AUTHORIZATION))
    check(answer)
    assert answer is not None
    assert answer.status == 404


def test_deep_nesting_is_refused_or_passed_and_never_fatal(door: Door) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    check(door.ask(post("/v1/chat/completions", deep, AUTHORIZATION)))
    for model in (b"relayed/tiny", b"translated/tiny"):
        body = b'{"model":"' + model + b'","messages":[{"role":"user","content":"a"}],"x":' + deep + b"}"
        check(door.ask(post("/v1/chat/completions", body, AUTHORIZATION)))


def test_a_huge_body_is_refused_before_it_is_read(door: Door) -> None:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n{AUTHORIZATION}\r\n"
    answer = door.ask(f"{head}Content-Type: application/json\r\nContent-Length: 40000000\r\n\r\n".encode())
    check(answer)
    assert answer is not None
    assert answer.status == 413


def test_without_a_key_not_a_byte_of_the_body_is_read(door: Door) -> None:
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000000\r\n\r\n"
    answer = door.ask(head.encode())
    check(answer)
    assert answer is not None
    assert answer.status == 401


def _places(value: Any) -> Generator[tuple[Any, Any]]:
    """Give every place in a JSON value that can be set."""
    keys: list[Any] = list(value) if isinstance(value, dict) else []  # pyright: ignore[reportUnknownArgumentType]
    keys += range(len(value)) if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType]
    for key in keys:
        yield value, key
        yield from _places(value[key])
