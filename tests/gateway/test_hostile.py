"""Bad bodies at every door: each gets an error in its own wire's words, and the next caller is served."""

import json
from typing import Any

import msgspec
import pytest

from interlingua.providers.row import RerankService
from interlingua.testing import ScriptedProvider
from interlingua.wires.table import WIRES
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import Answer, calling, post

pytestmark = pytest.mark.anyio

AUTHORIZATION = f"Authorization: Bearer {KEY}"
DEEP = b"[" * 100_000 + b"]" * 100_000


class Door(msgspec.Struct):
    """A path, the field that holds the prompt, a good body, and whether a list of numbers is a prompt too."""

    wire: str
    path: str
    prompt: str
    good: dict[str, Any]
    takes_tokens: bool = False

    @property
    def id(self) -> str:
        return f"{self.wire} {self.path}"


MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]
CONTENTS: list[dict[str, Any]] = [{"role": "user", "parts": [{"text": "Hello"}]}]
_DOORS = [
    Door("chat_completions", "/v1/chat/completions", "messages", {"model": "translated/tiny", "messages": MESSAGES}),
    Door("chat_completions", "/v1/completions", "prompt", {"model": "translated/tiny", "prompt": "Hello"}),
    Door("messages", "/v1/messages", "messages", {"model": "translated/tiny", "max_tokens": 9, "messages": MESSAGES}),
    Door("messages", "/v1/messages/count_tokens", "messages", {"model": "translated/tiny", "messages": MESSAGES}),
    Door("generate_content", "/v1beta/models/translated/tiny:generateContent", "contents", {"contents": CONTENTS}),
    Door(
        "generate_content",
        "/v1beta/models/translated/tiny:streamGenerateContent?alt=sse",
        "contents",
        {"contents": CONTENTS},
    ),
    Door("generate_content", "/v1beta/models/translated/tiny:countTokens", "contents", {"contents": CONTENTS}),
    Door("responses", "/v1/responses", "input", {"model": "translated/tiny", "input": "Hello"}),
    Door("ollama", "/api/chat", "messages", {"model": "translated/tiny", "stream": False, "messages": MESSAGES}),
    Door("ollama", "/api/generate", "prompt", {"model": "translated/tiny", "stream": False, "prompt": "Hello"}),
    Door(
        "chat_completions", "/v1/embeddings", "input", {"model": "translated/tiny", "input": "Hello"}, takes_tokens=True
    ),
    Door("generate_content", "/v1beta/models/translated/tiny:embedContent", "content", {"content": CONTENTS[0]}),
    Door(
        "generate_content",
        "/v1beta/models/translated/tiny:batchEmbedContents",
        "requests",
        {"requests": [{"model": "models/translated/tiny", "content": CONTENTS[0]}]},
    ),
    Door("ollama", "/api/embed", "input", {"model": "translated/tiny", "input": "Hello"}),
    Door("ollama", "/api/embeddings", "prompt", {"model": "translated/tiny", "prompt": "Hello"}),
    Door(
        "rerank", "/v2/rerank", "documents", {"model": "translated/tiny", "query": "Hello", "documents": ["a", "Hello"]}
    ),
]
DOORS = [door for door in _DOORS if door.wire in WIRES or door.wire == "rerank"]
EACH_DOOR = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.id)


def is_error_of(wire: str, answer: Answer) -> bool:
    """Tell whether an answer is an error in the wire's own shape."""
    body = answer.json()
    if wire == "messages":
        return body["type"] == "error" and isinstance(body["error"]["type"], str) and bool(body["error"]["message"])
    if wire == "generate_content":
        return body["error"]["code"] == answer.status and body["error"]["status"].isupper()
    if wire == "ollama":
        return isinstance(body["error"], str) and bool(body["error"])
    if wire == "rerank":
        return bool(body["message"]) and body["detail"] == body["message"]
    return set(body["error"]) == {"message", "type", "param", "code"} and bool(body["error"]["message"])


def spoilt(door: Door) -> list[bytes]:
    """Give bodies that no door may take for a request."""
    good = json.dumps(door.good).encode()
    prompt = json.dumps(door.prompt).encode()
    wrong: list[Any] = [7, True, [[]], [None], *([] if door.takes_tokens else [[7]])]
    return [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        good[:-1],
        good + b"x",
        DEEP,
        b'{"a":' * 50_000,
        good[:-1] + b"," + prompt + b":" + DEEP + b"}",
        good[:-1] + b"," + prompt + b":7," + prompt + b":8}",
        b"\xff\xfe" + good,
        good.replace(b"Hello", b"\xff\xc0\x80"),
        good.replace(b'"Hello"', b'"\x01"'),
        *(json.dumps({**door.good, door.prompt: value}).encode() for value in wrong),
    ]


