"""Operations whose request and reply are one JSON object each: embeddings and rerank."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import ProtocolError
from interlingua.types.shape import is_list, malformed
from interlingua.wires.body import reply_object
from interlingua.wires.failure import error_of

_KINDS: Final[dict[type, str]] = {str: "a string", int: "an integer", bool: "true or false"}


def taken(fields: dict[str, Any], name: str, kind: type) -> Any:
    """Take a field out of a request if it is there and not null.

    Raises:
        InvalidRequest: it is of another kind.

    """
    value = fields.pop(name, None)
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise malformed(name, _KINDS[kind])
    return value


def needed(fields: dict[str, Any], name: str) -> str:
    """Take a text that a request must have.

    Raises:
        InvalidRequest: it has none.

    """
    value = taken(fields, name, str)
    if value is None:
        raise malformed(name, "given as a string")
    return value


def read_reply(body: bytes) -> dict[str, Any]:
    """Read a reply.

    Raises:
        ProviderError: it is an error, though its status says otherwise.
        ProtocolError: it is no JSON object.

    """
    fields = reply_object(body)
    if fields.get("error"):
        raise error_of(fields, body=body)
    return dict(fields)


def read_vector(value: object, body: bytes) -> list[float]:
    """Read a vector.

    Raises:
        ProtocolError: it is none.

    """
    try:
        return msgspec.convert(value, list[float])
    except msgspec.ValidationError as error:
        raise ProtocolError(f"the reply has no vector where one should be: {error}.", body=body) from error


def read_list(fields: Mapping[str, Any], name: str, body: bytes) -> Sequence[Any]:
    """Read the list that a reply is about.

    Raises:
        ProtocolError: it has none.

    """
    value = fields.get(name)
    if not is_list(value):
        raise ProtocolError(f"the reply has no list `{name}`.", body=body)
    return value


def count_of(value: object) -> int:
    """Read a count; anything that is none is 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
