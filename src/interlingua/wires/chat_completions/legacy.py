"""Functions as they were called before tools: `functions`, `function_call`, and messages of the role `function`.

They are tools like any other here, with a mark, so that every provider can be asked for
them; to a provider of this wire they go back as they came, and their caller is answered
in the form that it knows (openai 3.54 `completion_create_params.py`, deprecated there).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.types import Choice, ModelMessage, ModelRequest, Tool, ToolCallPart, ToolChoice, ToolResultPart
from interlingua.types.chat_content import WIRE, own
from interlingua.types.chat_message import LEGACY_CALL, LEGACY_RESULT
from interlingua.types.part import Extensions
from interlingua.types.shape import is_list, is_object

FUNCTIONS: Final = "functions"
_MARK: Final[Extensions] = {WIRE: {"type": LEGACY_CALL}}
_KNOWN: Final = {"name": str, "description": str, "parameters": Mapping}


def read_legacy(request: ModelRequest, fields: dict[str, Any]) -> None:
    """Take the functions, and the choice among them, out of `fields`; what is not understood stays."""
    functions, choice = fields.get(FUNCTIONS), fields.get(LEGACY_CALL)
    if is_list(functions) and functions and all(map(_is_function, functions)):
        request.tools = [*(request.tools or ()), *map(_read_function, functions)]
        del fields[FUNCTIONS]
    if request.tool_choice is None and choice is not None:
        name = choice.get("name") if is_object(choice) and len(choice) == 1 else None
        if choice in ("auto", "none"):
            request.tool_choice = ToolChoice(mode=choice, extensions=_MARK)
        elif isinstance(name, str):
            request.tool_choice = ToolChoice(mode="tool", names=(name,), extensions=_MARK)
        if request.tool_choice is not None:
            del fields[LEGACY_CALL]
    if any(message.role == "function" for message in request.messages):
        request.messages = _answered(request.messages)


def is_legacy(tool: Tool | ToolChoice | ToolCallPart) -> bool:
    """Tell whether something came, or goes, in the old form."""
    return own(tool.extensions).get("type") == LEGACY_CALL


def write_function(tool: Tool) -> dict[str, Any]:
    """Write a tool in the old form."""
    known = {name: value for name in _KNOWN if (value := getattr(tool, name)) is not None}
    return known | {name: value for name, value in own(tool.extensions).items() if name != "type"}


def wants_legacy(request: ModelRequest | None) -> bool:
    """Tell whether a caller declared its functions in the old form, and so reads calls in it alone."""
    return request is not None and any(isinstance(tool, Tool) and is_legacy(tool) for tool in request.tools or ())


def as_legacy(choice: Choice) -> Choice:
    """Give a choice with its first call in the old form, which has room for one."""
    for place, part in enumerate(choice.parts):
        if isinstance(part, ToolCallPart):
            marked = msgspec.structs.replace(part, extensions=_MARK)
            parts = [*choice.parts[:place], marked, *choice.parts[place + 1 :]]
            raw = LEGACY_CALL if choice.finish_reason == "tool_calls" else choice.raw_finish_reason
            return msgspec.structs.replace(choice, parts=parts, raw_finish_reason=raw)
    return choice


def _is_function(function: Any) -> bool:
    return (
        is_object(function)
        and "name" in function
        and "type" not in function
        and all(isinstance(function[name], kind) for name, kind in _KNOWN.items() if name in function)
    )


def _read_function(function: Mapping[str, Any]) -> Tool:
    known = {name: function[name] for name in _KNOWN if name in function}
    rest = {name: value for name, value in function.items() if name not in known}
    return Tool(**known, extensions={WIRE: {"type": LEGACY_CALL, **rest}})


def _answered(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Give each old call a number, and each message of a function the call that it answers."""
    arranged: list[ModelMessage] = []
    waiting: dict[str, str] = {}
    count = 0
    for message in messages:
        call = next((part for part in message.tool_calls if not part.id and is_legacy(part)), None)
        if call is not None:
            count += 1
            call.id = waiting[call.name] = f"call_function_{count}"
        name = message.name
        if message.role != "function" or name not in waiting or message.extensions:
            arranged.append(message)
            continue
        result = ToolResultPart(
            call_id=waiting.pop(name), content=message.content, name=name, extensions={WIRE: {"type": LEGACY_RESULT}}
        )
        arranged.append(ModelMessage("tool", [result], message.round_index))
    return arranged
