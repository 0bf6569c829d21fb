"""Where a provider's requests go and what they carry: a row, completed."""

import asyncio
import inspect
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from interlingua.errors import InvalidConfig, MissingKey, Unauthorized
from interlingua.providers.address import Address, read_base_url, read_full_url
from interlingua.providers.row import Deployments, ProviderRow, WireName
from interlingua.providers.signing import AWSSigner, RequestSigner
from interlingua.types import Secret

TokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
"""Gives a bearer token for the next request; it may be asynchronous, and should keep the token that is still good."""

Headers: TypeAlias = tuple[tuple[str, str], ...]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = ("host", "content-length", "transfer-encoding", "connection")
_BEARERS = ("bearer", "sigv4")
_CHAT = "/chat/completions"
_MOST_URLS = 256
_DEPLOYED = ("/chat/completions", "/completions", "/embeddings", "/audio/", "/images/")


class AWSAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Whose signature requests to AWS get, and for which region; what is None is looked for where AWS's tools look."""

    region: str | None = None
    access_key: str | None = None
    secret_key: Secret | None = None
    session_token: Secret | None = None
    profile: str | None = None


class Endpoint:
    """A provider's row with its address, its key and whatever else a request carries.

    Build it with `resolve`. It shows neither key nor headers when it is printed.
    """

    __slots__ = (
        "_address",
        "_fixed",
        "_given_headers",
        "_given_query",
        "_headers",
        "_model",
        "_prefix",
        "_query",
        "_urls",
        "base_url",
        "key",
        "row",
        "signer",
        "token_provider",
    )

    def __init__(
        self,
        row: ProviderRow,
        address: Address,
        *,
        key: Secret | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        prefix: str = "",
        model: str | None = None,
        token_provider: TokenProvider | None = None,
        signer: RequestSigner | None = None,
    ) -> None:
        self.row = row
        self.signer = signer
        self.base_url = address.url
        self.key = key
        self.token_provider = token_provider
        self._fixed = address.exact
        self._prefix = prefix
        self._model = model
        self._query = urlencode({**dict(parse_qsl(address.query, keep_blank_values=True)), **(query or {})})
        self._headers = _fixed_headers(row, key, headers or {})
        self._address = address
        self._given_headers = headers
        self._given_query = query
        self._urls: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Endpoint({self.row.id!r}, {self.base_url!r}, key={'set' if self.key else 'none'})"

    async def headers(self) -> Headers:
        """Give the headers of the next request, credentials included.

        Raises:
            Unauthorized: the token provider failed or gave nothing; its own error is the cause.

        """
        if self.token_provider is None:
            return self._headers
        token = await self._token(self.token_provider)
        return (*self._headers, ("authorization", f"Bearer {token}"))

    def speaking(self, wire: str) -> "Endpoint | None":
        """Give the endpoint at which the provider speaks `wire`, or None if it does not.

        A full address is the address of one operation, so only the row's wire is spoken there.
        """
        if wire == self.row.wire:
            return self
        speech = next((speech for name, speech in self.row.also.items() if name == wire), None)
        if speech is None:
            return None
        row = msgspec.structs.replace(
            self.row,
            wire=cast("WireName", wire),
            also={},
            auth=speech.auth or self.row.auth,
            headers={**self.row.headers, **speech.headers},
            dialect=speech.dialect,
        )
        return self._beside(row, base_url=speech.base_url, path=speech.path)

    def serving(self, *, base_url: str | None, path: str) -> "Endpoint | None":
        """Give the endpoint of operations beside the row's own, or None if nobody knows where they are."""
        if base_url is None and not path and not self._fixed:
            return self
        return self._beside(self.row, base_url=base_url, path=path)

    def _beside(self, row: ProviderRow, *, base_url: str | None, path: str) -> "Endpoint | None":
        if self._fixed:
            return None
        address = self._address
        if base_url is not None:
            if self.row.base_url is None or address != read_base_url(self.row.base_url):
                return None
            address = read_base_url(base_url)
        return Endpoint(
            row,
            address,
            key=self.key,
            headers=self._given_headers,
            query=self._given_query,
            prefix=self._prefix + path,
            model=self._model,
            token_provider=self.token_provider,
            signer=self.signer,
        )

    def model_name(self, model: str) -> str:
        """Give the name under which the provider knows `model` at this endpoint."""
        return self._model or model

    def url_for(self, path: str, model: str | None = None) -> str:
        """Give the URL of an operation; `path` is relative to the base URL.

        Raises:
            InvalidConfig: the endpoint is the address of the chat operation and has no other.

        """
        path = path if path.startswith("/") else f"/{path}"
        if "{deployment}" in self._prefix:
            return self._deployment_url(path, model)
        url = self._urls.get(path)
        if url is None:
            if len(self._urls) >= _MOST_URLS:
                self._urls.clear()  # a path may hold a name that a caller chose
            url = self._urls[path] = self._with_query(self._plain_url(path))
        return url

    def _plain_url(self, path: str) -> str:
        if not self._fixed:
            return f"{self.base_url}{self._prefix}{path}"
        if path != _CHAT:
            raise InvalidConfig(
                f"{self.row.id}: full_url is the address of one operation, and {path} is another; "
                "give a base_url instead.",
                param="full_url",
            )
        return self.base_url

    def _deployment_url(self, path: str, model: str | None) -> str:
        deployment = self._model or model
        if deployment is None or not path.startswith(_DEPLOYED):
            root = self.row.deployments.root if self.row.deployments else ""
            return self._with_query(f"{self.base_url}{root}{path}")
        name = quote(deployment, safe="")
        return self._with_query(f"{self.base_url}{self._prefix.replace('{deployment}', name)}{path}")

    def _with_query(self, url: str) -> str:
        return f"{url}{'&' if '?' in url else '?'}{self._query}" if self._query else url

    async def _token(self, provider: TokenProvider) -> str:
        try:
            if inspect.iscoroutinefunction(provider):
                token = await provider()
            else:
                # A synchronous provider may go to the network for a new token, which must not hold up the loop.
                token = await asyncio.to_thread(provider)
                if inspect.isawaitable(token):
                    token = await token
        except Exception as error:
            raise Unauthorized(f"{self.row.id}: the token provider failed: {error}", provider=self.row.id) from error
        if not isinstance(token, str) or not token:
            raise Unauthorized(f"{self.row.id}: the token provider gave no token.", provider=self.row.id)
        return _header_value(token, what="the token")


