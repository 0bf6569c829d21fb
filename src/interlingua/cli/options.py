"""Command-line options out of declared settings, so that no setting is written down twice."""

import argparse
import types
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from interlingua.cli.command import Option
from interlingua.errors import InvalidConfig
from interlingua.types import Setting, settings_of

_METAVARS = {int: "N", float: "F", Path: "PATH"}


def options_of(cls: type, *, group: str | None = None, without: Sequence[str] = ()) -> tuple[Option, ...]:
    """Give an option for each setting of `cls` that a line of text can hold.

    Example:
        >>> options_of(ServerSettings)[1].flags
        ('--port',)

    """
    settings = [each for each in settings_of(cls) if each.name not in without and _fits_a_line(each)]
    return tuple(_option(each, group) for each in settings)


def given_settings(cls: type, arguments: argparse.Namespace) -> dict[str, Any]:
    """Give the settings of `cls` that stand on the command line, by name."""
    given: dict[str, Any] = vars(arguments)
    return {each.name: given[each.name] for each in settings_of(cls) if each.name in given}


def _option(declaration: Setting, group: str | None) -> Option:
    flags = tuple(f"--{name.replace('_', '-')}" for name in (declaration.name, *declaration.aliases))
    is_switch = declaration.type is bool
    is_list = typing.get_origin(declaration.type) is list
    return Option(
        flags,
        _help(declaration),
        metavar=None if is_switch else _metavar(declaration, is_list=is_list),
        read=None if is_switch or is_list else _reader(declaration),
        absent=True,
        choices=tuple(map(str, declaration.choices)),
        switch=is_switch,
        negatable=is_switch,
        repeated=is_list,
        words="files" if Path in _kinds(declaration) else None,
        group=group,
    )


def _fits_a_line(declaration: Setting) -> bool:
    return not declaration.runtime and typing.get_origin(declaration.type) is not dict


def _reader(declaration: Setting) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return declaration.read(text)
        except InvalidConfig as error:
            raise argparse.ArgumentTypeError(error.message) from error

    return read


def _metavar(declaration: Setting, *, is_list: bool) -> str:
    kinds = _kinds(declaration)
    for kind, metavar in _METAVARS.items():
        if kind in kinds:
            return "SECONDS" if declaration.unit == "seconds" else metavar
    return declaration.name.removesuffix("s").upper().rpartition("_")[2] if is_list else "TEXT"


def _kinds(declaration: Setting) -> tuple[Any, ...]:
    """Give the types that a value may have."""
    is_union = typing.get_origin(declaration.type) in (types.UnionType, typing.Union)
    return typing.get_args(declaration.type) if is_union else (declaration.type,)


def _help(declaration: Setting) -> str:
    facts = [declaration.unit or ""] if declaration.unit != "seconds" else []
    default = declaration.default
    if default not in (None, [], {}) and not declaration.secret:
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        facts.append(f"default {shown.lower() if isinstance(default, bool) else shown}")
    facts += [f"${name}" for name in declaration.env]
    known = "; ".join(fact for fact in facts if fact)
    return f"{declaration.help} ({known})" if known else declaration.help