@EACH_DOOR
async def test_a_spoilt_body_is_an_error_in_the_wires_words(door: Door) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, rerank=RerankService()) as server:
        for body in spoilt(door):
            async with calling(server.port) as caller:
                await caller.send(post(door.path, body, AUTHORIZATION))
                answer = await caller.answer()
            assert answer.complete, body[:80]
            assert answer.status == 400, (answer.status, answer.body[:200], body[:80])
            assert is_error_of(door.wire, answer), (answer.body[:200], body[:80])
        assert upstream.requests == []


@EACH_DOOR
async def test_every_field_of_every_wrong_type_is_refused_or_served(door: Door) -> None:
    names = [
        "model", "stream", "system", "tools", "tool_choice", "toolConfig", "thinking", "stop", "stop_sequences",
        "metadata",
        "temperature", "max_tokens", "max_output_tokens", "generationConfig", "systemInstruction", "options", "format",
        "think", "instructions", "reasoning", "text", "include", "response_format", "cachedContent", "safetySettings",
        "previous_response_id", "store", "background", "keep_alive", "images", "logprobs", "best_of", "output_config",
        "dimensions", "encoding_format", "user", "input_type", "task", "truncate", "truncation", "top_n", "top_k",
        "taskType", "title", "outputDimensionality", "embedContentConfig", "return_documents", "query",
    ]  # fmt: skip
    values: list[Any] = [None, True, -1, 1e308, "", "x", [], [None], [7], {}, {"type": 7}, {"type": "new_kind"}, [{}]]
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, rerank=RerankService()) as server,
        calling(server.port) as caller,
    ):
        for name in names:
            for value in values:
                await caller.send(post(door.path, {**door.good, name: value}, AUTHORIZATION))
                answer = await caller.answer()
                assert answer.complete, (name, value)
                assert answer.status in {200, 400, 404}, (name, value, answer.status, answer.body[:300])
                if answer.status != 200:
                    assert is_error_of(door.wire, answer), (name, value, answer.body[:300])


@pytest.mark.parametrize("door", [door for door in DOORS if "count" not in door.path], ids=lambda door: door.id)
async def test_half_a_surrogate_and_ten_megabytes_are_served(door: Door) -> None:
    good = json.dumps(door.good).encode()
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, rerank=RerankService()) as server,
        calling(server.port) as caller,
    ):
        for text in (b"\\ud83d", b"x" * 10_000_000):
            await caller.send(post(door.path, good.replace(b"Hello", text), AUTHORIZATION))
            answer = await caller.answer()
            assert answer.status == 200, answer.body[:300]


@EACH_DOOR
async def test_refusals_by_the_head_are_in_the_wires_words(door: Door) -> None:
    line = f"POST {door.path} HTTP/1.1\r\nHost: localhost\r\n"
    heads = {
        401: "Content-Type: application/json\r\nContent-Length: 2\r\n",
        413: f"{AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: 40000000\r\n",
        415: f"{AUTHORIZATION}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n",
        417: f"{AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: wonders\r\n",
        408: f"{AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n",
    }
    if door.wire == "ollama":
        del heads[415]  # its callers need not say what their body is
    async with ScriptedProvider() as upstream, gateway_over(upstream, body_timeout=0.05) as server:
        for status, head in heads.items():
            async with calling(server.port) as caller:
                await caller.send(f"{line}{head}\r\n".encode())
                answer = await caller.answer()
            assert answer.status == status
            assert is_error_of(door.wire, answer) or status in {408, 413, 415, 417}, answer.body
            assert "error" in answer.json() or is_error_of(door.wire, answer)


@EACH_DOOR
async def test_the_wrong_method_is_told_in_the_wires_words(door: Door) -> None:
    path = door.path.partition("?")[0]
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(f"PUT {path} HTTP/1.1\r\nHost: localhost\r\n{AUTHORIZATION}\r\n\r\n".encode())
        answer = await caller.answer()
        assert answer.status == 405
        assert "POST" in answer.headers["allow"]
        if door.wire != "generate_content":
            assert is_error_of(door.wire, answer)
