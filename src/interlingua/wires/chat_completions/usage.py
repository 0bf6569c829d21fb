"""Token counts: OpenAI's totals with details inside them, and our buckets that do not overlap.

Fields of openai 3.54 `types/completion_usage.py`; beside them DeepSeek's
`prompt_cache_hit_tokens` and Moonshot's `cached_tokens`. xAI leaves reasoning out of
`completion_tokens`, which its own total shows. Facts read 2026-11-22.
"""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Usage
from interlingua.types.chat_content import WIRE, own
from interlingua.types.shape import is_object

_PROMPT: Final = {
    "cached_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "audio_tokens": "input_audio_tokens",
    "image_tokens": "input_image_tokens",
}
_COMPLETION: Final = {
    "reasoning_tokens": "reasoning_tokens",
    "audio_tokens": "output_audio_tokens",
    "image_tokens": "output_image_tokens",
    "accepted_prediction_tokens": "accepted_prediction_tokens",
    "rejected_prediction_tokens": "rejected_prediction_tokens",
}
_CACHE_READ: Final = ("prompt_cache_hit_tokens", "cached_tokens")
_TOTALS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
_KNOWN: Final = frozenset((*_TOTALS, "prompt_tokens_details", "completion_tokens_details", "estimated"))


def read_usage(fields: object) -> Usage | None:
    """Read a `usage`; None for anything but an object.

    A count that is no count is taken as 0, and details that exceed their total are cut
    to it; the object as it came then stands whole in the extensions.
    """
    if not is_object(fields):
        return None
    prompt, completion, total = (_count(fields.get(name)) for name in _TOTALS)
    given, unknown_prompt = _read_details(fields.get("prompt_tokens_details"), _PROMPT)
    answered, unknown_completion = _read_details(fields.get("completion_tokens_details"), _COMPLETION)
    if "cache_read_tokens" not in given:
        beside = next((_count(fields[name]) for name in _CACHE_READ if fields.get(name)), 0)
        if beside:
            given = {"cache_read_tokens": beside, **given}
    reasoning = answered.get("reasoning_tokens")
    if reasoning and total == prompt + completion + reasoning:
        completion += reasoning
    shares: dict[str, Any] = _shares(given, prompt, "input_tokens") | _shares(answered, completion, "output_tokens")
    usage = Usage(**shares, estimated=fields.get("estimated") is True)
    unknown = {
        name: value
        for name, value in fields.items()
        if name not in _KNOWN or (name in _TOTALS and not _is_count(value))
    }
    if unknown_prompt:
        unknown["prompt_tokens_details"] = unknown_prompt
    if unknown_completion:
        unknown["completion_tokens_details"] = unknown_completion
    if unknown:
        usage.extensions = {WIRE: unknown}
    return usage


def write_usage(usage: Usage) -> dict[str, Any]:
    """Write usage as OpenAI's totals and details."""
    prompt = {name: getattr(usage, bucket) for name, bucket in _PROMPT.items()}
    prompt["cache_write_tokens"] += usage.cache_write_long_tokens
    fields: dict[str, Any] = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {name: getattr(usage, bucket) for name, bucket in _COMPLETION.items()},
    }
    if usage.estimated:
        fields["estimated"] = True
    for name, value in own(usage.extensions).items():
        known = fields.get(name)
        fields[name] = {**known, **value} if is_object(known) and is_object(value) else value
    return fields


def _count(value: object) -> int:
    if type(value) is int:
        return max(0, value)
    if isinstance(value, float) and 0 <= value < 2**53:
        return int(value)
    return 0


def _read_details(details: object, known: Mapping[str, str]) -> tuple[dict[str, int], dict[str, Any]]:
    """Give the buckets in the order of `known`, and what is no known count."""
    if not is_object(details):
        return {}, {}
    counts: dict[str, int] = {}
    unknown: dict[str, Any] = {}
    for name, value in details.items():
        bucket = known.get(name)
        if bucket is None or type(value) is not int or value < 0:
            unknown[name] = value
        elif value:
            counts[bucket] = value
    if len(counts) > 1:
        counts = {bucket: counts[bucket] for bucket in known.values() if bucket in counts}
    return counts, unknown


def _shares(parts: dict[str, int], total: int, rest: str) -> dict[str, int]:
    """Cut the parts so that together with the rest they make the total."""
    shares: dict[str, int] = {}
    left = total
    for name, count in parts.items():
        shares[name] = min(count, left)
        left -= shares[name]
    shares[rest] = left
    return shares


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
