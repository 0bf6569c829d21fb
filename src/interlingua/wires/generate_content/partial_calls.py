"""Calls whose arguments Vertex AI streams in pieces (google-genai 3.4 `types.PartialArg`, read 2026-11-25).

With `streamFunctionCallArguments` a call begins with its name and `willContinue`; pieces
of arguments follow, each with the place that it belongs to, and the last one continues
no more. The parts are put together here to the whole call that they say.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from interlingua.errors import InvalidRequest
from interlingua.types.shape import is_list, is_object

_STEP: Final = re.compile(
    r"""\.([^.\[\]'"]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""", re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_DEEPEST: Final = 64
_VALUES: Final = ("stringValue", "numberValue", "boolValue")


def is_partial(part: object) -> bool:
    """Tell whether a part is a piece of a call that is not whole: of its beginning, its middle or its end."""
    if not is_object(part) or "functionCall" not in part:
        return False
    call = part["functionCall"]
    return is_object(call) and "args" not in call and ("name" not in call or "willContinue" in call)


class CallPieces:
    """The pieces of one candidate's calls."""

    __slots__ = ("_arguments", "_over", "_part")

    def __init__(self) -> None:
        self._part: dict[str, Any] | None = None
        self._over = False
        self._arguments: dict[str, Any] = {}

    def feed(self, part: Any) -> list[Any]:
        """Take a part, and give those that are whole now: itself where it is no piece.

        Raises:
            InvalidRequest: it has a place that is none.

        """
        call = part.get("functionCall") if is_object(part) else None
        if not is_object(call) or (self._part is None and not is_partial(part) and "partialArgs" not in call):
            return [part]
        done: list[Any] = []
        if "name" in call:
            done = self.rest()
            self._begin(part, call)
        elif self._part is None:
            return [] if self._over and not call.keys() - {"willContinue"} else [part]  # the end of a call that is over
        elif "thoughtSignature" in part:
            self._part.setdefault("thoughtSignature", part["thoughtSignature"])
        pieces = call.get("partialArgs")
        for piece in pieces if is_list(pieces) else ():
            self._put(piece)
        return done if call.get("willContinue") is True else done + self.rest()

    def rest(self) -> list[Any]:
        """Give the call that is open, as far as it has come."""
        part, self._part = self._part, None
        if part is None:
            return []
        self._over = True
        part["functionCall"]["args"] = self._arguments
        return [part]

    def _begin(self, part: Mapping[str, Any], call: Mapping[str, Any]) -> None:
        arguments = call.get("args")
        self._arguments = dict(arguments) if is_object(arguments) else {}
        rest = {name: value for name, value in call.items() if name not in ("args", "partialArgs", "willContinue")}
        self._part = {**part, "functionCall": rest}

    def _put(self, piece: object) -> None:
        path = piece.get("jsonPath") if is_object(piece) else None
        if not is_object(piece) or not isinstance(path, str):
            raise InvalidRequest("a piece of arguments must have a jsonPath")
        steps = _steps(path)
        value = next((piece[name] for name in _VALUES if name in piece), None)
        place: Any = self._arguments
        for step, following in pairwise(steps):
            if _at(place, step, path) is None:
                _set(place, step, [] if isinstance(following, int) else {})
            place = _at(place, step, path)
        before = _at(place, steps[-1], path)
        _set(place, steps[-1], before + value if isinstance(before, str) and isinstance(value, str) else value)


def _steps(path: str) -> list[str | int]:
    """Read a place such as `$.rows[0].name`."""
    steps: list[str | int] = []
    end = 1
    while (match := _STEP.match(path, end)) is not None and len(steps) < _DEEPEST:
        end = match.end()
        name, number, quoted, doubly = match.groups()
        inside = quoted if quoted is not None else doubly
        steps.append(int(number) if number is not None else name or _ESCAPED.sub(r"\1", inside or ""))
    if not path.startswith("$") or end != len(path) or not steps:
        raise InvalidRequest(f"{path[:80]!r} is no place in arguments")
    return steps


def _at(place: Any, step: str | int, path: str) -> Any:
    if isinstance(step, str) and isinstance(place, dict):
        return place.get(step)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON
    if isinstance(step, int) and isinstance(place, list) and step <= len(place):  # pyright: ignore[reportUnknownArgumentType] - any JSON
        return place[step] if step < len(place) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    raise InvalidRequest(f"{path[:80]!r} is no place in these arguments")


def _set(place: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int) and step == len(place):
        place.append(value)
    else:
        place[step] = value
