"""Tools that a wire has no word for, asked for as functions, and their calls given back as what was asked for.

Codex, for one, has a tool that takes text instead of JSON (`apply_patch`), and the tools
of each server in a namespace. Elsewhere the first is a function with its text under
`input`, and the others are functions whose names begin with the namespace. The caller is
given calls of the tools that it knows, whoever answers.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.types import (
    Adaptation,
    AnyTool,
    Event,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OpaqueTool,
    Part,
    Tool,
    ToolCallDelta,
    ToolCallPart,
    ToolChoice,
)
from interlingua.types.shape import is_list, is_object
from interlingua.wires.dialect import Dialect

RESPONSES: Final = "responses"
"""The wire that has namespaces."""

_TAKE_TEXT: Final = ("chat_completions", RESPONSES)
"""Wires with tools that take text; some of their speakers have none (`Dialect.custom_tools`)."""

_LONGEST: Final = 64
_FIELD: Final = "input"


class Emulation:
    """The tools of one request that are asked for in another way.

    Example:
        >>> emulation = emulated(request, wire="messages", dialect=Dialect())
        >>> output = await provider.generate(emulation.request)
        >>> emulation.restore(output)

    """

    __slots__ = ("_custom", "_open", "_within", "request", "warnings")

    def __init__(self, request: ModelRequest, custom: frozenset[str], within: Mapping[str, tuple[str, str]]) -> None:
        self.request = request
        self.warnings: tuple[Adaptation, ...] = ()
        self._custom = custom
        self._within = within
        self._open: dict[tuple[int, int], list[str]] = {}

    def restore(self, output: ModelOutput) -> None:
        """Let the calls of an answer be those of the tools that the caller knows."""
        for choice in output.choices:
            choice.parts = [self._known(part) if isinstance(part, ToolCallPart) else part for part in choice.parts]

    def restored(self, events: Sequence[Event]) -> list[Event]:
        """Do the same with the next events of a stream; the text of a tool that takes text comes when it is whole."""
        restored: list[Event] = []
        for event in events:
            if self._open and (type(event) is not ToolCallDelta or (event.choice, event.index) not in self._open):
                restored += self._closed()
            restored.append(self._known_delta(event) if type(event) is ToolCallDelta else event)
        return restored

    def _known(self, part: ToolCallPart) -> ToolCallPart:
        if part.name in self._within:
            namespace, name = self._within[part.name]
            return msgspec.structs.replace(part, name=name, extensions=_in_namespace(part, namespace))
        if part.name in self._custom and part.kind == "function":
            return msgspec.structs.replace(part, kind="custom", arguments=_text_of(part.arguments))
        return part

    def _known_delta(self, event: ToolCallDelta) -> ToolCallDelta:
        key = (event.choice, event.index)
        if event.name is not None and event.name in self._within:
            namespace, name = self._within[event.name]
            return msgspec.structs.replace(event, name=name, extensions=_in_namespace(event, namespace))
        if event.name in self._custom and event.kind != "custom":
            self._open[key] = []
            event = msgspec.structs.replace(event, kind="custom")
        pieces = self._open.get(key)
        if pieces is None:
            return event
        pieces.append(event.arguments)
        return msgspec.structs.replace(event, arguments="")

    def _closed(self) -> Iterator[ToolCallDelta]:
        """Give the texts that are whole, since an event of something else follows."""
        closed, self._open = self._open, {}
        for (choice, index), pieces in closed.items():
            yield ToolCallDelta(index=index, choice=choice, arguments=_text_of("".join(pieces)))


def emulated(request: ModelRequest, *, wire: str, dialect: Dialect) -> Emulation | None:
    """Give a request with other tools in the place of those that a provider of `wire` does not take; None if it does.

    Example:
        >>> emulated(
        ...     ModelRequest("m", [], tools=[Tool(name="apply_patch", kind="custom")]),
        ...     wire="messages",
        ...     dialect=Dialect(),
        ... ).request.tools[0].kind
        'function'

    """
    tools = request.tools
    custom, namespaces = wire in _TAKE_TEXT and dialect.custom_tools, wire == RESPONSES
    if not tools or not any(_is_strange(tool, custom=custom, namespaces=namespaces) for tool in tools):
        return None
    written: list[AnyTool] = []
    texts: set[str] = set()
    within: dict[str, tuple[str, str]] = {}
    warnings: list[Adaptation] = []
    for tool in tools:
        if isinstance(tool, Tool) and tool.kind == "custom" and not custom:
            texts.add(tool.name)
            detail = f"{tool.name} takes its text under `{_FIELD}`" + ("; its format is told" if tool.format else "")
            warnings.append(Adaptation("emulated", "custom tool", detail))
            written.append(_with_text_input(tool))
        elif isinstance(tool, OpaqueTool) and _is_namespace(tool) and not namespaces:
            functions, left = _functions_of(tool, within)
            written += functions
            warnings.append(Adaptation("renamed", "tools", f"those of {tool.data['name']} begin with its name"))
            warnings += [Adaptation("dropped", "tools", f"{each} of {tool.data['name']}") for each in left]
        else:
            written.append(tool)
    names = {known: name for name, known in within.items()}
    emulation = Emulation(
        msgspec.structs.replace(
            request,
            tools=written,
            tool_choice=_choice(request.tool_choice, texts),
            messages=[_told(message, texts, names) for message in request.messages],
        ),
        frozenset(texts),
        within,
    )
    emulation.warnings = tuple(warnings)
    return emulation


def _is_strange(tool: AnyTool, *, custom: bool, namespaces: bool) -> bool:
    if isinstance(tool, Tool):
        return tool.kind == "custom" and not custom
    return _is_namespace(tool) and not namespaces


def _is_namespace(tool: OpaqueTool) -> bool:
    data = tool.data
    return (
        tool.wire == RESPONSES
        and data.get("type") == "namespace"
        and isinstance(data.get("name"), str)
        and is_list(data.get("tools"))
    )


def _with_text_input(tool: Tool) -> Tool:
    """Write a tool that takes text as a function; the model is told the format, which nobody enforces."""
    described: dict[str, Any] = {"type": "string"}
    form = tool.format or {}
    if isinstance(form.get("definition"), str):
        described["description"] = f"Text in this {form.get('syntax', '')} grammar:\n{form['definition']}"
    schema = {"type": "object", "properties": {_FIELD: described}, "required": [_FIELD]}
    return Tool(
        name=tool.name,
        description=tool.description,
        parameters=schema,
        extensions=tool.extensions,
        cache=tool.cache,
    )


def _functions_of(tool: OpaqueTool, within: dict[str, tuple[str, str]]) -> tuple[list[AnyTool], list[str]]:
    """Give the functions of a namespace by names of their own, and what in it is no function."""
    namespace: str = tool.data["name"]
    written: list[AnyTool] = []
    left: list[str] = []
    for each in tool.data["tools"]:
        name = each.get("name") if is_object(each) else None
        if not is_object(each) or each.get("type") != "function" or not isinstance(name, str):
            left.append(str(each.get("type", "a tool")) if is_object(each) else "a tool")
            continue
        qualified = _qualified(namespace, name)
        within[qualified] = (namespace, name)
        written.append(_function(qualified, each))
    return written, left


_READ: Final = ("type", "name", "description", "parameters", "strict")


def _function(name: str, fields: Mapping[str, Any]) -> Tool:
    description, parameters, strict = fields.get("description"), fields.get("parameters"), fields.get("strict")
    rest = {key: value for key, value in fields.items() if key not in _READ}
    return Tool(
        name=name,
        description=description if isinstance(description, str) else None,
        parameters=dict(parameters) if is_object(parameters) else None,
        strict=strict if isinstance(strict, bool) else None,
        extensions={RESPONSES: rest} if rest else {},
    )


def _qualified(namespace: str, name: str) -> str:
    whole = f"{namespace}__{name}"
    if len(whole) <= _LONGEST:
        return whole
    return f"{whole[: _LONGEST - 9]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _choice(choice: ToolChoice | None, texts: set[str]) -> ToolChoice | None:
    if choice is None or choice.kind != "custom" or not texts.issuperset(choice.names):
        return choice
    return msgspec.structs.replace(choice, kind="function")


def _told(message: ModelMessage, texts: set[str], names: Mapping[tuple[str, str], str]) -> ModelMessage:
    """Write the calls of earlier answers as they would be made now."""
    content = message.content
    if message.role != "assistant" or not isinstance(content, list):
        return message
    parts: list[Part] = [_asked(part, texts, names) if isinstance(part, ToolCallPart) else part for part in content]
    return message if parts == content else msgspec.structs.replace(message, content=parts)


def _asked(part: ToolCallPart, texts: set[str], names: Mapping[tuple[str, str], str]) -> ToolCallPart:
    if part.kind == "custom" and part.name in texts:
        arguments = msgspec.json.encode({_FIELD: part.arguments}).decode()
        return msgspec.structs.replace(part, kind="function", arguments=arguments)
    own: Mapping[str, Any] = part.extensions.get(RESPONSES) or {}
    name = names.get((str(own.get("namespace")), part.name)) if "namespace" in own else None
    return part if name is None else msgspec.structs.replace(part, name=name)


def _in_namespace(call: ToolCallPart | ToolCallDelta, namespace: str) -> dict[str, dict[str, Any]]:
    own = call.extensions.get(RESPONSES) or {}
    return {**call.extensions, RESPONSES: {**own, "namespace": namespace}}


def _text_of(arguments: str) -> str:
    """Give the text that stands under `input`, or all that the model wrote where it wrote something else."""
    try:
        given = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        return arguments
    text = given.get(_FIELD) if is_object(given) else None
    return text if isinstance(text, str) else arguments
