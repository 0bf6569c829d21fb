"""What `/v1/responses` says, held against the models generated from Open Responses (2.4), over every wire behind."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import openresponses_types as spec
import pytest
from openai.types.responses import Response, ResponseItemList
from pydantic import BaseModel

from interlingua.testing import ScriptedProvider
from interlingua.testing.voice import Line
from interlingua.testing.voices import NAMES
from interlingua.wires.table import WIRES
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import Answer, Caller, calling, get, post

pytestmark = pytest.mark.anyio

MODEL: Final = "translated/tiny"
AUTHORIZATION: Final = f"Authorization: Bearer {KEY}"
BEHIND: Final = [name for name in WIRES if name in NAMES]
WEATHER: Final[dict[str, Any]] = {
    "type": "function",
    "name": "weather",
    "description": "The weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}
LINES: Final = {
    "text": Line(pieces=("One", " two", " é😀.")),
    "thinking": Line(pieces=("Yes.",), thinking="Let me think.", signature="c2lnbmVk"),
    "calls": Line(tool_calls=[("weather", '{"city":"Oslo"}'), ("weather", '{"city":"Rome"}')]),
    "text and a call": Line(pieces=("I look.",), tool_calls=[("weather", '{"city":"Oslo"}')]),
    "refusal": Line(refusal="I will not.", finish="content_filter"),
    "citation": Line(pieces=("It is cold.",), citation_url="https://a.example"),
    "cut": Line(pieces=("It was the",), finish="length"),
    "cut after thinking": Line(thinking="Hm.", pieces=("It",), finish="length"),
    "nothing": Line(),
}
EVENTS: Final[dict[str, type[BaseModel]]] = {
    "response.created": spec.ResponseCreatedStreamingEvent,
    "response.in_progress": spec.ResponseInProgressStreamingEvent,
    "response.completed": spec.ResponseCompletedStreamingEvent,
    "response.incomplete": spec.ResponseIncompleteStreamingEvent,
    "response.output_item.added": spec.ResponseOutputItemAddedStreamingEvent,
    "response.output_item.done": spec.ResponseOutputItemDoneStreamingEvent,
    "response.content_part.added": spec.ResponseContentPartAddedStreamingEvent,
    "response.content_part.done": spec.ResponseContentPartDoneStreamingEvent,
    "response.output_text.delta": spec.ResponseOutputTextDeltaStreamingEvent,
    "response.output_text.done": spec.ResponseOutputTextDoneStreamingEvent,
    "response.output_text.annotation.added": spec.ResponseOutputTextAnnotationAddedStreamingEvent,
    "response.refusal.delta": spec.ResponseRefusalDeltaStreamingEvent,
    "response.refusal.done": spec.ResponseRefusalDoneStreamingEvent,
    "response.reasoning_summary_part.added": spec.ResponseReasoningSummaryPartAddedStreamingEvent,
    "response.reasoning_summary_part.done": spec.ResponseReasoningSummaryPartDoneStreamingEvent,
    "response.reasoning_summary_text.delta": spec.ResponseReasoningSummaryDeltaStreamingEvent,
    "response.reasoning_summary_text.done": spec.ResponseReasoningSummaryDoneStreamingEvent,
    "response.function_call_arguments.delta": spec.ResponseFunctionCallArgumentsDeltaStreamingEvent,
    "response.function_call_arguments.done": spec.ResponseFunctionCallArgumentsDoneStreamingEvent,
    "error": spec.ErrorStreamingEvent,
}


@asynccontextmanager
async def house(wire: str, **settings: Any) -> AsyncGenerator[tuple[ScriptedProvider, Caller]]:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=wire, **settings) as server,
        calling(server.port) as caller,
    ):
        yield upstream, caller


async def ask(caller: Caller, **fields: Any) -> Answer:
    await caller.send(post("/v1/responses", {"model": MODEL, "input": "Hello", **fields}, AUTHORIZATION))
    return await caller.answer()


async def fetch(caller: Caller, path: str, method: str = "GET") -> Answer:
    request = post(path, b"", AUTHORIZATION) if method == "POST" else get(path, AUTHORIZATION)
    await caller.send(request.replace(b"GET", method.encode(), 1) if method == "DELETE" else request)
    return await caller.answer()


def events_of(body: bytes) -> list[dict[str, Any]]:
    """Read a stream's events, whose names must be those that their data says."""
    events: list[dict[str, Any]] = []
    for block in body.decode().strip("\n").split("\n\n"):
        name, _, data = block.partition("\n")
        if name.startswith(":"):
            continue
        fields = json.loads(data.removeprefix("data: "))
        assert name == f"event: {fields['type']}"
        events.append(fields)
    return events


