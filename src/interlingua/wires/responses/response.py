"""Whole replies, both ways (openai 3.54 `types/responses/response.py`; Open Responses 2.4, read 2026-11-23)."""

import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import Adaptation, Choice, FinishReason, ModelOutput, ModelRequest, Part, TextPart, ToolCallPart
from interlingua.types.seal import rejoin
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import reply_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.responses.blocks import extensions_of, foreign, own
from interlingua.wires.responses.item_writing import spread_logprobs, write_answer
from interlingua.wires.responses.items import read_model_item
from interlingua.wires.responses.request import request_fields
from interlingua.wires.responses.usage import read_usage, write_usage

_REASONS: Final[dict[str, FinishReason]] = {"max_output_tokens": "length", "content_filter": "content_filter"}
_ECHOED: Final[dict[str, Any]] = {
    "instructions": None,
    "tools": [],
    "tool_choice": "auto",
    "truncation": "disabled",
    "parallel_tool_calls": True,
    "text": {"format": {"type": "text"}},
    "top_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "top_logprobs": 0,
    "temperature": 1.0,
    "reasoning": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "store": True,
    "background": False,
    "service_tier": "default",
    "metadata": {},
    "safety_identifier": None,
    "prompt_cache_key": None,
    "previous_response_id": None,
}
"""What a response repeats of its request, with the values that are meant where it says nothing."""

_HEAD: Final = frozenset(("id", "object", "created_at", "model", "output", "usage", "status", "error", "completed_at"))
_ASKED: Final = frozenset(("store", "previous_response_id", "background", "incomplete_details"))
"""What a response says of itself as its caller asked for it, whatever a provider behind was asked for."""

_SECRETS: Final = ("authorization", "headers")
"""What a tool of an MCP server was given to show there, which a response does not repeat."""

_STATUSES: Final = ("queued", "in_progress", "cancelled")

_PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "image_generation_call": "ig",
}

CUT: Final = ("message", "function_call", "custom_tool_call")
"""The items that can be cut in the middle."""

_encode = msgspec.json.Encoder().encode


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply.

    Raises:
        ProviderError: the reply carries an error, or the response failed.
        ProtocolError: it is not a response.

    """
    del dialect
    return output_of(reply_object(body), body)


def output_of(fields: Mapping[str, Any], body: bytes) -> ModelOutput:
    """Read a decoded response; see `parse_response`."""
    if fields.get("error"):
        raise error_of(fields, body=body)
    items = fields.get("output")
    if not is_list(items):
        names = ", ".join(list(fields)[:8]) or "nothing"
        raise ProtocolError(f"the reply is no response: it has no output (but {names}).", body=body)
    try:
        parts = [part for index, item in enumerate(items) for part in _read_item(item, f"output[{index}]")]
    except InvalidRequest as error:  # the same shapes are read in requests
        raise ProtocolError(f"the reply is malformed: {error.message}", param=error.param, body=body) from error
    reason, raw = finish_of(fields, called=any(isinstance(part, ToolCallPart) for part in parts))
    created, identity, model = fields.get("created_at"), fields.get("id"), fields.get("model")
    logprobs = _logprobs_of(parts)
    return ModelOutput(
        choices=[Choice(parts=rejoin(parts), finish_reason=reason, raw_finish_reason=raw, logprobs=logprobs)],
        id=identity if isinstance(identity, str) else None,
        model=model if isinstance(model, str) else None,
        created=int(created) if isinstance(created, int | float) else None,
        usage=read_usage(fields.get("usage")),
        extensions=extensions_of(beside(fields)),
        raw=body,
    )


def beside(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a response says beside the answer, how it ended, and what it cost."""
    return {name: value for name, value in fields.items() if name not in _HEAD}


def _logprobs_of(parts: list[Part]) -> dict[str, Any] | None:
    tokens: list[Any] = []
    for part in parts:
        if isinstance(part, TextPart):
            block: Mapping[str, Any] = own(part.extensions).get("block") or {}
            given = block.get("logprobs")
            tokens += given if is_list(given) else ()
    return {"content": tokens} if tokens else None


def _read_item(item: object, where: str) -> list[Part]:
    if not is_object(item) or not isinstance(item.get("type"), str):
        raise malformed(where, "an object with the string `type`")
    return read_model_item(item, item["type"], where, reply=True)


