"""Requests, both ways (openai 3.54 `types/responses/response_create_params.py`, read 2026-11-25)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from interlingua.types import (
    Adaptation,
    AnyTool,
    ModelMessage,
    ModelRequest,
    ModelRequestContext,
    OpaqueTool,
    ResponseFormat,
    ThinkingConfig,
    Tool,
    ToolChoice,
)
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.openai_fields import shared_fields
from interlingua.wires.outgoing import finished, without
from interlingua.wires.responses.blocks import WIRE, extensions_of, foreign, own
from interlingua.wires.responses.item_writing import write_items
from interlingua.wires.responses.items import read_items

PATH: Final = "/responses"
ENCRYPTED: Final = "reasoning.encrypted_content"
LOGPROBS: Final = "message.output_text.logprobs"

_NUMBER: Final = (int, float)
_SAME: Final[dict[str, tuple[str, type | tuple[type, ...]]]] = {
    "temperature": ("temperature", _NUMBER),
    "top_p": ("top_p", _NUMBER),
    "max_output_tokens": ("max_new_tokens", int),
    "top_logprobs": ("top_logprobs", int),
    "parallel_tool_calls": ("parallel_tool_calls", bool),
    "user": ("user", str),
    "metadata": ("metadata", Mapping),
    "service_tier": ("service_tier", str),
    "store": ("store", bool),
    "prompt_cache_key": ("prompt_cache_key", str),
    "safety_identifier": ("safety_identifier", str),
}
_PENALTIES: Final[dict[str, tuple[str, type | tuple[type, ...]]]] = {
    "presence_penalty": ("presence_penalty", _NUMBER),
    "frequency_penalty": ("frequency_penalty", _NUMBER),
}
"""Fields of Open Responses that OpenAI does not take: written where a request of this wire had them."""

_READ: Final = {**_SAME, **_PENALTIES}
_UNSAID: Final = (
    *("stop", "seed", "n", "logit_bias", "top_k", "min_p"),
    *("repetition_penalty", "stop_token_ids", "echo", "context_len", "modalities", "audio", "cache"),
)
_KINDS: Final[dict[Any, str]] = {int: "an integer", bool: "true or false", str: "a string", Mapping: "an object"}
_OWN: Final = ("function", "custom")
"""The kinds of a caller's own tools."""

_TOOL: Final[dict[str, type]] = {"name": str, "description": str, "parameters": dict, "strict": bool, "format": dict}
_FORMAT: Final = ("name", "schema", "description", "strict")
_INSTEAD: Final = ("prompt", "conversation", "previous_response_id")
"""What may stand in a request that has no input."""

PROTECTED: Final = ("input", "model", "stream")


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request; `stream` is the request's own wish unless it is given.

    A request of another wire asks for its reasoning encrypted and not to be kept, so
    that its state comes back with the answer and nowhere else.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body = request_fields(request, dialect, dropped)
    if request.stream if stream is None else stream:
        body["stream"] = True
    return finished(request, body, dropped, path=PATH, wire=WIRE, protected=PROTECTED)


def request_fields(request: ModelRequest, dialect: Dialect, dropped: list[Adaptation]) -> dict[str, Any]:
    """Write the body of a request."""
    instructions, messages = _split_instructions(request.messages)
    body: dict[str, Any] = {"model": request.model}
    if instructions is not None:
        body["instructions"] = instructions
    said_here = WIRE in request.extensions
    if messages or not said_here:
        body["input"] = write_items(messages, dropped, breakpoints=dialect.cache_field == "prompt_cache_breakpoint")
    for name, (field, _) in _SAME.items():
        value = getattr(request, field)
        if value is not None:
            body[name] = value
    for name in _PENALTIES:
        value = getattr(request, name)
        if value is not None and said_here:
            body[name] = value
        elif value:
            dropped.append(Adaptation("dropped", name, "not a field of OpenAI's Responses"))
    _write_rest(request, body, dropped)
    extensions = own(request.extensions)
    for name, value in extensions.items():
        known = body.get(name)
        if is_object(known) and is_object(value):
            body[name] = {**known, **value}
        elif name not in body:
            body[name] = value
    asked = body.get("include")
    if said_here and request.logprobs and LOGPROBS not in (asked if is_list(asked) else ()):
        body["include"] = [*(asked if is_list(asked) else ()), LOGPROBS]
    if not said_here:
        include = [ENCRYPTED, *([LOGPROBS] if request.logprobs else [])]
        body.setdefault("include", include)
        body.setdefault("store", False)
    shared, others = shared_fields(request.extensions, other="chat_completions")
    body |= shared
    dropped += foreign(others)
    without(body, dialect.drop, dropped)
    return body


def _split_instructions(messages: Sequence[ModelMessage]) -> tuple[str | None, Sequence[ModelMessage]]:
    first = messages[0] if messages else None
    if first is not None and first.role == "system" and isinstance(first.content, str) and not own(first.extensions):
        return first.content, messages[1:]
    return None, messages