def check_stream(events: list[dict[str, Any]]) -> dict[str, Any]:
    """See that events are valid and hold together, and give the response that they end in."""
    for number, event in enumerate(events):
        EVENTS[event["type"]].model_validate(event)
        assert event["sequence_number"] == number
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1]["type"] in ("response.completed", "response.incomplete")
    response = events[-1]["response"]
    for place, item in enumerate(response["output"]):
        told = [event for event in events if event.get("output_index") == place]
        assert told[0]["type"] == "response.output_item.added"
        assert told[0]["item"]["id"] == item["id"]
        assert (told[-1]["type"], told[-1]["item"]) == ("response.output_item.done", item)
        assert {event["item_id"] for event in told[1:-1]} <= {item["id"]}
        check_pieces(told[1:-1], item)
    assert {event["output_index"] for event in events if "output_index" in event} == set(range(len(response["output"])))
    assert {event["response"]["id"] for event in events if "response" in event} == {response["id"]}
    return response


def check_pieces(told: list[dict[str, Any]], item: Mapping[str, Any]) -> None:
    """See that the pieces of an item add up to what it is."""
    if item["type"] == "function_call":
        assert joined(told, "response.function_call_arguments.delta") == item["arguments"]
        assert [each["arguments"] for each in told if each["type"].endswith(".done")] == [item["arguments"]]
        return
    place, kind = ("content_index", "content") if item["type"] == "message" else ("summary_index", "summary")
    added = [each[place] for each in told if each["type"].endswith("part.added")]
    done = [each for each in told if each["type"].endswith("part.done")]
    assert added == [each[place] for each in done] == list(range(len(item[kind])))
    assert [each["part"] for each in done] == item[kind]
    for number, block in enumerate(item[kind]):
        pieces = [each for each in told if each[place] == number]
        assert "".join(each["delta"] for each in pieces if "delta" in each) == block.get("text", block.get("refusal"))
        assert pieces[0]["type"].endswith("part.added")
        assert pieces[-1]["type"].endswith("part.done")
        sources = [each["annotation"] for each in pieces if "annotation" in each]
        assert sources == block.get("annotations", [])


def joined(told: list[dict[str, Any]], kind: str) -> str:
    return "".join(each["delta"] for each in told if each["type"] == kind)


