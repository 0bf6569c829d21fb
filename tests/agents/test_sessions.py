"""Coding agents over providers of every wire.

In each session the model thinks, says something, uses two tools at once, and answers.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec
import pytest
from anthropic.types.message_create_params import MessageCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParams

from interlingua.testing import Reply, ScriptedProvider
from interlingua.testing.reply import Behaviour, SeenRequest
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_for
from tests.agents import behind, claude_code, codex, gemini_cli, workshop
from tests.agents.behind import STATE, Result
from tests.agents.exchange import ask, warnings
from tests.agents.turn import Agent, Call, Turn
from tests.conformance.shapes import CHECKS
from tests.gateway.house import gateway_over
from tests.gateway.raw import Answer
from tests.published import adapter_of

pytestmark = [pytest.mark.anyio, pytest.mark.newest_openai]

AGENTS: Final = [cast("Agent", each) for each in (claude_code, codex, gemini_cli)]
NAMES: Final = {claude_code.WIRE: "claude_code", codex.WIRE: "codex", gemini_cli.WIRE: "gemini_cli"}
BEHIND: Final = ("messages", "responses", "generate_content", "chat_completions")
EACH_AGENT = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: NAMES[agent.WIRE])
EACH_WIRE = pytest.mark.parametrize("wire", BEHIND)
STREAMED = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])

PUBLISHED: Final[dict[str, Any]] = {"messages": MessageCreateParams, "chat_completions": CompletionCreateParams}

DONE: Final = {
    "messages": {"tool_calls": "tool_use", "stop": "end_turn"},
    "responses": {"tool_calls": "completed", "stop": "completed"},
    "generate_content": {"tool_calls": "STOP", "stop": "STOP"},
}


def thinks(wire: str) -> Line:
    """Let the model think, say something, and ask for two tools."""
    return Line(
        thinking="**Looking**\n\nThe file first.",
        signature=STATE[wire],
        pieces=("Let me ", "look."),
        tool_calls=(workshop.READ, workshop.RUN),
        finish="tool_calls" if wire == "chat_completions" else None,
        input_tokens=9000,
        cached_tokens=8000,
        output_tokens=120,
        reasoning_tokens=30,
    )


ANSWERS: Final = Line(pieces=("It looks for ", "`gears.toml`, ", "which is gone."), input_tokens=9200, output_tokens=40)


async def session(agent: Agent, wire: str, *, stream: bool) -> tuple[list[dict[str, Any]], list[Turn], list[Answer]]:
    """Run the session; give what the provider received, what the agent heard, and the answers as they came."""
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        upstream.say(thinks(wire))
        upstream.say(ANSWERS)
        asked = agent.first("relayed/tiny", stream=stream)
        first = await ask(agent, server.port, asked, stream=stream)
        heard = agent.hear(first.body, stream=stream)
        second = await ask(agent, server.port, agent.second(asked, heard), stream=stream)
        turns = [heard, agent.hear(second.body, stream=stream)]
        return [seen.fields for seen in upstream.requests], turns, [first, second]


@STREAMED
@EACH_WIRE
@EACH_AGENT
async def test_a_session_says_on_either_side_what_was_meant_on_the_other(agent: Agent, wire: str, stream: bool) -> None:
    bodies, (thought, answered), _ = await session(agent, wire, stream=stream)

    for body in bodies if wire != agent.WIRE else ():  # its own body is the agent's own business
        CHECKS[wire](body)
        if wire in PUBLISHED:
            adapter_of(PUBLISHED[wire]).validate_python(body)
    first, second = (behind.read(wire, body) for body in bodies)

    declared = {name: first.tools.get(name) for name, _, _ in workshop.TOOLS}
    assert declared == {name: schema for name, _, schema in workshop.TOOLS}
    assert [name for name in first.tools if name in declared] == list(declared)
    assert workshop.SYSTEM in first.system
    assert [text for text in first.texts if workshop.QUESTION in text]
    assert str(first.effort).lower() == "high"
    assert second.tools == first.tools
    assert second.system == first.system

    assert thought.thinking == "**Looking**\n\nThe file first."
    assert thought.text == "Let me look."
    assert [(call.name, arguments(call.arguments)) for call in thought.calls] == [
        (name, json.loads(text)) for name, text in (workshop.READ, workshop.RUN)
    ]
    assert thought.finish == DONE[agent.WIRE]["tool_calls"]
    assert answered.text == workshop.SETTLED
    assert answered.finish == DONE[agent.WIRE]["stop"]

    assert second.calls == [(name, json.loads(text)) for name, text in (workshop.READ, workshop.RUN)]
    fails = wire in ("messages", "generate_content") and agent.WIRE != "responses"  # the others cannot say so
    read, run = second.results
    assert read == Result("read_file", workshop.SOURCE, images=1)
    assert run == Result("run_command", workshop.FAILURE, failed=fails)
    assert any(text.startswith("Let me") for text in second.texts)


def arguments(given: Any) -> Any:
    return json.loads(given) if isinstance(given, str) else given


@STREAMED
@EACH_WIRE
@EACH_AGENT
async def test_the_state_of_the_thinking_comes_back_to_its_provider(agent: Agent, wire: str, stream: bool) -> None:
    (_, body), _, (_, answer) = await session(agent, wire, stream=stream)

    assert behind.read(wire, body).state == [STATE[wire]]
    assert not any(each.startswith("dropped thinking") for each in warnings(answer))


async def patched(wire: str, calls: Sequence[tuple[str, str]], *, stream: bool) -> tuple[dict[str, Any], Turn, Answer]:
    """Let the model call tools of Codex's own kinds; give the second request, what Codex heard, and the last answer."""
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        upstream.say(Line(tool_calls=calls))
        upstream.say(ANSWERS)
        asked = codex.first("relayed/tiny", stream=stream)
        heard = codex.hear((await ask(AGENTS[1], server.port, asked, stream=stream)).body, stream=stream)
        results = [
            {"type": kind, "call_id": call.id, "output": "Done."}
            for call, kind in zip(heard.calls, ("custom_tool_call_output", "function_call_output"), strict=True)
        ]
        body = {**asked, "input": [*asked["input"], *heard.kept, *results]}
        answer = await ask(AGENTS[1], server.port, body, stream=stream)
        return upstream.requests[1].fields, heard, answer


