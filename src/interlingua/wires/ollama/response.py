"""Whole replies, both ways (ollama 0.6.3 `ChatResponse`, read 2026-11-23)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import Adaptation, Choice, FinishReason, ModelOutput, ModelRequest, ToolCallPart, Usage
from interlingua.types.shape import is_list, is_object
from interlingua.wires.body import reply_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.ollama.content import extensions_of, left_behind, own, read_parts, text_or_none, write_message

_FINISH: Final[dict[str, FinishReason]] = {"stop": "stop", "length": "length"}
_WORDS: Final = ("stop", "length", "load", "unload")
HEAD: Final = frozenset(
    ("model", "created_at", "message", "done", "done_reason", "prompt_eval_count", "eval_count", "logprobs")
)
"""Known fields of a reply; durations, in nanoseconds, are extensions."""

_MESSAGE: Final = frozenset(("role", "content", "thinking", "images", "tool_calls"))

_encode = msgspec.json.Encoder().encode


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply.

    Raises:
        ProviderError: the reply carries an error.
        ProtocolError: it is not an answer.

    """
    del dialect
    return output_of(read_answer(body), body)


def output_of(fields: Mapping[str, Any], body: bytes) -> ModelOutput:
    """Read a decoded reply of `/api/chat`; see `parse_response`."""
    message = fields.get("message")
    if not is_object(message):
        names = ", ".join(list(fields)[:8]) or "nothing"
        raise ProtocolError(f"the reply is no answer: it has no message (but {names}).", body=body)
    try:
        parts = read_parts(message, "message")
    except InvalidRequest as error:  # the same shapes are read in requests
        raise ProtocolError(f"the reply is malformed: {error.message}", param=error.param, body=body) from error
    word = text_or_none(fields.get("done_reason"))
    calls = any(isinstance(part, ToolCallPart) for part in parts)
    logprobs = fields.get("logprobs")
    rest = rest_of(message, _MESSAGE)
    return ModelOutput(
        choices=[
            Choice(
                parts=parts,
                finish_reason=finish_reason_of(word, calls=calls) if fields.get("done") is not False else None,
                raw_finish_reason=word,
                logprobs={"content": list(logprobs)} if is_list(logprobs) else None,
                extensions=extensions_of({"message": rest} if rest else {}),
            )
        ],
        model=text_or_none(fields.get("model")),
        created=read_moment(fields.get("created_at")),
        usage=read_usage(fields),
        extensions=extensions_of(rest_of(fields, HEAD)),
        raw=body,
    )


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole reply; of several choices the first, since there is one message.

    What a message cannot say as it is, is told in `output.warnings`.
    """
    choice = output.choices[0] if output.choices else Choice()
    unknown = own(choice.extensions).get("message")
    message = {"role": "assistant", **write_answer(output, choice)}
    body: dict[str, Any] = {
        "model": output.model or (request.model if request is not None else ""),
        "created_at": write_moment(output.created),
        "message": message | dict(unknown) if is_object(unknown) else message,
    }
    return _encode(body | ending_of(choice, output))


def write_answer(output: ModelOutput, choice: Choice) -> dict[str, Any]:
    """Write what a choice says as the fields of a message, and tell in the output's warnings what is lost."""
    dropped: list[Adaptation] = []
    fields = write_message(choice.parts, dropped, joint="")
    if len(output.choices) > 1:
        dropped.append(Adaptation("dropped", "choices", f"one of {len(output.choices)} answers is shown"))
    dropped += left_behind(choice.extensions, "choice")
    output.warnings += [each for each in dict.fromkeys(dropped) if each not in output.warnings]
    return fields


def ending_of(choice: Choice, output: ModelOutput) -> dict[str, Any]:
    """Write how an answer ended and what it cost."""
    fields: dict[str, Any] = {"done": True, "done_reason": finish_word(choice.finish_reason, choice.raw_finish_reason)}
    fields |= write_usage(output.usage)
    if choice.logprobs is not None:
        fields |= write_logprobs(choice.logprobs)
    return fields | own(output.extensions)


def write_logprobs(logprobs: Mapping[str, Any]) -> dict[str, Any]:
    """Write probabilities of tokens, where they are lists of tokens."""
    content = logprobs.get("content")
    return {"logprobs": content} if is_list(content) else {}


def rest_of(fields: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Give the fields that are not known."""
    return {name: value for name, value in fields.items() if name not in known and value is not None}


def read_usage(fields: Mapping[str, Any]) -> Usage | None:
    """Read the counts of a reply; None where it has none. A prompt that was cached whole has no count."""
    prompt, answer = fields.get("prompt_eval_count"), fields.get("eval_count")
    if type(prompt) is not int and type(answer) is not int:
        return None
    return Usage(
        input_tokens=max(0, prompt) if type(prompt) is int else 0,
        output_tokens=max(0, answer) if type(answer) is int else 0,
    )


def write_usage(usage: Usage | None) -> dict[str, Any]:
    """Write the counts of a reply."""
    if usage is None:
        return {}
    return {"prompt_eval_count": usage.prompt_tokens, "eval_count": usage.completion_tokens}


def finish_reason_of(word: str | None, *, calls: bool) -> FinishReason:
    """Give the neutral name of a `done_reason`; an answer that ends in calls says `stop` here."""
    reason = _FINISH.get(word or "stop", "other")
    return "tool_calls" if calls and reason == "stop" else reason


def finish_word(reason: FinishReason | None, raw: str | None) -> str:
    """Give the `done_reason` to write: the provider's own, if it is of this wire."""
    if reason == "length":
        return "length"
    return raw if reason == "other" and raw in _WORDS else "stop"


def read_moment(value: object) -> int | None:
    """Give the Unix time in seconds of a time in text."""
    if not isinstance(value, str):
        return None
    try:
        return int(datetime.fromisoformat(value).timestamp()) or None
    except (ValueError, OverflowError):
        return None


def write_moment(created: int | None) -> str:
    """Write a Unix time in seconds as text."""
    try:
        return datetime.fromtimestamp(created or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00Z"


def read_answer(body: bytes) -> Mapping[str, Any]:
    """Read the object that a reply is.

    Raises:
        ProviderError: it carries an error.
        ProtocolError: it is none.

    """
    fields = reply_object(body)
    if fields.get("error"):
        raise error_of(fields, body=body)
    return fields
