"""Sampling, thinking, format and tools of a request, both ways (ollama 0.6.3 `_types.py`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import (
    Adaptation,
    AnyTool,
    ModelRequest,
    OpaqueTool,
    ResponseFormat,
    ThinkingConfig,
    Tool,
)
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.foreign_fields import foreign_name
from interlingua.wires.ollama.content import WIRE, extensions_of, left_behind, own

_NUMBER: Final = (int, float)
_OPTIONS: Final[dict[str, tuple[str, type | tuple[type, ...]]]] = {
    "temperature": ("temperature", _NUMBER),
    "top_p": ("top_p", _NUMBER),
    "top_k": ("top_k", int),
    "min_p": ("min_p", _NUMBER),
    "seed": ("seed", int),
    "num_predict": ("max_new_tokens", int),
    "num_ctx": ("context_len", int),
    "repeat_penalty": ("repetition_penalty", _NUMBER),
    "presence_penalty": ("presence_penalty", _NUMBER),
    "frequency_penalty": ("frequency_penalty", _NUMBER),
}
"""Options by their name here: the request's field and its type."""

_UNSAID: Final = (
    "n",
    "logit_bias",
    "stop_token_ids",
    "echo",
    "parallel_tool_calls",
    "verbosity",
    "modalities",
    "audio",
    "user",
    "metadata",
    "service_tier",
    "cache",
    "prompt_cache_key",
    "safety_identifier",
    "store",
)
_HARMLESS: Final[dict[str, Any]] = {"n": 1, "echo": False, "store": False, "parallel_tool_calls": True}
_LEVELS: Final = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "max", "max": "max"}


def read_settings(request: ModelRequest, fields: dict[str, Any]) -> None:
    """Take what a request says beside its prompt out of `fields`.

    Raises:
        InvalidRequest: a field has the wrong type; `param` names it.

    """
    options = fields.pop("options", None)
    if options is not None:
        if not is_object(options):
            raise malformed("options", "an object")
        rest = _read_options(request, options)
        if rest:
            fields["options"] = rest
    for name, kind, needed in (("logprobs", bool, "true or false"), ("top_logprobs", int, "an integer")):
        value = fields.pop(name, None)
        if value is not None:
            if type(value) is not kind:
                raise malformed(name, needed)
            setattr(request, name, value)
    _read_think(request, fields)
    _read_format(request, fields)
    tools = fields.pop("tools", None)
    if tools is not None:
        if not is_list(tools):
            raise malformed("tools", "a list")
        request.tools = [_read_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]


def _read_options(request: ModelRequest, options: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in options.items() if value is not None}
    for name in _OPTIONS.keys() & rest.keys():
        field, kind = _OPTIONS[name]
        value = rest[name]
        if kind is int and isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, kind):
            raise malformed(f"options.{name}", "an integer" if kind is int else "a number")
        if name == "num_predict" and value < 0:  # without bound, which only this wire can say
            continue
        setattr(request, field, value)
        del rest[name]
    stop = rest.get("stop")
    if stop is not None:
        if not isinstance(stop, str) and not (is_list(stop) and all(isinstance(each, str) for each in stop)):
            raise malformed("options.stop", "a string or a list of strings")
        request.stop = stop if isinstance(stop, str) else list(stop)
        del rest["stop"]
    return rest


def _read_think(request: ModelRequest, fields: dict[str, Any]) -> None:
    think = fields.pop("think", None)
    if isinstance(think, bool):
        request.thinking = ThinkingConfig(mode="enabled" if think else "disabled")
    elif isinstance(think, str):
        if think:
            request.reasoning_effort = think
    elif think is not None:
        raise malformed("think", "true, false or a level")


def _read_format(request: ModelRequest, fields: dict[str, Any]) -> None:
    form = fields.pop("format", None)
    if is_object(form):
        request.response_format = ResponseFormat(type="json_schema", schema=dict(form))
    elif form == "json":
        request.response_format = ResponseFormat(type="json_object")
    elif form not in (None, ""):
        raise malformed("format", "json or a JSON schema")


