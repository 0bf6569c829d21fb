"""What single models refuse, as data: the rules that the same API has for some models and not for others.

    rules_for("claude-sonnet-5-5", provider="anthropic").forced_tools   # False: it cannot be made to call a tool

The rules are rows of `data/rules.toml`; your own go on top with `RuleTable.extend`, or with `Catalog.extend`, which
takes them beside models. A model without a row has none: what is unknown is tried.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec

from interlingua.catalog.names import MAX_NAME_CHARACTERS
from interlingua.catalog.words import check_words, read_row, read_rows


class ModelRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model, or a family of them, takes and refuses. None is unknown, and tried."""

    match: tuple[str, ...]
    """Shell patterns of the model's name, in lower case and without a vendor in front."""
    providers: tuple[str, ...] = ()
    """The providers that this holds at; none named: all."""
    refused: tuple[str, ...] = ()
    """Fields of a request, by our names, that make it fail."""
    refused_thinking: tuple[str, ...] = ()
    """Fields that make it fail while it thinks; `tool_choice` stands for one that makes it call a tool."""
    one_of: tuple[str, ...] = ()
    """Fields of which it takes one only: the first here that is given."""
    temperature: tuple[float, float] | None = None
    """The temperatures that are taken; with two equal ones there is only that one."""
    efforts: tuple[str, ...] = ()
    """The efforts that are taken, the least first; none named: unknown."""
    effort_budgets: dict[str, int] = {}
    """Budgets, in tokens, that stand for efforts, for a model that takes no effort and is asked in Messages."""
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
    """Whether it takes system messages; elsewhere they are the user's."""
    alternating: bool | None = None
    """Whether the user and the model have to take turns; messages of one of them in a row become one."""
    reasoning_back: Literal["always", "tool_turns", "never"] | None = None
    """Whether Chat Completions wants the reasoning of earlier answers back: of all, of those that call tools, or of
    none, since it makes a request fail."""
    signed_calls: bool | None = None
    """Whether calls of tools are refused that come back without the signature of the thinking before them."""
    source: str | None = None
    checked: date | None = None


class RuleRow(msgspec.Struct, frozen=True):
    """A row, which of the words it gives, and how many tables it lies above."""

    rules: ModelRules
    given: frozenset[str]
    layer: int = 0


class RuleTable:
    """Rows laid over each other, so that each changes only what it gives. Immutable.

    All rows that match a model count, those with the longer pattern on top; of two with patterns of one length the one
    that names providers, and then the later. What was added by `extend` lies on top of everything before it.

    Example:
        >>> table = packaged_rules().extend({"rules": [{"match": ["gpt-6-astra*"], "temperature": [0, 2]}]})
        >>> rules = table.find("gpt-6-astra", provider="openai")
        >>> rules.temperature, rules.refused
        ((0.0, 2.0), ('stop',))

    """

    def __init__(self, rows: Iterable[RuleRow] = ()) -> None:
        self.rows = tuple(rows)
        self._kept = lru_cache(maxsize=1024)(self._merged)

    def find(self, model: str, *, provider: str | tuple[str, ...] | None = None) -> ModelRules | None:
        """Give the rules of a model at a provider, which may have several names; None: there are none.

        The name may have a vendor in front (`openai/gpt-6-astra`, `us.anthropic.claude-…`).
        """
        return None if len(model) > MAX_NAME_CHARACTERS else self._kept(model, provider)

    def extend(self, document: Mapping[str, object], *, origin: str = "your rules") -> "RuleTable":
        """Give a new table with the rows of `document["rules"]` on top of this one.

        Raises:
            InvalidConfig: A key is unknown (the nearest known one is suggested), is missing or has the wrong type.

        """
        layer = max((row.layer for row in self.rows), default=-1) + 1
        added: list[RuleRow] = []
        for fields, where, place in read_rows(document, "rules", origin):
            check_words(fields, ModelRules.__struct_fields__, where, place)
            rules = read_row({"source": where, **fields}, ModelRules, where, place)
            added.append(RuleRow(rules, frozenset(fields), layer))
        return RuleTable([*self.rows, *added])

    def _merged(self, model: str, provider: str | tuple[str, ...] | None) -> ModelRules | None:
        hosts = (provider,) if isinstance(provider, str) else provider
        name = model.lower().rpartition("/")[2]
        names = (name, name.replace(".", "-"))  # OpenRouter's `claude-opus-5.5`
        found: list[tuple[int, int, bool, RuleRow]] = []
        for row in self.rows:
            rules = row.rules
            if rules.providers and hosts is not None and not any(host in rules.providers for host in hosts):
                continue
            fitting = [len(each) for each in rules.match if _fits(names, each)]
            if fitting:
                found.append((row.layer, max(fitting), bool(rules.providers), row))
        if not found:
            return None
        found.sort(key=lambda each: each[:3])
        words = {word: getattr(row.rules, word) for *_, row in found for word in row.given}
        return ModelRules(**words)


def _fits(names: Iterable[str], pattern: str) -> bool:
    """Whether one of a model's names fits a pattern, with or without Bedrock's `us.anthropic.` in front."""
    return any(fnmatchcase(name, pattern) or fnmatchcase(name, f"*.{pattern}") for name in names)


@cache
def packaged_rules() -> RuleTable:
    """Give the rows that come with the package, read once."""
    with open(__file__.removesuffix("rules.py") + "data/rules.toml", "rb") as file:  # noqa: PTH123 - pathlib costs time
        document: Mapping[str, Any] = msgspec.toml.decode(file.read(), type=dict[str, Any])
    return RuleTable().extend(document, origin="rules.toml")


def rules_for(model: str, *, provider: str | None = None) -> ModelRules | None:
    """Give the packaged rules of a model; see `RuleTable.find`."""
    return packaged_rules().find(model, provider=provider)
