"""Requests, written (botocore 1.44 `bedrock-runtime` `ConverseRequest`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import Unsupported
from interlingua.types import Adaptation, ModelMessage, ModelRequest, OpaquePart, ResponseFormat
from interlingua.types.shape import is_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.converse.content import write_cache, write_parts
from interlingua.wires.converse.fields import WIRE, own
from interlingua.wires.converse.tools import write_tools
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.outgoing import finished, without

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
_SYSTEM_BLOCKS: Final = ("text", "guardContent", "cachePoint")
_TIERS: Final = {
    "auto": None,
    "default": "default",
    "flex": "flex",
    "priority": "priority",
    "reserved": "reserved",
    "standard": "default",
    "standard_only": "default",
}
"""Bedrock's words for tiers of service; None is what it does anyway."""

_SUMMARIES: Final = {"auto": "summarized", "none": "omitted"}
_HOTTEST: Final = 1

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
        Unsupported: the request is strict, and something in it cannot be said; or nothing of its messages can be.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body = _write_prompt(request, dropped)
    _write_inference(request, body, dropped)
    write_tools(request, body, dropped)
    _write_output(request, body, dropped)
    _write_rest(request, body, dropped)
    without(body, dialect.drop, dropped)
    where = path(request.model, stream=request.stream if stream is None else stream)
    return finished(request, body, dropped, path=where, wire=WIRE, protected=("messages",))


def _write_prompt(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any]:
    messages, count = request.messages, 0
    while count < len(messages) and messages[count].role in _SYSTEM and not _has_opaque(messages[count]):
        count += 1
    blocks = [block for message in messages[:count] for block in write_parts(message.parts, dropped)]
    system = [block for block in blocks if next(iter(block)) in _SYSTEM_BLOCKS]
    if len(system) < len(blocks):
        dropped.append(Adaptation("dropped", "system", "system prompts are texts here"))
    for message in messages[:count]:
        dropped += foreign_fields(message.extensions, WIRE, of="message")
    body: dict[str, Any] = {"messages": _write_turns(messages[count:], dropped)}
    if not body["messages"] and any(message.role != "view" and message.content for message in messages[count:]):
        told = "; ".join(str(each) for each in dict.fromkeys(dropped))
        raise Unsupported("any of the messages", wire=WIRE, model=request.model, remedy=f"({told})")
    if request.cache is not None and body["messages"] and "cachePoint" not in body["messages"][-1]["content"][-1]:
        body["messages"][-1]["content"].append(write_cache(request.cache))
    if system:
        body["system"] = system
    return body


def _has_opaque(message: ModelMessage) -> bool:
    """Tell whether a system's message brings tools or the like, which stand between turns only."""
    return isinstance(message.content, list) and any(isinstance(part, OpaquePart) for part in message.content)


