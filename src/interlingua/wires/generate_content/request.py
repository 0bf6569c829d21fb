"""Requests, both ways (google-genai 3.4 `types.GenerateContentConfig` and `models.py`, read 2026-11-23)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from interlingua.types import (
    Adaptation,
    ModelMessage,
    ModelRequest,
    ModelRequestContext,
    Part,
    ResponseFormat,
    ThinkingConfig,
    ToolResultPart,
)
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.generate_content.calls import CallNames
from interlingua.wires.generate_content.content import read_parts, write_parts
from interlingua.wires.generate_content.fields import WIRE, extensions_of, left_behind, own
from interlingua.wires.generate_content.names import camel_names
from interlingua.wires.generate_content.tools import (
    json_schema,
    read_tool_config,
    read_tools,
    write_tool_config,
    write_tools,
)
from interlingua.wires.outgoing import finished, without
from interlingua.wires.path_text import quoted

_NUMBER: Final = (int, float)
_SAME: Final[dict[str, tuple[str, type | tuple[type, ...]]]] = {
    "temperature": ("temperature", _NUMBER),
    "topP": ("top_p", _NUMBER),
    "topK": ("top_k", _NUMBER),
    "maxOutputTokens": ("max_new_tokens", int),
    "candidateCount": ("n", int),
    "seed": ("seed", int),
    "presencePenalty": ("presence_penalty", _NUMBER),
    "frequencyPenalty": ("frequency_penalty", _NUMBER),
    "responseLogprobs": ("logprobs", bool),
    "logprobs": ("top_logprobs", int),
}
"""Fields of `generationConfig` and our names for them."""

_UNSAID: Final = (
    "min_p",
    "repetition_penalty",
    "logit_bias",
    "stop_token_ids",
    "echo",
    "context_len",
    "verbosity",
    "audio",
    "prompt_cache_key",
    "safety_identifier",
    "user",
    "cache",
)
_LEVELS: Final = {
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "XHIGH",
    "max": "XHIGH",
}
_TIERS: Final = {"auto": "unspecified", "default": "standard", "standard_only": "standard", "scale": None}
"""Other wires' words for a tier; None is one that this wire has nothing like. Its own go as they are."""

_ROLES: Final = {"assistant": "model"}
_SYSTEM: Final = ("system", "developer")


def path(model: str, *, stream: bool) -> str:
    """Give where the operation is, below a provider's base URL."""
    operation = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/models/{quoted(model)}:{operation}"


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request; the model and the wish for a stream stand in the address.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body = request_fields(request, dropped)
    streamed = request.stream if stream is None else stream
    return finish_request(request, body, dropped, path=path(request.model, stream=streamed), dialect=dialect)


def request_fields(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    """Write the body of a request."""
    calls = CallNames()
    system, contents = _write_contents(request.messages, dropped, calls)
    body: dict[str, Any] = {"contents": contents}
    if system is not None:
        body["systemInstruction"] = system
    if request.tools is not None:
        tools = write_tools(request.tools, dropped)
        if tools or not request.tools:
            body["tools"] = tools
    if request.tool_choice is not None:
        calling = write_tool_config(request.tool_choice, dropped)
        if calling is not None:
            body["toolConfig"] = {"functionCallingConfig": calling}
    config = _write_config(request, dropped)
    if config:
        body["generationConfig"] = config
    _write_tier(request.service_tier, body, dropped)
    if request.store is not None:
        body["store"] = request.store
    if request.metadata:
        body["labels"] = request.metadata
    if request.parallel_tool_calls is False:
        dropped.append(Adaptation("dropped", "parallel_tool_calls", "the model decides how many calls it makes"))
    for name in _UNSAID:
        value = getattr(request, name)
        if value is not None and value is not False:
            dropped.append(Adaptation("dropped", name, "not a field of generateContent"))
    for name, value in own(request.extensions).items():
        known = body.get(name)
        if is_object(known) and is_object(value):
            body[name] = {**known, **value}
        elif name not in body:
            body[name] = value
    dropped += left_behind(request.extensions)
    return body


def finish_request(
    request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation], *, path: str, dialect: Dialect
) -> RenderedRequest:
    """Apply the provider's own ways and encode."""
    without(body, dialect.drop, dropped)
    return finished(request, body, dropped, path=path, wire=WIRE, protected=("contents",))


