"""Fields that only another wire knows, told by their names where a request leaves them behind."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation
from interlingua.types.part import Extensions
from interlingua.types.shape import is_object

_SILENT: Final = frozenset(
    (
        *("annotations", "id", "image_url", "index", "item", "logprobs", "object", "role", "status", "summary", "type"),
        *("block", "content", "number", "plain", "stream_options"),
        *("as_written", "idless", "joined", "mimeType", "unsigned"),
    )
)
"""Fields that say how something was written down or numbered there, which is lost without harm."""


def foreign_fields(extensions: Extensions, *known: str, of: str = "") -> list[Adaptation]:
    """Tell each field that a request leaves behind, since the name on it is none of the wires `known`.

    `of` is what the fields stand on (`message`, `tools`), and nothing for the request itself.

    Example:
        >>> [str(each) for each in foreign_fields({"messages": {"context_management": {"edits": []}}}, "converse")]
        ['dropped context_management: a field of messages (edits)']

    """
    if not extensions or (len(extensions) == 1 and next(iter(extensions)) in known):
        return []
    return [
        Adaptation("dropped", f"{of}.{name}" if of else name, _detail(other, value))
        for other, fields in extensions.items()
        if other not in known
        for name, value in fields.items()
        if name not in _SILENT and not _says_nothing(value)
    ]


def foreign_name(data: Mapping[str, Any]) -> str:
    """Give what a block of another wire is called: its `type`, or its first member where kinds are members."""
    kind = data.get("type")
    return kind if isinstance(kind, str) else next(iter(data), "unknown")


def _says_nothing(value: object) -> bool:
    """Tell whether a value is null, or an object of nulls: a client's way to leave a field out."""
    return value is None or (is_object(value) and bool(value) and all(each is None for each in value.values()))


def _detail(wire: str, value: object) -> str:
    kind = value.get("type") if is_object(value) else None
    within = kind if isinstance(kind, str) else ", ".join(map(str, value)) if is_object(value) else ""
    return f"a field of {wire}" + (f" ({within})" if within else "")
