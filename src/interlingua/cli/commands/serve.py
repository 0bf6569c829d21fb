"""`interlingua serve`."""

import logging
import sys
from argparse import Namespace
from typing import Any

from interlingua.cli.command import CONFIG, Command, Option
from interlingua.cli.configuration import build_client, read_config
from interlingua.cli.options import given_settings, options_of
from interlingua.client.config_file import ConfigFile
from interlingua.errors import InvalidConfig
from interlingua.gateway.lifecycle import serve
from interlingua.gateway.settings import ServerSettings
from interlingua.types import settings_of
from interlingua.types.setting import unknown_name

TABLE = "server"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def run(arguments: Namespace) -> int:
    """Run the gateway until a signal stops it."""
    config = read_config(arguments)
    settings = server_settings(config, given_settings(ServerSettings, arguments))
    client = build_client(arguments, config)
    logging.basicConfig(
        level=_LEVELS[arguments.log_level], format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    return serve(settings, client, announce=_announce)


def server_settings(config: ConfigFile | None, overrides: dict[str, Any]) -> ServerSettings:
    """Build the settings of the table `[server]`, `overrides` winning over them.

    Raises:
        InvalidConfig: one of them is wrong; the message has file and line where it stands in the file.

    """
    table: dict[str, Any] = config.table(TABLE) if config is not None else {}
    declarations = {name: each for each in settings_of(ServerSettings) for name in (each.name, *each.aliases)}
    for name, value in table.items():
        where = config.where(TABLE, name) if config is not None else TABLE
        if name not in declarations:
            raise InvalidConfig(f"{where}: {unknown_name(f'[{TABLE}]', name, list(declarations))}", param=name)
        declarations[name].read(value, source=where)
    values = {declarations[name].name: value for name, value in table.items()} | overrides
    build: Any = ServerSettings
    try:
        return build(**values)
    except InvalidConfig as error:
        if config is None or error.param not in table:
            raise
        raise InvalidConfig(f"{config.where(TABLE, error.param)}: {error.message}", param=error.param) from error


def _announce(text: str) -> None:
    print(text, end="", flush=True)


COMMAND = Command(
    description=(
        "It listens on the loopback without a key; any other --host needs one. SIGTERM and Ctrl-C let running"
        " requests end. A key on the command line can be seen by other users of the machine: rather set"
        " INTERLINGUA_API_KEYS."
    ),
    run=run,
    options=(
        CONFIG,
        Option(("--log-level",), "What is logged.", choices=tuple(_LEVELS), default="info"),
        *options_of(ServerSettings, group="server"),
    ),
    examples=(
        ("", "on http://127.0.0.1:4180, for this machine alone"),
        ("--host 0.0.0.0 --config gateway.toml", "for others; the file has the keys"),
        ("--port 0", "on a free port, which it prints"),
    ),
)
