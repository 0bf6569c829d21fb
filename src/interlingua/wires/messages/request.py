"""Requests, both ways (types of anthropic 2.12 `message_create_params.py`, read 2026-11-23)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from interlingua.errors import Unsupported
from interlingua.types import (
    Adaptation,
    ModelMessage,
    ModelRequest,
    ModelRequestContext,
    Part,
    ThinkingConfig,
    ToolResultPart,
)
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.messages.content import read_content, write_parts
from interlingua.wires.messages.fields import WIRE, extensions_of, own, read_cache, write_cache
from interlingua.wires.messages.tools import (
    read_output_format,
    read_tool_choice,
    read_tools,
    write_output_format,
    write_tool_choice,
    write_tools,
)
from interlingua.wires.outgoing import finished, without

PATH: Final = "/messages"
VERSION: Final = ("anthropic-version", "2023-06-01")
"""The header that every request needs; the version has been the same since 2023."""

DEFAULT_MAXIMUM: Final = 8192
"""The bound of an answer, in tokens, for requests without one: this API wants one, and every model takes this."""

_SAME: Final[dict[str, type | tuple[type, ...]]] = {
    "temperature": (int, float),
    "top_p": (int, float),
    "top_k": int,
    "service_tier": str,
}
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
    "verbosity",
    "modalities",
    "audio",
    "prompt_cache_key",
    "store",
)
"""Fields of a request that this wire has no word for."""

_HARMLESS: Final[dict[str, Any]] = {"n": 1, "logprobs": False, "echo": False, "store": False}
"""Values that say what this wire does anyway."""

_TIERS: Final = {
    "default": "standard_only",
    "auto": "auto",
    "priority": "auto",
    "standard": "standard_only",
    "standard_only": "standard_only",
}
"""This wire's words for tiers of service; `auto` takes the capacity that was bought with priority, where there is."""
_PROTECTED: Final = ("messages", "model", "stream")
_SYSTEM: Final = ("system", "developer")


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request; `stream` is the request's own wish unless it is given.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said; or nothing of its messages can be.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body = request_fields(request, dropped)
    body["max_tokens"] = request.max_new_tokens
    if request.max_new_tokens is None:
        budget = request.thinking.budget_tokens if request.thinking is not None else None
        body["max_tokens"] = maximum = DEFAULT_MAXIMUM + (budget or 0)  # the budget is a part of it
        dropped.append(Adaptation("emulated", "max_new_tokens", f"{maximum}, since one is needed"))
    if request.stream if stream is None else stream:
        body["stream"] = True
    return finish_request(request, body, dropped, path=PATH, dialect=dialect)


def request_fields(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    """Write what a request and the question for its length have in common."""
    system, messages = _split_system(request.messages, dropped)
    body: dict[str, Any] = {"model": request.model}
    if system is not None:
        body["system"] = system
    body["messages"] = _write_messages(messages, dropped)
    if not body["messages"] and any(message.role != "view" for message in messages):
        told = "; ".join(str(each) for each in dict.fromkeys(dropped))
        raise Unsupported("any of the messages", wire=WIRE, model=request.model, remedy=f"({told})")
    for name in ("temperature", "top_p", "top_k"):
        value = getattr(request, name)
        if value is not None:
            body[name] = value
    _write_rest(request, body, dropped)
    extensions = own(request.extensions)
    for name, value in extensions.items():
        known = body.get(name)
        if is_object(known) and is_object(value):
            body[name] = {**known, **value}
        elif name not in body:
            body[name] = value
    dropped += foreign_fields(request.extensions, WIRE)
    return body


def finish_request(
    request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation], *, path: str, dialect: Dialect
) -> RenderedRequest:
    """Apply the provider's own ways and encode."""
    without(body, dialect.drop, dropped)
    return finished(request, body, dropped, path=path, wire=WIRE, protected=_PROTECTED, headers=(VERSION,))


def _split_system(
    messages: Sequence[ModelMessage], dropped: list[Adaptation]
) -> tuple[str | list[dict[str, Any]] | None, Sequence[ModelMessage]]:
    """Take the system's messages that stand first; they go into a field of their own, unless they came as turns."""
    count = 0
    while count < len(messages) and messages[count].role in _SYSTEM and WIRE not in messages[count].extensions:
        count += 1
    first = messages[:count]
    if not first:
        return None, messages
    if len(first) == 1 and isinstance(first[0].content, str):
        return first[0].content, messages[1:]
    for message in first:
        dropped += foreign_fields(message.extensions, WIRE, of="message")
    parts: list[Part] = [part for message in first for part in message.parts]
    return write_parts(parts, dropped), messages[count:]


