"""Requests, both ways (fields of openai 3.54 `completion_create_params.py`, read 2026-11-22)."""

import functools
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from interlingua.types import (
    Adaptation,
    AnyTool,
    ModelRequest,
    ModelRequestContext,
    Tool,
    read_messages,
    write_messages,
)
from interlingua.types.chat_content import WIRE, own
from interlingua.types.chat_message import LEGACY_CALL
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.chat_completions.conventions import (
    read_conventions,
    tells_effort,
    write_mark,
    written_thinking,
)
from interlingua.wires.chat_completions.foreign import effort_of, found_in, left_behind, said_here
from interlingua.wires.chat_completions.legacy import FUNCTIONS, is_legacy, read_legacy, write_function
from interlingua.wires.chat_completions.tool_media import media_beside
from interlingua.wires.chat_completions.tools import (
    read_response_format,
    read_tool,
    read_tool_choice,
    write_response_format,
    write_tool,
    write_tool_choice,
)
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.openai_fields import shared_fields
from interlingua.wires.outgoing import finished, without

PATH: Final = "/chat/completions"

_NUMBER: Final = (int, float)
_STANDARD: Final[dict[str, type | tuple[type, ...]]] = {
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "frequency_penalty": _NUMBER,
    "presence_penalty": _NUMBER,
    "seed": int,
    "n": int,
    "logprobs": bool,
    "top_logprobs": int,
    "logit_bias": Mapping,
    "parallel_tool_calls": bool,
    "reasoning_effort": str,
    "verbosity": str,
    "modalities": list,
    "audio": Mapping,
    "user": str,
    "metadata": Mapping,
    "service_tier": str,
    "prompt_cache_key": str,
    "safety_identifier": str,
    "store": bool,
    "stop": (str, list),
}
"""Fields that have one name here and on the wire, with the types that they may have."""

_BEYOND: Final[dict[str, type | tuple[type, ...]]] = {
    "top_k": int,
    "min_p": _NUMBER,
    "repetition_penalty": _NUMBER,
    "stop_token_ids": list,
    "echo": bool,
}
"""Fields that the specification does not have and some servers take."""

_MAXIMUM: Final = ("max_completion_tokens", "max_tokens")
_PROTECTED: Final = ("messages", "model", "stream")
_TYPE_NAMES: Final = {int: "an integer", bool: "true or false", str: "a string", list: "a list", Mapping: "an object"}


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request; `stream` is the request's own wish unless it is given.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: a message cannot be written, or `extra_body` has a protected field.

    """
    streamed = request.stream if stream is None else stream
    dropped: list[Adaptation] = []
    found = found_in(request.messages)
    messages = said_here(request.messages, dialect, dropped) if found.marked else request.messages
    if found.nested and not dialect.tool_media:
        messages = media_beside(messages, dropped)
    body: dict[str, Any] = {
        "model": request.model,
        "messages": write_messages(
            messages,
            reasoning_field=dialect.reasoning_field,
            developer_role=dialect.developer_role,
            dropped=dropped,
        ),
    }
    if found.extended or found.nested:
        dropped += left_behind(request.messages)
    _write_sampling(request, body, dialect, dropped)
    _write_tools(request, body, dialect, dropped)
    extensions = own(request.extensions)
    for name, value in extensions.items():
        if name not in body and name != "stream_options":
            body[name] = value
    foreign = request.extensions
    if dialect.cache_field == "prompt_cache_breakpoint":  # OpenAI itself, and Azure
        shared, foreign = shared_fields(foreign, other="responses")
        body |= shared
    without(body, dialect.drop, dropped)
    _write_stream(body, extensions.get("stream_options"), dialect, dropped, stream=streamed)
    dropped += foreign_fields(foreign, WIRE)
    return finished(request, body, dropped, path=PATH, wire=WIRE, protected=_PROTECTED)


def parse_request(body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
    """Read a request.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model, stream  # this wire has both in the body
    fields = read_object(body)
    request = ModelRequest(_read_model(fields), _read_messages(fields))
    for table in (_STANDARD, _BEYOND):
        for name in fields.keys() & table.keys():
            value = fields[name]
            if value is not None:
                _check(name, value, table[name])
                setattr(request, name, value)
                del fields[name]
    _check_entries(request)
    for name in _MAXIMUM:
        if fields.get(name) is not None and request.max_new_tokens is None:
            _check(name, fields[name], int)
            request.max_new_tokens = fields.pop(name)
    _read_tools(request, fields)
    read_legacy(request, fields)
    read_conventions(request, fields)
    streamed = fields.get("stream")
    if streamed is not None:
        _check("stream", streamed, bool)
        del fields["stream"]
        request.context = ModelRequestContext(stream=streamed)
    if fields:
        _check_options(fields.get("stream_options"))
        request.extensions = {WIRE: fields}
    return request


def _write_sampling(request: ModelRequest, body: dict[str, Any], dialect: Dialect, dropped: list[Adaptation]) -> None:
    for name in _STANDARD:
        value = getattr(request, name)
        if value is not None:
            body[name] = value
    if request.logit_bias is not None:
        body["logit_bias"] = {token: _whole(bias) for token, bias in request.logit_bias.items()}
    if request.max_new_tokens is not None:
        body[_maximum_field(request.model, dialect)] = request.max_new_tokens
    for name in _BEYOND:
        value = getattr(request, name)
        if value is None:
            continue
        if name in dialect.extra_fields:
            body[name] = value
        elif not (name == "echo" and value is False):
            dropped.append(Adaptation("dropped", name, "not a field of Chat Completions"))
    _write_thinking(request, body, dropped)
    if request.cache is not None:
        mark = write_mark(request.cache, field=dialect.cache_field)
        body |= mark
        if not mark:
            dropped.append(Adaptation("dropped", "cache", "this wire has no breakpoint for the whole prompt"))
    if request.context_len is not None:
        dropped.append(Adaptation("dropped", "context_len", "the window is the server's own"))
    if dialect.temperature_range is not None and request.temperature is not None:
        low, high = dialect.temperature_range
        clamped = min(max(request.temperature, low), high)
        if clamped != request.temperature:
            body["temperature"] = clamped
            dropped.append(Adaptation("clamped", "temperature", f"{request.temperature:g} to {clamped:g}"))


