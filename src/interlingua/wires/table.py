"""The wires by name."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Final, cast

from interlingua.wires.contract import Wire

_NAMES: Final = ("chat_completions", "responses", "messages", "generate_content", "ollama", "converse")


class WireTable(Mapping[str, Wire]):
    """Gives a wire by its name; its package is loaded when it is first asked for.

    Example:
        >>> WIRES["chat_completions"].name
        'chat_completions'

    """

    def __getitem__(self, name: str) -> Wire:
        if name not in _NAMES:
            raise KeyError(name)
        return cast("Wire", importlib.import_module(f"interlingua.wires.{name}"))

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


WIRES: Final = WireTable()
"""Every wire."""
