"""Token counts (types of google-genai 3.4 `GenerateContentResponseUsageMetadata`, read 2026-11-23).

`promptTokenCount` includes what was read from a cache; `candidatesTokenCount` leaves the
thoughts out. What a tool of Google's put into the prompt is counted beside it.
"""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Usage
from interlingua.types.shape import is_list, is_object
from interlingua.wires.generate_content.fields import WIRE, own

_KNOWN: Final = frozenset(
    ("promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount")
)


def read_usage(fields: object) -> Usage | None:
    """Read a `usageMetadata`; None for anything but an object."""
    if not is_object(fields):
        return None
    prompt, cached = _count(fields, "promptTokenCount"), _count(fields, "cachedContentTokenCount")
    heard = _modality(fields, "promptTokensDetails", "AUDIO")
    seen = _modality(fields, "promptTokensDetails", "IMAGE")
    made = _count(fields, "candidatesTokenCount")
    spoken = min(made, _modality(fields, "candidatesTokensDetails", "AUDIO"))
    drawn = min(made - spoken, _modality(fields, "candidatesTokensDetails", "IMAGE"))
    cached = min(cached, prompt)
    heard = min(heard, prompt - cached)
    seen = min(seen, prompt - cached - heard)
    rest = {name: value for name, value in fields.items() if name not in _KNOWN}
    return Usage(
        input_tokens=prompt - cached - heard - seen + _count(fields, "toolUsePromptTokenCount"),
        cache_read_tokens=cached,
        input_audio_tokens=heard,
        input_image_tokens=seen,
        output_tokens=made - spoken - drawn,
        reasoning_tokens=_count(fields, "thoughtsTokenCount"),
        output_audio_tokens=spoken,
        output_image_tokens=drawn,
        extensions={WIRE: rest} if rest else {},
    )


def write_usage(usage: Usage) -> dict[str, Any]:
    """Write usage as Gemini counts."""
    rest = own(usage.extensions)
    by_tools = _count(rest, "toolUsePromptTokenCount")
    fields: dict[str, Any] = {
        "promptTokenCount": usage.prompt_tokens - by_tools,
        "candidatesTokenCount": usage.completion_tokens - usage.reasoning_tokens,
        "totalTokenCount": usage.total_tokens,
    }
    if usage.cache_read_tokens:
        fields["cachedContentTokenCount"] = usage.cache_read_tokens
    if usage.reasoning_tokens:
        fields["thoughtsTokenCount"] = usage.reasoning_tokens
    for name, heard, seen in (
        ("promptTokensDetails", usage.input_audio_tokens, usage.input_image_tokens),
        ("candidatesTokensDetails", usage.output_audio_tokens, usage.output_image_tokens),
    ):
        details = [{"modality": word, "tokenCount": n} for word, n in (("AUDIO", heard), ("IMAGE", seen)) if n]
        if details and name not in rest:
            fields[name] = details
    return fields | rest


def _count(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    return max(0, value) if type(value) is int else 0


def _modality(fields: Mapping[str, Any], name: str, modality: str) -> int:
    details = fields.get(name)
    if not is_list(details):
        return 0
    return sum(_count(each, "tokenCount") for each in details if is_object(each) and each.get("modality") == modality)
