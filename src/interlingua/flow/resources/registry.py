"""What a flow may be built from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from interlingua.errors import InvalidConfig
from interlingua.flow.resources.category import ResourceCategory
from interlingua.flow.resources.parameter import Parameter, given_values
from interlingua.flow.resources.text import Text
from interlingua.types.setting import unknown_name

_Class = TypeVar("_Class", bound=type)


class ResourceMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """A class that a flow can hold, and how a screen presents it."""

    cls: type
    label: str
    name: str
    category: ResourceCategory
    description: str
    parameters: tuple[Parameter, ...] = ()
    resource_type: str = "instance"
    parents: tuple[type, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    documentation_url: str | None = None

    @property
    def id(self) -> str:
        """The id that flow documents use."""
        return f"resource_{_path(self.cls)}"

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """Give the metadata as the palette has it, its texts in `language`."""
        return {
            "type_name": self.cls.__name__,
            "type_cls": _path(self.cls),
            "label": Text(self.label).to(language),
            "custom_label": None,
            "name": self.name,
            "description": Text(self.description).to(language),
            "category": self.category.value,
            "category_label": self.category.label.to(language),
            "flow_type": "resource",
            "icon": None,
            "documentation_url": self.documentation_url,
            "id": self.id,
            "tags": {"ui_version": "flow2.0", **self.tags},
            "resource_type": self.resource_type,
            "parent_cls": [_path(parent) for parent in self.parents],
            "parameters": [parameter.to_dict(language) for parameter in self.parameters],
        }

    def build(self, values: Mapping[str, Any]) -> Any:
        """Make the object from the values of a form.

        Raises:
            InvalidConfig: a field is unknown, missing, or has a value that does not fit.

        """
        if self.resource_type == "class":
            return self.cls
        given = given_values(self.parameters, values)
        known = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in known:
                raise InvalidConfig(unknown_name(self.name, name, known), param=name)
        missing = [each.name for each in self.parameters if not each.optional and each.name not in given]
        if missing:
            raise InvalidConfig(f"{self.name}: {', '.join(missing)} must be given.", param=missing[0])
        return self.cls(**given)


class ResourceRegistry:
    """The classes that may stand in a flow; a document names them and never brings its own."""

    def __init__(self) -> None:
        self._by_id: dict[str, ResourceMetadata] = {}
        self._names: dict[str, str] = {}

    def add(self, metadata: ResourceMetadata) -> None:
        """Take a resource in; the same class replaces itself.

        Raises:
            InvalidConfig: its name belongs to another class.

        """
        for name in (metadata.name, *metadata.aliases):
            owner = self._names.get(name)
            if owner is not None and owner != metadata.id:
                raise InvalidConfig(f"resource name {name!r} is taken by {owner}.", param=name)
            self._names[name] = metadata.id
        self._by_id[metadata.id] = metadata

    def lookup(self, name: str) -> ResourceMetadata:
        """Find a resource by id, name or alias.

        Raises:
            InvalidConfig: there is none; the message suggests one.

        """
        found = self._by_id.get(name) or self._by_id.get(self._names.get(name, ""))
        if found is None:
            raise InvalidConfig(unknown_name("the palette", name, [*self._names, *self._by_id]), param=name)
        return found

    def __iter__(self) -> Iterator[ResourceMetadata]:
        return iter(self._by_id.values())


RESOURCES = ResourceRegistry()
"""The registry that `register_resource` fills."""


def register_resource(
    label: str,
    name: str | None = None,
    category: ResourceCategory = ResourceCategory.COMMON,
    description: str | None = None,
    *,
    parameters: Sequence[Parameter] = (),
    resource_type: str = "instance",
    alias: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    documentation_url: str | None = None,
    parents: Sequence[type] | None = None,
    registry: ResourceRegistry = RESOURCES,
) -> Callable[[_Class], _Class]:
    """Put a class into the palette, by hand or as a decorator.

    `parents` are the classes by which fields accept the resource; they are the class's
    own bases unless given.

    Example:
        >>> @register_resource("Echo", name="echo", category=ResourceCategory.EXAMPLE)
        ... class Echo: ...

    """

    def register(cls: _Class) -> _Class:
        registry.add(
            ResourceMetadata(
                cls=cls,
                label=label,
                name=name or cls.__name__,
                category=category,
                description=description or label,
                parameters=tuple(parameters),
                resource_type=resource_type,
                parents=tuple(parents) if parents is not None else _own_bases(cls),
                aliases=tuple(alias),
                tags=dict(tags or {}),
                documentation_url=documentation_url,
            )
        )
        return cls

    return register


def _own_bases(cls: type) -> tuple[type, ...]:
    return tuple(each for each in cls.__mro__ if each.__module__ not in ("builtins", "abc", "typing"))


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
