"""A provider as a row of data: who speaks which wire, where, with which key and quirks.

The words of a row are a closed vocabulary, written down here and, for the quirks, in
`wires.dialect`. A word that is not known is an error when the row is read, with the
row, the word and the nearest known one.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast

import msgspec

from interlingua.errors import InvalidConfig
from interlingua.providers.address import read_base_url
from interlingua.types.setting import unknown_name
from interlingua.wires.dialect import Dialect, EmbeddingDialect, RerankDialect

WireName = Literal["chat_completions", "responses", "messages", "generate_content", "ollama", "converse"]
"""The wires that a row may name."""


class Deployments(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider whose models are deployments under a resource's address is called.

    Its base URL is the resource's own. With a version, `path` is put between base URL
    and operation, `{deployment}` being replaced, and the version goes into the query as
    `version_query`. Without one, `v1_path` is put there and the deployment is sent as
    the model. `path_env` and `version_env` name the environment variables that are read
    for a deployment and a version that were not given.
    """

    path: str
    v1_path: str
    version_query: str = "api-version"
    version_env: tuple[str, ...] = ()
    deployment_env: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        """The path in front of operations that no deployment answers, such as the list of models."""
        return self.path.partition("/deployments/")[0]


class Speech(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider speaks a further wire: what is not said here is as in its row.

    `path` is put between base URL and operation. With a `base_url` of its own the wire
    is spoken at the row's own address only: where somebody else's address was given,
    nobody knows where it would be.
    """

    base_url: str | None = None
    path: str = ""
    auth: str | None = None
    headers: dict[str, str] = {}
    dialect: Dialect = Dialect()


class EmbeddingService(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider gives embeddings, where it is not as its wire says.

    `wire` is what they are asked in. `base_url` and `path` are as in `Speech`.
    """

    wire: Literal["embeddings", "cohere", "generate_content", "ollama"] = "embeddings"
    base_url: str | None = None
    path: str = ""
    dialect: EmbeddingDialect = EmbeddingDialect()


class RerankService(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider sorts documents by a query; `base_url` and `path` are as in `Speech`."""

    base_url: str | None = None
    path: str = ""
    dialect: RerankDialect = RerankDialect()


class ProviderRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a provider.

    `id` is the first half of a model string and `aliases` are other names for it.
    `base_url` is None where everybody has their own. `key_env`, `base_env` and
    `token_env` name environment variables, the first one that is set being taken. An
    address that is given without a path gets `default_path`; one that does not end in
    `needed_path` gets that, and one that ends in `needless_path` loses it, since the same
    address is written with and without it.

    `auth` says where the key goes: `bearer` into `authorization`, `none` nowhere, any
    other word is the name of the header that takes it as it is, but for `sigv4`: then
    requests are signed as AWS wants it, and a key, if there is one, is a bearer. `region_env`
    are the variables that say what stands for `{region}` in `base_url`. With
    `key_optional` a missing key is no error. `headers` go with every request.

    `wire` is what requests are asked in, and `also` the further wires that it speaks:
    callers of these reach it with their own bytes, and requests that need one of them
    are asked in it.

    `embeddings` says how vectors are asked for; without it they are asked for as the wire
    has it, if it has an operation for them (Chat Completions has OpenAI's beside it).
    `rerank` says how documents are sorted; without it they are not. A provider that
    `generates` nothing has these alone.

    `models_path` lists the models, and is empty where the provider lists none; then
    `models` are the names to show. `kin` are the providers whose prices, days and rules in
    the catalog hold here too, the nearest first: those that it was made from by `extends`.
    `docs` is the provider's page on its API, and
    `checked` the day on which the row was last compared with what is published.

    Example:
        >>> read_row("acme", {"base_url": "https://api.acme.example/v1", "key_env": ["ACME_API_KEY"]}).wire
        'chat_completions'

    """

    id: str
    name: str
    wire: WireName = "chat_completions"
    base_url: str | None = None
    key_env: tuple[str, ...] = ()
    base_env: tuple[str, ...] = ()
    default_path: str = ""
    needed_path: str = ""
    needless_path: str = ""
    token_env: tuple[str, ...] = ()
    default_model: str | None = None
    aliases: tuple[str, ...] = ()
    auth: str = "bearer"
    key_optional: bool = False
    region_env: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    also: dict[WireName, Speech] = {}
    generates: bool = True
    embeddings: EmbeddingService | None = None
    rerank: RerankService | None = None
    models_path: str = "/models"
    models: tuple[str, ...] = ()
    deployments: Deployments | None = None
    kin: tuple[str, ...] = ()
    dialect: Dialect = Dialect()
    docs: str | None = None
    checked: date | None = None

    @property
    def known_as(self) -> tuple[str, ...]:
        """The names under which the catalog may know the provider, its own first."""
        return (self.id, *self.kin)


_TABLES: dict[str, type[msgspec.Struct]] = {
    "dialect": Dialect,
    "deployments": Deployments,
    "embeddings": EmbeddingService,
    "rerank": RerankService,
}


def read_row(id: str, values: Mapping[str, Any], *, source: str = "configuration") -> ProviderRow:  # noqa: A002 - the row's own word
    """Read a row from a mapping, such as a table of a TOML file.

    Args:
        id: the provider's name, which stands first in its model strings.
        values: the row's words; `name` may be left out and is then the id.
        source: where the mapping came from, for the message of an error.

    Raises:
        InvalidConfig: a word is unknown or its value does not fit; the message names
            the source, the row and the word.

    """
    where = f"{source}: providers.{id}"
    if not id or "/" in id or id != id.strip():
        raise InvalidConfig(f"{where}: a provider's name is not empty and has no '/' or space around it.", param="id")
    _check_words(where, ProviderRow, values)
    for word, kind in _TABLES.items():
        table = values.get(word)
        if isinstance(table, Mapping):
            _check_words(f"{where}.{word}", kind, table)  # pyright: ignore[reportUnknownArgumentType] - str keys are checked
    also = values.get("also")
    if isinstance(also, Mapping):
        for wire, table in cast("Mapping[str, Any]", also).items():
            if isinstance(table, Mapping):
                _check_words(f"{where}.also.{wire}", Speech, cast("Mapping[str, Any]", table))
    try:
        row = msgspec.convert({"name": id, **values, "id": id}, ProviderRow)
    except msgspec.ValidationError as error:
        raise InvalidConfig(f"{where}: {error}.", param=f"providers.{id}") from error
    if row.base_url is not None:
        read_base_url(row.base_url.replace("{region}", "region"), where=f"{where}.base_url")
    for wire, speech in row.also.items():
        if speech.base_url is not None:
            read_base_url(speech.base_url, where=f"{where}.also.{wire}.base_url")
    return row


def _check_words(where: str, kind: type[msgspec.Struct], values: Mapping[str, Any]) -> None:
    known = [name for name in kind.__struct_fields__ if name != "id"]
    for name in values:
        if name not in known:
            raise InvalidConfig(unknown_name(where, str(name), known), param=str(name))
