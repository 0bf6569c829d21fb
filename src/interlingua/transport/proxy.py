"""Which proxy a request goes through, by explicit settings or by the usual environment variables."""

import base64
import os
import re
from collections.abc import Mapping

from interlingua.errors import InvalidConfig, InvalidRequest
from interlingua.transport.url import Origin, parse_authority

_PROXY_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:([^/?#]*)@)?([^/?#@]*)/?")
_SCHEMES = ("http", "https", "all")


class Proxy:
    """One HTTP proxy: where it is, and the `proxy-authorization` value that its URL carried (never printed)."""

    __slots__ = ("authorization", "origin")

    def __init__(self, origin: Origin, authorization: str | None = None) -> None:
        self.origin = origin
        self.authorization = authorization

    def __repr__(self) -> str:
        return f"Proxy({str(self.origin)!r}{', with credentials' if self.authorization else ''})"


def parse_proxy(url: str, *, setting: str = "proxies") -> Proxy:
    """Read a proxy's URL: `http://` or `https://` (the scheme may be left out), credentials included.

    Raises:
        InvalidConfig: it is no URL of an HTTP proxy; the message names `setting` and never the URL's credentials.

    """
    match = _PROXY_URL.fullmatch(url.strip())
    if match is None:
        raise InvalidConfig(f"{setting}: not a proxy URL; write http://host:port.", param=setting)
    scheme = (match[1] or "http").lower()
    if scheme.startswith("socks"):
        raise InvalidConfig(
            f"{setting}: SOCKS proxies need the httpx2 transport; pass HTTPX2Transport(httpx2.AsyncClient(proxy=...)) "
            "instead, with httpx2[socks] installed.",
            param=setting,
        )
    if scheme not in ("http", "https"):
        raise InvalidConfig(
            f"{setting}: {scheme}:// is not a kind of proxy known here; use http or https.", param=setting
        )
    try:
        origin = parse_authority(match[3], scheme)
    except InvalidRequest as error:
        raise InvalidConfig(f"{setting}: {error.message}", param=setting) from None
    if match[2] is None:
        return Proxy(origin)
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415 - only proxies with credentials pay for it

    user, _, password = match[2].partition(":")
    token = base64.b64encode(unquote_to_bytes(user) + b":" + unquote_to_bytes(password))
    return Proxy(origin, "Basic " + token.decode("ascii"))


class ProxyBypass:
    """The hosts that are reached without a proxy: a `NO_PROXY` list.

    Entries are separated by commas or spaces: `*` is every host, `example.com` that host and
    every host below it (`.example.com` and `*.example.com` say the same), `10.0.0.0/8` and
    `fd00::/8` the addresses in a network, and any of them may end in `:port`.
    """

    __slots__ = ("_everything", "_names", "_networks")

    def __init__(self, rules: str) -> None:
        self._everything = False
        self._names: list[tuple[str, int | None]] = []
        self._networks: list[str] = []
        for rule in re.split(r"[\s,]+", rules):
            if rule == "*":
                self._everything = True
            elif "/" in rule:
                self._networks.append(rule)
            elif rule:
                self._add_name(rule.lower())

    def _add_name(self, rule: str) -> None:
        port: int | None = None
        head, colon, tail = rule.rpartition(":")
        if colon and tail.isdigit() and (":" not in head or head.endswith("]")):
            rule, port = head, int(tail)
        name = rule.strip("[]").removeprefix("*").lstrip(".").rstrip(".")
        if name:
            self._names.append((name, port))

    def covers(self, origin: Origin) -> bool:
        """Say whether `origin` is to be reached without a proxy."""
        if self._everything:
            return True
        host = origin.host.rstrip(".")
        for name, port in self._names:
            if (port is None or port == origin.port) and (host == name or host.endswith("." + name)):
                return True
        return bool(self._networks) and self._in_a_network(host)

    def _in_a_network(self, host: str) -> bool:
        import ipaddress  # noqa: PLC0415 - only lists with networks pay for it

        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        for rule in self._networks:
            try:
                network = ipaddress.ip_network(rule, strict=False)
            except ValueError as error:
                raise InvalidConfig(f"NO_PROXY: {rule!r} is not a network: {error}.", param="NO_PROXY") from None
            if address in network:
                return True
        return False


class ProxyTable:
    """Answers which proxy serves an origin.

    Args:
        proxies: The proxy for each scheme, under `http`, `https` or `all` (`http://` and so on are read too)
            and the exceptions under `no`.

    """

    __slots__ = ("_bypass", "_proxies")

    def __init__(self, proxies: Mapping[str, Proxy], bypass: str = "") -> None:
        self._proxies = dict(proxies)
        self._bypass = ProxyBypass(bypass)

    def find(self, origin: Origin) -> Proxy | None:
        """Give the proxy that `origin` is reached through, or None for a direct connection."""
        proxy = self._proxies.get(origin.scheme) or self._proxies.get("all")
        if proxy is None or self._bypass.covers(origin):
            return None
        return proxy


def read_settings(proxies: str | Mapping[str, str]) -> ProxyTable:
    """Make a table of the `proxies` option; the environment then plays no part.

    Raises:
        InvalidConfig: a key is not `http`, `https`, `all` or `no`, or a value is no proxy URL.

    """
    if isinstance(proxies, str):
        return ProxyTable({"all": parse_proxy(proxies)})
    table: dict[str, Proxy] = {}
    bypass = ""
    for key, value in proxies.items():
        scheme = key.lower().removesuffix("://")
        if scheme == "no":
            bypass = value
        elif scheme in _SCHEMES:
            table[scheme] = parse_proxy(value, setting=f"proxies[{key!r}]")
        else:
            raise InvalidConfig(f"proxies: {key!r} is not a key; use http, https, all or no.", param="proxies")
    return ProxyTable(table, bypass)


def read_environment(environment: Mapping[str, str] | None = None) -> ProxyTable:
    """Make a table of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.

    The rules are those of `urllib.request.getproxies_environment` (Python 3.11): the name in lower
    case wins, even when it is empty, and `HTTP_PROXY` does not count in a CGI process, where a
    client could set it by a `Proxy:` header.

    Raises:
        InvalidConfig: a value is no proxy URL; the message names the variable.

    """
    source = os.environ if environment is None else environment

    def read(name: str) -> tuple[str, str]:
        upper = name.upper()
        if name in source:
            return name, source[name]
        if upper == "HTTP_PROXY" and "REQUEST_METHOD" in source:
            return upper, ""
        return upper, source.get(upper, "")

    table: dict[str, Proxy] = {}
    for scheme in _SCHEMES:
        variable, value = read(f"{scheme}_proxy")
        if value.strip():
            table[scheme] = parse_proxy(value, setting=variable)
    return ProxyTable(table, read("no_proxy")[1])
