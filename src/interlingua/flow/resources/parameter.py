"""One field of a resource's form."""

import builtins
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from interlingua.flow.resources.text import Text
from interlingua.types import Secret, Setting


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A field: what it is called on a screen and in the code, and what it takes.

    `type` is the Python type of the value. `aliases` are other names that are read, so
    that a flow which was saved under an old name still loads. A `secret` is shown as a
    password and never written out with its value.

    Example:
        >>> Parameter.build_from("OpenAI API Key", "api_key", str, optional=True, default=None)

    """

    label: str
    name: str
    type: type
    optional: bool = False
    default: Any = None
    description: str = ""
    placeholder: str | None = None
    options: tuple[Any, ...] = ()
    is_list: bool = False
    resource_type: str = "instance"
    aliases: tuple[str, ...] = ()
    secret: bool = False
    unit: str | None = None

    @classmethod
    def build_from(
        cls,
        label: str,
        name: str,
        type: builtins.type = str,  # noqa: A002 - the name that DB-GPT's users write
        *,
        optional: bool = False,
        default: Any = None,
        description: str | None = None,
        alias: Sequence[str] = (),
        **options: Any,
    ) -> "Parameter":
        """Build a field; `options` are further fields of this class."""
        return cls(
            label=label,
            name=name,
            type=type,
            optional=optional,
            default=default,
            description=description or label,
            aliases=tuple(alias),
            **options,
        )

    @classmethod
    def of(cls, setting: Setting, label: str) -> "Parameter":
        """Build the field of a declared setting; every setting can be left out of a form."""
        kind, choices = _plain_type(setting.type)
        return cls(
            label=label,
            name=setting.name,
            type=kind,
            optional=True,
            default=setting.default,
            description=Text(setting.help),
            options=setting.choices or choices,
            aliases=setting.aliases,
            secret=setting.secret,
            unit=setting.unit,
        )

    def to_dict(self, language: str = "en", *, value: Any = None) -> dict[str, Any]:
        """Give the field as a flow's document has it, its texts in `language`."""
        data: dict[str, Any] = {
            "type_name": self.type.__name__,
            "type_cls": f"{self.type.__module__}.{self.type.__qualname__}",
            "dynamic": False,
            "dynamic_minimum": 0,
            "label": Text(self.label).to(language),
            "name": self.name,
            "is_list": self.is_list,
            "category": "common",
            "resource_type": self.resource_type,
            "optional": self.optional,
            "default": self.default,
            "placeholder": self.placeholder,
            "description": Text(self.description).to(language),
            "value": None if self.secret else value,
            "options": [_option(choice) for choice in self.options] or None,
        }
        if self.secret:
            data |= {"ui": {"ui_type": "password"}, "tags": {"privacy": "privacy"}}
        return data


def given_values(parameters: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a form by the fields' own names, whichever alias they were saved under."""
    names = {alias: each.name for each in parameters for alias in each.aliases}
    return {names.get(name, name): value for name, value in values.items() if value is not None}


def _option(choice: Any) -> dict[str, Any]:
    return {"label": str(choice), "name": str(choice), "value": choice, "children": []}


def _plain_type(annotation: Any) -> tuple[type, tuple[Any, ...]]:
    """Reduce an annotation to the one type that a form shows, and the choices that it names."""
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        choices = typing.get_args(annotation)
        kind: builtins.type = choices[0].__class__
        return kind, choices
    if origin in (typing.Union, types.UnionType):
        kinds = [each for each in typing.get_args(annotation) if each not in (type(None), Secret)]
        return _plain_type(kinds[0])
    plain: type[Any] = origin or annotation
    return plain, ()
