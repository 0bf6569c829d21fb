"""The scripted provider says the same whole and as a stream, in words that the provider's own types take."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from interlingua.testing.voice import Line
from interlingua.testing.voices import converse as converse_voice
from interlingua.testing.voices import messages as messages_voice
from interlingua.types import ModelOutput, OutputAssembly, ToolCallPart
from interlingua.wires import converse, messages
from interlingua.wires.contract import StreamParser

LINES = [
    Line(pieces=["Hel", "lo."], thinking="Hm.", signature="c2ln", redacted="hidden thought", reasoning_tokens=1),
    Line(pieces=["It is ", "cold."], citation_url="https://example.org", cached_tokens=2),
    Line(tool_calls=[("w", '{"a":1}'), ("w", "{}")], finish="tool_calls"),
    Line(refusal="No.", finish="content_filter"),
]
EXTRA: dict[str, Mapping[str, Any]] = {
    "messages": {
        "container": {"id": "c", "expires_at": "2026-11-25T09:00:00Z", "skills": None},
        "context_management": {"applied_edits": []},
        "stop_sequence": "END",
    },
    "converse": {
        "additionalModelResponseFields": {"x": 1},
        "serviceTier": {"type": "flex"},
        "metrics": {"latencyMs": 9},
    },
}


def assembled(parser: StreamParser, data: bytes) -> ModelOutput:
    assembly = OutputAssembly()
    for event in [*parser.feed(data), *parser.close()]:
        assembly.add(event)
    return assembly.output()


def same(whole: ModelOutput, streamed: ModelOutput) -> None:
    assert streamed.choices == whole.choices
    assert (streamed.usage, streamed.extensions) == (whole.usage, whole.extensions)
    assert all(part.parsed_arguments() is not None for part in whole.choices[0].parts if isinstance(part, ToolCallPart))


@pytest.mark.parametrize("line", LINES)
def test_messages_are_the_same_whole_and_streamed(line: Line) -> None:
    spoken = msgspec.structs.replace(line, extra=EXTRA["messages"])
    whole = messages.parse_response(messages_voice.whole(spoken, model="m", body={}))
    same(whole, assembled(messages.stream_parser(), b"".join(messages_voice.streamed(spoken, model="m", body={}))))
    assert set(whole.extensions["messages"]) == {"container", "context_management"}


@pytest.mark.parametrize("line", LINES)
def test_converse_is_the_same_whole_and_streamed(line: Line) -> None:
    spoken = msgspec.structs.replace(line, extra=EXTRA["converse"])
    whole = converse.parse_response(converse_voice.whole(spoken, model="m", body={}))
    same(whole, assembled(converse.stream_parser(), b"".join(converse_voice.streamed(spoken, model="m", body={}))))
    assert whole.extensions == {"converse": dict(EXTRA["converse"])}
