"""`interlingua config`."""

import os
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from interlingua.cli.command import CONFIG, JSON, Command, Option
from interlingua.cli.commands.serve import TABLE, server_settings
from interlingua.cli.configuration import VARIABLE, config_path
from interlingua.cli.masking import masked
from interlingua.cli.tables import print_json, print_table
from interlingua.client import Client
from interlingua.client.config_file import ConfigFile
from interlingua.errors import InvalidConfig
from interlingua.gateway.settings import ServerSettings
from interlingua.types import Setting, settings_of

_TABLES = {"client": Client, TABLE: ServerSettings}
_BY_NAME = ("providers", "models_")


class Effective(NamedTuple):
    """A setting in effect and where its value came from."""

    name: str
    value: Any
    source: str


def run(arguments: Namespace) -> int:
    """Check the config file, or show what is in effect."""
    path = config_path(arguments.path or arguments.config)
    config = ConfigFile.read(path) if path is not None else None
    if arguments.action == "check":
        return _check(config, as_json=arguments.json)
    return _show(config, as_json=arguments.json)


def _check(config: ConfigFile | None, *, as_json: bool) -> int:
    """Build everything that the file describes, and print what it holds."""
    if config is None:
        raise InvalidConfig(f"there is no config file to check: name one, set {VARIABLE}, or write interlingua.toml.")
    validate(config)
    values = masked(config.values)
    if as_json:
        print_json({"path": str(config.path), "valid": True, "values": values})
        return 0
    print(f"{config.path} is valid.")
    rows = [(".".join(keys), config.where(*keys).rpartition(":")[2], _shown(value)) for keys, value in _leaves(values)]
    if rows:
        print_table(("SETTING", "LINE", "VALUE"), rows)
    return 0


def validate(config: ConfigFile) -> None:
    """Build all that a config file describes, without any network.

    Raises:
        InvalidConfig: with file, line and what was probably meant.

    """
    Client.from_config_file(config)
    server_settings(config, {})


def _show(config: ConfigFile | None, *, as_json: bool) -> int:
    if config is not None:
        validate(config)
    found = [each for table in _TABLES for each in _effective(table, config)]
    if as_json:
        settings = [each._asdict() for each in found]
        print_json({"path": str(config.path) if config is not None else None, "settings": settings})
    else:
        print_table(("SETTING", "VALUE", "FROM"), [(each.name, _shown(each.value), each.source) for each in found])
    return 0


def _effective(table: str, config: ConfigFile | None) -> Iterator[Effective]:
    values: Mapping[str, Any] = config.table(table) if config is not None else {}
    for declaration in settings_of(_TABLES[table]):
        if not declaration.runtime and declaration.name not in _BY_NAME:
            value, source = _resolved(declaration, table, values, config)
            shown = "******" if declaration.secret and value else value
            yield Effective(f"{table}.{declaration.name}", shown, source)
    if table == "client" and config is not None:
        for group in ("providers", "models", "catalog"):
            for keys, value in _leaves(masked({group: config.values.get(group, {})})):
                if value != {}:
                    yield Effective(".".join(keys), value, config.where(*keys))


def _resolved(
    declaration: Setting, table: str, values: Mapping[str, Any], config: ConfigFile | None
) -> tuple[Any, str]:
    """Give a setting's value and its source, in the order in which its class looks: file, environment, default."""
    for name in (declaration.name, *declaration.aliases):
        if config is not None and name in values:
            return values[name], config.where(table, name)
    for name in declaration.env:
        if os.environ.get(name):
            return os.environ[name], f"${name}"
    return declaration.default, "default"


def _leaves(values: Mapping[str, Any], keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*keys, key))  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield (*keys, key), value


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


COMMAND = Command(
    description="`check` finds mistakes, with their lines; `show` tells each setting in effect and where it came from.",
    run=run,
    options=(
        JSON,
        CONFIG,
        Option(("action",), "What to do.", choices=("check", "show")),
        Option(("path",), "The file; default: that of --config.", metavar="PATH", arity="?", words="files"),
    ),
    examples=(
        ("check gateway.toml", "before it is put to use"),
        ("show", "what counts here and now"),
    ),
)
