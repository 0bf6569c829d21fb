"""A user's own facts about models, over those that come with the package."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from interlingua.catalog import Catalog, packaged_catalog
from interlingua.client.config_file import ConfigFile
from interlingua.errors import InvalidConfig

TABLE = "catalog"
"""The part of `interlingua.toml` that holds them, or names the file that does."""


def read_catalog(given: object) -> Catalog | None:
    """Give the catalog that a setting stands for: itself, the rows of a mapping, or those of a file; None for None.

    Raises:
        InvalidConfig: it is none of these, the file cannot be read, or a row in it is wrong.

    """
    if given is None or isinstance(given, Catalog):
        return given
    if isinstance(given, str | Path):
        config = ConfigFile.read(given)
        return _extended(config, config.values, ())
    if isinstance(given, Mapping):
        return packaged_catalog().extend(cast("Mapping[str, object]", given), origin=TABLE)
    raise InvalidConfig(
        f"{TABLE}: {given!r} is no catalog; give a file, or tables as in {{'model': […], 'rules': […]}}.", param=TABLE
    )


def catalog_in(config: ConfigFile) -> Catalog | None:
    """Give the catalog of a config file; None: it says nothing of models. A path in it starts at its own folder.

    Raises:
        InvalidConfig: with the file and the line of what is wrong.

    """
    given: Any = config.values.get(TABLE)
    if isinstance(given, str):
        path = config.path.parent / given
        if not path.is_file():
            raise InvalidConfig(f"{config.where(TABLE)}: {TABLE}: there is no file {path}.", param=TABLE)
        return read_catalog(path)
    return None if given is None else _extended(config, config.table(TABLE), (TABLE,))


def _extended(config: ConfigFile, document: Mapping[str, object], above: tuple[str, ...]) -> Catalog:
    origin = str(config.path)
    try:
        return packaged_catalog().extend(document, origin=origin)
    except InvalidConfig as error:
        keys = (*above, *(error.param or "").split("."))
        message = f"{config.where(*keys)}: {error.message.removeprefix(f'{origin}: ')}"
        raise InvalidConfig(message, param=".".join(keys)) from error
