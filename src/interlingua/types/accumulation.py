"""Adding up an object that arrives in pieces."""

import copy
from collections.abc import Mapping
from typing import Any, Final, cast

_NAMES: Final = frozenset(("id", "type", "index", "format", "role", "name"))
"""Fields that say what a piece belongs to: a later value replaces an earlier one."""


def accumulate(into: dict[str, Any], piece: Mapping[str, Any]) -> None:
    """Add `piece` to `into`: texts are joined, objects are added up, lists grow.

    Items of two lists that have the same `index` (and `type`) are pieces of one item.
    Anything else is replaced. This is how the deltas of chat APIs add up.

    Example:
        >>> whole = {"parts": [{"index": 0, "text": "so"}]}
        >>> accumulate(whole, {"parts": [{"index": 0, "text": " be it"}]})
        >>> whole
        {'parts': [{'index': 0, 'text': 'so be it'}]}

    """
    for name, value in piece.items():
        old = into.get(name)
        if isinstance(old, str) and isinstance(value, str) and name not in _NAMES:
            into[name] = old + value
        elif isinstance(old, dict) and isinstance(value, dict):
            accumulate(cast("dict[str, Any]", old), cast("dict[str, Any]", value))
        elif isinstance(old, list) and isinstance(value, list):
            for item in cast("list[Any]", value):
                _add_item(cast("list[Any]", old), item)
        else:
            into[name] = copy.deepcopy(value)


def _add_item(items: list[Any], item: Any) -> None:
    piece: dict[str, Any] = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    if "index" in piece:
        for old in items:
            if isinstance(old, dict) and _identity(cast("dict[str, Any]", old)) == _identity(piece):
                accumulate(cast("dict[str, Any]", old), piece)
                return
    items.append(copy.deepcopy(cast("Any", item)))


def _identity(item: Mapping[str, Any]) -> tuple[Any, Any]:
    return item.get("index"), item.get("type")