@STREAMED
@pytest.mark.parametrize("wire", ["messages", "generate_content"])
async def test_tools_of_kinds_that_only_codex_has_are_called_as_codex_knows_them(wire: str, stream: bool) -> None:
    patch = json.dumps({"input": codex.PATCH})
    inside = f"{codex.NAMESPACE}__tracker_list_issues"

    calls = [("apply_patch", patch), (inside, '{"repository":"räder/build"}')]
    body, heard, answer = await patched(wire, calls, stream=stream)

    assert heard.calls == [
        Call(heard.calls[0].id, "apply_patch", codex.PATCH),
        Call(heard.calls[1].id, "tracker_list_issues", '{"repository":"räder/build"}', codex.NAMESPACE),
    ]
    received = behind.read(wire, body)
    assert received.calls == [("apply_patch", {"input": codex.PATCH}), (inside, {"repository": "räder/build"})]
    assert [result.name for result in received.results] == ["apply_patch", inside]
    assert received.tools[inside] == workshop.TOOLS[20][2]
    assert codex.GRAMMAR in received.tools["apply_patch"]["properties"]["input"]["description"]
    assert list(received.tools)[-3:] == ["apply_patch", inside, f"{codex.NAMESPACE}__tracker_create_issue"]
    told = ", ".join(warnings(answer))
    assert "emulated custom tool: apply_patch" in told
    assert f"renamed tools: those of {codex.NAMESPACE}" in told
    assert "dropped tools: web_search of responses" in told


NAMED: Final = {
    claude_code.WIRE: ("context_management", "cache"),
    codex.WIRE: ("verbosity", "prompt_cache_key", "client_metadata", "web_search"),
    gemini_cli.WIRE: ("top_k",),
}
"""What an agent asks for that not every provider can be told."""


@EACH_WIRE
@EACH_AGENT
async def test_what_is_left_out_is_named(agent: Agent, wire: str) -> None:
    bodies, _, answers = await session(agent, wire, stream=True)

    for body, answer in zip(bodies, answers, strict=True):
        told = warnings(answer)
        sent = json.dumps(body)
        assert len(set(told)) == len(told)
        for name in NAMED[agent.WIRE]:
            arrived = name in sent or (name == "top_k" and "topK" in sent)
            assert arrived or any(name in each for each in told), (name, told)
    if wire == agent.WIRE:
        assert warnings(answers[0]) == []


