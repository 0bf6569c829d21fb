"""Which config file counts, and the objects that are built from it and the command line."""

import os
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlingua.cli.options import given_settings
from interlingua.client import Client
from interlingua.client.config_file import ConfigFile
from interlingua.local.weights import ModelStore
from interlingua.types import settings_of

USUAL_FILE = "interlingua.toml"
VARIABLE = "INTERLINGUA_CONFIG"

UNNATURAL = ("default_model", "max_concurrency", "max_waiting")
"""Settings of the client that mean nothing to a command that asks one thing at a time, or have an option already."""


def config_path(given: str | None) -> Path | None:
    """Give the path of the config file: the given one, that of the environment, or the usual one if it exists."""
    named = given or os.environ.get(VARIABLE)
    if named:
        return Path(named)
    usual = Path(USUAL_FILE)
    return usual if usual.is_file() else None


def read_config(arguments: Namespace) -> ConfigFile | None:
    """Read the config file that counts, or give None where there is none.

    Raises:
        InvalidConfig: it was named and is missing, or it is not right.

    """
    path = config_path(arguments.config)
    return ConfigFile.read(path) if path is not None else None


def build_client(arguments: Namespace, config: ConfigFile | None) -> Client:
    """Build the client of the config file, the options of the command line winning over it."""
    overrides = given_settings(Client, arguments)
    if config is not None:
        return Client.from_config_file(config, **overrides)
    build: Any = Client
    return build(**overrides)


def model_store(table: Mapping[str, Any], arguments: Namespace | None = None) -> ModelStore:
    """Build the store of model files by the table `[providers.local]`, the command line winning over it."""
    known = {name for each in settings_of(ModelStore) for name in (each.name, *each.aliases)}
    values = {name: value for name, value in table.items() if name in known}
    build: Any = ModelStore
    return build(**{**values, **(given_settings(ModelStore, arguments) if arguments is not None else {})})
