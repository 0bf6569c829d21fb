"""Reading the addresses that people paste."""

import re
from urllib.parse import urlsplit

import msgspec

from interlingua.errors import InvalidConfig

_OPERATION = "/chat/completions"
_VERSION = re.compile(r"(^|/)v\d+[a-z0-9]*$")


class Address(msgspec.Struct, frozen=True):
    """A base URL without its last slash, and the query that stood behind it.

    `exact` is set when the address is that of the chat operation itself, which takes
    nothing behind it.
    """

    url: str
    query: str = ""
    exact: bool = False


def read_base_url(text: str, *, where: str = "base_url") -> Address:
    """Read a base URL, also one that was pasted with slashes or `/chat/completions` behind it.

    Raises:
        InvalidConfig: the scheme or the host is missing, or a user name or a fragment
            stands in it; the message gives the remedy and never the user name.

    """
    text = text.strip()
    if "://" not in text:
        scheme = "http" if re.match(r"(localhost|127\.|0\.0\.0\.0|\[?::1)", text) else "https"
        shown = _shown(text)
        raise InvalidConfig(f"{where}: {shown!r} has no scheme; write {scheme}://{shown.lstrip('/')}.", param=where)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidConfig(f"{where}: this is not a URL: {error}.", param=where) from error
    if parts.username is not None or parts.password is not None:
        raise InvalidConfig(f"{where}: a URL may hold no user name or password; use a key or a header.", param=where)
    if parts.scheme.lower() not in ("http", "https"):
        raise InvalidConfig(f"{where}: {parts.scheme!r} is not http or https.", param=where)
    if not host or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise InvalidConfig(f"{where}: {_shown(text)!r} has no host, or has a space in it.", param=where)
    if parts.fragment:
        raise InvalidConfig(f"{where}: leave out everything from '#' on in {_shown(text)!r}.", param=where)
    path = parts.path.rstrip("/").removesuffix(_OPERATION).rstrip("/")
    return Address(f"{parts.scheme.lower()}://{parts.netloc}{path}", parts.query)


def read_full_url(text: str, *, where: str = "full_url") -> Address:
    """Read the address of the chat operation itself.

    An address that ends in `/chat/completions` gives the base URL before it. One that
    has no path or ends in a version (`/v1`) is taken for a base URL, since that is what
    is usually meant. Any other is used exactly as it is.

    Raises:
        InvalidConfig: as `read_base_url`.

    """
    address = read_base_url(text, where=where)
    path = urlsplit(text.strip()).path.rstrip("/")
    if not path or path.endswith(_OPERATION) or _VERSION.search(path):
        return address
    return msgspec.structs.replace(address, exact=True)


def _shown(text: str) -> str:
    """Give what may stand in a message: no user name and no query."""
    return text.rpartition("@")[2].partition("?")[0].partition("#")[0]
