"""Requests, written (botocore 1.44 `bedrock-runtime` `ConverseRequest`, read 2026-11-23)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.types import Adaptation, ModelMessage, ModelRequest, Tool, ToolChoice
from interlingua.types.shape import is_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.converse.content import WIRE, own, write_cache, write_parts
from interlingua.wires.dialect import SPECIFICATION, Dialect

_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSAID: Final = (
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "seed",
    "n",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "stop_token_ids",
    "echo",
    "context_len",
    "parallel_tool_calls",
    "verbosity",
    "modalities",
    "audio",
    "user",
    "prompt_cache_key",
    "safety_identifier",
    "store",
)
_HARMLESS: Final[dict[str, Any]] = {
    "n": 1,
    "logprobs": False,
    "echo": False,
    "store": False,
    "parallel_tool_calls": True,
}
_SYSTEM: Final = ("system", "developer")
_ANY_OBJECT: Final[dict[str, Any]] = {"type": "object", "properties": {}}

_encode = msgspec.json.Encoder().encode


def path(model: str, *, stream: bool) -> str:
    """Give where the operation is; a model may be an ARN, whose slashes and colons are escaped."""
    quoted = "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in model.encode())
    return f"/model/{quoted}/converse-stream" if stream else f"/model/{quoted}/converse"


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request; `stream` is the request's own wish unless it is given, and stands in the address.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body = _write_prompt(request, dropped)
    _write_inference(request, body)
    _write_tools(request, body, dropped)
    _write_output(request, body, dropped)
    _write_rest(request, body, dropped)
    for name in [name for name in dialect.drop if name in body]:
        del body[name]
        dropped.append(Adaptation("dropped", name, "the provider refuses it"))
    if request.extra_body and "messages" in request.extra_body:
        raise InvalidRequest("extra_body cannot set 'messages'; it is a field of the request.", param="extra_body")
    body.update(request.extra_body or {})
    if request.strict:
        for each in dropped:
            if each.kind in ("dropped", "clamped"):
                raise Unsupported(
                    each.feature, wire=WIRE, model=request.model, remedy=each.detail and f"({each.detail})"
                )
    streamed = request.stream if stream is None else stream
    try:
        return RenderedRequest(path(request.model, stream=streamed), _encode(body), tuple(dropped))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"the request cannot be written as JSON: {error}.") from error


def _write_prompt(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    messages, count = request.messages, 0
    while count < len(messages) and messages[count].role in _SYSTEM:
        count += 1
    system = [block for message in messages[:count] for block in write_parts(message.parts, dropped)]
    body: dict[str, Any] = {"messages": _write_turns(messages[count:], dropped)}
    if request.cache is not None and body["messages"]:
        body["messages"][-1]["content"].append(write_cache(request.cache))
    if system:
        body["system"] = system
    return body


def _write_turns(messages: Sequence[ModelMessage], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write the turns; those of one role that follow each other are one, since roles must alternate."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "view":
            continue
        if message.name is not None and message.role not in ("tool", "function"):
            dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
        role = "assistant" if message.role == "assistant" else "system" if message.role in _SYSTEM else "user"
        blocks = write_parts(message.parts, dropped)
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _write_inference(request: ModelRequest, body: dict[str, Any]) -> None:
    stop = [request.stop] if isinstance(request.stop, str) else request.stop
    given = {
        "maxTokens": request.max_new_tokens,
        "temperature": request.temperature,
        "topP": request.top_p,
        "stopSequences": stop,
    }
    config = {name: value for name, value in given.items() if value is not None}
    if config:
        body["inferenceConfig"] = config


def _write_tools(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    tools: list[dict[str, Any]] = []
    for tool in request.tools or ():
        if isinstance(tool, Tool):
            tools.append({"toolSpec": _write_tool(tool, dropped)})
            if tool.cache is not None:
                tools.append(write_cache(tool.cache))
        elif tool.wire == WIRE:
            tools.append(tool.data)
        else:
            dropped.append(Adaptation("dropped", "tools", f"{tool.data.get('type', 'a tool')} of {tool.wire}"))
    if not tools:
        return
    config: dict[str, Any] = {"tools": tools}
    choice = _write_choice(request.tool_choice, dropped) if request.tool_choice is not None else None
    if choice is not None:
        config["toolChoice"] = choice
    body["toolConfig"] = config


def _write_tool(tool: Tool, dropped: list[Adaptation]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": tool.name}
    if tool.description:
        fields["description"] = tool.description
    schema = tool.parameters if tool.parameters is not None else _ANY_OBJECT
    if tool.kind == "custom":
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
        schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    fields["inputSchema"] = {"json": schema}
    if tool.strict is not None:
        fields["strict"] = tool.strict
    return fields | own(tool.extensions)


def _write_choice(choice: ToolChoice, dropped: list[Adaptation]) -> dict[str, Any] | None:
    given = own(choice.extensions).get("toolChoice")
    if is_object(given):
        return dict(given)
    if choice.mode == "auto":
        return {"auto": {}}
    if choice.mode == "required":
        return {"any": {}}
    if choice.names and (choice.mode == "tool" or (choice.required and len(choice.names) == 1)):
        return {"tool": {"name": choice.names[0]}}
    dropped.append(Adaptation("dropped", "tool_choice", f"{choice.mode} cannot be said"))
    return None


def _write_output(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    config: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    effort, thinking, form = request.reasoning_effort, request.thinking, request.response_format
    if effort == "none":
        extra["thinking"] = {"type": "disabled"}
    elif effort is not None:
        config["effort"] = effort
    if thinking is not None and thinking.mode is not None:
        settings: dict[str, Any] = {"type": thinking.mode}
        if thinking.budget_tokens is not None:
            settings["budget_tokens"] = thinking.budget_tokens
        extra["thinking"] = settings | own(thinking.extensions)
    if request.top_k is not None:
        extra["top_k"] = request.top_k
    if extra and not any(word in request.model for word in ("anthropic", "claude")):
        dropped += [Adaptation("dropped", name, "only Anthropic's models take it here") for name in extra]
        extra = {}
    if form is not None and form.schema is not None:
        schema: dict[str, Any] = {"schema": _encode(form.schema).decode()}
        schema |= {name: value for name in ("name", "description") if (value := getattr(form, name)) is not None}
        config["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": schema}}
    elif form is not None and form.type != "text":
        dropped.append(Adaptation("dropped", "response_format", "any JSON without a schema cannot be asked for"))
    if config:
        body["outputConfig"] = config
    if extra:
        body["additionalModelRequestFields"] = extra


def _write_rest(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    if request.metadata:
        body["requestMetadata"] = request.metadata
    if request.service_tier is not None and request.service_tier != "auto":
        body["serviceTier"] = {"type": request.service_tier}
    for name in _UNSAID:
        value = getattr(request, name)
        if value is not None and value != _HARMLESS.get(name):
            dropped.append(Adaptation("dropped", name, "not a field of Converse"))
    for name, value in own(request.extensions).items():
        there = body.get(name)
        if is_object(there) and is_object(value):
            body[name] = {**there, **value}
        elif name not in body:
            body[name] = value
    dropped += [Adaptation("dropped", f"extensions of {wire}") for wire in request.extensions if wire != WIRE]
