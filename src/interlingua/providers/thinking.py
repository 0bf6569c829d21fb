"""How much a model thinks: efforts and budgets, each in the place of the other where a model takes only one of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from interlingua.catalog.rules import ModelRules
from interlingua.providers.changes import Changes, unforced
from interlingua.types import ModelMessage, ThinkingConfig, ThinkingPart

_EFFORT_OF_ANSWERS: Final = "messages"
"""The wire on which an effort does not switch thinking on."""

_BOUNDED_BY_TOKENS: Final = ("messages", "converse")
"""Wires on which a budget may stand for an effort; others give an effort to the provider, who may know better."""

_LEAST_BUDGET: Final = 1024
"""Tokens; less is refused (Anthropic's page on extended thinking, read 2026-11-25)."""

_BUDGETS: Final = ((2048, "low"), (8192, "medium"), (24576, "high"))
"""Up to how many tokens of thinking which effort stands for; above, it is the highest that the model takes."""

_ORDER: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def bound_thinking(work: Changes, rules: ModelRules, wire: str) -> None:
    """Say how much to think as the model takes it: in its efforts, or in tokens."""
    thinking: ThinkingConfig | None = work.get("thinking")
    off = work.get("reasoning_effort") == "none" or (thinking is not None and thinking.mode == "disabled")
    if off and rules.unthinking is False:
        _always(work, rules, thinking)
        return
    if thinking is not None and rules.budgets is False and thinking.budget_tokens is not None:
        _budget_as_effort(work, rules, thinking, thinking.budget_tokens)
    if rules.effort_budgets and wire in _BOUNDED_BY_TOKENS:
        _effort_as_budget(work, rules)
    effort = work.get("reasoning_effort")
    if effort is not None and rules.efforts and effort not in rules.efforts and effort in _ORDER:
        nearest = _nearest(effort, rules.efforts)
        work.changes["reasoning_effort"] = nearest
        work.note("clamped", "reasoning_effort", f"{effort} to {nearest}, which {work.request.model} takes")


def leave_out_while_thinking(work: Changes, rules: ModelRules, wire: str) -> None:
    """Leave out what a model does not take while it thinks; in Messages an effort is also that of an answer."""
    thinking: ThinkingConfig | None = work.get("thinking")
    asked = thinking is not None and thinking.mode in ("enabled", "adaptive")
    effort = work.get("reasoning_effort")
    if not asked and (wire == _EFFORT_OF_ANSWERS or effort in (None, "none")):
        return
    for name in rules.refused_thinking:
        if name == "tool_choice":
            unforced(work, "while it thinks")
        elif work.get(name) is not None:
            work.changes[name] = None
            work.note("dropped", name, f"{work.request.model} takes none while it thinks")


def _always(work: Changes, rules: ModelRules, thinking: ThinkingConfig | None) -> None:
    least = rules.efforts[0] if rules.efforts else None
    work.changes["reasoning_effort"] = least
    if thinking is not None and thinking.mode == "disabled":
        work.changes["thinking"] = None
    asked = f"; asked for effort {least}" if least else ""
    work.note("clamped", "thinking", f"{work.request.model} always thinks{asked}")


def _budget_as_effort(work: Changes, rules: ModelRules, thinking: ThinkingConfig, budget: int) -> None:
    model = work.request.model
    work.changes["thinking"] = msgspec.structs.replace(thinking, mode="adaptive", budget_tokens=None)
    if work.get("reasoning_effort") is not None:
        work.note("dropped", "thinking.budget_tokens", f"{model} takes an effort, which was given")
        return
    highest = rules.efforts[-1] if rules.efforts else "high"
    said = next((word for most, word in _BUDGETS if budget <= most), highest)
    work.changes["reasoning_effort"] = said
    work.note("emulated", "thinking.budget_tokens", f"{budget} as effort {said}; {model} takes no budget")


def _effort_as_budget(work: Changes, rules: ModelRules) -> None:
    effort: str | None = work.get("reasoning_effort")
    if effort in (None, "none"):
        return
    model, thinking = work.request.model, work.get("thinking") or ThinkingConfig()
    work.changes["reasoning_effort"] = None
    if thinking.budget_tokens is not None:
        work.note("dropped", "reasoning_effort", f"{model} takes a budget, which was given")
        return
    if _owes_thinking(work.get("messages")):
        work.note("dropped", "reasoning_effort", f"{model} would want the thinking of calls that have none")
        return
    budget = rules.effort_budgets.get(effort) or rules.effort_budgets[_nearest(effort, tuple(rules.effort_budgets))]
    bound: int | None = work.get("max_new_tokens")
    if bound is not None and bound <= budget:
        budget = bound // 2  # the rest is for the answer
    if budget < _LEAST_BUDGET:
        work.note("dropped", "reasoning_effort", f"{bound} tokens leave {model} no room to think")
        return
    work.changes["thinking"] = msgspec.structs.replace(thinking, mode="enabled", budget_tokens=budget)
    work.note("emulated", "reasoning_effort", f"{effort} as a budget of {budget} tokens; {model} takes no effort")


def _owes_thinking(messages: Sequence[ModelMessage]) -> bool:
    """Whether tools have answered calls that were made without thinking which the provider could check."""
    for message in reversed(messages):
        if message.role == "tool":
            continue
        return (
            message.role == "assistant"
            and bool(message.tool_calls)
            and not any(isinstance(part, ThinkingPart) and part.wire is not None for part in message.parts)
        )
    return False


def _nearest(effort: str, known: Sequence[str]) -> str:
    place = _ORDER.index(effort) if effort in _ORDER else len(_ORDER)
    return min(known, key=lambda each: abs(_ORDER.index(each) - place) if each in _ORDER else len(_ORDER))
