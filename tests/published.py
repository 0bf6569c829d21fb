"""Types that SDKs publish for requests, made such that pydantic checks all of a body.

The SDKs write `Iterable[…]` for lists, which pydantic reads as it is asked for: nothing
within such a list is checked. Here they are lists.
"""

# pyright: basic

import collections.abc
import functools
import operator
import types
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict, get_type_hints, is_typeddict


@cache
def adapter_of(kind: Any, *, forbid: bool = False) -> TypeAdapter[Any]:
    """Give what checks a body against a published type; with `forbid` it takes no fields beyond that."""
    return TypeAdapter(_eager(kind, forbid=forbid, above=()))


def _eager(kind: Any, *, forbid: bool, above: tuple[Any, ...]) -> Any:
    if is_typeddict(kind):
        return Any if kind in above else _whole(kind, forbid=forbid, above=(*above, kind))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is None or origin is Literal:
        return kind
    if origin is Annotated:
        return _eager(arguments[0], forbid=forbid, above=above)
    if origin in (Required, NotRequired):
        return origin[_eager(arguments[0], forbid=forbid, above=above)]
    inner = [_eager(each, forbid=forbid, above=above) for each in arguments]
    if origin in (Union, types.UnionType):
        return functools.reduce(operator.or_, inner)
    if origin is dict:
        return dict[tuple(inner)]  # pyright: ignore[reportInvalidTypeArguments]
    if (isinstance(origin, type) and issubclass(origin, collections.abc.Iterable | list)) or len(inner) == 1:
        return list[inner[0]]
    return kind


def _whole(kind: Any, *, forbid: bool, above: tuple[Any, ...]) -> Any:
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        inner = _eager(hint, forbid=forbid, above=above)
        bare = get_args(inner)[0] if get_origin(inner) in (Required, NotRequired) else inner
        fields[name] = Required[bare] if name in kind.__required_keys__ else NotRequired[bare]
    made: Any = TypedDict(kind.__name__, fields)  # type: ignore[operator]
    made.__pydantic_config__ = ConfigDict(extra="forbid" if forbid else "allow")
    return made
