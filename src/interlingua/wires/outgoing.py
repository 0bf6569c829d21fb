"""The last step of writing a request, in every wire: what was left out is weighed, and the object becomes bytes."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.types import Adaptation
from interlingua.wires.contract import RenderedRequest

_encode = msgspec.json.Encoder().encode


class Outgoing(Protocol):
    """What requests of all operations have in common."""

    model: str
    extra_body: dict[str, Any] | None
    strict: bool


def finished(
    request: Outgoing,
    body: dict[str, Any],
    dropped: Sequence[Adaptation],
    *,
    path: str,
    wire: str,
    protected: Sequence[str],
    headers: tuple[tuple[str, str], ...] = (),
) -> RenderedRequest:
    """Give a request as it goes out, with its `extra_body` merged in.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: `extra_body` has one of the fields `protected`, or a value is no JSON.

    """
    if dropped and request.strict:
        for each in dropped:
            if each.kind in ("dropped", "clamped"):
                remedy = each.detail and f"({each.detail})"
                raise Unsupported(each.feature, wire=wire, model=request.model, remedy=remedy)
    if request.extra_body:
        for name in protected:
            if name in request.extra_body:
                message = f"extra_body cannot set {name!r}; it is a field of the request."
                raise InvalidRequest(message, param=f"extra_body.{name}")
        body.update(request.extra_body)
    try:
        return RenderedRequest(path, _encode(body), tuple(dict.fromkeys(dropped)) if dropped else (), headers)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"the request cannot be written as JSON: {error}.") from error


def without(body: dict[str, Any], refused: Sequence[str], dropped: list[Adaptation]) -> None:
    """Take out the fields that the provider refuses."""
    for name in refused:
        if name in body:
            del body[name]
            dropped.append(Adaptation("dropped", name, "the provider refuses it"))