def _write_contents(
    messages: Sequence[ModelMessage], dropped: list[Adaptation], calls: CallNames
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Write the system's first messages apart, then the turns; results that follow each other are one turn."""
    count = 0
    while count < len(messages) and messages[count].role in _SYSTEM:
        count += 1
    contents: list[dict[str, Any]] = []
    results: list[dict[str, Any]] | None = None
    for message in messages[count:]:
        role, content = message.role, message.content
        if role == "view":
            continue
        if role in _SYSTEM:
            dropped.append(Adaptation("renamed", role, "a later system message is the user's here"))
        if message.name is not None:
            dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
        parts = _write_said(content, dropped, calls)
        extra: dict[str, Any] = {}
        if message.extensions:
            dropped += left_behind(message.extensions, "message")
            extra = dict(own(message.extensions))
            if extra.pop(_JOINED, False) and contents and contents[-1]["role"] == "user":
                contents[-1]["parts"] += parts
                results = None
                continue
        if role == "tool":
            if results is None:
                results = []
                contents.append({"role": "user", "parts": results, **extra})
            results += parts
            continue
        results = None
        if parts:
            contents.append({"role": _ROLES.get(role, "user"), "parts": parts, **extra})
    return _write_system(messages[:count], dropped, calls), contents


def _write_said(content: str | list[Part] | None, dropped: list[Adaptation], calls: CallNames) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"text": content}] if content else []
    return write_parts(content or (), dropped, calls)


def _write_system(
    messages: Sequence[ModelMessage], dropped: list[Adaptation], calls: CallNames
) -> dict[str, Any] | None:
    """Write the system's first messages as one; what only this wire knows of them stays on it."""
    parts: list[dict[str, Any]] = []
    extra: dict[str, Any] = {}
    for message in messages:
        parts += _write_said(message.content, dropped, calls)
        dropped += left_behind(message.extensions, "message")
        extra |= own(message.extensions)
    return {"parts": parts, **extra} if messages else None


