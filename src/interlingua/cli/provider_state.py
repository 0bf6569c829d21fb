"""How each provider stands on this machine: its address, its key, and what is wrong. Nothing here uses the network."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from interlingua.client.client import LOCAL
from interlingua.client.config_file import ConfigFile
from interlingua.client.provider_settings import ProviderSettings, split_table
from interlingua.errors import Error
from interlingua.providers import Endpoint, ProviderRow, Registry


class ProviderState(NamedTuple):
    """A provider's row and what this machine makes of it.

    `key_from` says where its key is taken from, and is None without a key. `endpoint` is
    None when `problem` says why. `where` is the place in the config file that sets it.
    """

    row: ProviderRow
    where: str | None
    key_from: str | None
    endpoint: Endpoint | None
    problem: Error | None

    @property
    def in_use(self) -> bool:
        """Whether somebody means to call it: it is in the config file, or its key is set."""
        return self.where is not None or self.key_from is not None

    @property
    def key_needed(self) -> bool:
        """Whether it answers nobody without a key."""
        return self.row.auth != "none" and not self.row.key_optional

    @property
    def base_url(self) -> str | None:
        """The address in effect, or the row's own."""
        return self.endpoint.base_url if self.endpoint is not None else self.row.base_url

    @property
    def key_variables(self) -> tuple[str, ...]:
        """The environment variables that a key is taken from."""
        return () if self.row.auth == "none" else (*self.row.key_env, *self.row.token_env)


def provider_states(config: ConfigFile | None) -> Iterator[ProviderState]:
    """Look at every provider that is known here, by name; the embedded one needs no looking at.

    Raises:
        InvalidConfig: a table `[providers.…]` is wrong.

    """
    tables: Mapping[str, Any] = config.table("providers") if config is not None else {}
    divided = {name: split_table(table) for name, table in tables.items() if name != LOCAL}
    for row in Registry({name: words for name, (_, words) in divided.items()}):
        settings = divided.get(row.id, ({}, {}))[0]
        yield _state(row, settings, config if row.id in divided else None)


def _state(row: ProviderRow, settings: Mapping[str, Any], config: ConfigFile | None) -> ProviderState:
    build: Any = ProviderSettings
    endpoint, problem = None, None
    try:
        endpoint = build(**settings).endpoints(row)[0]
    except Error as error:
        problem = error
    where = config.where("providers", row.id) if config is not None else None
    return ProviderState(row, where, _key_from(row, settings, config), endpoint, problem)


def _key_from(row: ProviderRow, settings: Mapping[str, Any], config: ConfigFile | None) -> str | None:
    for name in ("api_key", "api_keys"):
        if config is not None and settings.get(name):
            return config.where("providers", row.id, name)
    if row.auth == "none":
        return None
    return next((f"${name}" for name in (*row.token_env, *row.key_env) if os.environ.get(name, "").strip()), None)
