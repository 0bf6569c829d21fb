"""Between a caller and a provider of the same wire the bytes pass, whatever the wire."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from interlingua.testing import Reply, ScriptedProvider
from interlingua.wires.table import WIRES
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

AUTHORIZATION = f"Authorization: Bearer {KEY}"


class Exchanged(msgspec.Struct):
    """What is said in one wire: the two addresses, a request with odd formatting, an answer, a stream by its events."""

    wire: str
    path: str
    upstream_path: str
    body: bytes
    answer: bytes
    stream_path: str
    stream_body: bytes
    events: list[bytes]
    media_type: str = "text/event-stream"


def event(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode({"type": name, **data}))


MESSAGES = Exchanged(
    "messages",
    "/v1/messages?beta=true&other=1",
    "/v1/messages?beta=true",
    b'{ "future":[1.50] ,"max_tokens":5, "messages":[{"role":"user","content":"\\u00e9"}],"model" : "relayed/tiny"}\n',
    b'{"id":"msg_1","type":"message","role":"assistant","model":"tiny", "content":[{"type":"text","text":"\\u00e9"}],'
    b'"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2},"new":1.50 }',
    "/v1/messages",
    b'{"max_tokens":5,"stream": true,"messages":[{"role":"user","content":"a"}],"model":"relayed/tiny"}',
    [
        event("message_start", {"message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "tiny",
              "content": [], "stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1}}}),
        event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        event("ping", {}),
        event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "One"}, "new": 1.5}),
        event("content_block_stop", {"index": 0}),
        event("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
        event("message_stop", {}),
    ],
)  # fmt: skip
GENERATE_CONTENT = Exchanged(
    "generate_content",
    "/v1beta/models/relayed/tiny:generateContent?key=x",
    "/v1/models/tiny:generateContent",
    b'{ "future":[1.50] ,"contents":[{"parts":[{"text":"\\u00e9"}]}] }\n',
    b'{"candidates":[ {"content":{"role":"model","parts":[{"text":"\\u00e9"}]},"finishReason":"STOP"}],"new":1.5 }',
    "/v1beta/models/relayed%2Ftiny:streamGenerateContent?alt=sse",
    b'{"contents":[{"parts":[{"text":"a"}]}]}',
    [
        b'data: {"candidates": [{"content": {"parts": [{"text": "One"}],"role": "model"}}],"new":1.50}\r\n\r\n',
        b'data: {"candidates": [{"content": {"parts": [{"text": " two"}]},"finishReason": "STOP"}]}\r\n\r\n',
    ],
)
RESPONSE: dict[str, Any] = {
    "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "tiny", "error": None,
    "incomplete_details": None, "instructions": None, "metadata": {}, "parallel_tool_calls": True,
    "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0, "output": [
        {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
         "content": [{"type": "output_text", "text": "One", "annotations": []}]}
    ], "usage": {"input_tokens": 3, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 2,
                 "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 5},
}  # fmt: skip
RESPONSES = Exchanged(
    "responses",
    "/v1/responses",
    "/v1/responses",
    b'{ "future":[1.50] ,"input":"\\u00e9", "model" : "relayed/tiny" }\n',
    b" " + msgspec.json.encode(RESPONSE) + b"\n",
    "/v1/responses",
    b'{"stream": true,"input":"a","model":"relayed/tiny"}',
    [
        event("response.created", {"sequence_number": 0, "response": RESPONSE | {"status": "queued", "output": []}}),
        event("response.output_text.delta", {"sequence_number": 1, "item_id": "msg_1", "output_index": 0,
              "content_index": 0, "delta": "One", "logprobs": [], "new": 1.5}),
        event("response.completed", {"sequence_number": 2, "response": RESPONSE}),
    ],
)  # fmt: skip
OLLAMA = Exchanged(
    "ollama",
    "/api/chat",
    "/v1/api/chat",
    b'{ "future":[1.50] ,"stream":false,"messages":[{"role":"user","content":"\\u00e9"}], "model" : "relayed/tiny" }\n',
    b'{"model":"tiny","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"\\u00e9"},'
    b'"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2, "new":1.50}',
    "/api/chat",
    b'{"messages":[{"role":"user","content":"a"}],"model":"relayed/tiny"}',
    [
        b'{"model":"tiny","created_at":"x","message":{"role":"assistant","content":"One"},"done":false, "new":1.50}\n',
        b'{"model":"tiny","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","eval_count":2}\n',
    ],
    "application/x-ndjson",
)
ALL = [each for each in (MESSAGES, GENERATE_CONTENT, RESPONSES, OLLAMA) if each.wire in WIRES]
EACH_WIRE = pytest.mark.parametrize("said", ALL, ids=lambda said: said.wire)


@EACH_WIRE
async def test_a_request_and_its_answer_pass_byte_for_byte(said: Exchanged) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=said.wire) as server:
        upstream.send(Reply(pieces=[said.answer]))
        async with calling(server.port) as caller:
            await caller.send(post(said.path, said.body, AUTHORIZATION))
            answer = await caller.answer()
        assert (answer.status, answer.body) == (200, said.answer)
        seen = upstream.requests[0]
        assert f"{seen.path}?{seen.query}".rstrip("?") == said.upstream_path
        assert seen.body == said.body.replace(b"relayed/tiny", b"tiny")


@EACH_WIRE
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_stream_passes_byte_for_byte(said: Exchanged, size: int) -> None:
    stream = b"".join(said.events)
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=said.wire) as server:
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        upstream.send(Reply(headers=(("content-type", said.media_type),), pieces=pieces))
        async with calling(server.port) as caller:
            await caller.send(post(said.stream_path, said.stream_body, AUTHORIZATION))
            answer = await caller.answer()
        assert (answer.status, answer.body, answer.complete) == (200, stream, True)
        assert answer.headers["content-type"].startswith(said.media_type)


@EACH_WIRE
async def test_a_stream_that_is_cut_ends_in_an_error(said: Exchanged) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=said.wire) as server:
        pieces = [*said.events[:-1], said.events[-1][:9]]
        upstream.send(Reply(headers=(("content-type", said.media_type),), pieces=pieces, ending="cut"))
        async with calling(server.port) as caller:
            await caller.send(post(said.stream_path, said.stream_body, AUTHORIZATION))
            answer = await caller.answer()
        whole = b"".join(said.events[:-1])
        assert answer.body.startswith(whole)
        assert b'"error"' in answer.body[len(whole) :][:40]


@EACH_WIRE
async def test_a_silent_stream_is_kept_open_where_the_wire_has_a_sign_for_it(said: Exchanged) -> None:
    gate = asyncio.Event()
    sign = WIRES[said.wire].framing.keep_alive
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=said.wire, keep_alive_interval=0.02) as server,
        calling(server.port) as caller,
    ):
        upstream.send(
            Reply(headers=(("content-type", said.media_type),), pieces=[said.events[0], gate, *said.events[1:]])
        )
        await caller.send(post(said.stream_path, said.stream_body, AUTHORIZATION))
        await caller.until(said.events[0] + sign)
        gate.set()
        answer = await caller.answer()
        assert (answer.body.replace(sign, b"") if sign else answer.body) == b"".join(said.events)


@EACH_WIRE
async def test_a_providers_error_passes_as_it_came(said: Exchanged) -> None:
    error = (
        b'{ "type":"error","error" : {"type":"rate_limit_error","message":"slow","code":429,"status":"X","new":1.50}}'
    )
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=said.wire) as server:
        headers = (("content-type", "application/json"), ("retry-after", "7"), ("request-id", "req_9"))
        upstream.send(Reply(status=429, headers=headers, pieces=[error]))
        async with calling(server.port) as caller:
            await caller.send(post(said.path, said.body, AUTHORIZATION))
            answer = await caller.answer()
        assert (answer.status, answer.body, answer.headers["retry-after"]) == (429, error, "7")


async def test_what_a_caller_says_of_its_request_in_headers_reaches_the_provider() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire="messages") as server:
        upstream.send(Reply(pieces=[MESSAGES.answer], headers=(("anthropic-ratelimit-tokens-remaining", "5"),)))
        async with calling(server.port) as caller:
            headers = (
                "anthropic-version: 2023-06-01",
                "anthropic-beta: a-1,b-2",
                "x-stainless-os: Linux",
                "cookie: a=b",
            )
            await caller.send(post("/v1/messages", MESSAGES.body, f"x-api-key: {KEY}", *headers))
            answer = await caller.answer()
        seen = upstream.requests[0].headers
        assert (seen["anthropic-version"], seen["anthropic-beta"]) == ("2023-06-01", "a-1,b-2")
        assert not {"x-stainless-os", "cookie", "x-api-key"} & set(seen)
        assert answer.headers["anthropic-ratelimit-tokens-remaining"] == "5"


async def test_a_count_is_asked_of_the_provider() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire="messages") as server:
        upstream.send(Reply(pieces=[b'{"input_tokens": 42 }']))
        async with calling(server.port) as caller:
            await caller.send(post("/v1/messages/count_tokens", MESSAGES.body, AUTHORIZATION))
            answer = await caller.answer()
            assert (answer.body, upstream.requests[0].path) == (b'{"input_tokens": 42 }', "/v1/messages/count_tokens")
            assert "x-interlingua-warnings" not in answer.headers
            upstream.send(Reply(status=404, pieces=[b"{}"]))
            upstream.send(Reply(status=404, pieces=[b"{}"]))
            await caller.send(post("/v1/messages/count_tokens", MESSAGES.body, AUTHORIZATION))
            assert (await caller.answer()).headers["x-interlingua-warnings"].startswith("estimated input_tokens")