def _write_tier(tier: str | None, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    if tier is None:
        return
    word = _TIERS.get(tier, tier)
    if word is None:
        dropped.append(Adaptation("dropped", "service_tier", f"{tier} is no tier of this wire"))
        return
    if word != tier:
        dropped.append(Adaptation("renamed", "service_tier", f"{tier} to {word}"))
    body["serviceTier"] = word


def _write_config(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for name, (field, _) in _SAME.items():
        value = getattr(request, field)
        if value is not None:
            config[name] = value
    if request.stop is not None:
        config["stopSequences"] = [request.stop] if isinstance(request.stop, str) else request.stop
    if request.modalities is not None:
        config["responseModalities"] = [modality.upper() for modality in request.modalities]
    form = request.response_format
    if form is not None and form.type != "text":
        config["responseMimeType"] = "application/json"
        if form.schema is not None and "responseSchema" not in own(form.extensions):
            config["responseJsonSchema"] = form.schema
        config |= own(form.extensions)
        dropped += left_behind(form.extensions, "response_format")
        if form.description is not None:
            dropped.append(Adaptation("dropped", "response_format.description", "a schema has none beside it here"))
    thinking = _write_thinking(request, dropped)
    if thinking:
        config["thinkingConfig"] = thinking
    return config


def _write_thinking(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    thinking, effort = request.thinking, request.reasoning_effort
    if thinking is not None:
        dropped += left_behind(thinking.extensions, "thinking")
    fields: dict[str, Any] = {}
    if effort == "none":
        fields["thinkingBudget"] = 0
    elif effort is not None:
        level = _LEVELS.get(effort)
        if level is None:
            dropped.append(Adaptation("dropped", "reasoning_effort", f"{effort} is no level of this wire"))
        else:
            fields["thinkingLevel"] = level
        if effort == "max":
            dropped.append(Adaptation("renamed", "reasoning_effort", "max to xhigh"))
    if thinking is None:
        return fields
    if thinking.mode == "disabled":
        fields["thinkingBudget"] = 0
    elif thinking.budget_tokens is not None and "thinkingLevel" not in fields:
        fields["thinkingBudget"] = thinking.budget_tokens
    elif thinking.budget_tokens is not None:
        dropped.append(Adaptation("dropped", "thinking.budget_tokens", "the level says how much"))
    elif thinking.mode == "adaptive" and not fields:
        fields["thinkingBudget"] = -1
    if thinking.summary is not None:
        fields["includeThoughts"] = thinking.summary != "none"
        if thinking.summary in ("concise", "detailed"):
            dropped.append(Adaptation("renamed", "thinking.summary", f"{thinking.summary} to thoughts that are shown"))
    elif thinking.mode in ("enabled", "adaptive") and WIRE not in thinking.extensions:
        fields["includeThoughts"] = True
    return fields | own(thinking.extensions)


def parse_request(body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
    """Read a request; `model` and `stream` stand in its address. Names in snake case are read too.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    fields = dict(camel_names(read_object(body)))
    if model is None:
        raise malformed("model", "given in the address")
    calls = CallNames()
    contents = fields.pop("contents", None)
    if is_object(contents):
        contents = [contents]
    if not is_list(contents):
        raise malformed("contents", "given as a list")
    fields.pop("model", None)  # the address says it
    messages = [*_read_system(fields, calls)]
    for index, content in enumerate(contents):
        plain = _read_plain(content)
        if plain is not None:
            messages.append(plain)
        else:
            messages += _read_content(content, f"contents[{index}]", calls)
    request = ModelRequest(model, messages)
    for name, reader in _READERS.items():
        if fields.get(name) is not None:
            reader(request, fields, fields[name])
    if stream is not None:
        request.context = ModelRequestContext(stream=stream)
    if fields:
        request.extensions = {WIRE: fields}
    return request


def _read_system(fields: dict[str, Any], calls: CallNames) -> list[ModelMessage]:
    system = fields.get("systemInstruction")
    if system is None:
        return []
    del fields["systemInstruction"]
    if isinstance(system, str):
        return [ModelMessage("system", system)]
    if not is_object(system):
        raise malformed("systemInstruction", "an object with parts")
    text = _only_text(system.get("parts")) if len(system) == 1 else None
    if text is not None:
        return [ModelMessage("system", text)]
    parts = read_parts(_parts_of(system), "systemInstruction.parts", calls)
    extra = {name: value for name, value in system.items() if name != "parts"}
    return [ModelMessage("system", parts, extensions=extensions_of(extra))]


def _parts_of(content: Mapping[str, Any]) -> Any:
    parts = content.get("parts", [])
    return [parts] if is_object(parts) else parts


def _read_plain(content: object) -> ModelMessage | None:
    """Read a turn that is one text and nothing else, as nearly all are; None if it is any other."""
    if not is_object(content) or len(content) != 2:
        return None
    given = content.get("role")
    role = _SPEAKERS.get(given) if type(given) is str else None
    text = _only_text(content.get("parts")) if role is not None else None
    return ModelMessage(role, text) if role is not None and text is not None else None


def _read_content(content: object, where: str, calls: CallNames) -> list[ModelMessage]:
    """Read one turn; results of tools in it are messages of the tool."""
    if not is_object(content):
        raise malformed(where, "an object")
    role = content.get("role") or "user"
    if role not in ("user", "model", "function"):
        raise malformed(f"{where}.role", "user or model")
    extra: dict[str, Any] = {}
    if len(content) > 2:
        extra = {name: value for name, value in content.items() if name not in ("role", "parts")}
    parts = read_parts(_parts_of(content), f"{where}.parts", calls)
    if role == "model":
        return [ModelMessage("assistant", parts, extensions={WIRE: extra} if extra else {})]
    if len(parts) == 1 and not extra:
        return [ModelMessage("tool" if type(parts[0]) is ToolResultPart else "user", parts)]
    return _by_speaker(parts, extra)


def _by_speaker(parts: list[Part], extra: dict[str, Any]) -> list[ModelMessage]:
    """Give the messages that a turn of the user's is: results of tools in it are the tool's."""
    if not any(isinstance(part, ToolResultPart) for part in parts):
        return [ModelMessage("user", parts, extensions=extensions_of(extra))]
    messages: list[ModelMessage] = []
    for part in parts:
        speaker = "tool" if isinstance(part, ToolResultPart) else "user"
        last = messages[-1] if messages else None
        if last is not None and last.role == speaker and isinstance(last.content, list):
            last.content.append(part)
        else:
            beside = extensions_of({_JOINED: True} if messages else extra)
            messages.append(ModelMessage(speaker, [part], extensions=beside))
    return messages


_JOINED: Final = "joined"
"""Marks a message that stood in one turn with the message before it, as results of tools and texts may here."""

_SPEAKERS: Final = {"user": "user", "model": "assistant"}


def _only_text(parts: object) -> str | None:
    """Give the text of parts that are one text and nothing else."""
    if not is_list(parts) or len(parts) != 1:
        return None
    part = parts[0]
    text = part.get("text") if is_object(part) and len(part) == 1 else None
    return text if isinstance(text, str) else None


def _check(name: str, value: object, kind: type | tuple[type, ...]) -> None:
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return
    if kind is int and isinstance(value, float) and value.is_integer():
        return
    raise malformed(f"generationConfig.{name}", _KINDS.get(kind, "a number"))


_KINDS: Final[dict[Any, str]] = {int: "an integer", bool: "true or false"}


def _read_config(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if not is_object(value):
        raise malformed("generationConfig", "an object")
    rest = dict(camel_names(value))
    for name, (field, kind) in _SAME.items():
        if rest.get(name) is not None:
            _check(name, rest[name], kind)
            given = rest.pop(name)
            setattr(request, field, int(given) if field in ("top_k", "max_new_tokens", "seed", "n") else given)
    stop = rest.get("stopSequences")
    if is_list(stop) and all(isinstance(each, str) for each in stop):
        request.stop = list(rest.pop("stopSequences"))
    modalities = rest.get("responseModalities")
    if is_list(modalities) and all(isinstance(each, str) for each in modalities):
        request.modalities = [each.lower() for each in rest.pop("responseModalities")]
    _read_form(request, rest)
    _read_thinking(request, rest)
    _keep(fields, "generationConfig", rest)


def _read_form(request: ModelRequest, rest: dict[str, Any]) -> None:
    if rest.get("responseMimeType") != "application/json":
        return
    schema, own_schema = rest.get("responseJsonSchema"), rest.get("responseSchema")
    if schema is not None and not is_object(schema):
        return
    del rest["responseMimeType"]
    if is_object(schema):
        del rest["responseJsonSchema"]
        request.response_format = ResponseFormat(type="json_schema", schema=dict(schema))
    elif is_object(own_schema):
        del rest["responseSchema"]
        request.response_format = ResponseFormat(
            type="json_schema", schema=json_schema(own_schema), extensions=extensions_of({"responseSchema": own_schema})
        )
    else:
        request.response_format = ResponseFormat(type="json_object")


def _read_thinking(request: ModelRequest, rest: dict[str, Any]) -> None:
    given = rest.get("thinkingConfig")
    if not is_object(given):
        return
    config = dict(camel_names(given))  # Google's own SDK writes these in snake case (google-genai 3.4)
    level, budget, shown = config.get("thinkingLevel"), config.get("thinkingBudget"), config.get("includeThoughts")
    names = {value: name for name, value in _LEVELS.items() if name != "max"}
    if isinstance(level, str) and level.upper() in names:
        request.reasoning_effort = names[level.upper()]
        del config["thinkingLevel"]
    mode: Any = None
    if type(budget) is int:
        mode = "disabled" if budget == 0 else "adaptive" if budget < 0 else "enabled"
        del config["thinkingBudget"]
    if isinstance(shown, bool):
        del config["includeThoughts"]
    del rest["thinkingConfig"]
    summary = None if not isinstance(shown, bool) else "auto" if shown else "none"
    if mode is not None or summary is not None or config:
        request.thinking = ThinkingConfig(
            mode=mode,
            budget_tokens=budget if type(budget) is int and budget > 0 else None,
            summary=summary,
            extensions={WIRE: config},  # said on this wire, even if nothing is left: no thoughts unless asked for
        )


def _keep(fields: dict[str, Any], name: str, rest: Mapping[str, Any]) -> None:
    if rest:
        fields[name] = dict(rest)
    else:
        del fields[name]


def _read_the_tools(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    request.tools = read_tools([value] if is_object(value) else value)
    del fields["tools"]


def _read_tool_config(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if not is_object(value):
        raise malformed("toolConfig", "an object")
    config = {name: camel_names(each) if is_object(each) else each for name, each in camel_names(value).items()}
    choice = read_tool_config(config)
    if choice is not None:
        request.tool_choice = choice
        _keep(fields, "toolConfig", {key: each for key, each in config.items() if key != "functionCallingConfig"})


def _read_labels(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if is_object(value) and all(isinstance(each, str) for each in value.values()):
        request.metadata = dict(value)
        del fields["labels"]


def _read_tier(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if isinstance(value, str):
        request.service_tier = value
        del fields["serviceTier"]


def _read_store(request: ModelRequest, fields: dict[str, Any], value: object) -> None:
    if isinstance(value, bool):
        request.store = value
        del fields["store"]


_READERS: Final[dict[str, Callable[[ModelRequest, dict[str, Any], Any], None]]] = {
    "generationConfig": _read_config,
    "tools": _read_the_tools,
    "toolConfig": _read_tool_config,
    "labels": _read_labels,
    "serviceTier": _read_tier,
    "store": _read_store,
}
