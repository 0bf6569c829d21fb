"""Reference texts read from the code: each function gives Markdown for one kind of generated part."""

import ast
import importlib
import inspect
import itertools
import types
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from interlingua import errors
from interlingua.cli.command import COMMANDS, Option
from interlingua.cli.parser import PROGRAM, load_command
from interlingua.providers.registry import Registry
from interlingua.providers.row import ProviderRow
from interlingua.types import Secret
from interlingua.types.setting import Setting, settings_of

ROOT = Path(__file__).parents[1]
_BYTE_UNITS = ((1024 * 1024, "MiB"), (1024, "KiB"))


def providers(_: str | None = None) -> str:
    """Give a table of the built-in providers."""
    rows = [
        (
            "".join(f"`{name}/`<br>" for name in (row.id, *row.aliases)).removesuffix("<br>"),
            _linked(row),
            _code(row.base_url) or "your own",
            _key_of(row),
            str(row.checked or ""),
        )
        for row in Registry()
    ]
    return table(("models start with", "provider", "base URL", "key", "checked"), rows)


def _linked(row: ProviderRow) -> str:
    return f"[{row.name}]({row.docs})" if row.docs else row.name


def _key_of(row: ProviderRow) -> str:
    names = " or ".join(f"`{name}`" for name in row.key_env)
    if row.auth == "none":
        return "none"
    return f"{names or 'none'}{' (optional)' if row.key_optional and names else ''}"


def settings(target: str | None) -> str:
    """Give a table of the settings that the class `module:Class` declares."""
    rows = [
        (_names_of(each), _type_of(each), _default_of(each), _environment_of(each), _help_of(each))
        for each in settings_of(load(target))
    ]
    return table(("setting", "type", "default", "environment", "what it does"), rows)


def _names_of(declaration: Setting) -> str:
    names = dict.fromkeys([declaration.name.rstrip("_"), *declaration.aliases])
    return "<br>".join(f"`{name}`" for name in names)


def _type_of(declaration: Setting) -> str:
    return type_name(declaration.type) + (", secret" if declaration.secret else "")


