"""Tools and their choice, written (botocore 1.44 `bedrock-runtime` `ToolConfiguration`, read 2026-11-25)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from interlingua.types import Adaptation, ModelMessage, ModelRequest, Tool, ToolCallPart, ToolChoice
from interlingua.types.shape import is_object
from interlingua.wires.converse.content import write_cache
from interlingua.wires.converse.fields import WIRE, own
from interlingua.wires.foreign_fields import foreign_fields, foreign_name

_ANY_OBJECT: Final[dict[str, Any]] = {"type": "object", "properties": {}}


def write_tools(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    """Write the tools; a conversation that has calls needs some, and they are declared where it has none."""
    choice = request.tool_choice
    none = choice is not None and choice.mode == "none"
    called = _called(request.messages) if none or not request.tools else ()
    if none and request.tools and not called:
        dropped.append(Adaptation("emulated", "tool_choice", "none, by leaving the tools out"))
        return
    tools: list[dict[str, Any]] = []
    for tool in request.tools or ():
        if isinstance(tool, Tool):
            tools.append({"toolSpec": _write_tool(tool, dropped)})
            if tool.cache is not None:
                tools.append(write_cache(tool.cache))
        elif tool.wire == WIRE:
            tools.append(tool.data)
        else:
            dropped.append(Adaptation("dropped", "tools", f"{foreign_name(tool.data)} of {tool.wire}"))
    if not tools and called:
        dropped.append(Adaptation("emulated", "tools", "declared by the names of the calls that were made"))
        tools = [{"toolSpec": {"name": name, "inputSchema": {"json": _ANY_OBJECT}}} for name in called]
        choice = None
    if not tools:
        return
    config: dict[str, Any] = {"tools": tools}
    written = _write_choice(choice, dropped) if choice is not None else None
    if written is not None:
        config["toolChoice"] = written
    body["toolConfig"] = config


def _called(messages: Sequence[ModelMessage]) -> Iterable[str]:
    """Give the names of the tools that were called, each once."""
    contents = [message.content for message in messages if isinstance(message.content, list)]
    return dict.fromkeys(part.name for content in contents for part in content if isinstance(part, ToolCallPart))


def _write_tool(tool: Tool, dropped: list[Adaptation]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": tool.name}
    if tool.description:
        fields["description"] = tool.description
    schema = tool.parameters if tool.parameters is not None else _ANY_OBJECT
    if tool.kind == "custom":
        detail = "its text stands under `input`" + ("; its format is not enforced" if tool.format else "")
        dropped.append(Adaptation("emulated", "custom tool", detail))
        schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    fields["inputSchema"] = {"json": schema}
    if tool.strict is not None:
        fields["strict"] = tool.strict
    if tool.extensions:
        dropped += foreign_fields(tool.extensions, WIRE, of="tools")
    return fields | own(tool.extensions)


def _write_choice(choice: ToolChoice, dropped: list[Adaptation]) -> dict[str, Any] | None:
    given = own(choice.extensions).get("toolChoice")
    if is_object(given):
        return dict(given)
    dropped += foreign_fields(choice.extensions, WIRE, of="tool_choice")
    if choice.mode == "auto":
        return {"auto": {}}
    if choice.mode == "required":
        return {"any": {}}
    if choice.names and (choice.mode == "tool" or (choice.required and len(choice.names) == 1)):
        return {"tool": {"name": choice.names[0]}}
    if choice.mode == "allowed":
        dropped.append(Adaptation("dropped", "tool_choice.allowed_tools", "all tools may be called"))
        return {"any": {}} if choice.required else {"auto": {}}
    detail = "none cannot be said where tools were called" if choice.mode == "none" else f"{choice.mode} cannot be said"
    dropped.append(Adaptation("dropped", "tool_choice", detail))
    return None
