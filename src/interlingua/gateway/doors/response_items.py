"""What the gateway reads of the Responses API beside the wire itself: who came before, and what is kept. No I/O.

Facts: openai 3.54 `types/responses/response_create_params.py`, `response_item_list.py` and
`input_item_list_params.py`; read 2026-11-23.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from interlingua.errors import InvalidRequest, NotFound
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.json_text import decode
from interlingua.wires.members import Member, read_members, typed_value, value_of

_ID: Final = re.compile(rb'"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,200})"')
_PAGE: Final = (20, 100)
_encode = msgspec.json.Encoder().encode


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request is the gateway's business: which answer it continues, and whether its own is kept."""

    previous: str | None = None
    store: bool = True
    background: bool = False
    conversation: bool = False


class _Named(msgspec.Struct):
    id: str


class _Finished(msgspec.Struct):
    type: str
    response: msgspec.Raw


def read_asked(body: bytes) -> tuple[Asked, list[Member]]:
    """Read it, and give the body's members too.

    Raises:
        InvalidRequest: a field has the wrong type; `param` names it.

    """
    members = read_members(body)
    given = {member.name: member.value for member in members}
    store = typed_value(given, "store", bool, "true or false")
    asked = Asked(
        previous=typed_value(given, "previous_response_id", str, "a string"),
        store=True if store is None else store,
        background=bool(typed_value(given, "background", bool, "true or false")),
        conversation=value_of(given, "conversation") is not None,
    )
    return asked, members


def input_items(members: Sequence[Member]) -> list[Any]:
    """Give a request's input as the list of items that it is short for.

    Raises:
        InvalidRequest: it is neither a text nor a list of objects.

    """
    value = value_of({member.name: member.value for member in members}, "input")
    if value is None:
        return []
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": value}]}]
    if not is_list(value) or not all(is_object(item) for item in value):
        raise malformed("input", "a text or a list of items")
    return list(value)


def continued(members: Sequence[Member], items: Sequence[Any]) -> bytes:
    """Give a request whose input is `items`, and which continues nothing."""
    kept = [
        _encode(member.name) + b":" + member.value
        for member in members
        if member.name not in ("input", "previous_response_id")
    ]
    return b"{" + b",".join([*kept, b'"input":' + _encode(items)]) + b"}"


def output_items(response: bytes) -> list[Any]:
    """Give the items of a kept answer."""
    output = decode(response).get("output")
    return list(output) if is_list(output) else []


def new_id() -> str:
    """Name an answer."""
    return f"resp_{secrets.token_hex(25)}"


def id_of_answer(body: bytes) -> str | None:
    """Give the id of a whole answer, or None where it has none."""
    try:
        return msgspec.json.decode(body, type=_Named).id
    except (msgspec.DecodeError, RecursionError):
        return None


def id_in_stream(data: bytes) -> str | None:
    """Give the id of the answer that a stream begins with."""
    match = _ID.search(data)
    return match[1].decode("ascii") if match else None


def response_of_last(data: bytes) -> bytes | None:
    """Give the whole answer that the last events of a stream carry, or None."""
    for line in reversed(data.split(b"\n")):
        if line.startswith(b"data:"):
            try:
                return bytes(msgspec.json.decode(line[5:], type=_Finished).response)
            except (msgspec.DecodeError, RecursionError):
                continue
    return None


def items_page(items: bytes, query: str, *, response_id: str) -> bytes:
    """Write the page of items that `after`, `limit` and `order` ask for; the newest come first unless `asc` is asked.

    Raises:
        InvalidRequest: one of them is wrong; `param` names it.

    """
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    limit = given.get("limit", str(_PAGE[0]))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= _PAGE[1]:
        raise InvalidRequest(f"limit must be between 1 and {_PAGE[1]}.", param="limit")
    order = given.get("order", "desc")
    if order not in ("asc", "desc"):
        raise InvalidRequest("order must be asc or desc.", param="order")
    tail = response_id.removeprefix("resp_")
    listed = [_named(item, f"item_{tail}_{number}") for number, item in enumerate(decode(items))]
    if order == "desc":
        listed.reverse()
    start = 0
    if "after" in given:
        start = next((n + 1 for n, item in enumerate(listed) if item["id"] == given["after"]), -1)
        if start < 0:
            raise InvalidRequest("after names no item of this response.", param="after")
    page = listed[start : start + int(limit)]
    return _encode(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
            "has_more": start + len(page) < len(listed),
        }
    )


def unknown_previous(response_id: str) -> InvalidRequest:
    """Say that an answer cannot be continued, as OpenAI says it."""
    return InvalidRequest(
        f"Previous response with id '{response_id[:100]}' not found.",
        code="previous_response_not_found",
        param="previous_response_id",
    )


def unknown_response(response_id: str) -> NotFound:
    """Say that there is no such answer, as OpenAI says it."""
    return NotFound(f"Response with id '{response_id[:100]}' not found.", code="response_not_found")


def _named(item: dict[str, Any], name: str) -> dict[str, Any]:
    fields = {"type": "message", **item} if "role" in item else dict(item)
    if not isinstance(fields.get("id"), str):
        fields["id"] = name
    return fields


__all__ = [
    "Asked",
    "continued",
    "id_in_stream",
    "id_of_answer",
    "input_items",
    "items_page",
    "new_id",
    "output_items",
    "read_asked",
    "response_of_last",
    "unknown_previous",
    "unknown_response",
]
