"""The tool calls of a streamed choice."""

from collections.abc import Mapping
from typing import Any

from interlingua.errors import InvalidRequest
from interlingua.types import Event, ToolCallDelta
from interlingua.types.chat_content import extensions_of
from interlingua.types.chat_message import LEGACY_CALL
from interlingua.types.chat_reasoning import EXTRA, thought_signature
from interlingua.types.shape import is_list, is_object

_CALLS = {"function": "arguments", "custom": "input"}


class ToolStream:
    """Gives each call a number of its own, whatever the provider does with `index`.

    Some leave it out, and some give every call the number 0 and another id. Repeated
    ids and names are given once.
    """

    __slots__ = ("_calls", "_choice", "_numbers")

    def __init__(self, choice: int) -> None:
        self._choice = choice
        self._calls: list[_Call] = []
        self._numbers: dict[object, int] = {}

    def take(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        """Take the calls of a delta."""
        calls = delta.get("tool_calls")
        if is_list(calls):
            for call in calls:
                if not is_object(call):
                    raise InvalidRequest("a tool call is not an object")
                events.append(self._take_call(call))
        legacy = delta.get(LEGACY_CALL)
        if is_object(legacy):
            call = {"index": LEGACY_CALL, "function": legacy, "type": LEGACY_CALL}
            events.append(self._take_call(call))

    def _take_call(self, call: Mapping[str, Any]) -> ToolCallDelta:
        given = call.get("type")
        kind = "custom" if given == "custom" or "custom" in call else "function"
        given_inner = call.get(kind)
        inner: Mapping[str, Any] = given_inner if is_object(given_inner) else {}
        identity, name, arguments = call.get("id"), inner.get("name"), inner.get(_CALLS[kind])
        identity = identity if isinstance(identity, str) and identity else None
        name = name if isinstance(name, str) and name else None
        number = self._number(call.get("index"), identity, name)
        state = self._calls[number]
        first = not state.begun
        state.begun = True
        rest = {
            key: value for key, value in call.items() if key not in ("index", "id", "type", kind) and value is not None
        }
        unknown = {
            key: value for key, value in inner.items() if key not in ("name", _CALLS[kind]) and value is not None
        }
        if unknown:
            rest[kind] = unknown
        if given == LEGACY_CALL and first:
            rest["type"] = LEGACY_CALL
        return ToolCallDelta(
            index=number,
            choice=self._choice,
            id=state.new_id(identity),
            name=state.new_name(name),
            arguments=arguments if isinstance(arguments, str) else "",
            kind=kind if first else None,
            extensions=extensions_of(rest),
            signature=thought_signature(rest.get(EXTRA)) if rest else None,
        )

    def _number(self, index: object, identity: str | None, name: str | None) -> int:
        if not isinstance(index, int | str):
            if identity is not None:
                known = next((number for number, call in enumerate(self._calls) if call.id == identity), None)
                return self._add() if known is None else known
            return len(self._calls) - 1 if self._calls and name is None else self._add()
        number = self._numbers.get(index)
        if number is not None:
            call = self._calls[number]
            if identity is None or call.id in (None, identity) or name is None:
                return number
            known = next((each for each, call in enumerate(self._calls) if call.id == identity), None)
            if known is not None:
                return known
        self._numbers[index] = number = self._add()
        return number

    def _add(self) -> int:
        self._calls.append(_Call())
        return len(self._calls) - 1


class _Call:
    """What has been seen of one call."""

    __slots__ = ("begun", "id", "name")

    def __init__(self) -> None:
        self.begun = False
        self.id: str | None = None
        self.name = ""

    def new_id(self, identity: str | None) -> str | None:
        if identity is None or identity == self.id:
            return None
        self.id = identity
        return identity

    def new_name(self, name: str | None) -> str | None:
        if name is None or name == self.name:
            return None
        self.name += name
        return name
