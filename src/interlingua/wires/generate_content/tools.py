"""Tools and tool choice, both ways (types of google-genai 3.4 `types.Tool`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation, AnyTool, OpaqueTool, Tool, ToolChoice
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_name
from interlingua.wires.generate_content.fields import WIRE, extensions_of, left_behind, own
from interlingua.wires.generate_content.names import camel_names

_DECLARATIONS: Final = "functionDeclarations"
_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_TEXT_INPUT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}


def read_tools(tools: object) -> list[AnyTool]:
    """Read the tools: each declared function is one, and each tool that Google runs itself an `OpaqueTool`.

    Raises:
        InvalidRequest: one is malformed.

    """
    if not is_list(tools):
        raise malformed("tools", "a list")
    read: list[AnyTool] = []
    for index, tool in enumerate(tools):
        if not is_object(tool):
            raise malformed(f"tools[{index}]", "an object")
        for name, value in camel_names(tool).items():
            if name != _DECLARATIONS:
                read.append(OpaqueTool(WIRE, {name: value}))
                continue
            if not is_list(value):
                raise malformed(f"tools[{index}].{_DECLARATIONS}", "a list")
            read += [_read_function(each, index, number) for number, each in enumerate(value)]
    return read


def _read_function(fields: object, index: int, number: int) -> Tool:
    name = fields.get("name") if is_object(fields) else None
    if not is_object(fields) or not isinstance(name, str):
        raise malformed(f"tools[{index}].{_DECLARATIONS}[{number}]", "an object with the string `name`")
    schema, described = fields.get("parametersJsonSchema"), fields.get("description")
    if len(fields) == 3 and isinstance(described, str) and is_object(schema):
        return Tool(name=name, description=described, parameters=dict(schema))
    fields = camel_names(fields)
    schema, own_schema = fields.get("parametersJsonSchema"), fields.get("parameters")
    known = ["name"]
    parameters: dict[str, Any] | None = None
    if is_object(schema):
        parameters = dict(schema)
        known.append("parametersJsonSchema")
    elif is_object(own_schema):
        parameters = json_schema(own_schema)
    if isinstance(described, str):
        known.append("description")
    return Tool(
        name=name,
        description=described if isinstance(described, str) else None,
        parameters=parameters,
        extensions=extensions_of({key: value for key, value in fields.items() if key not in known}),
    )


_SIZES: Final = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_INNER: Final = ("items", "additionalProperties")


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Write Google's form of a schema (OpenAPI 3.0, types in capitals, sizes as texts) as JSON Schema."""
    written: dict[str, Any] = {}
    for name, value in camel_names(schema).items():
        if name == "type" and isinstance(value, str):
            written.setdefault(name, value.lower())
        elif name in ("properties", "defs") and is_object(value):
            inner = {key: json_schema(each) if is_object(each) else each for key, each in value.items()}
            written["$defs" if name == "defs" else name] = inner
        elif name in _INNER and is_object(value):
            written[name] = json_schema(value)
        elif name == "anyOf" and is_list(value):
            written[name] = [json_schema(each) if is_object(each) else each for each in value]
        elif name == "nullable" and value is True and isinstance(schema.get("type"), str):
            written["type"] = [schema["type"].lower(), "null"]
        elif name in _SIZES and isinstance(value, str) and value.isascii() and value.isdigit():
            written[name] = int(value)
        elif name == "ref":
            written["$ref"] = value
        elif name == "example":
            written["examples"] = [value]
        elif name not in ("propertyOrdering", "nullable"):
            written[name] = value
    return written


def write_tools(tools: list[AnyTool], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write the tools in their order, functions that follow each other in one list."""
    written: list[dict[str, Any]] = []
    functions: list[dict[str, Any]] | None = None
    for tool in tools:
        if isinstance(tool, Tool):
            if functions is None:
                functions = []
                written.append({_DECLARATIONS: functions})
            functions.append(_write_function(tool, dropped))
        elif tool.wire == WIRE:
            functions = None
            written.append(tool.data)
        else:
            dropped.append(Adaptation("dropped", "tools", f"{foreign_name(tool.data)} of {tool.wire}"))
    return written


def _write_function(tool: Tool, dropped: list[Adaptation]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        fields["description"] = tool.description
    extra = own(tool.extensions)
    if tool.kind == "custom":
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
        fields["parametersJsonSchema"] = _TEXT_INPUT
    elif tool.parameters is not None and "parameters" not in extra:
        fields["parametersJsonSchema"] = tool.parameters
    if tool.strict:
        dropped.append(Adaptation("dropped", "tools.strict", "this wire does not promise to keep to a schema"))
    if tool.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire caches by itself, or by cachedContent"))
    if not tool.extensions:
        return fields
    dropped += left_behind(tool.extensions, "tools")
    return fields | extra


def read_tool_config(config: Mapping[str, Any]) -> ToolChoice | None:
    """Read `functionCallingConfig`; None if it says nothing that is known here."""
    calling = config.get("functionCallingConfig")
    if not is_object(calling):
        return None
    mode, given = calling.get("mode"), calling.get("allowedFunctionNames")
    names = tuple(str(name) for name in given) if is_list(given) else ()
    if not set(calling) <= {"mode", "allowedFunctionNames"}:
        return None
    if mode == "ANY":
        if not names:
            return ToolChoice(mode="required")
        return ToolChoice(mode="tool" if len(names) == 1 else "allowed", names=names, required=len(names) > 1)
    if mode == "VALIDATED" and names:
        return ToolChoice(mode="allowed", names=names)
    if mode in ("AUTO", "NONE") and not names:
        return ToolChoice(mode="auto" if mode == "AUTO" else "none")
    return None


def write_tool_config(choice: ToolChoice, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write a tool choice; None where there is nothing to say."""
    if choice.mode == "opaque":
        dropped.append(Adaptation("dropped", "tool_choice", "a form that only another wire knows"))
        return None
    dropped += left_behind(choice.extensions, "tool_choice")
    if choice.mode in ("tool", "allowed"):
        forced = choice.mode == "tool" or choice.required
        return {"mode": "ANY" if forced else "VALIDATED", "allowedFunctionNames": list(choice.names)}
    return {"mode": _MODES[choice.mode]}