def finish_of(fields: Mapping[str, Any], *, called: bool) -> tuple[FinishReason | None, str | None]:
    """Give why a response ended, by its status and what it says of that."""
    status = fields.get("status")
    details = fields.get("incomplete_details")
    why = details.get("reason") if is_object(details) else None
    if isinstance(why, str):
        return _REASONS.get(why, "other"), why
    if status == "completed":
        return ("tool_calls" if called else "stop"), "completed"
    return ("other", status) if isinstance(status, str) else (None, None)


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole reply, which repeats much of the request.

    What an answer cannot say on this wire is told in `output.warnings`.
    """
    choice = output.choices[0] if output.choices else Choice()
    identity = response_id(output.id)
    end = ending(choice.finish_reason, choice.raw_finish_reason)
    dropped: list[Adaptation] = []
    written = write_answer(choice.parts, dropped, reply=True)
    dropped += foreign(choice.extensions, "choice")
    if len(output.choices) > 1:
        dropped.append(Adaptation("dropped", "choices", f"one of {len(output.choices)} answers is shown"))
    output.warnings += [each for each in dict.fromkeys(dropped) if each not in output.warnings]
    if choice.logprobs is not None:
        spread_logprobs(written, choice.logprobs.get("content") or ())
    items = [completed(item, identity, number) for number, item in enumerate(written)]
    if end["status"] == "incomplete" and written:
        cut(items[-1], written[-1])
    body = response_fields(identity, output.model, output.created, request)
    body |= said_of_itself(own(output.extensions))
    body |= end
    body["output"] = items
    body["usage"] = write_usage(output.usage) if output.usage is not None else None
    return _encode(body)


def said_of_itself(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a provider of this wire says of its response, which is truer than what was asked for."""
    return {name: value for name, value in fields.items() if name not in _ASKED}


def cut(item: dict[str, Any], written: Mapping[str, Any]) -> None:
    """Say of the last item of an answer that was cut that it was, unless its provider has said how it is."""
    if item["type"] in CUT and "status" not in written:
        item["status"] = "incomplete"


def response_id(identity: str | None) -> str:
    """Give the id of a response; ids of other wires get the prefix that clients look for."""
    return identity if identity is not None and identity.startswith("resp_") else f"resp_{identity or '0'}"


def response_fields(
    identity: str, model: str | None, created: int | None, request: ModelRequest | None
) -> dict[str, Any]:
    """Give a response that has begun: its head, and what it repeats of its request."""
    echoed: Mapping[str, Any] = {}
    if request is not None:
        echoed = {**request_fields(request, SPECIFICATION, []), **own(request.extensions)}
    body: dict[str, Any] = {
        "id": identity,
        "object": "response",
        "created_at": created if created is not None else int(time.time()),
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model or (request.model if request is not None else ""),
        "output": [],
        "usage": None,
    }
    for name, usual in _ECHOED.items():
        given = echoed.get(name)
        body[name] = usual if given is None else given
    if is_object(body["reasoning"]):
        body["reasoning"] = {"effort": None, "summary": None, **body["reasoning"]}
    if request is not None and request.store is None:
        body["store"] = True
    body["text"] = {"format": {"type": "text"}, **body["text"]}
    body["tools"] = [_echoed_tool(tool) for tool in body["tools"]]
    return body


def _echoed_tool(tool: dict[str, Any]) -> dict[str, Any]:
    if tool.get("type") == "function":
        return {"description": None, "strict": None, **tool}
    return {name: value for name, value in tool.items() if name not in _SECRETS} if "server_label" in tool else tool


def ending(reason: FinishReason | None, raw: str | None) -> dict[str, Any]:
    """Give the fields that say how a response ended."""
    if reason == "length":
        return {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    if reason == "content_filter":
        return {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}
    if raw in _STATUSES:
        return {"status": raw}
    if reason in ("other", "error") and raw is not None and raw != "completed":
        return {"status": "incomplete", "incomplete_details": {"reason": raw}}
    return {"status": "completed", "completed_at": int(time.time())}


def completed(item: dict[str, Any], identity: str, number: int) -> dict[str, Any]:
    """Give an item of an answer with the fields that every one has there."""
    kind = item.get("type")
    prefix = _PREFIXES.get(str(kind))
    if prefix is None:
        return item
    fields = {**item}
    if "id" not in item:
        fields["id"] = f"{prefix}_{identity.removeprefix('resp_')}_{number}"
        if kind != "reasoning":
            fields.setdefault("status", "completed")
    if kind == "message":
        fields["content"] = [
            block if block.get("type") != "output_text" or "logprobs" in block else {**block, "logprobs": []}
            for block in fields["content"]
        ]
    return fields
