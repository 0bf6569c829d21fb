"""Whole replies, both ways (types of google-genai 3.4 `GenerateContentResponse`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import (
    Adaptation,
    Choice,
    Citation,
    FinishReason,
    ModelOutput,
    ModelRequest,
    Part,
    TextPart,
    ToolCallPart,
)
from interlingua.types.shape import is_list, is_object
from interlingua.wires.body import reply_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.generate_content.calls import CallNames
from interlingua.wires.generate_content.content import read_parts, write_answer
from interlingua.wires.generate_content.errors import error_of
from interlingua.wires.generate_content.fields import extensions_of, left_behind, own
from interlingua.wires.generate_content.usage import read_usage, write_usage

_FINISH: Final[dict[str, FinishReason]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    "TOO_MANY_TOOL_CALLS": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "CONTINUATION": "length",
}
_WORDS: Final[dict[FinishReason, str]] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
}
HEAD: Final = frozenset(("candidates", "usageMetadata", "modelVersion", "responseId", "promptFeedback"))
CANDIDATE: Final = frozenset(("content", "finishReason", "index"))

_encode = msgspec.json.Encoder().encode


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply; a prompt that was blocked is a choice that ended by the filter.

    Raises:
        ProviderError: the reply carries an error.
        ProtocolError: it is no answer.

    """
    del dialect
    fields = reply_object(body)
    if fields.get("error"):
        raise error_of(fields, body=body)
    candidates = fields.get("candidates") or ()
    feedback = fields.get("promptFeedback")
    if not is_list(candidates) or (not candidates and not is_object(feedback)):
        names = ", ".join(list(fields)[:8]) or "nothing"
        raise ProtocolError(f"the reply is no answer: it has no candidates (but {names}).", body=body)
    calls = CallNames()
    try:
        choices = [_read_candidate(each, position, calls) for position, each in enumerate(candidates)]
    except InvalidRequest as error:  # the same shapes are read in requests
        raise ProtocolError(f"the reply is malformed: {error.message}", param=error.param, body=body) from error
    blocked = block_word(feedback)
    if blocked is not None and not choices:
        choices = [Choice(finish_reason="content_filter", raw_finish_reason=blocked)]
    rest = {name: value for name, value in fields.items() if name not in HEAD}
    if feedback is not None:
        rest["promptFeedback"] = feedback
    return ModelOutput(
        choices=choices,
        id=text_or_none(fields.get("responseId")),
        model=text_or_none(fields.get("modelVersion")),
        usage=read_usage(fields.get("usageMetadata")),
        extensions=extensions_of(rest),
        raw=body,
    )


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole reply; what it cannot say as it is, is told in `output.warnings`."""
    del request
    extra = own(output.extensions)
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {}
    if not is_block(extra) or any(choice.parts for choice in output.choices):
        body["candidates"] = [_write_candidate(choice, dropped) for choice in output.choices]
    if output.usage is not None:
        body["usageMetadata"] = write_usage(output.usage)
    if output.model is not None:
        body["modelVersion"] = output.model
    if output.id is not None:
        body["responseId"] = output.id
    output.warnings += [each for each in dict.fromkeys(dropped) if each not in output.warnings]
    return _encode(body | extra)


def finish_reason_of(word: object, *, called: bool) -> FinishReason | None:
    """Give the neutral name of a finish reason; there is none for the call of a tool, which `called` tells."""
    if not isinstance(word, str) or not word or word == "FINISH_REASON_UNSPECIFIED":
        return None
    reason = _FINISH.get(word, "other")
    return "tool_calls" if called and reason == "stop" else reason


def finish_word(reason: FinishReason, raw: str | None) -> str:
    """Give the word to write: the provider's own, if it is of this wire."""
    if raw is not None and (_FINISH.get(raw) == reason or (raw == "STOP" and reason == "tool_calls")):
        return raw
    return _WORDS.get(reason, raw if raw is not None and raw.isupper() else "OTHER")


def block_word(feedback: object) -> str | None:
    """Give why a prompt was blocked, or None if it was not."""
    word = feedback.get("blockReason") if is_object(feedback) else None
    return word if isinstance(word, str) and word else None


def is_block(extra: Mapping[str, Any]) -> bool:
    """Tell whether what an answer has beyond the known says that the prompt was blocked: it has no candidates then."""
    return block_word(extra.get("promptFeedback")) is not None


def text_or_none(value: object) -> str | None:
    """Give a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def candidate_extras(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a candidate has beyond its content."""
    return {name: value for name, value in candidate.items() if name not in CANDIDATE and value is not None}


def read_citations(candidate: Mapping[str, Any]) -> list[Citation]:
    """Read the sources of an answer: those that it repeats, and the pages that it is grounded in."""
    metadata = candidate.get("citationMetadata")
    given = metadata.get("citations") or metadata.get("citationSources") if is_object(metadata) else None
    found = [
        _citation(each.get("uri"), each.get("title"), each.get("startIndex"), each.get("endIndex"))
        for each in (given if is_list(given) else ())
        if is_object(each)
    ]
    grounding = candidate.get("groundingMetadata")
    if is_object(grounding):
        found += _grounded(grounding)
    return found


