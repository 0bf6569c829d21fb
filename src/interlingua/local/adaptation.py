"""Fit a request to what llama.cpp understands: pure functions, no I/O.

llama.cpp ignores in silence what it does not know (measured 2026-11-22), so whatever would
be lost is refused, said in another way, or left out with a warning here.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.types import (
    Adaptation,
    AnyTool,
    AudioPart,
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    Part,
    Tool,
    ToolChoice,
)
from interlingua.wires.dialect import Dialect

DIALECT: Final = Dialect(
    developer_role=False,
    reasoning_field="reasoning_content",
    drop=("audio", "modalities", "service_tier", "verbosity"),
    extra_fields=("top_k", "min_p"),
)
"""How llama.cpp's Chat Completions differ from the specification."""

_UNSEEN: Final[dict[type[Part], str]] = {ImagePart: "images", AudioPart: "sound", FilePart: "files"}
_REQUIRED: Final = ToolChoice(mode="required")
_AUTO: Final = ToolChoice(mode="auto")


def adapt(
    request: ModelRequest, *, takes_tools: bool, tool_call_start: str | None = None
) -> tuple[ModelRequest, list[Adaptation]]:
    """Give the request as llama.cpp has to hear it, and what was changed.

    `takes_tools` tells whether the model's chat template has a place for tools. With
    `tool_call_start` a demanded call is begun for the model, which then cannot ramble first.

    Raises:
        Unsupported: it has parts that no local model sees, or demands a tool where there
            is no place for tools, or is strict and something would be left out.
        InvalidRequest: there are no messages, or the tool that must be called is not among the tools.

    """
    if not request.messages:
        raise InvalidRequest("messages is empty; there is nothing to answer.", param="messages")
    for kind in _unseen_parts(request):
        raise Unsupported(kind, model=request.model, remedy="Local models read text alone.")
    extra: dict[str, Any] = {"return_progress": True}
    if request.repetition_penalty is not None:
        extra["repeat_penalty"] = request.repetition_penalty
    adapted = msgspec.structs.replace(
        request, repetition_penalty=None, echo=request.echo or None, extra_body={**extra, **(request.extra_body or {})}
    )
    if not request.tools:
        return adapted, []
    if not takes_tools:
        return _without_tools(adapted)
    return _with_tools(adapted, tool_call_start)


def _without_tools(request: ModelRequest) -> tuple[ModelRequest, list[Adaptation]]:
    choice = request.tool_choice or _AUTO
    if choice.mode == "none":
        return msgspec.structs.replace(request, tools=None, tool_choice=None), []
    if request.strict or _demands_call(choice):
        raise Unsupported("tools", model=request.model, remedy="Its chat template has no place for them.")
    dropped = Adaptation("dropped", "tools", "the model's chat template has no place for them")
    return msgspec.structs.replace(request, tools=None, tool_choice=None, parallel_tool_calls=None), [dropped]


def _with_tools(request: ModelRequest, tool_call_start: str | None) -> tuple[ModelRequest, list[Adaptation]]:
    choice = request.tool_choice or _AUTO
    warnings: list[Adaptation] = []
    tools = list(request.tools or ())
    if choice.mode in ("tool", "allowed"):
        tools = _named(tools, choice.names)
        warnings.append(Adaptation("emulated", "tool_choice", "the model is shown only the tools that it may call"))
    demanded = _demands_call(choice)
    if choice.mode in ("tool", "allowed", "auto"):
        choice = _REQUIRED if demanded else _AUTO
    messages = request.messages
    if demanded and tool_call_start is not None and messages and messages[-1].role != "assistant":
        messages = [*messages, ModelMessage.assistant(tool_call_start)]
    if request.parallel_tool_calls is False:
        warnings.append(
            Adaptation("unverified", "parallel_tool_calls", "llama.cpp does not hold every model to one call")
        )
    return msgspec.structs.replace(request, tools=tools, tool_choice=choice, messages=messages), warnings


def _demands_call(choice: ToolChoice) -> bool:
    return choice.mode in ("required", "tool") or (choice.mode == "allowed" and choice.required)


def _named(tools: list[AnyTool], names: tuple[str, ...]) -> list[AnyTool]:
    known = {tool.name: tool for tool in tools if isinstance(tool, Tool)}
    for name in names:
        if name not in known:
            raise InvalidRequest(f"tool_choice names {name!r}, which is not among the tools.", param="tool_choice")
    return [known[name] for name in names]


def _unseen_parts(request: ModelRequest) -> Iterator[str]:
    for message in request.messages:
        for part in message.parts:
            if type(part) in _UNSEEN:
                yield _UNSEEN[type(part)]