def resolve(
    row: ProviderRow,
    *,
    api_key: str | Secret | None = None,
    base_url: str | None = None,
    full_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    deployment: str | None = None,
    api_version: str | None = None,
    token_provider: TokenProvider | None = None,
    aws: AWSAccess | None = None,
    environ: Mapping[str, str] | None = None,
) -> Endpoint:
    """Complete a row with what was given, else with the environment, else with the row's own values.

    What is given wins over the environment, and this over the row; an empty text counts
    as not given. The environment is read now, at every call, never at import. Of the
    addresses, `base_url` wins over `full_url`, which is the address of the chat
    operation itself (see `read_full_url`).

    Args:
        row: the provider.
        api_key: its key; None takes the first of the row's `key_env` that is set.
        base_url: its address; None takes `full_url`, then the row's `base_env`, then the row's own.
        full_url: the whole address of the chat operation.
        headers: further headers of every request.
        query: further query parameters of every request.
        deployment: for rows with deployments, the one that answers whatever model a request names.
        api_version: for rows with deployments, the version of their API; without one the unversioned API is used.
        token_provider: gives a bearer token for each request and stands in for a key.
        aws: for rows whose requests are signed, the region and whose signature it is.
        environ: the environment to read; None reads the process's own.

    Raises:
        MissingKey: no key was found, and the provider needs one; the message names the variables.
        InvalidConfig: the address is missing or wrong, or a key or header cannot be sent; `param` names the field.

    Example:
        >>> endpoint = resolve(Registry().lookup("deepseek"), api_key="sk-…")
        >>> endpoint.url_for("/chat/completions")
        'https://api.deepseek.com/chat/completions'

    """
    environ = os.environ if environ is None else environ
    region = _region(row, aws, environ)
    address = _address(_in_region(row, region), base_url or None, full_url or None, environ)
    if row.default_path and not urlsplit(address.url).path:
        address = Address(address.url + row.default_path, address.query)
    if not address.exact:
        address = _with_usual_path(row, address)
    key, token_provider = _credentials(row, api_key, token_provider, environ)
    if row.deployments is None:
        if deployment or api_version:
            name = "deployment" if deployment else "api_version"
            raise InvalidConfig(f"{row.id} has no deployments; leave out {name}.", param=name)
        return Endpoint(
            row,
            address,
            key=key,
            headers=headers,
            query=query,
            token_provider=token_provider,
            signer=_signer(row, key, aws, region),
        )
    address, prefix, model, version = _deployment(
        row, row.deployments, address, deployment=deployment, api_version=api_version, environ=environ
    )
    full_query = {**(query or {}), **({row.deployments.version_query: version} if version else {})}
    return Endpoint(
        row,
        address,
        key=key,
        headers=headers,
        query=full_query,
        prefix=prefix,
        model=model,
        token_provider=token_provider,
    )


def _region(row: ProviderRow, aws: "AWSAccess | None", environ: Mapping[str, str]) -> str | None:
    given = aws.region if aws is not None else None
    return given or _first_set(row.region_env, environ)[1]


def _in_region(row: ProviderRow, region: str | None) -> ProviderRow:
    """Put the region into the row's address; without one, the row has no address."""
    if row.base_url is None or "{region}" not in row.base_url:
        return row
    url = row.base_url.replace("{region}", region) if region else None
    variables = (*row.base_env, *row.region_env)
    return msgspec.structs.replace(row, base_url=url, base_env=row.base_env if url else variables)


