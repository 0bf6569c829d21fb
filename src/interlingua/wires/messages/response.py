"""Whole replies, both ways (types of anthropic 2.12 `message.py`, read 2026-11-23)."""

from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import Adaptation, Choice, FinishReason, ModelOutput, ModelRequest
from interlingua.wires.body import reply_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.messages.content import read_content, write_parts
from interlingua.wires.messages.fields import WIRE, extensions_of, own
from interlingua.wires.messages.usage import read_usage, write_usage

FINISH: Final[dict[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "pause_turn": "other",
    "compaction": "other",
}
_WORDS: Final[dict[FinishReason, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_HEAD: Final = frozenset(("id", "type", "role", "model", "content", "usage", "stop_reason"))
CHOICE_FIELDS: Final = ("stop_sequence", "stop_details")
"""Fields of a message that say how it ended."""

MESSAGE_FIELDS: Final = ("container",)
"""Fields of a message that a stream tells at its end, beside the reason to stop."""

_encode = msgspec.json.Encoder().encode


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply.

    Raises:
        ProviderError: the reply carries an error.
        ProtocolError: it is not a message.

    """
    del dialect
    fields = reply_object(body)
    if fields.get("type") == "error" or (fields.get("error") and "content" not in fields):
        raise error_of(fields, body=body)
    content = fields.get("content")
    if content is None:
        raise ProtocolError(
            f"the reply is no message: it has no content (but {', '.join(list(fields)[:8])}).", body=body
        )
    try:
        parts = read_content(content, "content")
    except InvalidRequest as error:  # the same shapes are read in requests
        raise ProtocolError(f"the reply is malformed: {error.message}", param=error.param, body=body) from error
    word = fields.get("stop_reason")
    ending = {name: fields[name] for name in CHOICE_FIELDS if fields.get(name) is not None}
    rest = {name: value for name, value in fields.items() if name not in _HEAD and name not in CHOICE_FIELDS}
    return ModelOutput(
        choices=[
            Choice(
                parts=parts,
                finish_reason=finish_reason_of(word),
                raw_finish_reason=word if isinstance(word, str) else None,
                extensions=extensions_of(ending),
            )
        ],
        id=text_or_none(fields.get("id")),
        model=text_or_none(fields.get("model")),
        usage=read_usage(fields.get("usage")),
        extensions=extensions_of({name: value for name, value in rest.items() if value is not None}),
        raw=body,
    )


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole reply; of several choices the first, since there is one message.

    What a message cannot say as it is, is told in `output.warnings`.
    """
    del request
    choice = output.choices[0] if output.choices else Choice()
    dropped: list[Adaptation] = []
    content = write_parts(choice.parts, dropped, reply=True)
    if len(output.choices) > 1:
        dropped.append(Adaptation("dropped", "choices", f"one of {len(output.choices)} answers is shown"))
    dropped += foreign_fields(choice.extensions, WIRE, of="choice")
    output.warnings += [each for each in dict.fromkeys(dropped) if each not in output.warnings]
    reason = choice.finish_reason
    body: dict[str, Any] = {
        "id": output.id or "msg_0",
        "type": "message",
        "role": "assistant",
        "model": output.model or "",
        "content": content,
        "stop_reason": None if reason is None else finish_word(reason, choice.raw_finish_reason),
        "stop_sequence": None,
        "usage": write_usage(output.usage) if output.usage else {"input_tokens": 0, "output_tokens": 0},
    }
    ending = {name: value for name, value in own(choice.extensions).items() if name != "message"}
    return _encode(body | ending | own(output.extensions))


def finish_reason_of(word: object) -> FinishReason | None:
    """Give the neutral name of a stop reason; one that is not known is `other`."""
    return FINISH.get(word, "other") if isinstance(word, str) and word else None


def finish_word(reason: FinishReason, raw: str | None) -> str:
    """Give the word to write: the provider's own, if it is of this wire."""
    if raw is not None and FINISH.get(raw) == reason:
        return raw
    return _WORDS.get(reason, "end_turn" if reason == "stop" else raw or "refusal")


def text_or_none(value: object) -> str | None:
    """Give a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None
