"""Where a request goes: a strict reading of `http` and `https` URLs.

Only what a model provider's address needs is accepted; everything else is refused
before a byte is sent, with the remedy in the message.
"""

import functools
import re
import socket

import msgspec

from interlingua.errors import InvalidRequest

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
_HOST_NAME = re.compile(r"(?=.{1,253}\.?$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*"
                        r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?")  # fmt: skip
_NOT_IN_A_PATH = re.compile(r"[\x00-\x20\x7f\\]")

DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(msgspec.Struct, frozen=True):
    """A scheme, a host and a port: what one connection can serve. `host` of an IPv6 literal has no brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The `host` header: brackets around an IPv6 literal, no default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS.get(self.scheme) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


class Target(msgspec.Struct, frozen=True):
    """An origin and what to ask it for; `path` holds the query too and is never empty."""

    origin: Origin
    path: str


def _refuse(message: str) -> InvalidRequest:
    return InvalidRequest(message, param="url")


def parse_host(host: str) -> str:
    """Read a host name, an IPv4 address or an IPv6 literal in brackets; give it in lower case ASCII, without brackets.

    Names outside ASCII become their IDNA form (RFC 3490, as in the standard library).

    Raises:
        InvalidRequest: it is none of these.

    """
    if host.startswith("["):
        literal = host[1:-1]
        try:
            socket.inet_pton(socket.AF_INET6, literal)
        except OSError:
            raise _refuse(f"{host} is not an IPv6 address.") from None
        return literal.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise _refuse(f"{host!r} is not a host name.") from None
    if _HOST_NAME.fullmatch(host) is None:
        raise _refuse(f"{host!r} is not a host name.")
    return host.lower()


def parse_authority(authority: str, scheme: str) -> Origin:
    """Read `host`, `host:port` or `[v6]:port`; the scheme gives the port that is left out.

    Raises:
        InvalidRequest: the host or the port is not one.

    """
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _refuse(f"{authority!r} is not a host and a port; write an IPv6 address in brackets.")
    host, port = match.groups()
    number = int(port) if port else DEFAULT_PORTS[scheme]
    if not 0 < number < 65536:
        raise _refuse(f"{number} is not a port: ports go from 1 to 65535.")
    return Origin(scheme, parse_host(host), number)


@functools.lru_cache(maxsize=512)
def parse_url(url: str) -> Target:
    """Read the absolute `http` or `https` URL `url`; a fragment is left out, non-ASCII characters are percent-encoded.

    Raises:
        InvalidRequest: it has another scheme, no host, credentials, spaces or control characters.

    """
    match = _URL.fullmatch(url)
    if match is None:
        raise _refuse("The URL must begin with http:// or https:// and a host name, and be on one line.")
    scheme, authority, path = match.groups()
    if "@" in authority:
        raise _refuse("The URL carries a user name or password; send credentials in a header instead.")
    if _NOT_IN_A_PATH.search(path):
        raise _refuse("The URL has a space, a backslash or a control character in it; percent-encode it.")
    if not path.startswith("/"):
        path = "/" + path
    if not path.isascii():
        path = "".join(
            character
            if character.isascii()
            else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
            for character in path
        )
    return Target(parse_authority(authority, scheme.lower()), path)


def resolve_location(location: str, base: Target) -> Target:
    """Give the target that the `location` header of a redirect from `base` points at.

    Raises:
        InvalidRequest: it is no `http` or `https` URL.

    """
    if _URL.match(location):
        return parse_url(location)
    if location.startswith("//"):
        return parse_url(f"{base.origin.scheme}:{location}")
    if location.startswith("/"):
        return parse_url(f"{base.origin}{location}")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", location):
        raise _refuse("The redirect leads to something that is not http or https.")
    folder = base.path.partition("?")[0]
    if location.startswith("?"):
        return parse_url(f"{base.origin}{folder}{location}")
    return parse_url(f"{base.origin}{folder.rpartition('/')[0]}/{location}")
