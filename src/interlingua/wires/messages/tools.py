"""Tools, tool choice and output format, both ways (types of anthropic 2.12, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation, AnyTool, ModelRequest, OpaqueTool, ResponseFormat, Tool, ToolChoice
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_fields, foreign_name
from interlingua.wires.messages.fields import WIRE, extensions_of, own, read_cache, write_cache

_ANY_OBJECT: Final[dict[str, Any]] = {"type": "object", "properties": {}}
_TEXT_INPUT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}
_MODES: Final = {"auto": "auto", "any": "required", "none": "none", "tool": "tool"}


def read_tools(tools: object) -> list[AnyTool]:
    """Read the tools; one that the provider runs itself is an `OpaqueTool`.

    Raises:
        InvalidRequest: one is malformed.

    """
    if not is_list(tools):
        raise malformed("tools", "a list")
    return [_read_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]


def _read_tool(tool: object, where: str) -> AnyTool:
    if not is_object(tool):
        raise malformed(where, "an object")
    if tool.get("type") not in (None, "custom"):
        return OpaqueTool(WIRE, dict(tool))
    name, schema, described, strict = (tool.get(key) for key in ("name", "input_schema", "description", "strict"))
    if not isinstance(name, str):
        raise malformed(f"{where}.name", "a string")
    if not is_object(schema):
        raise malformed(f"{where}.input_schema", "an object")
    if len(tool) == 3 and isinstance(described, str):
        return Tool(name=name, description=described, parameters=dict(schema))
    known = ["name", "input_schema", "cache_control"]
    known += ["description"] if isinstance(described, str) else []
    known += ["strict"] if isinstance(strict, bool) else []
    return Tool(
        name=name,
        description=described if isinstance(described, str) else None,
        parameters=dict(schema),
        strict=strict if isinstance(strict, bool) else None,
        extensions=extensions_of({key: value for key, value in tool.items() if key not in known}),
        cache=read_cache(tool.get("cache_control")),
    )


def write_tools(tools: list[AnyTool], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write the tools in their order; one that only another wire knows is noted in `dropped`."""
    written: list[dict[str, Any]] = []
    for tool in tools:
        if isinstance(tool, Tool):
            written.append(_write_tool(tool, dropped))
        elif tool.wire == WIRE:
            written.append(tool.data)
        else:
            dropped.append(Adaptation("dropped", "tools", f"{foreign_name(tool.data)} of {tool.wire}"))
    return written


def _write_tool(tool: Tool, dropped: list[Adaptation]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        fields["description"] = tool.description
    if tool.kind == "custom":
        detail = "its text stands under `input`" + ("; its format is not enforced" if tool.format else "")
        dropped.append(Adaptation("emulated", "custom tool", detail))
        fields["input_schema"] = _TEXT_INPUT
    else:
        fields["input_schema"] = tool.parameters if tool.parameters is not None else _ANY_OBJECT
    if tool.strict is not None:
        fields["strict"] = tool.strict
    if tool.cache is not None:
        fields["cache_control"] = write_cache(tool.cache)
    if tool.extensions:
        dropped += foreign_fields(tool.extensions, WIRE, of="tools")
    return fields | own(tool.extensions)


def read_tool_choice(request: ModelRequest, choice: object) -> None:
    """Read `tool_choice`, which also says whether calls may be parallel."""
    if not is_object(choice):
        raise malformed("tool_choice", "an object")
    kind, single, name = choice.get("type"), choice.get("disable_parallel_tool_use"), choice.get("name")
    if isinstance(single, bool):
        request.parallel_tool_calls = not single
    mode = _MODES.get(str(kind))
    extra = {key: value for key, value in choice.items() if key not in ("type", "disable_parallel_tool_use", "name")}
    if mode is None or (mode == "tool") is not isinstance(name, str):
        request.tool_choice = ToolChoice(mode="opaque", extensions={WIRE: {"tool_choice": dict(choice)}})
        return
    request.tool_choice = ToolChoice(
        mode=mode,  # pyright: ignore[reportArgumentType] - one of the table's values
        names=(name,) if isinstance(name, str) else (),
        extensions=extensions_of(extra),
    )


def write_tool_choice(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write the choice and whether calls may be parallel; None where there is nothing to say."""
    choice, parallel = request.tool_choice, request.parallel_tool_calls
    fields = _choice_fields(choice, dropped) if choice is not None else None
    if parallel is None or (fields is not None and fields.get("type") == "none"):
        return fields
    if fields is None:
        if parallel:  # the usual
            return None
        fields = {"type": "auto"}
    return {"disable_parallel_tool_use": not parallel, **fields}


def _choice_fields(choice: ToolChoice, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if choice.mode == "opaque":
        given = own(choice.extensions).get("tool_choice")
        if is_object(given):
            return dict(given)
        dropped.append(Adaptation("dropped", "tool_choice", "a form that only another wire knows"))
        return None
    dropped += foreign_fields(choice.extensions, WIRE, of="tool_choice")
    extra = own(choice.extensions)
    if choice.mode == "tool":
        return {"type": "tool", "name": choice.names[0], **extra}
    if choice.mode == "allowed":
        if len(choice.names) == 1 and choice.required:
            dropped.append(Adaptation("renamed", "tool_choice", f"as forced {choice.names[0]}"))
            return {"type": "tool", "name": choice.names[0]}
        dropped.append(Adaptation("dropped", "tool_choice.allowed_tools", "all tools may be called"))
        return {"type": "any" if choice.required else "auto"}
    return {"type": "any" if choice.mode == "required" else choice.mode, **extra}


def read_output_format(fields: Mapping[str, Any]) -> ResponseFormat | None:
    """Read `output_config.format`; None if it is not a JSON schema's."""
    if fields.get("type") != "json_schema" or not is_object(fields.get("schema")):
        return None
    extra = {key: value for key, value in fields.items() if key not in ("type", "schema")}
    return ResponseFormat(type="json_schema", schema=dict(fields["schema"]), extensions=extensions_of(extra))


def write_output_format(form: ResponseFormat, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Write the form of the answer; any JSON without a schema cannot be asked for."""
    if form.type == "text":
        return None
    if form.schema is None:
        dropped.append(Adaptation("dropped", "response_format", "any JSON without a schema cannot be asked for"))
        return None
    if form.description is not None:
        dropped.append(Adaptation("dropped", "response_format.description", "a schema has no description beside it"))
    if form.strict is False:
        dropped.append(Adaptation("dropped", "response_format.strict", "the schema is always enforced"))
    dropped += foreign_fields(form.extensions, WIRE, of="response_format")
    return {"type": "json_schema", "schema": form.schema, **own(form.extensions)}