def _write_thinking(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    if request.thinking is None:
        return
    written = written_thinking(request)
    if written is not None:
        body |= written
        if tells_effort(written, request.reasoning_effort):
            del body["reasoning_effort"]
        return
    effort = effort_of(request, dropped)
    if effort is not None:
        body["reasoning_effort"] = effort


def _write_tools(request: ModelRequest, body: dict[str, Any], dialect: Dialect, dropped: list[Adaptation]) -> None:
    if request.tools is not None:
        old = [tool for tool in request.tools if isinstance(tool, Tool) and is_legacy(tool)]
        if old:
            body[FUNCTIONS] = [write_function(tool) for tool in old]
        tools = [tool for tool in request.tools if tool not in old] if old else request.tools
        written = [write_tool(tool, dropped, cache_field=dialect.cache_field) for tool in tools]
        body["tools"] = [tool for tool in written if tool is not None]
        if request.tools and not body["tools"]:
            del body["tools"]
    chosen = request.tool_choice
    if chosen is not None and is_legacy(chosen):
        body[LEGACY_CALL] = {"name": chosen.names[0]} if chosen.mode == "tool" else chosen.mode
    elif chosen is not None:
        choice = write_tool_choice(chosen, dropped)
        if choice is not None:
            body["tool_choice"] = choice
    if request.response_format is not None:
        dropped += foreign_fields(request.response_format.extensions, WIRE, of="response_format")
        body["response_format"] = write_response_format(request.response_format)


def _write_stream(
    body: dict[str, Any], options: Any, dialect: Dialect, dropped: list[Adaptation], *, stream: bool
) -> None:
    """Ask for usage in every stream, whatever the caller wanted: it can be left out later, and not be made up."""
    body.pop("stream", None)
    if not stream:
        if options is not None:
            dropped.append(Adaptation("dropped", "stream_options", "for streams only"))
        return
    body["stream"] = True
    wanted = dict(options) if is_object(options) else {}
    if dialect.stream_usage:
        wanted["include_usage"] = True
    else:
        wanted.pop("include_usage", None)
    if wanted and "stream_options" not in dialect.drop:
        body["stream_options"] = wanted


def _maximum_field(model: str, dialect: Dialect) -> str:
    if dialect.max_completion_tokens_models and _matches(model, dialect.max_completion_tokens_models):
        return "max_completion_tokens"
    return dialect.max_tokens_field


@functools.lru_cache(maxsize=256)
def _matches(model: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(model, pattern) for pattern in patterns)


def _whole(bias: float) -> float:
    return int(bias) if isinstance(bias, float) and bias.is_integer() else bias


def _read_model(fields: dict[str, Any]) -> str:
    model = fields.pop("model", None)
    if not isinstance(model, str):
        raise malformed("model", "given as a string")
    return model


def _read_messages(fields: dict[str, Any]) -> Any:
    messages = fields.pop("messages", None)
    if not is_list(messages):
        raise malformed("messages", "given as a list")
    return read_messages(messages)


def _read_tools(request: ModelRequest, fields: dict[str, Any]) -> None:
    tools = fields.get("tools")
    if tools is not None:
        _check("tools", tools, list)
        read: list[AnyTool] = [read_tool(tool, where=f"tools[{index}]") for index, tool in enumerate(tools)]
        request.tools = read
        del fields["tools"]
    for name, reader in _READERS.items():
        if fields.get(name) is not None:
            value = reader(fields[name])
            if value is not None:
                setattr(request, name, value)
                del fields[name]


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "tool_choice": read_tool_choice,
    "response_format": read_response_format,
}


def _check(name: str, value: object, kind: type | tuple[type, ...]) -> None:
    if isinstance(value, bool) and kind is not bool:
        raise malformed(name, _named(kind))
    if kind is int and isinstance(value, float) and value.is_integer():
        return
    if not isinstance(value, kind):
        raise malformed(name, _named(kind))


def _check_entries(request: ModelRequest) -> None:
    """Check what the lists and objects of a request hold."""
    for name, kind in (("modalities", str), ("stop_token_ids", int), ("stop", str)):
        value = getattr(request, name)
        if isinstance(value, list):
            for index, entry in enumerate(cast("list[object]", value)):
                _check(f"{name}[{index}]", entry, kind)
    for name, kind in (("logit_bias", _NUMBER), ("metadata", str)):
        entries: dict[str, object] = getattr(request, name) or {}
        for key, entry in entries.items():
            _check(f"{name}.{key}", entry, kind)


def _check_options(options: object) -> None:
    if options is not None and not is_object(options):
        raise malformed("stream_options", "an object")


def _named(kind: type | tuple[type, ...]) -> str:
    if kind == _NUMBER:
        return "a number"
    if isinstance(kind, tuple):
        return " or ".join(_TYPE_NAMES[each] for each in kind)
    return _TYPE_NAMES[kind]
