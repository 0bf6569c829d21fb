"""Writing the head of a request; nothing gets into it that could begin another line."""

import re

from interlingua.errors import InvalidRequest
from interlingua.transport.proxy import Proxy
from interlingua.transport.url import Origin

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset({"connection", "content-length", "host", "proxy-authorization", "te", "trailer", "transfer-encoding",
                   "upgrade"})  # fmt: skip
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class HeadRenderer:
    """Renders request heads for one origin, directly or by way of a proxy.

    Header names that have been checked once are remembered, a few hundred at most.
    """

    __slots__ = ("_checked", "_host_lines", "_path_prefix")

    def __init__(self, origin: Origin, proxy: Proxy | None) -> None:
        self._path_prefix = ""
        self._host_lines = f" HTTP/1.1\r\nhost: {origin.authority}\r\n"
        if proxy is not None and origin.scheme == "http":
            self._path_prefix = str(origin)
            if proxy.authorization:
                self._host_lines += f"proxy-authorization: {proxy.authorization}\r\n"
        self._checked: dict[str, str] = {}

    def render(self, method: str, path: str, headers: tuple[tuple[str, str], ...], length: int) -> bytes:
        """Give the head's bytes, up to and with the empty line.

        Raises:
            InvalidRequest: the method, a name or a value could break out of its line, or a header is
                the transport's own.

        """
        checked = self._checked
        if method not in _METHODS:
            raise InvalidRequest(f"{method!r} is not a method that can be sent.", param="method")
        parts = [method, " ", self._path_prefix, path, self._host_lines]
        encoded = False
        for name, value in headers:
            prefix = checked.get(name)
            if prefix is None:
                prefix = self._check_once(name)
            if prefix == "accept-encoding: ":
                encoded = True
            if not (value.isascii() and value.isprintable()):
                _check_value(name, value)
            parts += (prefix, value, "\r\n")
        if not encoded:
            parts.append("accept-encoding: identity\r\n")
        if length or method not in _WITHOUT_BODY:
            parts.append(f"content-length: {length}\r\n\r\n")
        else:
            parts.append("\r\n")
        return "".join(parts).encode()

    def _check_once(self, name: str) -> str:
        prefix = _check_name(name) + ": "
        if len(self._checked) < 512:
            self._checked[name] = prefix
        return prefix


def check_headers(method: str, headers: tuple[tuple[str, str], ...]) -> None:
    """Check a request for a transport that renders it by other means.

    Raises:
        InvalidRequest: the method, a name or a value could break out of its line, or a header is
            the transport's own.

    """
    if method not in _METHODS:
        raise InvalidRequest(f"{method!r} is not a method that can be sent.", param="method")
    for name, value in headers:
        _check_name(name)
        _check_value(name, value)


def _check_name(name: str) -> str:
    if _TOKEN.fullmatch(name) is None:
        raise InvalidRequest(f"{name!r} is not a header name.", param="headers")
    lower = name.lower()
    if lower in _OURS:
        raise InvalidRequest(f"The header {lower} is the transport's own; leave it out.", param="headers")
    return lower


def _check_value(name: str, value: str) -> None:
    if _FORBIDDEN_IN_VALUE.search(value) is not None:
        # The value may be a secret, so the message does not repeat it.
        raise InvalidRequest(
            f"The value of the header {name} has a line end or a control character in it.", param="headers"
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidRequest(f"The value of the header {name} is not valid text.", param="headers") from None