def _signer(row: ProviderRow, key: Secret | None, aws: "AWSAccess | None", region: str | None) -> RequestSigner | None:
    if row.auth != "sigv4" or key is not None:
        return None
    if region is None:
        variables = " or ".join(row.region_env)
        raise InvalidConfig(f"{row.id}: requests are signed for a region; give it, or set {variables}.", param="region")
    access = aws or AWSAccess()
    return AWSSigner(
        region=region,
        access_key=access.access_key,
        secret_key=access.secret_key,
        session_token=access.session_token,
        profile=access.profile,
    )


def _with_usual_path(row: ProviderRow, address: Address) -> Address:
    url = address.url
    if row.needless_path:
        url = url.removesuffix(row.needless_path)
    if row.needed_path and not url.endswith(row.needed_path):
        url += row.needed_path
    return Address(url, address.query) if url != address.url else address


def _address(row: ProviderRow, base_url: str | None, full_url: str | None, environ: Mapping[str, str]) -> Address:
    if base_url is not None:
        return read_base_url(base_url)
    if full_url is not None:
        return read_full_url(full_url) if row.deployments is None else read_base_url(full_url, where="full_url")
    name, value = _first_set(row.base_env, environ)
    if value:
        return read_base_url(value, where=f"environment variable {name}")
    if row.base_url is None:
        variables = f" or set {' or '.join(row.base_env)}" if row.base_env else ""
        raise InvalidConfig(f"{row.id}: everybody has their own address; give base_url{variables}.", param="base_url")
    return read_base_url(row.base_url)


def _credentials(
    row: ProviderRow,
    api_key: str | Secret | None,
    token_provider: TokenProvider | None,
    environ: Mapping[str, str],
) -> tuple[Secret | None, TokenProvider | None]:
    given = Secret(api_key) if api_key else None
    if given and token_provider:
        raise InvalidConfig(f"{row.id}: give an api_key or a token_provider, not both.", param="api_key")
    if given or token_provider or row.auth == "none":
        return (given if row.auth != "none" else None), token_provider
    _, token = _first_set(row.token_env, environ)
    if token:
        return None, _constant(token)
    _, found = _first_set(row.key_env, environ)
    if found:
        return Secret(found), None
    if row.key_optional:
        return None, None
    variables = " or ".join((*row.key_env, *row.token_env))
    remedy = f"set {variables}, or pass api_key." if variables else "pass api_key."
    page = f" Keys are made at the provider: {row.docs}" if row.docs else ""
    raise MissingKey(f"{row.id}: there is no key; {remedy}{page}", provider=row.id, param="api_key")


def _constant(token: str) -> TokenProvider:
    async def give() -> str:
        return token

    return give


def _first_set(names: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, str | None]:
    for name in names:
        value = environ.get(name, "").strip()
        if value:
            return name, value
    return "", None


def _deployment(
    row: ProviderRow,
    words: Deployments,
    address: Address,
    *,
    deployment: str | None,
    api_version: str | None,
    environ: Mapping[str, str],
) -> tuple[Address, str, str | None, str | None]:
    """Tell the two forms of such an endpoint apart; give address, path, deployment and version."""
    root, slash, named = address.url.partition(words.path.partition("{deployment}")[0])
    model = deployment or (named.partition("/")[0] if slash else None) or _first_set(words.deployment_env, environ)[1]
    root = root.removesuffix(words.root)
    stripped = Address(root, address.query)
    pasted = dict(parse_qsl(address.query)).get(words.version_query)
    if root.endswith(words.v1_path):
        return Address(root.removesuffix(words.v1_path), address.query), words.v1_path, model, api_version
    version = api_version or pasted or _first_set(words.version_env, environ)[1]
    if version:
        return stripped, words.path, model, version
    if slash:
        variables = " or ".join(words.version_env)
        raise InvalidConfig(
            f"{row.id}: an address with a deployment in it needs api_version; give it, or set {variables}.",
            param="api_version",
        )
    return stripped, words.v1_path, model, None


def _fixed_headers(row: ProviderRow, key: Secret | None, headers: Mapping[str, str]) -> Headers:
    merged = {"user-agent": "interlingua", "content-type": "application/json", **checked_headers(row.headers)}
    if key:
        value = _header_value(key.reveal(), what="the key")
        merged |= {"authorization": f"Bearer {value}"} if row.auth in _BEARERS else {row.auth.lower(): value}
    return tuple((merged | checked_headers(headers)).items())


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the headers by their names in lower case, if each can be sent.

    Raises:
        InvalidConfig: a name is no header's name, or a value has characters that cannot
            stand in one; the message does not show the value.

    """
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise InvalidConfig(f"{name!r} is not the name of a header.", param="headers")
        if name.lower() in _FRAMING:
            raise InvalidConfig(f"header {name} is set by the transport; leave it out.", param="headers")
        checked[name.lower()] = _header_value(value, what=f"header {name}")
    return checked


def _header_value(value: str, *, what: str) -> str:
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        raise InvalidConfig(f"{what} holds characters that cannot be sent; was it pasted whole?", param="headers")
    return value