def _default_of(declaration: Setting) -> str:
    value = declaration.default
    if value is None:
        return ""
    if declaration.unit == "bytes":
        for size, unit in _BYTE_UNITS:
            if value % size == 0:
                return f"{value // size} {unit}"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`'
    shown = f"`{value:g}`" if isinstance(value, float) else f"`{value!r}`"
    return f"{shown} {declaration.unit}" if declaration.unit else shown


def _environment_of(declaration: Setting) -> str:
    return "<br>".join(f"`{name}`" for name in declaration.env)


def _help_of(declaration: Setting) -> str:
    notes: list[str] = []
    if declaration.choices:
        notes.append(f"One of {', '.join(f'`{choice}`' for choice in declaration.choices)}.")
    if declaration.unit and declaration.default is None:
        notes.append(f"In {declaration.unit}.")
    low, high = declaration.minimum, declaration.maximum
    if low is not None and high is not None:
        notes.append(f"From {low:g} to {high:g}.")
    elif low:
        notes.append(f"At least {low:g}.")
    if declaration.runtime:
        notes.append("From Python only.")
    return " ".join([declaration.help, *notes])


def fields(target: str | None) -> str:
    """Give a table of a class's documented fields: name, type, default, the docstring below it."""
    cls = load(target)
    hints = typing.get_type_hints(cls)
    rows = [
        (f"`{name}`", type_name(hints[name]), _code(default), text.replace("\n", " "))
        for name, default, text in documented_fields(cls)
    ]
    return table(("word", "type", "default", "meaning"), rows)


def documented_fields(cls: type) -> Iterator[tuple[str, str, str]]:
    """Give name, default as written, and docstring of each field that has one."""
    definition = ast.parse(inspect.getsource(cls)).body[0]
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for field, below in itertools.pairwise(body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=value),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ):
                yield name, ast.unparse(value) if value else "", inspect.cleandoc(text)
            case _:
                pass


def exports(target: str | None) -> str:
    """Give a table of a module's public names and the first sentence of what each says of itself."""
    module = importlib.import_module(target or "")
    return table(("name", "what for"), [(f"`{name}`", _summary(module, name)) for name in module.__all__])


def _summary(module: types.ModuleType, name: str) -> str:
    value = getattr(module, name)
    described = inspect.isclass(value) or inspect.isfunction(value)
    return _first_line(value.__doc__) if described else ""


def error_tree(_: str | None = None) -> str:
    """Give a table of every error, indented as in the tree."""
    rows = [
        (
            f"{'&emsp;' * (len(cls.__mro__) - len(errors.Error.__mro__))}`{cls.__name__}`",
            str(cls.status_hint),
            "yes" if cls.retryable else "",
            _first_line(cls.__doc__),
        )
        for cls in errors.error_tree()
        if cls.__module__.startswith("interlingua.")
    ]
    return table(("error", "status at the gateway", "retryable", "what it says"), rows)


def files(pattern: str | None) -> str:
    """Give a list of the Python files that match a pattern, with the first line of each docstring."""
    lines: list[str] = []
    for path in sorted(ROOT.glob(pattern or "")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        lines.append(f"- [`{path.name}`](../{path.relative_to(ROOT)}): {_first_line(docstring)}")
    return "\n".join(lines)


def commands(_: str | None = None) -> str:
    """Give a section for each command: what it does, its arguments, examples."""
    return "\n\n".join(part for name in COMMANDS for part in _command(name))


def _command(name: str) -> Iterator[str]:
    command = load_command(name)
    yield f"## `{PROGRAM} {name}`"
    yield f"{COMMANDS[name].summary} {command.description}".strip()
    rows = [(_spelling(option), _explanation(option)) for option in command.options]
    if rows:
        yield table(("argument", "what it does"), rows)
    if command.examples:
        lines = "\n".join(
            f"{PROGRAM} {name} {words}".ljust(60) + f"  # {purpose}" for words, purpose in command.examples
        )
        yield f"```sh\n{lines}\n```"


def _spelling(option: Option) -> str:
    if not option.flags:
        return f"`{option.metavar or option.names[0].upper()}`"
    value = "" if option.switch else f" {option.metavar or option.names[-1].lstrip('-').upper()}"
    return ", ".join(f"`{flag}{value}`" for flag in option.flags)


def _explanation(option: Option) -> str:
    notes = [option.help]
    if option.choices:
        notes.append(f"One of {', '.join(f'`{choice}`' for choice in option.choices)}.")
    if option.repeated:
        notes.append("May be given several times.")
    return " ".join(notes)


def choices(target: str | None) -> str:
    """Give a table of an enumeration's members."""
    rows = [(f"`{member.name}`", f"`{member.value}`", str(getattr(member, "label", ""))) for member in load(target)]
    return table(("name", "value", "label"), rows)


def load(target: str | None) -> Any:
    """Give the object that `module:name` names."""
    module, _, name = (target or "").partition(":")
    return getattr(importlib.import_module(module), name)


def type_name(annotation: Any) -> str:
    """Name a type as a config file's reader knows it."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        names = [type_name(each) for each in arguments if each is not type(None)]
        return " or ".join(dict.fromkeys(names))
    if origin is typing.Literal:
        return " or ".join(_code(repr(each)) for each in arguments)
    if origin in {list, tuple} or annotation is list:
        return "list"
    if origin is dict or annotation is dict:
        return "table"
    simple: dict[Any, str] = {
        str: "text",
        Secret: "text",
        bool: "true or false",
        int: "whole number",
        float: "number",
        Path: "path",
        Any: "any",
    }
    return simple.get(annotation) or _code(getattr(annotation, "__name__", str(annotation)))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table."""
    lines = ["| " + " | ".join(headings) + " |", "| " + " | ".join("---" for _ in headings) + " |"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _first_line(docstring: str | None) -> str:
    return (docstring or "").partition("\n")[0]


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""
