"""A good body with one thing changed, at every door: it is served or refused in the wire's words, never fatal."""

import asyncio
import json
from collections.abc import Generator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlingua.providers.row import RerankService
from interlingua.testing import ScriptedProvider
from tests.gateway.house import gateway_over
from tests.gateway.raw import Answer, calling, post
from tests.gateway.test_front_door import JSON_VALUES
from tests.gateway.test_hostile import AUTHORIZATION, DOORS, Door, is_error_of

CHAT: dict[str, Any] = {
    "model": "translated/tiny",
    "messages": [
        {"role": "user", "content": "Hello", "images": []},
        {"role": "assistant", "content": "", "thinking": "Hm.", "tool_calls": [
            {"function": {"name": "f", "arguments": {"a": 1}}}]},
        {"role": "tool", "tool_name": "f", "content": "done"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "options": {"temperature": 0, "stop": ["x"]}, "format": "json", "think": True, "stream": False,
}  # fmt: skip
MESSAGES: dict[str, Any] = {
    "model": "translated/tiny", "max_tokens": 9, "system": [{"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [
            {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
            {"type": "document", "source": {"type": "url", "url": "https://a.example/b.pdf"}, "title": "t"}]},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "AA=="},
            {"type": "redacted_thinking", "data": "AA=="},
            {"type": "text", "text": "a", "citations": [{"type": "char_location", "cited_text": "a"}]},
            {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "a"}], "is_error": True}]},
    ],
    "tools": [{"name": "f", "input_schema": {"type": "object"}}, {"type": "web_search_20250305", "name": "web_search"}],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "metadata": {"user_id": "u"}, "stop_sequences": ["x"], "output_config": {"effort": "low"},
}  # fmt: skip
CONTENTS: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "Hello"}, {"inlineData": {"mimeType": "image/png", "data": "AA=="}},
                                   {"fileData": {"mimeType": "application/pdf", "fileUri": "https://a.example/b"}}]},
        {"role": "model", "parts": [{"text": "Hm.", "thought": True},
                                    {"functionCall": {"id": "1", "name": "f"}, "thoughtSignature": "AA=="}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "1", "name": "f", "response": {"output": "done"}}}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {}}]}, {"googleSearch": {}}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {"temperature": 0, "stopSequences": ["x"], "responseSchema": {"type": "OBJECT"},
                         "thinkingConfig": {"thinkingBudget": 1, "includeThoughts": True}},
    "safetySettings": [{"category": "X", "threshold": "Y"}],
}  # fmt: skip
RESPONSES: dict[str, Any] = {
    "model": "translated/tiny", "instructions": "Be brief.",
    "input": [
        {"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "Hello"}, {"type": "input_image", "image_url": "https://a.example/b.png"},
            {"type": "input_file", "file_data": "data:application/pdf;base64,AA==", "filename": "f.pdf"}]},
        {"type": "reasoning", "id": "1", "summary": [{"type": "summary_text", "text": "a"}], "encrypted_content": ""},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "done"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a", "annotations": []}]},
    ],
    "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}],
    "tool_choice": {"type": "function", "name": "f"}, "reasoning": {"effort": "low", "summary": "auto"},
    "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}, "verbosity": "low"},
    "include": ["reasoning.encrypted_content"], "metadata": {"a": "b"}, "store": False,
}  # fmt: skip
EMBEDDINGS: dict[str, Any] = {
    "model": "translated/tiny", "input": ["Hello", [1, 2]], "dimensions": 3, "encoding_format": "base64", "user": "u",
    "input_type": "query", "task": "retrieval.query", "truncate": True, "late_chunking": {"a": [1]},
}  # fmt: skip
CONTENT: dict[str, Any] = {
    "content": {"parts": [{"text": "Hello"}, {"text": "you"}], "role": "user"}, "taskType": "CLUSTERING", "title": "t",
    "outputDimensionality": 3, "embedContentConfig": {"autoTruncate": True, "documentOcr": True},
}  # fmt: skip
EMBED: dict[str, Any] = {
    "model": "translated/tiny", "input": ["Hello", "you"], "truncate": True, "dimensions": 3,
    "options": {"num_ctx": 9}, "keep_alive": "5m",
}  # fmt: skip
RERANK: dict[str, Any] = {
    "model": "translated/tiny", "query": "Hello", "documents": ["a", {"text": "Hello"}], "top_n": 1, "top_k": 1,
    "return_documents": True, "truncation": False, "max_tokens_per_doc": 9, "rank_fields": ["text"],
}  # fmt: skip
RICH: dict[str, dict[str, Any]] = {
    "/v1/embeddings": EMBEDDINGS,
    "/api/embed": EMBED,
    "/v2/rerank": RERANK,
    "/v1beta/models/translated/tiny:embedContent": CONTENT,
    "/v1beta/models/translated/tiny:batchEmbedContents": {"requests": [CONTENT, CONTENT]},
    "/v1/messages": MESSAGES,
    "/v1/messages/count_tokens": MESSAGES,
    "/v1/responses": RESPONSES,
    "/api/chat": CHAT,
} | {door.path: CONTENTS for door in DOORS if door.prompt == "contents"}


class House:
    """A gateway in a loop of its own, for all examples of a test."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._stack = AsyncExitStack()
        self._port = 0

    async def open(self) -> None:
        upstream = await self._stack.enter_async_context(ScriptedProvider())
        server = await self._stack.enter_async_context(gateway_over(upstream, rerank=RerankService()))
        self._port = server.port

    async def close(self) -> None:
        await self._stack.aclose()

    def ask(self, data: bytes) -> Answer:
        return self._runner.run(self._ask(data))

    async def _ask(self, data: bytes) -> Answer:
        async with calling(self._port) as caller:
            await caller.send(data)
            return await caller.answer()


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with asyncio.Runner() as runner:
        opened = House(runner)
        runner.run(opened.open())
        yield opened
        runner.run(opened.close())


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.id)
def test_a_rich_body_is_served(house: House, door: Door) -> None:
    answer = house.ask(post(door.path, RICH.get(door.path, door.good), AUTHORIZATION))
    assert answer.status == 200, answer.body[:500]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.id)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_good_body_with_one_thing_changed(house: House, door: Door, data: st.DataObject) -> None:
    body: Any = json.loads(json.dumps(RICH.get(door.path, door.good)))
    place, key = data.draw(st.sampled_from(_places(body)))
    place[key] = data.draw(JSON_VALUES)
    answer = house.ask(post(door.path, json.dumps(body).encode(), AUTHORIZATION))
    assert answer.complete
    assert answer.status in {200, 400, 404}, answer.body[:500]
    if answer.status != 200:
        assert is_error_of(door.wire, answer), answer.body[:500]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Give every place in a JSON value that can be set."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        place: Any = waiting.pop()
        keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))  # pyright: ignore[reportUnknownArgumentType]
        found += [(place, key) for key in keys]
        waiting += [place[key] for key in keys if isinstance(place[key], dict | list)]
    return found