def _grounded(grounding: Mapping[str, Any]) -> list[Citation]:
    chunks, supports = grounding.get("groundingChunks"), grounding.get("groundingSupports")
    pages = [each.get("web") if is_object(each) else None for each in chunks] if is_list(chunks) else []
    found: list[Citation] = []
    for support in supports if is_list(supports) else ():
        segment = support.get("segment") if is_object(support) else None
        numbers = support.get("groundingChunkIndices") if is_object(support) else None
        if not is_object(segment) or not is_list(numbers):
            continue
        for number in numbers:
            page = pages[number] if type(number) is int and 0 <= number < len(pages) else None
            if is_object(page):
                found.append(
                    _citation(page.get("uri"), page.get("title"), segment.get("startIndex"), segment.get("endIndex"))
                )
    return found


def _citation(url: object, title: object, start: object, end: object) -> Citation:
    return Citation(
        url=url if isinstance(url, str) else None,
        title=title if isinstance(title, str) else None,
        start_index=start if type(start) is int else None,
        end_index=end if type(end) is int else None,
    )


def write_citations(citations: list[Citation]) -> dict[str, Any]:
    """Write sources that are not Google's own findings, as the Gemini API names them (Vertex AI: `citations`)."""
    written: list[dict[str, Any]] = []
    for each in citations:
        fields = {
            "uri": each.url,
            "title": each.title or each.cited_text,
            "startIndex": each.start_index,
            "endIndex": each.end_index,
        }
        written.append({name: value for name, value in fields.items() if value is not None})
    return {"citationSources": written}


def read_logprobs(result: object) -> dict[str, Any] | None:
    """Read `logprobsResult` into the form that the field shares, OpenAI's."""
    chosen = result.get("chosenCandidates") if is_object(result) else None
    if not is_object(result) or not is_list(chosen):
        return None
    tops = result.get("topCandidates")
    tokens: list[dict[str, Any]] = []
    for position, each in enumerate(chosen):
        top = tops[position] if is_list(tops) and position < len(tops) else None
        others = top.get("candidates") if is_object(top) else None
        tokens.append(_token(each) | {"top_logprobs": [_token(other) for other in others or ()]})
    return {"content": tokens}


def _token(candidate: Any) -> dict[str, Any]:
    fields: Mapping[str, Any] = candidate if is_object(candidate) else {}
    token = str(fields.get("token", ""))
    return {"token": token, "logprob": fields.get("logProbability", 0.0), "bytes": list(token.encode())}


def write_logprobs(logprobs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Write probabilities in OpenAI's form as `logprobsResult`."""
    content = logprobs.get("content")
    if not is_list(content):
        return None
    tops = [each.get("top_logprobs") or () for each in content if is_object(each)]
    return {
        "chosenCandidates": [_candidate(each) for each in content if is_object(each)],
        "topCandidates": [{"candidates": [_candidate(other) for other in top if is_object(other)]} for top in tops],
    }


def _candidate(token: Mapping[str, Any]) -> dict[str, Any]:
    return {"token": token.get("token", ""), "logProbability": token.get("logprob", 0.0)}


def _read_candidate(candidate: object, position: int, calls: CallNames) -> Choice:
    if not is_object(candidate):
        raise ProtocolError(f"candidate {position} of the reply is not an object.")
    content, word, index = candidate.get("content"), candidate.get("finishReason"), candidate.get("index")
    parts: list[Part] = []
    if is_object(content):
        parts = read_parts(content.get("parts", []), f"candidates[{position}].content.parts", calls)
    citations = read_citations(candidate)
    last = next((part for part in reversed(parts) if isinstance(part, TextPart)), None)
    if citations and last is not None:
        last.citations = citations
    return Choice(
        index=index if type(index) is int else position,
        parts=parts,
        finish_reason=finish_reason_of(word, called=any(isinstance(part, ToolCallPart) for part in parts)),
        raw_finish_reason=text_or_none(word),
        logprobs=read_logprobs(candidate.get("logprobsResult")),
        extensions=extensions_of(candidate_extras(candidate)),
    )


def _write_candidate(choice: Choice, dropped: list[Adaptation]) -> dict[str, Any]:
    calls = CallNames()
    written = write_answer(choice.parts, dropped, calls)
    dropped += left_behind(choice.extensions, "choice")
    citations = [each for part in choice.parts if isinstance(part, TextPart) for each in part.citations or ()]
    extra = own(choice.extensions)
    candidate: dict[str, Any] = {"content": {"parts": written, "role": "model"}, "index": choice.index}
    if choice.finish_reason is not None:
        candidate["finishReason"] = finish_word(choice.finish_reason, choice.raw_finish_reason)
    if citations and "citationMetadata" not in extra and "groundingMetadata" not in extra:
        candidate["citationMetadata"] = write_citations(citations)
    if choice.logprobs is not None and "logprobsResult" not in extra:
        probabilities = write_logprobs(choice.logprobs)
        if probabilities is not None:
            candidate["logprobsResult"] = probabilities
    return candidate | extra


__all__ = [
    "block_word",
    "candidate_extras",
    "finish_reason_of",
    "finish_word",
    "is_block",
    "parse_response",
    "read_citations",
    "read_logprobs",
    "render_response",
    "text_or_none",
    "write_citations",
    "write_logprobs",
]
