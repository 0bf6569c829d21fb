"""What single models refuse, as data: the rules that the same API has for some models and not for others.

    rules_for("claude-sonnet-5-5", provider="anthropic").forced_tools   # False: it cannot be made to call a tool

The rules are rows of `data/rules.toml`. A model without a row has none: what is unknown is tried.
"""

from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, Final, Literal

import msgspec

_NO_RULES_AFTER: Final = 256
"""Characters; no model's name is longer, so a hostile one costs nothing."""


class ModelRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model, or a family of them, takes and refuses. None is unknown, and tried."""

    match: tuple[str, ...]
    """Shell patterns of the model's name, in lower case and without a vendor in front."""
    providers: tuple[str, ...] = ()
    """The providers that this holds at; none named: all."""
    refused: tuple[str, ...] = ()
    """Fields of a request, by our names, that make it fail."""
    temperature: tuple[float, float] | None = None
    """The temperatures that are taken; with two equal ones there is only that one."""
    efforts: tuple[str, ...] = ()
    """The efforts that are taken, the least first; none named: unknown."""
    budgets: bool | None = None
    """Whether thinking may be bounded in tokens."""
    unthinking: bool | None = None
    """Whether thinking can be switched off."""
    prefill: bool | None = None
    """Whether the last message may be the assistant's, for the model to go on from."""
    forced_tools: bool | None = None
    """Whether it can be made to call a tool."""
    chat_tools: Literal["never", "without_effort"] | None = None
    """When Chat Completions takes tools for this model; Responses always does."""
    system_role: bool | None = None
    """Whether it takes system messages."""
    signed_calls: bool | None = None
    """Whether calls of tools are refused that come back without the signature of the thinking before them."""
    source: str | None = None
    checked: date | None = None


@cache
def packaged_rules() -> tuple[ModelRules, ...]:
    """Give the rows that come with the package, read once."""
    with open(__file__.removesuffix("rules.py") + "data/rules.toml", "rb") as file:  # noqa: PTH123 - pathlib costs time
        document: Mapping[str, Any] = msgspec.toml.decode(file.read(), type=dict[str, Any])
    return tuple(msgspec.convert(row, ModelRules) for row in document["rules"])


@lru_cache(maxsize=1024)
def rules_for(model: str, *, provider: str | None = None) -> ModelRules | None:
    """Find the rules of a model at a provider; where several rows match, the one with the longest pattern counts.

    The name may have a vendor in front (`openai/gpt-6-astra`, `us.anthropic.claude-…`).
    """
    if len(model) > _NO_RULES_AFTER:
        return None
    name = model.lower().rpartition("/")[2]
    best: tuple[int, ModelRules] | None = None
    for rules in packaged_rules():
        if rules.providers and provider is not None and provider not in rules.providers:
            continue
        for pattern in rules.match:
            found = fnmatchcase(name, pattern) or fnmatchcase(name, f"*.{pattern}")
            if found and (best is None or len(pattern) > best[0]):
                best = (len(pattern), rules)
    return best[1] if best is not None else None
