"""What kind of JSON value something is."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from interlingua.errors import InvalidRequest


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether `value` is a list or a tuple."""
    return type(value) is list or isinstance(value, tuple)


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether `value` is a JSON object."""
    return type(value) is dict or (value is not None and isinstance(value, Mapping))


def malformed(where: str, needed: str) -> InvalidRequest:
    """Say that the field at `where` is not what it must be."""
    return InvalidRequest(f"{where} must be {needed}.", param=where)
