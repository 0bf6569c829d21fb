"""Tools made from Python functions.

A function's name, docstring and parameters say all that a model needs to know. Calling
it stays with you: the model's `tool_calls` come back in the output.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from interlingua.client.schemas import json_schema_of
from interlingua.errors import InvalidRequest
from interlingua.types import AnyTool, OpaqueTool, Tool
from interlingua.wires.chat_completions.tools import read_tool

_SECTION = re.compile(r"^\s*(Args|Arguments|Parameters|Returns|Raises|Yields|Example|Examples)\s*:\s*$")
_ARGUMENT = re.compile(r"^\s*\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.+)$")


def tool_of(function: Callable[..., Any]) -> Tool:
    """Describe a function as a tool: types from its annotations, words from its docstring.

    The docstring's first paragraph describes the tool, its `Args:` section the
    parameters. Parameters without a default are required.

    Raises:
        InvalidRequest: a parameter has no annotation, or one that JSON cannot carry.

    Example:
        >>> def weather(city: str, days: int = 1) -> str:
        ...     '''Forecast the weather.
        ...
        ...     Args:
        ...         city: Where.
        ...     '''
        >>> tool_of(weather).parameters["required"]
        ['city']

    """
    name = function.__name__
    hints = typing.get_type_hints(function, include_extras=True)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise InvalidRequest(f"tool {name}: *{parameter.name} cannot be described to a model.", param="tools")
        if parameter.name not in hints:
            raise InvalidRequest(f"tool {name}: parameter {parameter.name!r} needs a type.", param="tools")
        kind = hints[parameter.name]
        fields.append(
            (parameter.name, kind)
            if parameter.default is parameter.empty
            else (parameter.name, kind, parameter.default)
        )
    try:
        schema = json_schema_of(msgspec.defstruct(name, fields, kw_only=True))
    except TypeError as error:
        raise InvalidRequest(f"tool {name}: {error}", param="tools") from error
    description, arguments = _read_docstring(inspect.getdoc(function) or "")
    schema.pop("title", None)
    for key, text in arguments.items():
        if key in schema.get("properties", {}):
            schema["properties"][key].setdefault("description", text)
    return Tool(name=name, description=description or None, parameters=schema)


def read_tools(tools: Iterable[Any]) -> list[AnyTool]:
    """Read tools from functions, dicts in OpenAI's form, and typed ones, in any mixture.

    Raises:
        InvalidRequest: an item is none of these.

    """
    return [_read_tool(item) for item in tools]


def _read_tool(item: Any) -> AnyTool:
    if isinstance(item, Tool | OpaqueTool):
        return item
    if isinstance(item, Mapping):
        return read_tool(typing.cast("dict[str, Any]", item))
    if callable(item):
        return tool_of(item)
    raise InvalidRequest(f"a tool is a function, a dict or a Tool, not a {type(item).__name__}.", param="tools")


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
    summary, arguments, section, current = list[str](), dict[str, str](), "", ""
    for line in text.splitlines():
        heading = _SECTION.match(line)
        if heading:
            section, current = heading[1], ""
        elif not section:
            summary.append(line)
        elif section in ("Args", "Arguments", "Parameters"):
            argument = _ARGUMENT.match(line)
            if argument:
                current = argument[1]
                arguments[current] = argument[2].strip()
            elif current and line.strip():
                arguments[current] += " " + line.strip()
    return "\n".join(summary).strip(), arguments
