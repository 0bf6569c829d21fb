"""Making a request such that its model takes it, and saying what was changed."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from interlingua.catalog import Catalog, packaged_catalog
from interlingua.catalog.rules import ModelRules
from interlingua.errors import Unsupported
from interlingua.providers.changes import Changes, unforced
from interlingua.providers.thinking import bound_thinking, leave_out_while_thinking
from interlingua.providers.turns import alternating, with_reasoning, without_reasoning, without_system
from interlingua.types import (
    Adaptation,
    ModelMessage,
    ModelRequest,
    Part,
    TextPart,
    ThinkingConfig,
    ToolCallPart,
)
from interlingua.types.lifecycle import Lifecycle

CHAT: Final = "chat_completions"
TOOLS_WIRE: Final = "responses"
"""The wire on which the models take tools that Chat Completions refuses."""

_UNSIGNED: Final = "skip_thought_signature_validator"
_STANDS: Final[dict[str, dict[str, Any]]] = {
    "generate_content": {"thoughtSignature": _UNSIGNED},
    "chat_completions": {"extra_content": {"google": {"thought_signature": _UNSIGNED}}},
}
"""What a call says that has no signature (ai.google.dev/gemini-api/docs/thought-signatures, read 2026-11-25)."""


class Adapted(msgspec.Struct, frozen=True):
    """A request as it can be asked, in which wire, and what was changed."""

    request: ModelRequest
    wire: str
    warnings: tuple[Adaptation, ...] = ()


def adapt(
    request: ModelRequest,
    *,
    provider: str,
    wire: str,
    spoken: Collection[str],
    catalog: Catalog | None = None,
    known_as: tuple[str, ...] | None = None,
    today: date | None = None,
) -> Adapted:
    """Adapt a request to its model.

    `wire` is the one that it would be asked in, `spoken` all that the provider speaks,
    `catalog` what is known of models, the packaged one unless given, and `known_as` the
    provider's names in it.
    The given request stays as it is. A model whose retirement is announced, or past, is
    asked all the same, with a warning that has the day; `today` is the day in UTC.

    Raises:
        Unsupported: the request is strict, and something would be lost.

    Example:
        >>> adapted = adapt(request, provider="anthropic", wire="messages", spoken=("messages",))
        >>> [str(warning) for warning in adapted.warnings]
        ['dropped temperature: claude-sonnet-5-5 takes none']

    """
    catalog = catalog or packaged_catalog()
    host = known_as or provider
    rules = catalog.rules(request.model, provider=host)
    life = catalog.lifecycle(request.model, provider=host)
    leaving = life.retires if life is not None else None
    if rules is None and leaving is None and (wire != "messages" or request.max_new_tokens is not None):
        return Adapted(request, wire)
    work = Changes(request)
    if life is not None:
        work.warnings += _retiring(life, request.model, provider, today)
    if rules is not None:
        _fields(work, rules)
        bound_thinking(work, rules, wire)
        leave_out_while_thinking(work, rules, wire)
        _messages(work, rules)
        _tools(work, rules)
        wire = _bridged(work, rules, wire, spoken)
        _reasoning(work, rules, wire)
        _signed(work, rules, wire)
    if wire == "messages" and request.max_new_tokens is None:
        _bounded(work, catalog, host)
    adapted = work.result()
    if request.strict:
        for each in work.warnings:
            if each.kind in ("dropped", "clamped"):
                raise Unsupported(each.feature, model=request.model, remedy=f"({each.detail})")
    return Adapted(adapted, wire, tuple(work.warnings))


def notices(
    model: str,
    *,
    provider: str,
    catalog: Catalog | None = None,
    known_as: tuple[str, ...] | None = None,
    today: date | None = None,
) -> list[Adaptation]:
    """Give the warnings that hold for a model whatever is asked of it: that it is retired, or will be."""
    life = (catalog or packaged_catalog()).lifecycle(model, provider=known_as or provider)
    return _retiring(life, model, provider, today) if life is not None else []


def _retiring(life: Lifecycle, model: str, provider: str, today: date | None) -> list[Adaptation]:
    if life.retires is None:
        return []
    gone = life.is_retired(today or datetime.now(UTC).date())
    instead = f"; {provider} recommends {life.replacement}" if life.replacement else ""
    detail = f"{model} {'was' if gone else 'will be'} retired on {life.retires}{instead}"
    return [Adaptation("retiring", "model", detail)]


def _fields(work: Changes, rules: ModelRules) -> None:
    model = work.request.model
    for name in rules.refused:
        if work.get(name) is not None:
            work.changes[name] = None
            work.note("dropped", name, f"{model} takes none")
    given = [name for name in rules.one_of if work.get(name) is not None]
    for name in given[1:]:
        work.changes[name] = None
        work.note("dropped", name, f"{model} takes it or {given[0]}, which was given too")
    temperature = work.get("temperature")
    if rules.temperature is not None and temperature is not None:
        low, high = rules.temperature
        taken = min(max(temperature, low), high)
        if taken != temperature:
            work.changes["temperature"] = taken
            work.note("clamped", "temperature", f"{temperature:g} to {taken:g}, which {model} takes")


def _messages(work: Changes, rules: ModelRules) -> None:
    messages: list[ModelMessage] = work.get("messages")
    if rules.system_role is False and any(message.role in ("system", "developer") for message in messages):
        work.changes["messages"] = messages = without_system(messages)
        work.note("renamed", "system", "as the user's; the model has no role for it")
    if rules.alternating is True:
        turns = alternating(messages)
        if len(turns) < len(messages):
            work.changes["messages"] = messages = turns
            work.note("emulated", "messages", f"those in a row as one; {work.request.model} wants turns to alternate")
    if rules.prefill is False and messages and messages[-1].role == "assistant" and not messages[-1].tool_calls:
        begun = messages[-1].text
        asked: list[Part] = [TextPart(f"Your answer so far is below. Go on from exactly there.\n\n{begun}")]
        work.changes["messages"] = [*messages, ModelMessage("user", asked)]
        work.note("emulated", "prefill", f"{work.request.model} takes none; it is asked to go on instead")


def _tools(work: Changes, rules: ModelRules) -> None:
    if rules.forced_tools is False:
        unforced(work)


def _bridged(work: Changes, rules: ModelRules, wire: str, spoken: Collection[str]) -> str:
    """Ask in Responses where Chat Completions refuses the tools of a request."""
    if wire != CHAT or rules.chat_tools is None or not work.get("tools") or TOOLS_WIRE not in spoken:
        return wire
    if rules.chat_tools == "without_effort" and work.get("reasoning_effort") == "none":
        return wire
    work.note("bridged", "tools", f"asked through Responses; {work.request.model} takes no tools on Chat Completions")
    return TOOLS_WIRE


def _reasoning(work: Changes, rules: ModelRules, wire: str) -> None:
    """Give the reasoning of earlier answers back as far as the model takes it, and wants it."""
    if wire != CHAT or rules.reasoning_back is None:
        return
    messages: list[ModelMessage] = work.get("messages")
    model, wanted = work.request.model, rules.reasoning_back
    if wanted == "never":
        given = without_reasoning(messages)
    else:
        thinking: ThinkingConfig | None = work.get("thinking")
        if work.get("reasoning_effort") == "none" or (thinking is not None and thinking.mode == "disabled"):
            return
        given = with_reasoning(messages, calls_only=wanted == "tool_turns")
    if all(new is old for new, old in zip(given, messages, strict=True)):
        return
    work.changes["messages"] = given
    if wanted == "never":
        work.note("dropped", "thinking", f"of earlier answers; {model} does not take it back")
    else:
        work.note("emulated", "thinking", f"an empty one for answers without; {model} wants it back")


def _signed(work: Changes, rules: ModelRules, wire: str) -> None:
    """Let the first call of each step have what stands for a signature where it has none.

    That is so where another provider made the call, or its client lost the signature.
    All steps get it, not only those of the turn that is looked at, so that the prompt
    stays the same from request to request.
    """
    stands = _STANDS.get(wire)
    if rules.signed_calls is not True or stands is None:
        return
    messages: list[ModelMessage] = work.get("messages")
    signed = [_signed_message(message, wire, stands) for message in messages]
    if all(new is old for new, old in zip(signed, messages, strict=True)):
        return
    work.changes["messages"] = signed
    work.note("emulated", "thinking", f"calls without a signature, which {work.request.model} wants, say so")


def _signed_message(message: ModelMessage, wire: str, stands: Mapping[str, Any]) -> ModelMessage:
    content = message.content
    if message.role != "assistant" or not isinstance(content, list):
        return message
    place = next((n for n, part in enumerate(content) if isinstance(part, ToolCallPart)), None)
    call = content[place] if place is not None else None
    if place is None or not isinstance(call, ToolCallPart) or call.signature is not None:
        return message
    own = call.extensions.get(wire) or {}
    if not own.keys().isdisjoint(stands):
        return message
    signed = msgspec.structs.replace(call, extensions={**call.extensions, wire: {**own, **stands}})
    return msgspec.structs.replace(message, content=[*content[:place], signed, *content[place + 1 :]])


def _bounded(work: Changes, catalog: Catalog, host: str | tuple[str, ...]) -> None:
    """Bound an answer that is not, for a wire that wants a bound, by the most that the model writes."""
    known = catalog.lookup(work.request.model, provider=host)
    if known is not None and known.max_output_length is not None:
        work.changes["max_new_tokens"] = known.max_output_length
        work.note("emulated", "max_new_tokens", f"{known.max_output_length}, the most that the model writes")
