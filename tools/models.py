"""The tables of what is known of models."""

from typing import cast

from interlingua.catalog.lifecycles import packaged_lifecycles
from interlingua.catalog.rules import ModelRules, RuleRow, packaged_rules
from interlingua.types.lifecycle import Lifecycle
from tools.reference import table

_ABOUT = ("match", "providers", "source", "checked")


def rules(_: str | None = None) -> str:
    """Give a table of the packaged rules: for whom, and what they say."""
    rows = [
        (_codes(row.rules.match), _codes(row.rules.providers) or "any", _said(row)) for row in packaged_rules().rows
    ]
    return table(("models", "at", "rules"), rows)


def lifecycles(_: str | None = None) -> str:
    """Give a table of the days on which models go, the latest first."""
    found: dict[Lifecycle, list[str]] = {}
    whose: dict[Lifecycle, str] = {}
    for (provider, model), life in packaged_lifecycles().items():
        found.setdefault(life, []).append(model)
        whose[life] = provider
    gone = sorted(found, key=lambda life: str(life.retires), reverse=True)
    rows = [
        (str(life.retires or ""), f"`{whose[life]}`", _codes(found[life]), _codes([life.replacement or ""]))
        for life in gone
    ]
    return table(("first day without", "provider", "models", "recommended instead"), rows)


def _said(row: RuleRow) -> str:
    words = [name for name in ModelRules.__struct_fields__ if name in row.given and name not in _ABOUT]
    return "; ".join(f"`{name}`: {_shown(getattr(row.rules, name))}" for name in words)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{word} {budget}" for word, budget in cast("dict[str, int]", value).items())
    if isinstance(value, tuple):
        words = cast("tuple[object, ...]", value)
        return ", ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in words)
    return str(value)


def _codes(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name)
