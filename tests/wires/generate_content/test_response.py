"""Whole replies of generateContent as published (google-genai 3.4 `types.py`, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from google.genai import types

from interlingua.types import Choice, Citation, ModelOutput, OpaquePart, TextPart, ThinkingPart, ToolCallPart, Usage
from interlingua.wires import generate_content

BODY: dict[str, Any] = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "Hm.", "thought": True},
                    {"text": "It is 4 degrees.", "thoughtSignature": "dGV4dA=="},
                    {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
                    {
                        "functionCall": {"id": "fc_1", "name": "f", "args": {"a": 1}},
                        "thoughtSignature": "Y2FsbA==",
                    },
                    {"functionCall": {"name": "f", "args": {}}},
                    {"text": "", "thoughtSignature": "bGFzdA=="},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
            "finishMessage": "done",
            "tokenCount": 7,
            "avgLogprobs": -0.5,
            "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}],
            "citationMetadata": {
                "citationSources": [{"startIndex": 0, "endIndex": 5, "uri": "https://a.example", "license": "MIT"}]
            },
            "groundingMetadata": {
                "webSearchQueries": ["weather"],
                "searchEntryPoint": {"renderedContent": "<div>"},
                "groundingChunks": [{"web": {"uri": "https://b.example", "title": "B"}}],
                "groundingSupports": [
                    {"segment": {"startIndex": 0, "endIndex": 4, "text": "It i"}, "groundingChunkIndices": [0]}
                ],
            },
            "urlContextMetadata": {
                "urlMetadata": [
                    {"retrievedUrl": "https://c.example", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"}
                ]
            },
            "logprobsResult": {
                "chosenCandidates": [{"token": "It", "tokenId": 5, "logProbability": -0.25}],
                "topCandidates": [{"candidates": [{"token": "It", "tokenId": 5, "logProbability": -0.25}]}],
            },
        }
    ],
    "promptFeedback": {"safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}]},
    "usageMetadata": {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 20,
        "thoughtsTokenCount": 30,
        "toolUsePromptTokenCount": 7,
        "totalTokenCount": 157,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 90}, {"modality": "AUDIO", "tokenCount": 10}],
        "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 40}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 20}],
        "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 7}],
    },
    "modelVersion": "gemini-3.5-pro",
    "responseId": "r1",
    "modelStatus": {"modelStage": "STABLE"},
}


def parsed(body: dict[str, Any]) -> ModelOutput:
    return generate_content.parse_response(msgspec.json.encode(body))


def again(body: dict[str, Any]) -> dict[str, Any]:
    return msgspec.json.decode(generate_content.render_response(parsed(body)))


def test_a_whole_reply_goes_back_as_it_came() -> None:
    assert again(BODY) == BODY


def test_a_whole_reply_is_read() -> None:
    output = parsed(BODY)

    thought, text, code, result, call, second, last = output.parts
    assert thought == ThinkingPart(text="Hm.", wire="generate_content")
    assert isinstance(text, TextPart)
    assert (text.text, text.signature) == ("It is 4 degrees.", "dGV4dA==")
    assert isinstance(code, OpaquePart)
    assert isinstance(result, OpaquePart)
    assert isinstance(call, ToolCallPart)
    assert (call.id, call.arguments, call.signature) == ("fc_1", '{"a":1}', "Y2FsbA==")
    assert isinstance(second, ToolCallPart)
    assert (second.id, second.signature) == ("call_1_f", None)
    assert isinstance(last, TextPart)
    assert (last.text, last.signature) == ("", "bGFzdA==")
    assert last.citations == [
        Citation(url="https://a.example", start_index=0, end_index=5),
        Citation(url="https://b.example", title="B", start_index=0, end_index=4),
    ]
    assert (output.finish_reason, output.id, output.model) == ("tool_calls", "r1", "gemini-3.5-pro")
    assert output.choices[0].logprobs is not None


def test_usage_adds_up() -> None:
    usage = parsed(BODY).usage

    assert usage is not None
    assert (usage.input_tokens, usage.cache_read_tokens, usage.input_audio_tokens) == (57, 40, 10)
    assert (usage.output_tokens, usage.reasoning_tokens, usage.total_tokens) == (20, 30, 157)


def test_sounds_and_images_are_counted_for_a_caller_of_google() -> None:
    usage = Usage(input_tokens=5, input_audio_tokens=3, input_image_tokens=2, output_tokens=4, output_audio_tokens=6)

    written = msgspec.json.decode(generate_content.render_response(ModelOutput(usage=usage)))["usageMetadata"]

    assert written == {
        "promptTokenCount": 10,
        "candidatesTokenCount": 10,
        "totalTokenCount": 20,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 3}, {"modality": "IMAGE", "tokenCount": 2}],
        "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 6}],
    }
    back = parsed({"candidates": [{}], "usageMetadata": written}).usage
    assert back is not None
    assert (back.input_audio_tokens, back.input_image_tokens, back.output_audio_tokens) == (3, 2, 6)


@pytest.mark.parametrize("word", [each.value for each in types.FinishReason])
def test_every_finish_reason_goes_back_as_it_came(word: str) -> None:
    candidate = {"content": {"role": "model", "parts": [{"text": "x"}]}, "finishReason": word, "index": 0}
    output = parsed({"candidates": [candidate]})

    expected = None if word == "FINISH_REASON_UNSPECIFIED" else word
    assert again({"candidates": [candidate]})["candidates"][0].get("finishReason") == expected
    assert (output.finish_reason is None) == (expected is None)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("SAFETY", "content_filter"),
        ("IMAGE_RECITATION", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "error"),
        ("UNEXPECTED_TOOL_CALL", "error"),
        ("TOO_MANY_TOOL_CALLS", "error"),
        ("MISSING_THOUGHT_SIGNATURE", "error"),
        ("MALFORMED_RESPONSE", "error"),
        ("NO_IMAGE", "other"),
        ("A_NEW_ONE", "other"),
    ],
)
def test_finish_reasons_have_neutral_names(word: str, reason: str) -> None:
    assert parsed({"candidates": [{"finishReason": word}]}).finish_reason == reason


@pytest.mark.parametrize("word", [each.value for each in types.BlockedReason])
def test_a_blocked_prompt_is_a_filtered_answer_and_goes_back_without_candidates(word: str) -> None:
    body: dict[str, Any] = {
        "promptFeedback": {"blockReason": word, "blockReasonMessage": "no"},
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 0, "totalTokenCount": 3},
        "modelVersion": "m",
    }
    output = parsed(body)

    assert (output.finish_reason, output.choices[0].raw_finish_reason, output.text) == ("content_filter", word, "")
    assert again(body) == body


def test_sources_of_another_wire_stand_where_googles_sdk_reads_them() -> None:
    citation = Citation(url="https://a.example", title="A", start_index=0, end_index=1)
    output = ModelOutput(choices=[Choice(parts=[TextPart("x", citations=[citation])], finish_reason="stop")])

    candidate = msgspec.json.decode(generate_content.render_response(output))["candidates"][0]

    source = {"uri": "https://a.example", "title": "A", "startIndex": 0, "endIndex": 1}
    assert candidate["citationMetadata"] == {"citationSources": [source]}


def test_a_written_reply_is_of_googles_types() -> None:
    written = again(BODY)
    for candidate in written["candidates"]:  # the SDK renames this one before it checks
        candidate["citationMetadata"] = {"citations": candidate["citationMetadata"]["citationSources"]}

    types.GenerateContentResponse.model_validate(written)
