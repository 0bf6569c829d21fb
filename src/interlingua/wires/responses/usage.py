"""Token counts (openai 3.54 `types/responses/response_usage.py`, read 2026-11-25): totals with details inside them."""

from collections.abc import Mapping
from typing import Any

from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.responses.blocks import WIRE, own

_KNOWN = ("input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details")
_INPUT = ("cached_tokens", "cache_write_tokens")
_OUTPUT = ("reasoning_tokens",)


def read_usage(fields: object) -> Usage | None:
    """Read a `usage`; None for anything but an object."""
    if not is_object(fields):
        return None
    given, answered = _object(fields, "input_tokens_details"), _object(fields, "output_tokens_details")
    total, made = _count(fields, "input_tokens"), _count(fields, "output_tokens")
    cached = min(_count(given, "cached_tokens"), total)
    written = min(_count(given, "cache_write_tokens"), total - cached)
    long = min(_count(_object(given, "cache_write_tokens_details"), "ttl_12h_tokens"), written)
    reasoning = min(_count(answered, "reasoning_tokens"), made)
    rest: dict[str, Any] = {name: value for name, value in fields.items() if name not in _KNOWN and value is not None}
    for name, details, known in (
        ("input_tokens_details", given, _INPUT),
        ("output_tokens_details", answered, _OUTPUT),
    ):
        unknown = {key: value for key, value in details.items() if key not in known and value is not None}
        if unknown:
            rest[name] = unknown
    return Usage(
        input_tokens=total - cached - written,
        cache_read_tokens=cached,
        cache_write_tokens=written - long,
        cache_write_long_tokens=long,
        output_tokens=made - reasoning,
        reasoning_tokens=reasoning,
        extensions={WIRE: rest} if rest else {},
    )


def write_usage(usage: Usage) -> dict[str, Any]:
    """Write usage as OpenAI's totals and details."""
    rest = dict(own(usage.extensions))
    given = {
        "cached_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens + usage.cache_write_long_tokens,
        **_object(rest, "input_tokens_details"),
    }
    answered = {"reasoning_tokens": usage.reasoning_tokens, **_object(rest, "output_tokens_details")}
    return {
        **rest,
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": given,
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": answered,
        "total_tokens": usage.total_tokens,
    }


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if is_object(value) else {}


def _count(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    return max(0, value) if type(value) is int else 0
