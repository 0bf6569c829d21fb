"""Whole replies, both ways (fields of openai 3.54 `chat_completion.py`, read 2026-11-22)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import Adaptation, Choice, FinishReason, ModelOutput, ModelRequest, Part, TextPart, ThinkingPart
from interlingua.types.chat_content import WIRE, extensions_of, own
from interlingua.types.chat_message import LEGACY_CALL, read_reply, write_assistant
from interlingua.types.chat_reasoning import TAGS
from interlingua.types.shape import is_list, is_object
from interlingua.wires.body import reply_object
from interlingua.wires.chat_completions.legacy import as_legacy, wants_legacy
from interlingua.wires.chat_completions.think_tags import ThinkTags
from interlingua.wires.chat_completions.usage import read_usage, write_usage
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.foreign_fields import foreign_fields

_FINISH: Final[dict[str, FinishReason]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
    "eos": "stop",
    "end_turn": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "sensitive": "content_filter",
    "insufficient_system_resource": "error",
    "network_error": "error",
}
"""The specification's words, then those of Together, Mistral, Zhipu and DeepSeek (read 2026-11-22)."""

NATIVE: Final = "native_finish_reason"

_SPECIFIED: Final = ("stop", "length", "tool_calls", "function_call", "content_filter")

_HEAD: Final = ("id", "model", "created", "object", "choices", "usage")

_encode = msgspec.json.Encoder().encode


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply.

    Fields that are missing or null are tolerated, an empty list of choices too.

    Raises:
        ProviderError: the reply carries an error.
        ProtocolError: it is not a completion.

    """
    fields = reply_object(body)
    if fields.get("error"):
        raise error_of(fields, body=body)
    choices = fields.get("choices")
    if choices is None and "choices" not in fields:
        raise ProtocolError(f"the reply is no chat completion: it has no choices (but {_names(fields)}).", body=body)
    if choices is None:
        choices = ()
    elif not is_list(choices):
        raise ProtocolError("the reply's choices are no list.", body=body)
    try:
        read = [_read_choice(choice, position, dialect) for position, choice in enumerate(choices)]
    except InvalidRequest as error:  # the same shapes are read in requests
        raise ProtocolError(f"the reply is malformed: {error.message}", param=error.param, body=body) from error
    created = fields.get("created")
    return ModelOutput(
        choices=read,
        id=text_or_none(fields.get("id")),
        model=text_or_none(fields.get("model")),
        created=created if isinstance(created, int) and created else None,
        usage=read_usage(fields.get("usage")),
        extensions=extensions_of({name: value for name, value in fields.items() if name not in _HEAD}),
        raw=body,
    )


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole reply; a request with functions in the old form is answered in it.

    What a choice cannot say is told in `output.warnings`.
    """
    old = wants_legacy(request)
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {
        "id": output.id or "",
        "object": "chat.completion",
        "created": output.created or 0,
        "model": output.model or "",
        "choices": [_write_choice(as_legacy(choice) if old else choice, dropped) for choice in output.choices],
    }
    output.warnings += [each for each in dict.fromkeys(dropped) if each not in output.warnings]
    if output.usage is not None:
        body["usage"] = write_usage(output.usage)
    return _encode(body | own(output.extensions))


def finish_reason_of(word: object) -> FinishReason | None:
    """Give the neutral name of a finish reason; one that is not known is `other`."""
    if not isinstance(word, str) or not word:
        return None
    return _FINISH.get(word, "other")


def finish_word(reason: FinishReason, raw: str | None) -> str:
    """Give the word to write: the provider's own, if it is of this wire or nobody knows a better one."""
    if raw is not None and (raw in _SPECIFIED or _FINISH.get(raw) == reason or reason in ("other", "error")):
        return raw
    return reason


def finish_fields(reason: FinishReason | None, raw: str | None) -> dict[str, Any]:
    """Write why a choice ended; another wire's own word stands beside it, in the field that OpenRouter has for it."""
    if reason is None:
        return {"finish_reason": None}
    word = finish_word(reason, raw)
    return {"finish_reason": word} if raw in (None, word, LEGACY_CALL) else {"finish_reason": word, NATIVE: raw}


def text_or_none(value: object) -> str | None:
    """Give a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def _names(fields: Mapping[str, Any]) -> str:
    return ", ".join(list(fields)[:8]) or "nothing"


def _read_choice(choice: Any, position: int, dialect: Dialect) -> Choice:
    if not is_object(choice):
        raise ProtocolError(f"choice {position} of the reply is not an object.")
    rest = {name: value for name, value in choice.items() if name not in ("index", "message", "finish_reason")}
    logprobs = rest.get("logprobs")
    if is_object(logprobs):
        del rest["logprobs"]
    elif logprobs is None:
        rest.pop("logprobs", None)
    message: Any = choice.get("message") or {}
    if not is_object(message):
        raise ProtocolError(f"choice {position} of the reply has no message.")
    fields = {name: value for name, value in message.items() if name != "role"}
    parts = read_reply(fields)
    if fields := {name: value for name, value in fields.items() if value is not None}:
        rest["message"] = fields
    word, index = choice.get("finish_reason"), choice.get("index")
    return Choice(
        index=index if isinstance(index, int) else position,
        parts=_without_tags(parts) if dialect.think_tags else parts,
        finish_reason=finish_reason_of(word),
        raw_finish_reason=text_or_none(word),
        logprobs=dict(logprobs) if is_object(logprobs) else None,
        extensions=extensions_of(rest),
    )


def _without_tags(parts: list[Part]) -> list[Part]:
    """Take the reasoning out of the first text."""
    for position, part in enumerate(parts):
        if isinstance(part, TextPart):
            tags = ThinkTags()
            pieces = [*tags.feed(part.text), *tags.close()]
            return [*parts[:position], *map(_part_of, _joined(pieces)), *parts[position + 1 :]]
    return parts


def _joined(pieces: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    joined: list[tuple[bool, str]] = []
    for thinking, text in pieces:
        if joined and joined[-1][0] is thinking:
            joined[-1] = (thinking, joined[-1][1] + text)
        else:
            joined.append((thinking, text))
    return joined


def _part_of(piece: tuple[bool, str]) -> Part:
    thinking, text = piece
    return ThinkingPart(text=text, field=TAGS) if thinking else TextPart(text)


def _write_choice(choice: Choice, dropped: list[Adaptation]) -> dict[str, Any]:
    dropped += foreign_fields(choice.extensions, WIRE, of="choice")
    extra = dict(own(choice.extensions))
    message = {"role": "assistant", "refusal": None, **write_assistant(choice.parts, reply=True, dropped=dropped)}
    unknown = extra.pop("message", None)
    if is_object(unknown):
        message |= unknown
    return {
        "index": choice.index,
        "message": message,
        "logprobs": choice.logprobs,
        **finish_fields(choice.finish_reason, choice.raw_finish_reason),
        **extra,
    }
