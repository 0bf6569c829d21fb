"""Bodies as the objects that they are: what callers send, and what providers reply."""

from collections.abc import Mapping
from typing import Any, cast

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types.shape import is_list, is_object
from interlingua.wires.json_text import UNREADABLE, decode


def read_object(body: bytes) -> dict[str, Any]:
    """Read a request's body.

    Raises:
        InvalidRequest: it is no JSON object.

    """
    try:
        fields = decode(body)
    except RecursionError as error:
        raise InvalidRequest("the body is nested too deeply.") from error
    except UNREADABLE as error:
        raise InvalidRequest(f"the body is not valid JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise InvalidRequest("the body must be a JSON object.")
    return cast("dict[str, Any]", fields)


def reply_object(body: bytes) -> Mapping[str, Any]:
    """Read a reply's body; Google's errors, which come in a list, are taken out of it.

    Raises:
        ProtocolError: it is no JSON object; the message tells what it is.

    """
    try:
        fields = decode(body)
    except UNREADABLE as error:
        start = body[:60].decode("utf-8", "replace").strip()
        what = "a web page" if start.startswith("<") else "no JSON" if body.strip() else "empty"
        raise ProtocolError(f"the reply is {what}: {error} ({start!r}).", body=body) from error
    if is_list(fields) and fields and is_object(fields[0]) and fields[0].get("error"):
        return fields[0]
    if not is_object(fields):
        raise ProtocolError("the reply is not a JSON object.", body=body)
    return fields
