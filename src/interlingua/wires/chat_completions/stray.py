"""Events in a stream that are not of its answer."""

import re
from typing import Final

_ID: Final = re.compile(rb'\s*\{\s*"id"\s*:\s*"([^"\\]+)"')


def is_stray(payload: bytes, answer_id: str | None) -> bool:
    r"""Tell whether an event that cannot be read names the id of another answer than the one that is told.

    All chunks of an answer have its id, so that leaving such an event out loses none of its
    text. Of any other that cannot be read nobody knows what it would have said.

    Example:
        >>> is_stray(b'{"id":"chatcmpl-2","choices":[{"del', "chatcmpl-1")
        True

    """
    found = _ID.match(payload)
    return bool(answer_id) and found is not None and found[1] != answer_id.encode()
