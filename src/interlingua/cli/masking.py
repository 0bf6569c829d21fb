"""Config values as they may be shown."""

import re
from collections.abc import Mapping
from typing import Any, cast

_SECRET_NAMES = re.compile(r"(^|_)(key|keys|secret|secrets|token|tokens|password|authorization|cookie)$", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_PASSED = re.compile(r"(?i)([?&][\w-]*(?:key|token|secret|sig)=)[^&\s]+")
_MASK = "******"
_COUNTED = "max_tokens", "max_new_tokens"


def masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values with secrets hidden: what a name marks as one, all headers and queries, and passwords in URLs."""
    return {name: _masked(name, value) for name, value in values.items()}


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        return dict.fromkeys(table, _MASK) if name in ("headers", "query") else masked(table)
    if _SECRET_NAMES.search(name.replace("-", "_")) and name not in _COUNTED and value:
        return _MASK
    return _PASSED.sub(rf"\1{_MASK}", _CREDENTIALS.sub(_MASK, value)) if isinstance(value, str) else value