def _write_messages(messages: Sequence[ModelMessage], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write the turns; results of tools that follow each other are one turn of the user's, as this API wants."""
    written: list[dict[str, Any]] = []
    open_results: list[dict[str, Any]] | None = None
    for message in messages:
        role, content = message.role, message.content
        if role == "view":
            continue
        if message.extensions:
            dropped += foreign_fields(message.extensions, WIRE, of="message")
        if role == "tool" and not own(message.extensions):
            if open_results is None:
                open_results = []
                written.append({"role": "user", "content": open_results})
            open_results += write_parts(message.parts, dropped)
            continue
        open_results = None
        if message.name is not None:
            dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
        fields: dict[str, Any] = {"role": _ROLES.get(role, "user")}
        if content is None or isinstance(content, str):
            if content is not None or not own(message.extensions):
                fields["content"] = content or ""
        else:
            fields["content"] = write_parts(content, dropped)
            if content and not fields["content"]:  # all of it was another wire's
                if role != "assistant":
                    dropped.append(Adaptation("dropped", "message", f"nothing of a turn of the {role}'s can be said"))
                continue
        written.append({**fields, **own(message.extensions)})
    return written


_ROLES: Final = {"assistant": "assistant", "system": "system", "developer": "system"}


def _write_rest(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    if request.stop is not None:
        body["stop_sequences"] = [request.stop] if isinstance(request.stop, str) else request.stop
    if request.tools is not None:
        tools = write_tools(request.tools, dropped)
        if tools or not request.tools:
            body["tools"] = tools
    choice = write_tool_choice(request, dropped)
    if choice is not None:
        body["tool_choice"] = choice
    _write_thinking(request, body, dropped)
    if request.cache is not None:
        body["cache_control"] = write_cache(request.cache)
    user = request.user
    if request.safety_identifier is not None:
        told = user is None or user == request.safety_identifier
        user = request.safety_identifier if user is None else user
        kind, detail = ("renamed", "to metadata.user_id") if told else ("dropped", "the user's id says who it is")
        dropped.append(Adaptation(kind, "safety_identifier", detail))
    metadata = {} if user is None else {"user_id": user}
    if request.metadata:
        dropped.append(Adaptation("dropped", "metadata", "this wire takes the user's id only"))
    if metadata:
        body["metadata"] = metadata
    if request.service_tier is not None:
        tier = _TIERS.get(request.service_tier)
        if tier is None:
            dropped.append(Adaptation("dropped", "service_tier", f"{request.service_tier} is no tier of this wire"))
        else:
            body["service_tier"] = tier
            if request.service_tier in ("priority", "standard"):
                dropped.append(Adaptation("renamed", "service_tier", f"{request.service_tier} to {tier}"))
    for name in _UNSAID:
        value = getattr(request, name)
        if value is not None and value != _HARMLESS.get(name):
            dropped.append(Adaptation("dropped", name, "not a field of Messages"))


def _write_thinking(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    thinking, effort = request.thinking, request.reasoning_effort
    config: dict[str, Any] = {}
    if effort == "none":
        body.setdefault("thinking", {"type": "disabled"})
    elif effort is not None:
        config["effort"] = "low" if effort == "minimal" else effort
        if effort == "minimal":
            dropped.append(Adaptation("renamed", "reasoning_effort", "minimal to low"))
    if thinking is not None and thinking.mode is not None:
        fields: dict[str, Any] = {"type": thinking.mode}
        if thinking.budget_tokens is not None:
            fields["budget_tokens"] = thinking.budget_tokens
        if thinking.summary is not None and "display" not in own(thinking.extensions):
            fields["display"] = "omitted" if thinking.summary == "none" else "summarized"
            if thinking.summary in ("concise", "detailed"):
                dropped.append(Adaptation("renamed", "thinking.summary", f"{thinking.summary} to summarized"))
        body["thinking"] = fields | own(thinking.extensions)
    elif thinking is not None and thinking.summary not in (None, "none"):
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        dropped.append(Adaptation("emulated", "thinking.summary", "as adaptive thinking that is shown"))
    if thinking is not None:
        dropped += foreign_fields(thinking.extensions, WIRE, of="thinking")
    if request.response_format is not None:
        form = write_output_format(request.response_format, dropped)
        if form is not None:
            config["format"] = form
    if config:
        body["output_config"] = config


def parse_request(body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
    """Read a request; `model` and `stream` stand in the address where a cloud has them there.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    fields = read_object(body)
    name = fields.pop("model", model)
    if not isinstance(name, str):
        raise malformed("model", "given as a string")
    messages = fields.pop("messages", None)
    if not is_list(messages):
        raise malformed("messages", "given as a list")
    turns = [_read_message(each, f"messages[{n}]") for n, each in enumerate(messages)]
    for turn in turns:
        if turn.role != "system":
            break
        turn.extensions = turn.extensions or {WIRE: {}}  # it came as a turn, and goes back as one
    read = [*_read_system(fields), *turns]
    request = ModelRequest(name, _joined(read))
    for field, kind in _SAME.items():
        value = fields.get(field)
        if value is not None:
            _check(field, value, kind)
            setattr(request, field, fields.pop(field))
    if request.service_tier == "standard_only":
        request.service_tier = "default"  # the neutral word, which every other wire knows
    for field, reader in _READERS.items():
        if fields.get(field) is not None:
            reader(request, fields, fields[field])
    streamed = fields.pop("stream", stream)
    if streamed is not None:
        _check("stream", streamed, bool)
        request.context = ModelRequestContext(stream=streamed)
    if fields:
        request.extensions = {WIRE: fields}
    return request


def _read_system(fields: dict[str, Any]) -> list[ModelMessage]:
    system = fields.get("system")
    if system is None:
        return []
    del fields["system"]
    if isinstance(system, str):
        return [ModelMessage("system", system)]
    return [ModelMessage("system", read_content(system, "system"))]


def _read_message(message: object, where: str) -> ModelMessage:
    if not is_object(message):
        raise malformed(where, "an object")
    role, content = message.get("role"), message.get("content")
    if role not in ("user", "assistant", "system"):
        raise malformed(f"{where}.role", "user, assistant or system")
    extra = (
        {} if len(message) == 2 else {key: value for key, value in message.items() if key not in ("role", "content")}
    )
    if content is None:
        if role != "system" or not extra:
            raise malformed(f"{where}.content", "given")
        return ModelMessage(role, None, extensions=extensions_of(extra))
    if isinstance(content, str):
        return ModelMessage(role, content, extensions=extensions_of(extra))
    parts = read_content(content, f"{where}.content")
    return ModelMessage(role, parts, extensions=extensions_of(extra))


def _joined(messages: list[ModelMessage]) -> list[ModelMessage]:
    """Divide the user's turns that hold results of tools: results are messages of the tool, the rest the user's."""
    joined: list[ModelMessage] = []
    for message in messages:
        parts = message.content
        if (
            message.role != "user"
            or not isinstance(parts, list)
            or not any(isinstance(part, ToolResultPart) for part in parts)
            or message.extensions
        ):
            joined.append(message)
            continue
        run: list[Part] = []
        results = isinstance(parts[0], ToolResultPart)
        for part in parts:
            if isinstance(part, ToolResultPart) is not results:
                joined.append(ModelMessage("tool" if results else "user", run))
                run, results = [], not results
            run.append(part)
        joined.append(ModelMessage("tool" if results else "user", run))
    return joined


def _check(name: str, value: object, kind: type | tuple[type, ...]) -> None:
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not right:
        raise malformed(name, _KINDS.get(kind, "a number"))


_KINDS: Final[dict[Any, str]] = {int: "an integer", bool: "true or false", str: "a string"}


def _read_maximum(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    _check("max_tokens", value, int)
    request.max_new_tokens = cast("int", value)
    del fields["max_tokens"]


def _read_stop(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if not is_list(value) or not all(isinstance(each, str) for each in value):
        raise malformed("stop_sequences", "a list of strings")
    request.stop = list(value)
    del fields["stop_sequences"]


def _read_the_tools(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    request.tools = read_tools(value)
    del fields["tools"]


def _read_choice(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    read_tool_choice(request, value)
    del fields["tool_choice"]


def _read_thinking(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if not is_object(value):
        raise malformed("thinking", "an object")
    mode, budget, display = value.get("type"), value.get("budget_tokens"), value.get("display")
    if mode not in ("enabled", "adaptive", "disabled") or (budget is not None and type(budget) is not int):
        return
    extra = {key: each for key, each in value.items() if key not in ("type", "budget_tokens", "display")}
    summary = _DISPLAYS.get(display) if isinstance(display, str) else None
    if display is not None and summary is None:
        extra["display"] = display
    request.thinking = ThinkingConfig(
        mode=cast("Any", mode), budget_tokens=budget, summary=summary, extensions=extensions_of(extra)
    )
    del fields["thinking"]


_DISPLAYS: Final = {"omitted": "none", "summarized": "auto"}


def _read_config(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if not is_object(value):
        raise malformed("output_config", "an object")
    rest = dict(value)
    if isinstance(rest.get("effort"), str):
        request.reasoning_effort = rest.pop("effort")
    form = rest.get("format")
    request.response_format = read_output_format(form) if is_object(form) else None
    if request.response_format is not None:
        del rest["format"]
    _keep(fields, "output_config", rest)


def _read_metadata(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if not is_object(value):
        raise malformed("metadata", "an object")
    rest = dict(value)
    if isinstance(rest.get("user_id"), str):
        request.user = rest.pop("user_id")
    _keep(fields, "metadata", rest)


def _read_cache(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    request.cache = read_cache(value)
    if request.cache is not None:
        del fields["cache_control"]


def _keep(fields: dict[str, Any], name: str, rest: Mapping[str, Any]) -> None:
    if rest:
        fields[name] = dict(rest)
    else:
        del fields[name]


_READERS: Final[dict[str, Callable[[ModelRequest, dict[str, Any], Any], None]]] = {
    "max_tokens": _read_maximum,
    "stop_sequences": _read_stop,
    "tools": _read_the_tools,
    "tool_choice": _read_choice,
    "thinking": _read_thinking,
    "output_config": _read_config,
    "metadata": _read_metadata,
    "cache_control": _read_cache,
}
