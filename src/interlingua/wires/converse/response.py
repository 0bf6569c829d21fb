"""Whole replies, read (botocore 1.44 `bedrock-runtime` `ConverseResponse`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import Choice, FinishReason, ModelOutput, Usage
from interlingua.types.shape import is_list, is_object
from interlingua.wires.body import reply_object
from interlingua.wires.converse.content import read_block
from interlingua.wires.converse.errors import error_in_stream
from interlingua.wires.converse.fields import extensions_of
from interlingua.wires.dialect import SPECIFICATION, Dialect

_FINISH: Final[dict[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
}
_COUNTS: Final = frozenset(
    ("inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "cacheDetails")
)


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply.

    Raises:
        ProviderError: the reply carries an error.
        ProtocolError: it is not an answer.

    """
    del dialect
    fields = reply_object(body)
    output = fields.get("output")
    message = output.get("message") if is_object(output) else None
    content = message.get("content") if is_object(message) else None
    if not is_list(content):
        told = fields.get("message")
        if isinstance(told, str):
            raise error_in_stream(str(fields.get("__type") or ""), told, body)
        raise ProtocolError("the reply is no answer: it has no message.", body=body)
    try:
        parts = [read_block(block, f"content[{index}]") for index, block in enumerate(content)]
    except InvalidRequest as error:
        raise ProtocolError(f"the reply is malformed: {error.message}", param=error.param, body=body) from error
    word = fields.get("stopReason")
    beside = {name: value for name, value in (message or {}).items() if name not in ("role", "content")}
    rest = {name: value for name, value in fields.items() if name not in ("output", "stopReason", "usage")}
    return ModelOutput(
        choices=[
            Choice(
                parts=parts,
                finish_reason=finish_reason_of(word),
                raw_finish_reason=word if isinstance(word, str) else None,
                extensions=extensions_of({"message": beside} if beside else {}),
            )
        ],
        usage=read_usage(fields.get("usage")),
        extensions=extensions_of({name: value for name, value in rest.items() if value is not None}),
        raw=body,
    )


def finish_reason_of(word: object) -> FinishReason | None:
    """Give the neutral name of a stop reason; one that is not known is `other`."""
    return _FINISH.get(word, "other") if isinstance(word, str) and word else None


def read_usage(fields: object) -> Usage | None:
    """Read a `usage`, whose input leaves out what was read from a cache or written to one."""
    if not is_object(fields):
        return None
    written = _count(fields.get("cacheWriteInputTokens"))
    long = min(written, _long(fields.get("cacheDetails")))
    usage = Usage(
        input_tokens=_count(fields.get("inputTokens")),
        cache_read_tokens=_count(fields.get("cacheReadInputTokens")),
        cache_write_tokens=written - long,
        cache_write_long_tokens=long,
        output_tokens=_count(fields.get("outputTokens")),
    )
    rest = {name: value for name, value in fields.items() if name not in _COUNTS and value is not None}
    usage.extensions = extensions_of(rest)
    return usage


def _long(details: object) -> int:
    entries: list[Mapping[str, Any]] = [each for each in details if is_object(each)] if is_list(details) else []
    return sum(_count(each.get("inputTokens")) for each in entries if each.get("ttl") == "1h")


def _count(value: object) -> int:
    return max(0, value) if type(value) is int else 0
