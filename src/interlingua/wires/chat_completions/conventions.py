"""Fields of a request that OpenAI does not have and many others take, read as what they mean.

- `cache_control` at the top and on a tool (OpenRouter, LiteLLM): a breakpoint of the prompt's cache.
- `thinking` (DeepSeek, Zhipu, Anthropic's compatible endpoint) and `reasoning` (OpenRouter): how much to think.

They go back as they came to a provider of this wire, and in its own words to any other.
Facts read 2026-11-25.
"""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import CacheBreakpoint, ModelRequest, ThinkingConfig
from interlingua.types.chat_content import WIRE, own
from interlingua.types.shape import is_object

CACHE: Final = "cache_control"
_WRITTEN: Final = "as_written"
_COUNT: Final = (int, type(None))
_MODES: Final = ("enabled", "adaptive", "disabled")


def read_conventions(request: ModelRequest, fields: dict[str, Any]) -> None:
    """Take from `fields` what is meant by them; what is not understood stays."""
    if CACHE in fields:
        request.cache = read_mark(fields[CACHE])
        if request.cache is not None:
            del fields[CACHE]
    for name, reader in (("thinking", _read_thinking), ("reasoning", _read_reasoning)):
        value = fields.get(name)
        if request.thinking is None and is_object(value):
            request.thinking = reader(request, value)
            if request.thinking is not None:
                del fields[name]


def read_mark(value: object) -> CacheBreakpoint | None:
    """Read a `cache_control`; None if it is none."""
    if not is_object(value):
        return None
    ttl = value.get("ttl")
    return CacheBreakpoint(ttl=ttl if isinstance(ttl, str) else None, extensions={WIRE: {CACHE: dict(value)}})


def write_mark(cache: CacheBreakpoint, *, field: str | None) -> dict[str, Any]:
    """Write a breakpoint of the whole prompt or of a tool; empty where the provider's `field` has no such form."""
    if own(cache.extensions):
        return own(cache.extensions)
    if field != CACHE:
        return {}
    return {CACHE: {"type": "ephemeral"} | ({"ttl": cache.ttl} if cache.ttl is not None else {})}


def written_thinking(request: ModelRequest) -> dict[str, Any] | None:
    """Give the fields that how to think was read from; None where it came from elsewhere."""
    written = own(request.thinking.extensions).get(_WRITTEN) if request.thinking is not None else None
    return dict(written) if is_object(written) else None


def tells_effort(written: Mapping[str, Any], effort: str | None) -> bool:
    """Tell whether an effort was read from these fields, so that it needs no field of its own."""
    reasoning = written.get("reasoning")
    return is_object(reasoning) and effort is not None and reasoning.get("effort") == effort


def _read_thinking(request: ModelRequest, value: Mapping[str, Any]) -> ThinkingConfig | None:
    del request
    mode, budget = value.get("type"), value.get("budget_tokens")
    if mode not in _MODES or type(budget) not in _COUNT:
        return None
    return ThinkingConfig(mode=mode, budget_tokens=budget, extensions={WIRE: {_WRITTEN: {"thinking": dict(value)}}})


def _read_reasoning(request: ModelRequest, value: Mapping[str, Any]) -> ThinkingConfig | None:
    effort, budget, enabled = value.get("effort"), value.get("max_tokens"), value.get("enabled")
    if not isinstance(effort, str | None) or type(budget) not in _COUNT or not isinstance(enabled, bool | None):
        return None
    if request.reasoning_effort is None:
        request.reasoning_effort = effort
    mode = "disabled" if enabled is False else "enabled" if budget is not None or enabled else None
    return ThinkingConfig(
        mode=mode,
        budget_tokens=budget,
        summary="none" if value.get("exclude") is True else None,
        extensions={WIRE: {_WRITTEN: {"reasoning": dict(value)}}},
    )