def comparable(response: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what differs between two answers to one question: the ids that the gateway made, and the time.

    Some providers give the state of their reasoning before the text, and after it where it is streamed.
    """
    read = json.loads(re.sub(r"_[0-9a-f]{50}_[0-9]+", "_x", json.dumps(response)))
    output = sorted(read["output"], key=lambda item: item["type"] == "reasoning")
    return {**read, "id": "", "created_at": 0, "completed_at": 0, "output": output}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
@pytest.mark.parametrize("wire", BEHIND)
async def test_answers_are_what_open_responses_says(wire: str, line: Line) -> None:
    async with house(wire) as (upstream, caller):
        upstream.say(line)
        upstream.say(line)
        whole = (await ask(caller, tools=[WEATHER])).json()
        streamed = await ask(caller, tools=[WEATHER], stream=True)

    spec.ResponseResource.model_validate(whole)
    Response.model_validate(whole)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    response = check_stream(events_of(streamed.body))
    Response.model_validate(response)
    assert comparable(response) == comparable(whole)


@pytest.mark.parametrize("wire", BEHIND)
async def test_a_cut_answer_is_incomplete(wire: str) -> None:
    async with house(wire) as (upstream, caller):
        upstream.say(LINES["cut"])
        body = (await ask(caller, max_output_tokens=16)).json()

    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert (body["completed_at"], body["max_output_tokens"]) == (None, 16)
    assert body["output"][-1]["status"] == "incomplete"


@pytest.mark.parametrize("wire", BEHIND)
async def test_failures_are_what_open_responses_says(wire: str) -> None:
    async with house(wire) as (upstream, caller):
        upstream.fail(429, "slow down")
        refused = await ask(caller)
        upstream.fail(429, "slow down")
        never_begun = await ask(caller, stream=True)
        upstream.fail_in_stream("out of capacity", after=["One"])
        broken = await ask(caller, stream=True)

    assert refused.status == never_begun.status == 429
    assert refused.json()["error"] == never_begun.json()["error"]
    spec.ErrorPayload.model_validate(refused.json()["error"])
    events = events_of(broken.body)
    for event in events:
        EVENTS[event["type"]].model_validate(event)
    assert events[-1]["type"] == "error"
    assert "out of capacity" in events[-1]["error"]["message"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "everything": {
        "instructions": "Be brief.",
        "input": [
            {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Be kind."}]},
            {"type": "message", "role": "developer", "content": "Be quick."},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look."},
                    {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"},
                    {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
                ],
            },
            {
                "type": "message",
                "role": "assistant",
                "phase": "commentary",
                "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
            },
            {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'},
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "input_text", "text": "4 degrees"}],
            },
            {"type": "message", "role": "user", "content": "And?"},
        ],
        "tools": [WEATHER],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "temperature": 0,
        "top_p": 0.5,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "max_output_tokens": 64,
        "metadata": {"a": "b"},
        "text": {"format": {"type": "text"}},
        "include": ["reasoning.encrypted_content"],
        "truncation": "disabled",
        "service_tier": "auto",
        "stream_options": {"include_obfuscation": False},
        "background": False,
        "store": False,
    },
    "nulls": dict.fromkeys(
        (
            *("previous_response_id", "include", "tools", "tool_choice", "metadata", "text", "temperature", "top_p"),
            *("stream", "stream_options", "background", "max_output_tokens", "max_tool_calls", "reasoning"),
            *("safety_identifier", "prompt_cache_key", "truncation", "instructions", "store", "service_tier"),
            "top_logprobs",
        )
    ),
    "a forced tool": {"tools": [WEATHER], "tool_choice": {"type": "function", "name": "weather"}},
    "allowed tools": {
        "tools": [WEATHER],
        "tool_choice": {
            "type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "weather"}],
        },
    },
    "effort": {"reasoning": {"effort": "low", "summary": "auto"}},
}  # fmt: skip


@pytest.mark.parametrize("fields", REQUESTS.values(), ids=REQUESTS.keys())
@pytest.mark.parametrize("wire", BEHIND)
async def test_requests_of_open_responses_are_taken(wire: str, fields: dict[str, Any]) -> None:
    given = {"model": MODEL, "input": "Hello", **fields}
    spec.CreateResponseBody.model_validate(given)
    async with house(wire) as (upstream, caller):
        upstream.reply("Hi.")
        answer = await ask(caller, **fields)

        assert answer.status == 200
        body = answer.json()
        spec.ResponseResource.model_validate(body)
        for name in ("temperature", "top_p", "max_output_tokens", "metadata", "instructions", "tool_choice", "store"):
            if fields.get(name) is not None:
                assert body[name] == fields[name]
        assert "Hello" in str(upstream.requests[0].json) or "And?" in str(upstream.requests[0].json)


async def test_what_the_gateway_does_itself_is_no_loss() -> None:
    everything = {name: REQUESTS["everything"][name] for name in (
        "include", "truncation", "stream_options", "background", "store", "temperature")}  # fmt: skip
    async with house("messages") as (upstream, caller):
        upstream.reply("Hi.")
        body = {"model": MODEL, "input": "Hello", **everything}
        await caller.send(post("/v1/responses", body, AUTHORIZATION, "x-interlingua-strict: true"))
        answer = await caller.answer()

    assert answer.status == 200
    assert "extensions" not in answer.headers.get("x-interlingua-warnings", "")


@pytest.mark.parametrize("fields", [{"include": ["file_search_call.results"]}, {"max_tool_calls": 3}])
async def test_what_is_lost_is_named_and_refused_in_strict_mode(fields: dict[str, Any]) -> None:
    async with house("chat_completions") as (upstream, caller):
        upstream.reply("Hi.")
        answer = await ask(caller, **fields)
        body = {"model": MODEL, "input": "Hello", **fields}
        await caller.send(post("/v1/responses", body, AUTHORIZATION, "x-interlingua-strict: true"))
        refused = await caller.answer()

    assert "responses" in answer.headers["x-interlingua-warnings"]
    assert refused.status == 400


async def test_an_answer_is_given_again_as_it_was() -> None:
    async with house("chat_completions") as (upstream, caller):
        upstream.say(LINES["text and a call"])
        whole = await ask(caller, tools=[WEATHER])
        upstream.say(LINES["text and a call"])
        streamed = check_stream(events_of((await ask(caller, tools=[WEATHER], stream=True)).body))

        assert (await fetch(caller, f"/v1/responses/{whole.json()['id']}")).body == whole.body
        assert (await fetch(caller, f"/v1/responses/{streamed['id']}")).json() == streamed


async def test_an_answer_is_deleted_once() -> None:
    async with house("chat_completions") as (_, caller):
        name = (await ask(caller)).json()["id"]

        deleted = await fetch(caller, f"/v1/responses/{name}", "DELETE")
        again = await fetch(caller, f"/v1/responses/{name}", "DELETE")

    assert deleted.json() == {"id": name, "object": "response", "deleted": True}
    assert (again.status, again.json()["error"]["code"]) == (404, "response_not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/responses/resp_unknown"),
        ("DELETE", "/v1/responses/resp_unknown"),
        ("POST", "/v1/responses/resp_unknown/cancel"),
        ("GET", "/v1/responses/resp_unknown/input_items"),
    ],
)
async def test_an_answer_that_is_not_there_is_not_found(method: str, path: str) -> None:
    async with house("chat_completions") as (_, caller):
        answer = await fetch(caller, path, method)

    assert answer.status == 404
    spec.ErrorPayload.model_validate(answer.json()["error"])


async def test_an_answer_that_is_gone_cannot_be_continued(tmp_path: Path) -> None:
    async with house("chat_completions", response_store=str(tmp_path / "kept.db")) as (_, caller):
        name = (await ask(caller)).json()["id"]
        await fetch(caller, f"/v1/responses/{name}", "DELETE")

        continued = await ask(caller, previous_response_id=name)

    error = continued.json()["error"]
    assert (continued.status, error["code"], error["param"]) == (
        400, "previous_response_not_found", "previous_response_id",
    )  # fmt: skip


async def test_a_whole_answer_cannot_be_cancelled_or_streamed_again() -> None:
    async with house("chat_completions") as (_, caller):
        name = (await ask(caller)).json()["id"]

        cancelled = await fetch(caller, f"/v1/responses/{name}/cancel", "POST")
        resumed = await fetch(caller, f"/v1/responses/{name}?stream=true&starting_after=3")

    assert (cancelled.status, resumed.status) == (400, 400)
    assert "background" in cancelled.json()["error"]["message"]
    assert resumed.json()["error"]["param"] == "stream"


async def test_input_items_are_listed_in_pages() -> None:
    given = [
        "One?",
        {"role": "assistant", "content": "One."},
        {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "4"},
        {"role": "user", "content": [{"type": "input_text", "text": "Two?"}]},
    ]
    items = [{"role": "user", "content": each} if isinstance(each, str) else each for each in given]
    async with house("chat_completions") as (_, caller):
        name = (await ask(caller, input=items)).json()["id"]
        path = f"/v1/responses/{name}/input_items"
        newest = (await fetch(caller, path)).json()
        first = (await fetch(caller, f"{path}?order=asc&limit=2")).json()
        rest = (await fetch(caller, f"{path}?order=asc&limit=100&after={first['last_id']}")).json()
        wrong = [await fetch(caller, f"{path}?{query}") for query in ("limit=0", "limit=101", "order=up", "after=x")]

    ResponseItemList.model_validate(newest)
    ids = [item["id"] for item in newest["data"]]
    assert (len(set(ids)), newest["has_more"], newest["object"]) == (5, False, "list")
    assert [item["id"] for item in [*first["data"], *rest["data"]]] == ids[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert (first["first_id"], rest["last_id"]) == (ids[-1], ids[0])
    assert first["data"][0]["content"] == [{"type": "input_text", "text": "One?"}]
    assert first["data"][1]["content"] == [{"type": "output_text", "text": "One.", "annotations": []}]
    assert [(each.status, each.json()["error"]["param"]) for each in wrong] == [
        (400, "limit"), (400, "limit"), (400, "order"), (400, "after"),
    ]  # fmt: skip


async def test_references_to_kept_items_are_resolved() -> None:
    async with house("chat_completions") as (upstream, caller):
        upstream.say(LINES["text and a call"])
        first = (await ask(caller, tools=[WEATHER])).json()
        said, called = first["output"]
        upstream.reply("4 degrees.")
        second = await ask(
            caller,
            input=[
                {"role": "user", "content": "Hello"},
                {"type": "item_reference", "id": said["id"]},
                {"id": called["id"]},
                {"type": "function_call_output", "call_id": called["call_id"], "output": "4"},
            ],
        )
        unknown = [
            await ask(caller, input=[{"type": "item_reference", "id": name}])
            for name in ("msg_0", f"msg_{'0' * 50}_0", said["id"][:-1] + "9")
        ]

        assert second.status == 200
        assert [message["role"] for message in upstream.requests[1].json["messages"]] == ["user", "assistant", "tool"]
        assert "I look." in str(upstream.requests[1].json)
        assert [(each.status, each.json()["error"]["code"]) for each in unknown] == [(404, "item_not_found")] * 3
        assert len(upstream.requests) == 2


async def test_references_to_kept_items_are_resolved_for_a_provider_of_the_wire_too() -> None:
    async with house("responses") as (upstream, caller):
        upstream.say(LINES["text and a call"])
        said, _ = (await ask(caller)).json()["output"]
        assert said["id"] == "msg_0"
        name = (await ask(caller, input="Remember me.")).json()["id"].removeprefix("resp_")
        references = [{"type": "item_reference", "id": each} for each in (f"item_{name}_0", "msg_of_the_provider")]
        await ask(caller, model="relayed/tiny", input=[*references, {"role": "user", "content": "And?"}])

        assert [item.get("content", item.get("id")) for item in upstream.requests[2].json["input"]] == [
            "Remember me.", "msg_of_the_provider", "And?",
        ]  # fmt: skip


async def test_an_answer_that_is_not_kept_has_a_name_of_its_own() -> None:
    async with house("ollama") as (_, caller):
        first, second = [(await ask(caller, store=False)).json() for _ in range(2)]
        unknown = await fetch(caller, f"/v1/responses/{first['id']}")

    assert first["id"] != second["id"]
    assert re.fullmatch(r"resp_[0-9a-f]{50}", first["id"])
    assert (first["store"], unknown.status) == (False, 404)


async def test_instructions_and_tools_are_not_carried_over() -> None:
    async with house("chat_completions") as (upstream, caller):
        first = (await ask(caller, instructions="Be brief.", tools=[WEATHER])).json()
        second = (await ask(caller, previous_response_id=first["id"], instructions="Be loud.")).json()

        asked = upstream.requests[1].json
        assert [(message["role"], message["content"]) for message in asked["messages"]] == [
            ("system", "Be loud."), ("user", "Hello"), ("assistant", "Hello!"), ("user", "Hello"),
        ]  # fmt: skip
        assert "tools" not in asked
        assert (second["previous_response_id"], second["instructions"]) == (first["id"], "Be loud.")


async def test_what_a_provider_gives_back_goes_back_to_it_from_a_kept_answer() -> None:
    async with house("messages") as (upstream, caller):
        upstream.say(LINES["thinking"])
        first = (await ask(caller)).json()
        upstream.say(LINES["text"])
        answer = await ask(caller, previous_response_id=first["id"])

        assert answer.status == 200
        thought = upstream.requests[1].json["messages"][1]["content"][0]
        assert thought == {"type": "thinking", "thinking": "Let me think.", "signature": "c2lnbmVk"}


async def test_tokens_are_counted_with_what_came_before() -> None:
    async with house("chat_completions") as (_, caller):
        first = (await ask(caller, input="A question of some length, so that it counts.")).json()
        counts: list[int] = []
        for fields in ({}, {"previous_response_id": first["id"]}, {"previous_response_id": "resp_unknown"}):
            body = {"model": MODEL, "input": "Hello", **fields}
            await caller.send(post("/v1/responses/input_tokens", body, AUTHORIZATION))
            answer = await caller.answer()
            counts.append(answer.json().get("input_tokens", -answer.status))

    alone, continued, unknown = counts
    assert 0 < alone < continued
    assert unknown == -400


async def test_a_provider_of_the_wire_is_asked_to_keep_nothing_of_a_translated_answer() -> None:
    async with house("responses") as (upstream, caller):
        upstream.say(LINES["thinking"])
        first = (await ask(caller)).json()
        upstream.say(LINES["text"])
        await ask(caller, previous_response_id=first["id"], store=False)

        asked = upstream.requests[1].json
        assert asked["store"] is False
        assert "reasoning.encrypted_content" in asked["include"]
        assert "previous_response_id" not in asked
        thoughts = [item for item in asked["input"] if item.get("type") == "reasoning"]
        assert [(item["id"], item["encrypted_content"]) for item in thoughts] == [("rs_0", "c2lnbmVk")]


async def test_a_stream_is_read_as_events_whatever_is_asked() -> None:
    body = msgspec.json.encode({"model": MODEL, "input": "Hello", "stream": True})
    async with house("messages") as (upstream, caller):
        upstream.stream("One", " two")
        await caller.send(post("/v1/responses", body, AUTHORIZATION, "Accept: text/event-stream"))
        response = check_stream(events_of((await caller.answer()).body))

    assert response["output"][0]["content"][0]["text"] == "One two"
