"""One declaration for each setting.

A class whose fields are declared with `setting()` is read by everything that needs to
know its settings: the constructor, the config file, the environment, the command line,
a flow's form and the documentation. None of them lists a setting again.

    @declared
    class ServerSettings:
        host: str = setting("Address to listen on.", default="127.0.0.1", env=("INTERLINGUA_HOST",))
        port: int = setting("Port to listen on; 0 takes a free one.", default=4180, minimum=0, maximum=65535)

    ServerSettings(port=8000).host
    ServerSettings(prot=8000)  # InvalidConfig: … has no setting 'prot'; did you mean 'port'?
"""

import dataclasses
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, dataclass_transform

import msgspec

from interlingua.errors import InvalidConfig
from interlingua.types.secret import Secret
from interlingua.types.suggestion import nearest

_Class = TypeVar("_Class", bound=type)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one setting.

    `env` are the environment variables that it is read from when it is not given, in
    order; `aliases` are other names that are read, for files that were written before.
    `secret` values are kept in `Secret`. A `runtime` setting is a Python object, which
    no file or form can hold. `minimum` and `maximum` bound a number, both included.
    """

    name: str
    type: Any
    default: Any
    help: str
    env: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    secret: bool = False
    runtime: bool = False
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None

    def read(self, value: Any, *, source: str | None = None) -> Any:
        """Give `value` in the setting's type, texts like "false" and "8" being read as what they mean.

        Raises:
            InvalidConfig: it does not fit; the message names the setting and `source`.

        """
        where = f" ({source})" if source else ""
        if self.runtime:
            return value
        if self.secret and isinstance(value, str | Secret):
            return Secret(value)
        try:
            read = msgspec.convert(value, self.type, strict=False, dec_hook=_decode)
        except (msgspec.ValidationError, ValueError, TypeError) as error:
            shown = "that value" if self.secret else repr(value)
            raise InvalidConfig(f"{self.name}: {shown} does not fit{where}: {error}.", param=self.name) from None
        self._check_range(read, where)
        return read

    def _check_range(self, value: Any, where: str) -> None:
        if value is None:
            return
        if self.choices and value not in self.choices:
            allowed = ", ".join(str(choice) for choice in self.choices)
            raise InvalidConfig(f"{self.name}: {value!r} is not one of {allowed}{where}.", param=self.name)
        too_low = self.minimum is not None and value < self.minimum
        too_high = self.maximum is not None and value > self.maximum
        if too_low or too_high:
            limits = (
                f"{self.minimum if self.minimum is not None else ''}…{self.maximum if self.maximum is not None else ''}"
            )
            raise InvalidConfig(f"{self.name}: {value!r} is outside {limits}{where}.", param=self.name)


def setting(
    help: str,  # noqa: A002 - the word that command lines use
    *,
    default: Any,
    env: Sequence[str] = (),
    alias: str | None = None,
    aliases: Sequence[str] = (),
    secret: bool = False,
    runtime: bool = False,
    choices: Sequence[Any] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str | None = None,
    kw_only: bool = False,
) -> Any:
    """Declare a setting; the arguments are the fields of `Setting`.

    `alias` is the name that type checkers take in the constructor, where the field's own
    is a method's too. A `kw_only` setting is not taken by position, so that a parent class can declare
    settings without standing in front of its child's.
    """
    declaration = {
        "help": help,
        "env": tuple(env),
        "aliases": tuple(aliases) if alias is None else (alias, *aliases),
        "secret": secret,
        "runtime": runtime,
        "choices": tuple(choices),
        "minimum": minimum,
        "maximum": maximum,
        "unit": unit,
    }
    if isinstance(default, dict | list):
        return dataclasses.field(
            default_factory=functools.partial(_copy, default), metadata=declaration, kw_only=kw_only
        )
    return dataclasses.field(default=default, metadata=declaration, kw_only=kw_only)


@dataclass_transform(field_specifiers=(setting,))
def declared(cls: _Class) -> _Class:
    """Give a class a constructor that takes its settings, by position or by name.

    The constructor reads aliases, fills what is not given from the environment, gives
    every value its type, and refuses unknown names with a suggestion. It then calls the
    class's `__post_init__`, where there is one.
    """
    dataclasses.dataclass(init=False, eq=False, repr=False)(cls)

    def constructor(self: Any, *values: Any, **named: Any) -> None:
        declarations = settings_of(cls)
        given = _by_name(cls, declarations, values, named)
        for declaration in declarations:
            setattr(self, declaration.name, _resolved(declaration, given.get(declaration.name)))
        after = getattr(self, "__post_init__", None)
        if after is not None:
            after()

    constructor.__doc__ = cls.__init__.__doc__
    cls.__init__ = constructor  # type: ignore[misc]
    return cls


def settings_of(cls: type) -> tuple[Setting, ...]:
    """Give the settings that `cls` declares: those that may be given by position first, in their order."""
    return _settings_of(cls)


def read_settings(cls: Callable[..., Any], values: Mapping[str, Any], *, source: str) -> Any:
    """Build a declared class from a mapping, such as a table of a config file.

    Raises:
        InvalidConfig: a name is unknown or a value does not fit; the message has `source`.

    """
    try:
        return cls(**values)
    except InvalidConfig as error:
        raise InvalidConfig(f"{source}: {error.message}", param=error.param) from None


@functools.cache
def _settings_of(cls: type) -> tuple[Setting, ...]:
    return tuple(
        Setting(name=field.name, type=field.type, default=_default(field), **field.metadata)
        for field in sorted(dataclasses.fields(cls), key=lambda field: bool(field.kw_only))
        if "help" in field.metadata
    )


def _default(field: "dataclasses.Field[Any]") -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _copy(value: Any) -> Any:
    return value.copy()


def _resolved(declaration: Setting, given: Any) -> Any:
    if given is not None:
        return declaration.read(given)
    for name in declaration.env:
        found = os.environ.get(name)
        if found:
            return declaration.read(found, source=f"environment variable {name}")
    default = declaration.default
    return default if declaration.runtime or default is None else declaration.read(default)


def _by_name(
    cls: type, declarations: Sequence[Setting], values: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the constructor's arguments by the settings' own names."""
    known = [each.name for each in declarations]
    aliases = {alias: each.name for each in declarations for alias in each.aliases}
    positional = sum(not field.kw_only for field in dataclasses.fields(cls))
    if len(values) > positional:
        raise InvalidConfig(f"{cls.__name__} takes {positional} settings by position, {len(values)} were given.")
    given = dict(zip(known, values, strict=False))
    for name, value in named.items():
        target = aliases.get(name, name)
        if target not in known:
            raise InvalidConfig(unknown_name(cls.__name__, name, [*known, *aliases]), param=name)
        if target in given:
            raise InvalidConfig(f"{cls.__name__}: {target!r} is given twice (as {name!r}).", param=target)
        given[target] = value
    return given


def unknown_name(where: str, name: str, known: Sequence[str]) -> str:
    """Say that `where` has no setting `name`, with the nearest known name."""
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"it knows {', '.join(known)}."
    return f"{where} has no setting {name!r}; {hint}"


def _decode(kind: type[Any], value: Any) -> Any:
    if isinstance(value, kind):
        return value
    if isinstance(value, str) and hasattr(kind, "__fspath__"):
        return kind(value)
    raise TypeError(f"a {kind.__name__} is needed, not a {type(value).__name__}")