def _write_turns(messages: Sequence[ModelMessage], dropped: list[Adaptation]) -> list[dict[str, Any]]:
    """Write the turns; those of one role that follow each other are one, since roles must alternate."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "view":
            continue
        if message.name is not None and message.role not in ("tool", "function"):
            dropped.append(Adaptation("dropped", "name", "this wire has no names of speakers"))
        role = "assistant" if message.role == "assistant" else "system" if message.role in _SYSTEM else "user"
        if message.extensions:
            dropped += foreign_fields(message.extensions, WIRE, of="message")
        content = message.content
        if isinstance(content, str):
            blocks = [{"text": content}] if content else []
        else:
            blocks = write_parts(content or (), dropped)
        if not blocks:
            if role == "user" and message.parts:
                dropped.append(Adaptation("dropped", "message", "nothing of a turn of the user's can be said"))
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    _name_documents(turns, dropped)
    return turns


def _name_documents(turns: Sequence[Mapping[str, Any]], dropped: list[Adaptation]) -> None:
    """Give each document a name of its own, which this API wants."""
    seen: set[str] = set()
    for turn in turns:
        for block in turn["content"]:
            if "text" in block or "toolUse" in block:
                continue
            within = block["toolResult"]["content"] if "toolResult" in block else (block,)
            for each in within:
                document = each.get("document")
                if document is None:
                    continue
                name, count = document["name"], 1
                while document["name"] in seen:
                    count += 1
                    document["name"] = f"{name} {count}"
                if count > 1:
                    dropped.append(Adaptation("renamed", "file.filename", f"{name} to {document['name']}"))
                seen.add(document["name"])


def _write_inference(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    stop = [request.stop] if isinstance(request.stop, str) else request.stop
    given = {
        "maxTokens": request.max_new_tokens,
        "temperature": request.temperature,
        "topP": request.top_p,
        "stopSequences": stop,
    }
    config = {name: value for name, value in given.items() if value is not None}
    if request.temperature is not None and request.temperature > _HOTTEST:
        config["temperature"] = _HOTTEST
        dropped.append(Adaptation("clamped", "temperature", f"{request.temperature} to {_HOTTEST}"))
    if config:
        body["inferenceConfig"] = config


def _write_output(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    config: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    effort = request.reasoning_effort
    thinking = _thinking_settings(request, dropped)
    if thinking is not None:
        extra["thinking"] = thinking
    if effort is not None and effort != "none":
        config["effort"] = "low" if effort == "minimal" else effort
        if effort == "minimal":
            dropped.append(Adaptation("renamed", "reasoning_effort", "minimal to low"))
    if request.top_k is not None:
        extra["top_k"] = request.top_k
    if extra and not any(word in request.model for word in ("anthropic", "claude")):
        dropped += [Adaptation("dropped", name, "only Anthropic's models take it here") for name in extra]
        extra = {}
    form = _text_format(request.response_format, dropped) if request.response_format is not None else None
    if form is not None:
        config["textFormat"] = form
    if config:
        body["outputConfig"] = config
    if extra:
        body["additionalModelRequestFields"] = extra


def _thinking_settings(request: ModelRequest, dropped: list[Adaptation]) -> dict[str, Any] | None:
    """Give the thinking in the form of Anthropic's models, which get it as it is."""
    thinking = request.thinking
    if thinking is None:
        return {"type": "disabled"} if request.reasoning_effort == "none" else None
    dropped += foreign_fields(thinking.extensions, WIRE, of="thinking")
    settings: dict[str, Any] = {"type": thinking.mode or "adaptive"}
    if thinking.budget_tokens is not None:
        settings["budget_tokens"] = thinking.budget_tokens
    if thinking.summary is not None:
        settings["display"] = _SUMMARIES.get(thinking.summary, "summarized")
    if thinking.mode is None:
        if request.reasoning_effort == "none":
            return {"type": "disabled"}
        if thinking.summary in (None, "none"):
            return own(thinking.extensions) or None
        dropped.append(Adaptation("emulated", "thinking.summary", "as adaptive thinking that is shown"))
    elif thinking.summary not in (None, *_SUMMARIES):
        dropped.append(Adaptation("renamed", "thinking.summary", f"{thinking.summary} to summarized"))
    return settings | own(thinking.extensions)


def _text_format(form: ResponseFormat, dropped: list[Adaptation]) -> dict[str, Any] | None:
    if form.schema is None:
        if form.type != "text":
            dropped.append(Adaptation("dropped", "response_format", "any JSON without a schema cannot be asked for"))
        return None
    if form.strict is False:
        dropped.append(Adaptation("dropped", "response_format.strict", "the schema is always enforced"))
    dropped += foreign_fields(form.extensions, WIRE, of="response_format")
    schema: dict[str, Any] = {"schema": _encode(form.schema).decode()}
    schema |= {name: value for name in ("name", "description") if (value := getattr(form, name)) is not None}
    return {"type": "json_schema", "structure": {"jsonSchema": schema}}


def _write_rest(request: ModelRequest, body: dict[str, Any], dropped: list[Adaptation]) -> None:
    if request.metadata:
        body["requestMetadata"] = request.metadata
    tier = request.service_tier
    if tier is not None:
        word = _TIERS.get(tier)
        if word is not None:
            body["serviceTier"] = {"type": word}
        if tier not in _TIERS:
            dropped.append(Adaptation("dropped", "service_tier", f"{tier} is no tier of this wire"))
        elif word is not None and word != tier:
            dropped.append(Adaptation("renamed", "service_tier", f"{tier} to {word}"))
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
    dropped += foreign_fields(request.extensions, WIRE)