def _read_tool(tool: object, where: str) -> AnyTool:
    if not is_object(tool):
        raise malformed(where, "an object")
    function = tool.get("function")
    if tool.get("type", "function") != "function" or not is_object(function):
        return OpaqueTool(WIRE, dict(tool))
    name, described, schema = (function.get(key) for key in ("name", "description", "parameters"))
    if not isinstance(name, str):
        raise malformed(f"{where}.function.name", "a string")
    if schema is not None and not is_object(schema):
        raise malformed(f"{where}.function.parameters", "an object")
    rest = {key: value for key, value in tool.items() if key not in ("type", "function")}
    inner = {key: value for key, value in function.items() if key not in ("name", "description", "parameters")}
    if inner:
        rest["function"] = inner
    return Tool(
        name=name,
        description=described if isinstance(described, str) else None,
        parameters=None if schema is None else dict(schema),
        extensions=extensions_of(rest),
    )


def write_settings(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    """Write what a request says beside its prompt."""
    _write_tools(request, body, dropped)
    form = request.response_format
    if form is not None and form.type != "text":
        body["format"] = form.schema if form.schema is not None else "json"
        dropped += left_behind(form.extensions, "response_format")
        if form.description is not None:
            dropped.append(Adaptation("dropped", "response_format.description", "a schema has none beside it here"))
    options: dict[str, Any] = {}
    for name, (field, _) in _OPTIONS.items():
        value = getattr(request, field)
        if value is not None:
            options[name] = value
    if request.stop is not None:
        options["stop"] = [request.stop] if isinstance(request.stop, str) else request.stop
    if options:
        body["options"] = options
    _write_think(request, body, dropped)
    if request.logprobs is not None:
        body["logprobs"] = request.logprobs
    if request.top_logprobs is not None:
        body["top_logprobs"] = request.top_logprobs
    for name in _UNSAID:
        value = getattr(request, name)
        if value is not None and value != _HARMLESS.get(name):
            dropped.append(Adaptation("dropped", name, "not a field of Ollama's API"))


def _write_think(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    effort, thinking = request.reasoning_effort, request.thinking
    if thinking is not None:
        if thinking.budget_tokens is not None:
            dropped.append(Adaptation("dropped", "thinking.budget_tokens", "thinking has levels here, no budget"))
        if thinking.summary not in (None, "auto"):
            dropped.append(Adaptation("dropped", "thinking.summary", "thinking is shown as it is here"))
        dropped += left_behind(thinking.extensions, "thinking")
        if thinking.mode is not None:
            body["think"] = thinking.mode != "disabled"
    if effort == "none":
        body["think"] = False
    elif effort is not None and body.get("think") is not False:
        level = _LEVELS.get(effort, effort)
        if level != effort:
            dropped.append(Adaptation("renamed", "reasoning_effort", f"{effort} to {level}"))
        body["think"] = level


def _write_tools(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    choice = request.tool_choice
    if choice is not None and choice.mode == "none" and request.tools:
        dropped.append(Adaptation("emulated", "tool_choice", "none, by leaving the tools out"))
        return
    if choice is not None and choice.mode not in ("auto", "none"):
        dropped.append(Adaptation("dropped", "tool_choice", "the model chooses itself"))
    elif choice is not None:
        dropped += left_behind(choice.extensions, "tool_choice")
    if request.tools is None:
        return
    tools = [written for tool in request.tools if (written := _write_tool(tool, dropped)) is not None]
    if tools or not request.tools:
        body["tools"] = tools


def _write_tool(tool: AnyTool, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if isinstance(tool, OpaqueTool):
        if tool.wire == WIRE:
            return tool.data
        dropped.append(Adaptation("dropped", "tools", f"{foreign_name(tool.data)} of {tool.wire}"))
        return None
    given = own(tool.extensions)
    function: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.kind == "custom":
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
        function["parameters"] = _TEXT_INPUT
    elif tool.parameters is not None:
        function["parameters"] = tool.parameters
    dropped += left_behind(tool.extensions, "tools")
    if tool.strict:
        dropped.append(Adaptation("dropped", "strict", "arguments are not held to their schema"))
    if tool.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire has no cache breakpoints"))
    inner = given.get("function")
    return {"type": "function", **given, "function": function | dict(inner) if is_object(inner) else function}


_TEXT_INPUT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}
