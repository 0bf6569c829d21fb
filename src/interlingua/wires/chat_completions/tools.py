"""Tools, tool choice and response format, both ways (shapes of openai 3.54, read 2026-11-22)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation, AnyTool, OpaqueTool, ResponseFormat, Tool, ToolChoice
from interlingua.types.chat_content import WIRE, extensions_of, own
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.chat_completions.conventions import CACHE, read_mark, write_mark
from interlingua.wires.foreign_fields import foreign_fields, foreign_name

_MODES: Final = ("auto", "none", "required")
_FUNCTION: Final = ("name", "description", "parameters", "strict")
_CUSTOM: Final = ("name", "description", "format")
_GRAMMAR: Final = "grammar"
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "name": str,
    "description": str,
    "parameters": Mapping,
    "format": Mapping,
    "strict": bool,
    "schema": Mapping,
}


def read_tool(fields: Mapping[str, Any], *, where: str = "tools") -> AnyTool:
    """Read one tool; a type that is not known is an `OpaqueTool`.

    Raises:
        InvalidRequest: it is malformed; `param` is `where` or below it.

    """
    if not is_object(fields):
        raise malformed(where, "an object")
    kind = fields.get("type")
    if kind is None:
        kind = "custom" if "custom" in fields else "function"
    if kind not in ("function", "custom"):
        return OpaqueTool(WIRE, dict(fields))
    inner = fields.get(kind)
    if not is_object(inner) or not isinstance(inner.get("name"), str):
        raise malformed(f"{where}.{kind}", "an object with the string `name`")
    if len(fields) == 2 and len(inner) == 3 and kind == "function":
        description, parameters = inner.get("description"), inner.get("parameters")
        if type(description) is str and is_object(parameters):
            return Tool(name=inner["name"], description=description, parameters=dict(parameters))
    known, unknown = _split(inner, _FUNCTION if kind == "function" else _CUSTOM, f"{where}.{kind}")
    if "format" in known:
        known["format"] = _read_text_format(known["format"])
    rest = {name: value for name, value in fields.items() if name not in ("type", kind)}
    if unknown:
        rest[kind] = unknown
    cache = read_mark(rest.get(CACHE))
    if cache is not None:
        del rest[CACHE]
    return Tool(**known, kind=kind, extensions=extensions_of(rest), cache=cache)


def write_tool(tool: AnyTool, dropped: list[Adaptation], *, cache_field: str | None = None) -> dict[str, Any] | None:
    """Write one tool; one that only another wire knows is noted in `dropped`."""
    if isinstance(tool, OpaqueTool):
        if tool.wire == WIRE:
            return tool.data
        dropped.append(Adaptation("dropped", "tools", f"{foreign_name(tool.data)} of {tool.wire}"))
        return None
    names = _FUNCTION if tool.kind == "function" else _CUSTOM
    inner = {name: value for name in names if (value := getattr(tool, name)) is not None}
    if not tool.extensions and tool.cache is None and tool.format is None:
        return {"type": tool.kind, tool.kind: inner}
    if "format" in inner:
        inner["format"] = _write_text_format(inner["format"])
    fields: dict[str, Any] = {"type": tool.kind, tool.kind: inner}
    for name, value in own(tool.extensions).items():
        if name == tool.kind and is_object(value):
            inner.update({key: each for key, each in value.items() if key not in inner})
        else:
            fields[name] = value
    if tool.cache is not None:
        mark = write_mark(tool.cache, field=cache_field)
        fields |= mark
        if not mark:
            dropped.append(Adaptation("dropped", "cache", "a tool holds no breakpoint on this wire"))
    dropped += foreign_fields(tool.extensions, WIRE, of="tools")
    return fields


def _read_text_format(form: Mapping[str, Any]) -> dict[str, Any]:
    """Read the format of a tool's text: a grammar has an object of its own here, and none elsewhere."""
    grammar = form.get(_GRAMMAR)
    if form.get("type") == _GRAMMAR and len(form) == 2 and is_object(grammar) and "type" not in grammar:
        return {"type": _GRAMMAR, **grammar}
    return dict(form)


def _write_text_format(form: Mapping[str, Any]) -> Mapping[str, Any]:
    if form.get("type") != _GRAMMAR or _GRAMMAR in form:
        return form
    return {"type": _GRAMMAR, _GRAMMAR: {name: value for name, value in form.items() if name != "type"}}


