"""The words of a row, and what is said of one that is not known."""

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

import msgspec

from interlingua.errors import InvalidConfig
from interlingua.types.suggestion import nearest

_Row = TypeVar("_Row", bound=msgspec.Struct)


def read_rows(document: Mapping[str, object], word: str, origin: str) -> list[tuple[Mapping[str, object], str, str]]:
    """Give the tables of `document[word]`, each with what errors call it and with its place (`model.2`).

    Raises:
        InvalidConfig: it is not a list of tables.

    """
    rows = document.get(word, [])
    if not isinstance(rows, list):
        raise InvalidConfig(f"{origin}: `{word}` must be a list of tables, written as [[{word}]].", param=word)
    read: list[tuple[Mapping[str, object], str, str]] = []
    for number, row in enumerate(cast("list[object]", rows), 1):
        where, place = f"{origin}: {word} {number}", f"{word}.{number}"
        if not isinstance(row, Mapping):
            raise InvalidConfig(f"{where} must be a table.", param=place)
        read.append((cast("Mapping[str, object]", row), where, place))
    return read


def check_words(fields: Mapping[str, object], known: Iterable[str], where: str, place: str = "") -> None:
    """See that every key is one of those that are known.

    Raises:
        InvalidConfig: one is not; the message has the nearest, and `param` the key's place.

    """
    names = list(known)
    for key in fields:
        if key not in names:
            near = nearest(key, names)
            hint = f" Did you mean `{near}`?" if near else f" Known keys: {', '.join(names)}."
            raise InvalidConfig(f"{where}: unknown key `{key}`.{hint}", param=f"{place}.{key}".strip("."))


def read_row(fields: Mapping[str, object], kind: type[_Row], where: str, place: str) -> _Row:
    """Read a row, whose keys have been checked.

    Raises:
        InvalidConfig: a value does not fit; `param` is its place.

    """
    try:
        return msgspec.convert(fields, kind, from_attributes=True)
    except msgspec.ValidationError as error:
        key = str(error).partition("`$.")[2].partition("`")[0].partition(".")[0].partition("[")[0]
        raise InvalidConfig(f"{where}: {error}", param=f"{place}.{key}".strip(".")) from error
