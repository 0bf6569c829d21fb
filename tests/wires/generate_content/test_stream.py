"""Streamed replies of generateContent, compared with the same reply unstreamed (google-genai 3.4)."""

from typing import Any

import msgspec
import pytest
from google.genai import types

from interlingua.errors import ProviderError, StreamInterrupted, Throttled
from interlingua.types import Event, Finish, ModelOutput, ModelRequest, OutputAssembly, StreamEnd, StreamStart
from interlingua.wires import generate_content

PARTS: list[dict[str, Any]] = [
    {"text": "Hm.", "thought": True, "thoughtSignature": "dGhvdWdodA=="},
    {"text": "One.", "thoughtSignature": "b25l"},
    {"text": "Two.", "thoughtSignature": "dHdv"},
    {"text": "", "thoughtSignature": "dGhyZWU="},
    {"executableCode": {"language": "PYTHON", "code": "print(1)"}, "thoughtSignature": "Y29kZQ=="},
    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
    {"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "args": {}}, "thoughtSignature": "dG9vbA=="},
    {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}, "thoughtSignature": "aW1hZ2U="},
    {"functionCall": {"id": "fc_1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "Y2FsbA=="},
    {"functionCall": {"name": "f", "args": {"a": 2}}},
    {"text": "Last."},
]
USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 1, "totalTokenCount": 6}
HEAD = {"modelVersion": "gemini-3.5-pro", "responseId": "r1"}


def chunk(part: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"role": "model", "parts": [part]} if part is not None else {}
    return {**HEAD, "candidates": [{"content": content, "index": 0, **fields}], "usageMetadata": USAGE}


def sent(chunks: list[dict[str, Any]]) -> bytes:
    return b"".join(b"data: %b\r\n\r\n" % msgspec.json.encode(each) for each in chunks)


def events_of(data: bytes, *, size: int = 1 << 20) -> list[Event]:
    parser = generate_content.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
        if parser.failure is not None:
            raise parser.failure
    return [*events, *parser.close()]


def assembled(events: list[Event]) -> ModelOutput:
    assembly = OutputAssembly()
    for event in events:
        assembly.add(event)
    return assembly.output()


def stream_of(events: list[Event]) -> list[dict[str, Any]]:
    renderer = generate_content.stream_renderer(ModelRequest("m", []))
    data = b"".join(renderer.render(event) for event in events)
    return [msgspec.json.decode(line.removeprefix(b"data: ")) for line in data.split(b"\n\n") if line]


def parts_of(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        part
        for each in chunks
        for candidate in each.get("candidates", ())
        for part in candidate["content"]["parts"]
        if part != {"text": ""}
    ]


CHUNKS = [*(chunk(part) for part in PARTS), chunk(None, finishReason="STOP", finishMessage="done")]


@pytest.mark.parametrize("size", [1, 17, 1 << 20])
def test_a_stream_says_what_the_whole_reply_says(size: int) -> None:
    candidate = {
        "content": {"role": "model", "parts": PARTS},
        "index": 0,
        "finishReason": "STOP",
        "finishMessage": "done",
    }
    whole = generate_content.parse_response(
        msgspec.json.encode({**HEAD, "candidates": [candidate], "usageMetadata": USAGE})
    )

    output = assembled(events_of(sent(CHUNKS), size=size))

    assert output.choices == whole.choices
    assert (output.usage, output.id, output.model) == (whole.usage, whole.id, whole.model)
    assert msgspec.json.decode(generate_content.render_response(output))["candidates"] == [candidate]


def test_every_part_of_a_stream_goes_back_as_it_came() -> None:
    written = stream_of(events_of(sent(CHUNKS)))

    assert parts_of(written) == PARTS
    assert written[-1]["candidates"][0]["finishReason"] == "STOP"
    assert written[-1]["usageMetadata"] == USAGE
    for each in written:
        types.GenerateContentResponse.model_validate(each)


def test_a_blocked_prompt_is_a_filtered_answer_without_candidates() -> None:
    blocked = {**HEAD, "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": USAGE}
    events = events_of(sent([blocked]))

    assert isinstance(events[0], StreamStart)
    assert events[-2:] == [Finish("content_filter", 0, "PROHIBITED_CONTENT"), StreamEnd()]
    written = stream_of(events)
    assert written == [blocked]
    watch = generate_content.stream_watch()
    watch.feed(sent([blocked]))
    assert watch.finished


@pytest.mark.parametrize("word", ["MALFORMED_FUNCTION_CALL", "CONTINUATION", "MISSING_THOUGHT_SIGNATURE", "NO_IMAGE"])
def test_a_finish_reason_goes_back_with_its_message(word: str) -> None:
    ended = chunk({"text": "x"}, finishReason=word, finishMessage="why", continuationToken="t")

    last = stream_of(events_of(sent([ended])))[-1]["candidates"][0]

    assert (last["finishReason"], last["finishMessage"], last["continuationToken"]) == (word, "why", "t")


def test_a_stream_without_a_finish_reason_was_cut() -> None:
    with pytest.raises(StreamInterrupted) as caught:
        events_of(sent([chunk({"text": "Hel"})]))
    assert caught.value.partial == "Hel"


def test_an_error_in_a_stream_is_raised_as_what_it_is() -> None:
    error = {"error": {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED"}}

    with pytest.raises(Throttled, match=r"Quota exceeded\."):
        events_of(sent([chunk({"text": "Hel"}), error]))
    with pytest.raises(ProviderError, match=r"Quota exceeded\."):
        events_of(msgspec.json.encode([error]))


def test_a_written_error_is_an_event_in_googles_shape() -> None:
    renderer = generate_content.stream_renderer(ModelRequest("m", []))

    data = renderer.render_error(Throttled("Quota exceeded.", status=429))

    assert msgspec.json.decode(data.removeprefix(b"data: ")) == {
        "error": {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED"}
    }
