"""A text as one segment of a path."""

import re
from typing import Final

_RESERVED: Final = re.compile(rb"[^A-Za-z0-9._~-]")


def quoted(text: str) -> str:
    """Write a text so that it is one segment of a path, whatever it holds (RFC 3986, section 2.1).

    Example:
        >>> quoted("tuned/my model")
        'tuned%2Fmy%20model'

    """
    return _RESERVED.sub(lambda match: b"%%%02X" % match[0][0], text.encode("utf-8", "replace")).decode("ascii")
