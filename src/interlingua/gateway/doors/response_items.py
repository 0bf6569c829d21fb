"""What the gateway reads of the Responses API beside the wire itself: who came before, and what is kept. No I/O.

Facts: openai 3.54 `types/responses/response_create_params.py`, `response_item_list.py` and
`input_item_list_params.py`; read 2026-11-25.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from interlingua.errors import InvalidRequest, NotFound
from interlingua.types import ModelRequest
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.json_text import decode
from interlingua.wires.members import Member, read_members, typed_value, value_of

_ID: Final = re.compile(rb'"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,200})"')
_PAGE: Final = (20, 100)
_ITEM_ID: Final = re.compile(r"([a-z]{2,4})_([0-9a-f]{50})_([0-9]{1,6})")
"""The id of an item of an answer that the gateway named; `item` is one of what came before it."""

_QUOTED_ITEM_ID: Final = re.compile(rb'"[a-z]{2,4}_[0-9a-f]{50}_[0-9]{1,6}"')

_DONE_HERE: Final = ("store", "background", "previous_response_id", "conversation")
_ENCRYPTED: Final = "reasoning.encrypted_content"
_GIVEN: Final = (_ENCRYPTED, "message.output_text.logprobs")
"""What `include` may ask for that every translated answer has, if its provider gives it."""

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


def unkept(request: ModelRequest, wire: str, *, speaks: bool) -> ModelRequest:
    """Take from a request what the gateway does itself, so that no provider is asked for it.

    A provider that `speaks` the wire keeps nothing, and gives its reasoning encrypted, so
    that it can be brought back. Of any other no field is asked whose answer it is anyway.
    """
    request.store = False if speaks else None
    fields = {name: value for name, value in request.extensions.get(wire, {}).items() if name not in _DONE_HERE}
    include = fields.pop("include", None)
    asked: list[Any] = list(include) if is_list(include) else []
    if speaks:
        fields["include"] = [*asked, *(() if _ENCRYPTED in asked else (_ENCRYPTED,))]
    else:
        asked = [each for each in asked if each not in _GIVEN]
        if asked:
            fields["include"] = asked
        if fields.get("truncation") == "disabled":
            del fields["truncation"]
        options = fields.get("stream_options")
        if is_object(options) and set(options) <= {"include_obfuscation"}:
            del fields["stream_options"]
    others = {name: value for name, value in request.extensions.items() if name != wire}
    request.extensions = {**others, wire: fields} if fields or speaks else others
    return request


def refers_here(body: bytes) -> bool:
    """Tell whether a request may refer to an item of an answer that the gateway named."""
    return b'"item_reference"' in body and _QUOTED_ITEM_ID.search(body) is not None


def is_reference(item: Any) -> bool:
    """Tell whether an item is an `item_reference`, whose type may be left out."""
    return is_object(item) and item.get("type", "message" if "role" in item else "item_reference") == "item_reference"


def referred(item: Any) -> tuple[str, str, int] | None:
    """Read an `item_reference`: the answer that it is of, the kind of its id, and its number.

    None for any other item, and for an id that the gateway has not given.
    """
    name = item.get("id") if is_reference(item) else None
    match = _ITEM_ID.fullmatch(name) if isinstance(name, str) else None
    return None if match is None else (f"resp_{match[2]}", match[1], int(match[3]))


def unknown_item(item_id: str) -> NotFound:
    """Say that there is no such item, as OpenAI says it."""
    return NotFound(
        f"Item with id '{item_id[:100]}' not found. Items are not kept when store is false.",
        code="item_not_found",
        param="input",
    )


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
    """Give an item with what every listed one has: an id, and a message's content as blocks."""
    fields = {"type": "message", **item} if "role" in item else dict(item)
    if not isinstance(fields.get("id"), str):
        fields["id"] = name
    if fields.get("type") in ("message", "function_call", "function_call_output"):
        fields.setdefault("status", "completed")
    if fields.get("type") == "message":
        content = fields.get("content")
        if isinstance(content, str):
            said = fields.get("role") == "assistant"
            block: dict[str, Any] = {"type": "output_text" if said else "input_text", "text": content}
            fields["content"] = [{**block, "annotations": []} if said else block]
    return fields


__all__ = [
    "Asked",
    "continued",
    "id_in_stream",
    "id_of_answer",
    "input_items",
    "is_reference",
    "items_page",
    "new_id",
    "output_items",
    "read_asked",
    "referred",
    "refers_here",
    "response_of_last",
    "unkept",
    "unknown_item",
    "unknown_previous",
    "unknown_response",
]
