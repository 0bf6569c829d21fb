"""Reading `interlingua.toml`: values from the environment, and errors with a line."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from interlingua.errors import InvalidConfig
from interlingua.types.setting import unknown_name

_VARIABLE = re.compile(r"\$\{env:([A-Za-z_]\w*)(?::-((?:[^}\\]|\\.)*))?\}")
_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


class ConfigFile:
    """A parsed file that knows where each of its values stands.

    `${env:NAME}` and `${env:NAME:-default}` in a text are replaced by the variable's
    value; an unset one without a default is an error.

    Example:
        >>> config = ConfigFile.read("interlingua.toml")
        >>> config.table("server")
        {'port': 4180}

    Raises:
        InvalidConfig: the file is missing, is not TOML, or names an unset variable.

    """

    def __init__(self, path: Path, values: dict[str, Any], lines: dict[tuple[str, ...], int]) -> None:
        self.path = path
        self.values = values
        self._lines = lines

    @classmethod
    def read(cls, path: str | Path, *, environ: Mapping[str, str] = os.environ) -> "ConfigFile":
        """Read and parse the file, and put the environment's values in."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InvalidConfig(f"{path}: no such file; name one with --config, or create it.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidConfig(f"{path}: cannot be read: {error}.") from error
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InvalidConfig(f"{path}: not TOML: {error}.") from error
        config = cls(path, values, _lines_of(text))
        config.values = config._filled(values, (), environ)
        return config

    def where(self, *keys: str) -> str:
        """Give `file:line` of the value at `keys`, or of the table that it would stand in."""
        for length in range(len(keys), 0, -1):
            line = self._lines.get(keys[:length])
            if line is not None:
                return f"{self.path}:{line}"
        return str(self.path)

    def table(self, name: str) -> dict[str, Any]:
        """Give the table `name`, empty when the file has none."""
        table = self.values.get(name, {})
        if not isinstance(table, dict):
            raise InvalidConfig(f"{self.where(name)}: {name} must be a table: write [{name}].", param=name)
        return table  # pyright: ignore[reportUnknownVariableType]

    def check_tables(self, known: tuple[str, ...]) -> None:
        """Refuse tables that nothing reads.

        Raises:
            InvalidConfig: with the line and the nearest known name.

        """
        for name in self.values:
            if name not in known:
                raise InvalidConfig(f"{self.where(name)}: {unknown_name('the file', name, known)}", param=name)

    def _filled(self, value: Any, keys: tuple[str, ...], environ: Mapping[str, str]) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(each, (*keys, key), environ) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(value, list):
            items = cast("list[Any]", value)
            return [self._filled(each, (*keys, str(number)), environ) for number, each in enumerate(items, 1)]
        if not isinstance(value, str):
            return value

        def variable(match: re.Match[str]) -> str:
            found = environ.get(match[1]) or match[2]
            if found is None:
                raise InvalidConfig(
                    f"{self.where(*keys)}: {'.'.join(keys)}: environment variable {match[1]} is not set;"
                    f" set it, or give a default: ${{env:{match[1]}:-}}.",
                    param=".".join(keys),
                )
            return found

        return _VARIABLE.sub(variable, value)


def _lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Find the line of each table and key; a key in an inline table has the line of the whole.

    The tables of a list (`[[name]]`) stand under its name and their number, from 1 on.
    """
    lines: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        heading = _TABLE.match(line)
        if heading:
            table = ()
            name = _dotted(heading[2])
            for word in name[:-1]:
                table = _last((*table, word), counts)
            table = (*table, name[-1])
            lines.setdefault(table, number)
            lines.setdefault(table[:1], number)
            if heading[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = _last(table, counts)
                lines[table] = number
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((*table, *_dotted(key[1])), number)
    return lines


def _last(table: tuple[str, ...], counts: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
    """Give the keys of the last table of a list, or of a table that is no list as they are."""
    return (*table, str(counts[table])) if table in counts else table


def _dotted(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.\s]+', name))