def _write_rest(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    if request.tools is not None:
        tools = [written for tool in request.tools if (written := _write_tool(tool, dropped)) is not None]
        if tools or not request.tools:
            body["tools"] = tools
    if request.tool_choice is not None:
        choice = _write_tool_choice(request.tool_choice, request.tools or (), dropped)
        if choice is not None:
            body["tool_choice"] = choice
    text: dict[str, Any] = {}
    if request.response_format is not None:
        text["format"] = _write_format(request.response_format)
        dropped += foreign(request.response_format.extensions, "response_format")
    if request.verbosity is not None:
        text["verbosity"] = request.verbosity
    if text:
        body["text"] = text
    reasoning = _write_reasoning(request, dropped)
    if reasoning:
        body["reasoning"] = reasoning
    for name in _UNSAID:
        value = getattr(request, name)
        if value is not None and value is not False and (name, value) != ("n", 1):
            dropped.append(Adaptation("dropped", name, "not a field of Responses"))


def _write_reasoning(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    thinking = request.thinking
    fields: dict[str, Any] = {}
    if request.reasoning_effort is not None:
        fields["effort"] = request.reasoning_effort
    if thinking is None:
        return fields
    if request.reasoning_effort is None and thinking.mode == "disabled":
        fields["effort"] = "none"
        dropped.append(Adaptation("emulated", "thinking", "as effort none"))
    elif request.reasoning_effort is None and thinking.budget_tokens is not None:
        effort = "low" if thinking.budget_tokens <= 2048 else "medium" if thinking.budget_tokens <= 8192 else "high"
        fields["effort"] = effort
        dropped.append(Adaptation("emulated", "thinking.budget_tokens", f"as effort {effort}"))
    elif thinking.budget_tokens is not None:
        dropped.append(Adaptation("dropped", "thinking.budget_tokens", "the effort says how much"))
    if thinking.summary is not None and thinking.summary != "none":
        fields["summary"] = thinking.summary
    elif thinking.summary is None and thinking.mode in ("enabled", "adaptive"):
        fields["summary"] = "auto"
    dropped += foreign(thinking.extensions, "thinking")
    return fields | own(thinking.extensions)


def _write_tool(tool: AnyTool, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if isinstance(tool, OpaqueTool):
        if tool.wire == WIRE:
            return tool.data
        dropped.append(Adaptation("dropped", "tools", f"{tool.data.get('type', 'a tool')} of {tool.wire}"))
        return None
    if tool.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "a tool holds no breakpoint on this wire"))
    fields: dict[str, Any] = {"type": tool.kind, "name": tool.name}
    if tool.description is not None:
        fields["description"] = tool.description
    if tool.kind == "custom":
        if tool.format is not None:
            fields["format"] = tool.format
    else:
        fields["parameters"] = tool.parameters
        fields["strict"] = tool.strict if tool.strict is not None else False  # left out, it would mean true
    dropped += foreign(tool.extensions, "tools")
    return fields | own(tool.extensions)


def _write_tool_choice(choice: ToolChoice, tools: Sequence[AnyTool], dropped: list[Adaptation]) -> Any:
    dropped += foreign(choice.extensions, "tool_choice") if choice.mode != "opaque" else ()
    if choice.mode == "opaque":
        given = own(choice.extensions).get("tool_choice")
        if given is None:
            dropped.append(Adaptation("dropped", "tool_choice", "a form that only another wire knows"))
        return given
    if choice.mode == "tool":
        return {"type": choice.kind, "name": choice.names[0]}
    if choice.mode == "allowed":
        kinds = {tool.name: tool.kind for tool in tools if isinstance(tool, Tool)}
        allowed = [{"type": kinds.get(name, "function"), "name": name} for name in choice.names]
        return {"type": "allowed_tools", "mode": "required" if choice.required else "auto", "tools": allowed}
    return choice.mode


def _write_format(form: ResponseFormat) -> dict[str, Any]:
    if form.type != "json_schema":
        return {"type": form.type, **own(form.extensions)}
    fields = {name: value for name in _FORMAT if (value := getattr(form, name)) is not None}
    return {"type": "json_schema", "name": "answer", **fields, **own(form.extensions)}


def parse_request(body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
    """Read a request.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model, stream  # this wire has both in the body
    fields = read_object(body)
    name = fields.pop("model", None)
    if not isinstance(name, str):
        raise malformed("model", "given as a string")
    request = ModelRequest(name, _read_messages(fields))
    for theirs, (ours, kind) in _READ.items():
        value = fields.get(theirs)
        if value is not None:
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                raise malformed(theirs, _KINDS.get(kind, "a number"))
            setattr(request, ours, fields.pop(theirs))
    labels: Mapping[str, Any] = request.metadata or {}
    if not all(isinstance(value, str) for value in labels.values()):
        raise malformed("metadata", "an object of strings")
    _read_tools(request, fields)
    _read_text(request, fields)
    _read_reasoning(request, fields)
    include = fields.get("include")
    if is_list(include) and LOGPROBS in include:
        request.logprobs = True
    streamed = fields.pop("stream", None)
    if streamed is not None:
        if not isinstance(streamed, bool):
            raise malformed("stream", "true or false")
        request.context = ModelRequestContext(stream=streamed)
    # said on this wire, even if nothing is left: what is left out means what it means here
    request.extensions = {WIRE: {name: value for name, value in fields.items() if value is not None}}
    return request


def _read_messages(fields: dict[str, Any]) -> list[ModelMessage]:
    messages: list[ModelMessage] = []
    instructions = fields.get("instructions")
    if isinstance(instructions, str):
        messages.append(ModelMessage("system", fields.pop("instructions")))
    given = fields.pop("input", None)
    if isinstance(given, str):
        return [*messages, ModelMessage("user", given)]
    if given is None and any(fields.get(name) is not None for name in _INSTEAD):
        return messages
    if not is_list(given):
        raise malformed("input", "given as a string or a list")
    return [*messages, *read_items(given, "input")]


def _read_tools(request: ModelRequest, fields: dict[str, Any]) -> None:
    tools = fields.get("tools")
    if tools is not None:
        if not is_list(tools):
            raise malformed("tools", "a list")
        request.tools = [_read_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]
        del fields["tools"]
    choice = fields.pop("tool_choice", None)
    if choice is not None:
        request.tool_choice = _read_tool_choice(choice)


def _read_tool(tool: object, where: str) -> AnyTool:
    if not is_object(tool):
        raise malformed(where, "an object")
    kind = tool.get("type")
    if kind not in _OWN:
        return OpaqueTool(WIRE, dict(tool))
    if not isinstance(tool.get("name"), str):
        raise malformed(f"{where}.name", "a string")
    known: dict[str, Any] = {"kind": kind}
    rest: dict[str, Any] = {}
    for name, value in tool.items():
        if name in _TOOL and isinstance(value, _TOOL[name]):
            known[name] = value
        elif value is not None and name != "type":
            rest[name] = value
    if kind == "function" and "strict" not in known:
        rest["strict"] = None  # the API's own default, which is neither true nor false
    return Tool(**known, extensions=extensions_of(rest))


def _read_tool_choice(choice: Any) -> ToolChoice:
    if choice in ("auto", "none", "required"):
        return ToolChoice(mode=choice)
    if is_object(choice):
        kind, name, tools = choice.get("type"), choice.get("name"), choice.get("tools")
        if kind in _OWN and isinstance(name, str) and len(choice) == 2:
            return ToolChoice(mode="tool", names=(name,), kind=cast("Any", kind))
        if kind == "allowed_tools" and is_list(tools):
            plain = len(choice) == 3 and choice.get("mode") in ("auto", "required")
            names = [tool.get("name") if _is_name_of_own(tool) else None for tool in tools]
            if plain and all(isinstance(each, str) for each in names):
                forced = choice.get("mode") == "required"
                return ToolChoice(mode="allowed", names=tuple(map(str, names)), required=forced)
    return ToolChoice(mode="opaque", extensions={WIRE: {"tool_choice": choice}})


def _is_name_of_own(tool: Any) -> bool:
    return is_object(tool) and tool.get("type") in _OWN and len(tool) == 2


def _read_text(request: ModelRequest, fields: dict[str, Any]) -> None:
    text = fields.get("text")
    if text is None:
        return
    if not is_object(text):
        raise malformed("text", "an object")
    rest = {name: value for name, value in text.items() if value is not None}
    if isinstance(rest.get("verbosity"), str):
        request.verbosity = rest.pop("verbosity")
    form = rest.get("format")
    kind = form.get("type") if is_object(form) else None
    if is_object(form) and kind in ("text", "json_object", "json_schema"):
        known = {name: form[name] for name in _FORMAT if form.get(name) is not None}
        extra = {name: value for name, value in form.items() if name not in (*_FORMAT, "type") and value is not None}
        try:
            given = {"type": kind, **known, "extensions": extensions_of(extra)}
            request.response_format = msgspec.convert(given, ResponseFormat)
        except msgspec.ValidationError as error:
            raise malformed("text.format", "a format with fields of the right types") from error
        del rest["format"]
    del fields["text"]
    if rest:
        fields["text"] = rest


def _read_reasoning(request: ModelRequest, fields: dict[str, Any]) -> None:
    reasoning = fields.get("reasoning")
    if reasoning is None:
        return
    if not is_object(reasoning):
        raise malformed("reasoning", "an object")
    rest = {name: value for name, value in reasoning.items() if value is not None}
    if isinstance(rest.get("effort"), str):
        request.reasoning_effort = rest.pop("effort")
    summary = rest.pop("summary") if isinstance(rest.get("summary"), str) else None
    if summary is not None or rest:
        request.thinking = ThinkingConfig(summary=summary, extensions=extensions_of(rest))
    del fields["reasoning"]