@STREAMED
async def test_cache_breakpoints_go_where_there_are_any(stream: bool) -> None:
    bodies, _, _ = await session(AGENTS[0], "messages", stream=stream)

    assert [behind.read("messages", body).marks for body in bodies] == [3, 3]


@STREAMED
@EACH_AGENT
async def test_reasoning_that_has_no_state_comes_back_where_it_was(agent: Agent, stream: bool) -> None:
    """DeepSeek answers 400 where a turn that calls tools comes back without its `reasoning_content`."""
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire="chat_completions") as server:
        upstream.say(msgspec.structs.replace(thinks("chat_completions"), signature=None))
        upstream.say(ANSWERS)
        asked = agent.first("relayed/tiny", stream=stream)
        heard = agent.hear((await ask(agent, server.port, asked, stream=stream)).body, stream=stream)
        answer = await ask(agent, server.port, agent.second(asked, heard), stream=stream)
        turn = next(each for each in upstream.requests[1].fields["messages"] if each["role"] == "assistant")

    assert turn["reasoning_content"] == "**Looking**\n\nThe file first."
    assert turn["content"] == "Let me look."
    assert [call["function"]["name"] for call in turn["tool_calls"]] == ["read_file", "run_command"]
    assert not any(each.startswith("dropped thinking") for each in warnings(answer))


@STREAMED
@EACH_WIRE
@EACH_AGENT
async def test_thinking_between_tools_comes_back_step_by_step(agent: Agent, wire: str, stream: bool) -> None:
    states = [STATE[wire], STATE[wire].replace("0", "1").replace("CtQB", "CtQC").replace("EqQB", "EqQC")]
    assert states[0] != states[1]
    lines = [
        Line(thinking="First the file.", signature=states[0], tool_calls=(workshop.READ,)),
        Line(thinking="Then the build.", signature=states[1], pieces=("Now ", "build."), tool_calls=(workshop.RUN,)),
        ANSWERS,
    ]
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        asked = agent.first("relayed/tiny", stream=stream)
        for line, result in zip(lines, (workshop.SOURCE, workshop.FAILURE, ""), strict=True):
            upstream.send(numbered(line))
            heard = agent.hear((await ask(agent, server.port, asked, stream=stream)).body, stream=stream)
            if heard.calls:
                asked = agent.step(asked, heard, [result])
        body = upstream.requests[2].fields

    received = behind.read(wire, body)
    assert received.state == states
    assert received.calls == [(name, json.loads(text)) for name, text in (workshop.READ, workshop.RUN)]
    assert received.results == [Result("read_file", workshop.SOURCE), Result("run_command", workshop.FAILURE)]
    if wire not in ("chat_completions", agent.WIRE):  # a chat message has no order; and its own body is the agent's own
        assert order_of(body) == ["First the file.", "read_file", "Then the build.", "Now build.", "run_command"]


def numbered(line: Line) -> Behaviour:
    """Say a line with ids of calls that no earlier line had, as real providers do."""

    def behave(seen: SeenRequest) -> Reply:
        voice, body, number = voice_for(seen.method, seen.path), seen.fields, len(seen.body)
        model = voice.model_of(seen.path, body)
        if voice.wants_stream(seen.path, body):
            pieces, kind = voice.streamed(line, model=model, body=body), voice.STREAM_CONTENT_TYPE
        else:
            pieces, kind = [voice.whole(line, model=model, body=body)], voice.CONTENT_TYPE
        named = [piece.replace(b'"call_0"', b'"call_%d"' % number) for piece in pieces]
        return Reply(headers=(("content-type", kind),), pieces=named)

    return behave


def order_of(body: dict[str, Any]) -> list[str]:
    """Give what the model thought, said and called, in the order in which the provider gets it back."""
    text = json.dumps(body, ensure_ascii=False)
    text = text[text.index(workshop.QUESTION) :]
    marks = ["First the file.", "Then the build.", "Now build.", '"read_file"', '"run_command"']
    found = [(text.index(mark), mark.strip('"')) for mark in marks if mark in text]
    return [mark for _, mark in sorted(found)]
