"""Token counts (types of anthropic 2.12 `usage.py` and `message_delta_usage.py`, read 2026-11-23).

`input_tokens` leaves out what was read from a cache or written to one; `output_tokens`
includes the thinking, which the details tell.
"""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.messages.fields import WIRE, own

_KNOWN: Final = frozenset(
    ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")
)


def read_usage(fields: object) -> Usage | None:
    """Read a `usage`; None for anything but an object, and 0 for a count that is none."""
    if not is_object(fields):
        return None
    written, long = _count(fields.get("cache_creation_input_tokens")), 0
    split = fields.get("cache_creation")
    if is_object(split):
        long = _count(split.get("ephemeral_1h_input_tokens"))
        written = max(written - long, _count(split.get("ephemeral_5m_input_tokens")))
    details = fields.get("output_tokens_details")
    output = _count(fields.get("output_tokens"))
    thinking = min(_count(details.get("thinking_tokens")) if is_object(details) else 0, output)
    usage = Usage(
        input_tokens=_count(fields.get("input_tokens")),
        cache_read_tokens=_count(fields.get("cache_read_input_tokens")),
        cache_write_tokens=written,
        cache_write_long_tokens=long,
        output_tokens=output - thinking,
        reasoning_tokens=thinking,
    )
    rest = _unknown(fields)
    if rest:
        usage.extensions = {WIRE: rest}
    return usage


def write_usage(usage: Usage) -> dict[str, Any]:
    """Write usage as Anthropic counts."""
    cached = usage.cache_read_tokens
    written = usage.cache_write_tokens + usage.cache_write_long_tokens
    fields: dict[str, Any] = {
        "input_tokens": usage.prompt_tokens - cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "output_tokens": usage.completion_tokens,
    }
    if written:
        fields["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write_tokens,
            "ephemeral_1h_input_tokens": usage.cache_write_long_tokens,
        }
    if usage.reasoning_tokens:
        fields["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return fields | own(usage.extensions)


def _unknown(fields: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in fields.items() if name not in _KNOWN and value is not None}
    details = rest.get("output_tokens_details")
    if is_object(details) and list(details) == ["thinking_tokens"]:
        del rest["output_tokens_details"]
    return rest


def _count(value: object) -> int:
    return max(0, value) if type(value) is int else 0