def read_tool_choice(value: Any, *, where: str = "tool_choice") -> ToolChoice:
    """Read a tool choice; a form that is not known is kept as it came."""
    if value in _MODES:
        return ToolChoice(mode=value)
    if is_object(value) and len(value) == 2:
        kind = value.get("type")
        inner = value.get(kind) if isinstance(kind, str) else None
        if kind in ("function", "custom") and is_object(inner) and list(inner) == ["name"]:
            return ToolChoice(mode="tool", names=(inner["name"],), kind=kind)
        if kind == "allowed_tools" and is_object(inner):
            return _read_allowed(inner, where)
    return ToolChoice(mode="opaque", extensions={WIRE: {"tool_choice": value}})


def write_tool_choice(choice: ToolChoice, dropped: list[Adaptation]) -> Any:
    """Write a tool choice; None where there is nothing to say."""
    if choice.mode != "opaque":
        dropped += foreign_fields(choice.extensions, WIRE, of="tool_choice")
    if choice.mode in _MODES:
        return choice.mode
    extra = own(choice.extensions)
    if choice.mode == "opaque":
        if "tool_choice" not in extra:
            dropped.append(Adaptation("dropped", "tool_choice", "a form of another wire"))
        return extra.get("tool_choice")
    if choice.mode == "tool":
        return {"type": choice.kind, choice.kind: {"name": choice.names[0]}} if choice.names else "required"
    tools = extra.get("tools") or [{"type": choice.kind, choice.kind: {"name": name}} for name in choice.names]
    allowed = {"mode": "required" if choice.required else "auto", "tools": tools}
    return {"type": "allowed_tools", "allowed_tools": allowed}


def read_response_format(value: Any) -> ResponseFormat | None:
    """Read a response format; None for one that only this wire can carry as it is."""
    if not is_object(value):
        return None
    kind = value.get("type")
    if kind in ("text", "json_object") and len(value) == 1:
        return ResponseFormat(type=kind)
    inner = value.get("json_schema")
    if kind != "json_schema" or len(value) != 2 or not is_object(inner):
        return None
    known, unknown = _split(inner, ("name", "schema", "description", "strict"), "response_format.json_schema")
    return ResponseFormat(type="json_schema", **known, extensions=extensions_of(unknown))


def write_response_format(shape: ResponseFormat) -> dict[str, Any]:
    """Write a response format; a schema without a name gets one, since the wire asks for it."""
    if shape.type != "json_schema":
        return {"type": shape.type}
    known = {
        "name": shape.name if shape.name is not None else "answer",
        "description": shape.description,
        "schema": shape.schema,
        "strict": shape.strict,
    }
    inner = {name: value for name, value in known.items() if value is not None}
    return {"type": "json_schema", "json_schema": inner | own(shape.extensions)}


def _read_allowed(inner: Mapping[str, Any], where: str) -> ToolChoice:
    tools, mode = inner.get("tools"), inner.get("mode", "auto")
    if not is_list(tools) or mode not in ("auto", "required"):
        raise malformed(f"{where}.allowed_tools", "an object with `mode` (auto or required) and the list `tools`")
    names: list[str] = []
    kinds: set[Any] = set()
    for tool in tools:
        kind = tool.get("type") if is_object(tool) else None
        named = tool.get(kind) if is_object(tool) and isinstance(kind, str) else None
        name = named.get("name") if is_object(named) else tool.get("name") if is_object(tool) else None
        if isinstance(name, str):
            names.append(name)
        kinds.add(kind)
    plain = [{"type": kind, kind: {"name": name}} for kind in kinds for name in names]
    uniform = len(kinds) == 1 and list(tools) == plain and kinds <= {"function", "custom"}
    return ToolChoice(
        mode="allowed",
        names=tuple(names),
        required=mode == "required",
        kind="custom" if uniform and kinds == {"custom"} else "function",
        extensions={} if uniform else {WIRE: {"tools": list(tools)}},
    )


def _split(inner: Mapping[str, Any], names: tuple[str, ...], where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split an object into known fields, of which each has its type, and unknown ones; null counts as unknown."""
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, value in inner.items():
        if name not in names or value is None:
            unknown[name] = value
        elif isinstance(value, _TYPES[name]):
            known[name] = value
        else:
            raise malformed(f"{where}.{name}", _TYPE_NAMES[name])
    return known, unknown


_TYPE_NAMES: Final = {
    "name": "a string",
    "description": "a string",
    "parameters": "an object",
    "format": "an object",
    "schema": "an object",
    "strict": "true or false",
}
