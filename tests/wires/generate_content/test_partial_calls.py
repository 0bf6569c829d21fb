"""Calls whose arguments come in pieces, as Vertex AI streams them (google-genai 3.4 `PartialArg`, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from google.genai import types

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import Finish, OutputAssembly, ToolCallDelta
from interlingua.wires import generate_content


def begun(name: str, **fields: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "willContinue": True}, **fields}


def piece(path: str, *, more: bool = True, **value: Any) -> dict[str, Any]:
    return {"functionCall": {"partialArgs": [{"jsonPath": path, **value}], "willContinue": more}}


OVER: dict[str, Any] = {"functionCall": {}}
PARTS: list[dict[str, Any]] = [
    begun("weather", thoughtSignature="c2ln"),
    piece("$.city", stringValue="Os", willContinue=True),
    piece("$.city", stringValue="lo"),
    piece("$.days[0]", numberValue=1),
    piece("$.days[1]", numberValue=2.5),
    piece("$['a.b'].rows[0].name", stringValue="x"),
    piece('$["a.b"].rows[1]["it\\"s"]', boolValue=False),
    piece("$.none", nullValue="NULL_VALUE"),
    OVER,
    begun("clock"),
    piece("$.zone", more=False, stringValue="UTC"),
    {"functionCall": {"name": "whole", "args": {"a": 1}}},
]
WEATHER = {
    "city": "Oslo",
    "days": [1, 2.5],
    "a.b": {"rows": [{"name": "x"}, {'it"s': False}]},
    "none": None,
}


def sent(parts: list[dict[str, Any]], *, word: str | None = "STOP") -> bytes:
    data = b""
    for number, part in enumerate(parts):
        candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": [part]}}
        if word is not None and number == len(parts) - 1:
            candidate["finishReason"] = word
        data += b"data: %b\r\n\r\n" % msgspec.json.encode({"candidates": [candidate]})
    return data


def test_the_pieces_are_of_googles_types() -> None:
    for part in PARTS:
        types.Part.model_validate(part)


def test_streamed_pieces_are_whole_calls() -> None:
    parser = generate_content.stream_parser()
    assembly = OutputAssembly()
    for event in [*parser.feed(sent(PARTS)), *parser.close()]:
        assembly.add(event)
    output = assembly.output()

    weather, clock, whole = output.tool_calls
    assert (weather.name, weather.signature, weather.parsed_arguments()) == ("weather", "c2ln", WEATHER)
    assert (clock.name, clock.parsed_arguments()) == ("clock", {"zone": "UTC"})
    assert (whole.name, whole.parsed_arguments()) == ("whole", {"a": 1})
    assert output.finish_reason == "tool_calls"


def test_an_end_after_the_end_says_nothing() -> None:
    parser = generate_content.stream_parser()
    events = [*parser.feed(sent([begun("f"), piece("$.a", more=False, boolValue=True), OVER])), *parser.close()]

    assert [each.arguments for each in events if isinstance(each, ToolCallDelta)] == ['{"a":true}']
    parser = generate_content.stream_parser()
    parser.feed(sent([OVER]))
    assert isinstance(parser.failure, ProtocolError)


def test_a_call_that_the_limit_cut_has_what_came_of_it() -> None:
    parser = generate_content.stream_parser()
    events = [*parser.feed(sent(PARTS[:3], word="MAX_TOKENS")), *parser.close()]

    assert [each.arguments for each in events if isinstance(each, ToolCallDelta)] == ['{"city":"Oslo"}']
    assert Finish("length", 0, "MAX_TOKENS") in events


def test_pieces_in_a_conversation_are_whole_calls() -> None:
    body = {"contents": [{"role": "model", "parts": PARTS}]}
    request = generate_content.parse_request(msgspec.json.encode(body), model="m", stream=False)

    assert [call.name for call in request.messages[0].tool_calls] == ["weather", "clock", "whole"]
    assert request.messages[0].tool_calls[0].parsed_arguments() == WEATHER


@pytest.mark.parametrize(
    "path", ["", "$", "city", "$.", "$.a[", "$.a[b]", "$.a[5]", "$.a[99999999999]", "$[0]", "$.x.y", "$" + ".a" * 70]
)
def test_a_place_that_is_none_is_refused(path: str) -> None:
    parts = [begun("f"), piece("$.x", stringValue="a"), piece(path, stringValue="b")]

    body = msgspec.json.encode({"contents": [{"role": "model", "parts": parts}]})
    with pytest.raises(InvalidRequest):
        generate_content.parse_request(body, model="m", stream=False)
    parser = generate_content.stream_parser()
    parser.feed(sent(parts[:2], word=None))
    with pytest.raises(ProtocolError):
        parser.feed(sent(parts[2:]))


@pytest.mark.parametrize("pieces", [None, 7, "x", [], [7], [{}]])
def test_odd_pieces_never_crash(pieces: object) -> None:
    part = {"functionCall": {"partialArgs": pieces, "willContinue": True}}
    parser = generate_content.stream_parser()
    parser.feed(sent([begun("f")], word=None))
    try:
        parser.feed(sent([part, OVER]))
    except ProtocolError as error:
        assert "jsonPath" in error.message  # noqa: PT017 - either is right
