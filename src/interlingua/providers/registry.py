"""All rows that are known: the built-in ones and those of the user."""

import functools
import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from interlingua.errors import InvalidConfig, NoSuchModel, NoSuchProvider
from interlingua.providers.row import ProviderRow, read_row
from interlingua.types.suggestion import nearest

_DATA = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120 - pathlib would cost import time
_LEGACY_PREFIX = "proxy/"
_LEGACY_SUFFIX = "_proxyllm"


class Registry:
    """Finds the row of a provider by name.

    The built-in rows are read from their files on first use. A row that is added may
    be wholly new, may change words of the built-in row of the same name, or may start
    from another one by `extends`.

    Example:
        >>> registry = Registry({"acme": {"base_url": "https://api.acme.example/v1", "key_env": ["ACME_KEY"]}})
        >>> registry.split_model("acme/large")
        ('acme', 'large')

    """

    def __init__(self, rows: Mapping[str, Mapping[str, Any]] | None = None, *, source: str = "configuration") -> None:
        self._added: dict[str, ProviderRow] = {}
        for name, values in (rows or {}).items():
            self.add(name, values, source=source)

    def add(self, id: str, values: Mapping[str, Any], *, source: str = "configuration") -> ProviderRow:  # noqa: A002 - the row's own word
        """Add a row, or change one.

        Raises:
            InvalidConfig: a word is unknown or its value does not fit.
            NoSuchProvider: `extends` names no row.

        """
        own = dict(values)
        origin = own.pop("extends", None)
        if origin is not None and not isinstance(origin, str):
            raise InvalidConfig(f"{source}: providers.{id}.extends: a provider's name is needed.", param="extends")
        model = self.lookup(origin) if origin is not None else self._find(id)
        row = read_row(id, _merged(model, own, keep_aliases=model.id == id) if model else own, source=source)
        self._added[id] = row
        return row

    def lookup(self, id: str) -> ProviderRow:  # noqa: A002 - the row's own word
        """Give the row of that name or alias.

        Raises:
            NoSuchProvider: there is none; the message gives the nearest name.

        """
        row = self._find(id)
        if row is None:
            near = nearest(id, self._names())
            hint = f"did you mean {near!r}?" if near else "`interlingua providers` lists them."
            raise NoSuchProvider(f"there is no provider {id!r}; {hint}", provider=id)
        return row

    def split_model(self, model: str) -> tuple[str, str]:
        """Split `provider/model` into the row's id and the model's name there, which may hold slashes.

        A provider alone stands for its default model, also in DB-GPT's forms
        `proxy/openai` and `openai_proxyllm`.

        Raises:
            NoSuchProvider: the first half names no provider.
            NoSuchModel: there is no second half, and the provider has no default model.

        """
        text = model.removeprefix(_LEGACY_PREFIX)
        head, slash, rest = text.partition("/")
        if not slash:
            head = head.removesuffix(_LEGACY_SUFFIX)
            if self._find(head) is None:
                raise NoSuchModel(
                    f"{model!r} does not say who provides it; write `provider/model`, for example "
                    "`openai/gpt-6-luna`; `interlingua providers` lists the providers.",
                    model=model,
                )
        row = self.lookup(head)
        name = rest or row.default_model
        if not name:
            raise NoSuchModel(f"{row.id} has no default model; write `{row.id}/model`.", provider=row.id, model=model)
        return row.id, name

    def __iter__(self) -> Iterator[ProviderRow]:
        """Go through all rows by id."""
        rows = {**_built_in_rows(), **self._added}
        return iter([rows[name] for name in sorted(rows)])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def _find(self, name: str) -> ProviderRow | None:
        for rows in (self._added, _built_in_rows()):
            row = rows.get(name)
            if row is not None:
                return row
        return next((row for row in self if name in row.aliases), None)

    def _names(self) -> Iterator[str]:
        for row in self:
            yield row.id
            yield from row.aliases


def _merged(row: ProviderRow, values: Mapping[str, Any], *, keep_aliases: bool) -> dict[str, Any]:
    """Lay `values` over the words of `row`; a table is laid over the table of the same name."""
    words: dict[str, Any] = msgspec.to_builtins(row)
    del words["id"]
    if not keep_aliases:
        del words["aliases"]
        words["kin"] = row.known_as
    if values.get("base_url", row.base_url) != row.base_url:  # elsewhere, the other wires' own addresses do not hold
        words["also"] = {wire: table for wire, table in words["also"].items() if table["base_url"] is None}
        for word in ("embeddings", "rerank"):
            if words[word] is not None and words[word]["base_url"] is not None:
                words[word] = None
    for word, value in values.items():
        old = words.get(word)
        words[word] = {**old, **value} if isinstance(old, dict) and isinstance(value, Mapping) else value
    return words


@functools.cache
def _built_in_rows() -> Mapping[str, ProviderRow]:
    rows: dict[str, ProviderRow] = {}
    for file in sorted(os.listdir(_DATA)):  # noqa: PTH208 - pathlib would cost import time
        if not file.endswith(".toml"):
            continue
        with open(os.path.join(_DATA, file), "rb") as handle:  # noqa: PTH118, PTH123 - as above
            tables = msgspec.toml.decode(handle.read(), type=dict[str, dict[str, Any]])
        for name, values in tables.items():
            if name in rows:
                raise InvalidConfig(f"{file}: the row {name!r} stands in two files.", param=name)
            rows[name] = read_row(name, values, source=file)
    return MappingProxyType(rows)


REGISTRY = Registry()
"""The built-in rows alone. Add your own to a registry of your own."""
