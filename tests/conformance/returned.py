"""Opaque state that a provider gives with its thinking, and wants back untouched in the next turn."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from google.genai import types

from interlingua.testing.voice import Line
from tests.conformance.answered import CALLS
from tests.conformance.callers import Heard


class State(msgspec.Struct, kw_only=True):
    """State that comes with an answer; `marks` are expressions that the next request has to match."""

    name: str
    line: Line
    marks: tuple[str, ...]
    placeless: Mapping[str, str] = {}
    unsaid: Mapping[str, str] = {}


_NO_PLACE: Final = {"ollama": "no place for opaque state, which its next request says"}
_NONE: Final = {"ollama": "gives no such state"}

STATES: Final = (
    State(
        name="signed thinking, with a tool call",
        line=Line(thinking="Let me think.", signature="bWFya2Vkc2lnbmF0dXJl", tool_calls=CALLS[:1]),
        marks=("bWFya2Vkc2lnbmF0dXJl",),
        placeless=_NO_PLACE,
        unsaid=_NONE,
    ),
    State(
        name="thinking that cannot be seen",
        line=Line(redacted="bWFya2VkcmVkYWN0ZWQ=", tool_calls=CALLS[:1]),
        marks=("bWFya2VkcmVkYWN0ZWQ|YldGeWEyVmtjbVZrWVdOMFpXUT0",),  # Bedrock has it in base64 once more
        placeless=_NO_PLACE,
        unsaid=dict.fromkeys(("ollama", "chat_completions", "responses", "generate_content"), "gives none"),
    ),
)
"""Everything that is brought back."""


def next_turn(caller: str, given: Mapping[str, Any], heard: Heard) -> dict[str, Any]:
    """Give the arguments of the next request: what was asked, what was answered, and the tool's result."""
    if caller == "generate_content":
        result = types.Part(
            function_response=types.FunctionResponse(id=_call_id(heard), name="weather", response={"output": "rain"})
        )
        contents = [*given["contents"], *heard.turn, types.Content(role="user", parts=[result])]
        return {**given, "contents": contents}
    if caller == "responses":
        call = next(item for item in heard.turn if item["type"] == "function_call")
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "rain"}
        return {**given, "input": [*given["input"], *heard.turn, output]}
    results: dict[str, Any] = {
        "chat_completions": lambda: {
            "role": "tool", "tool_call_id": heard.turn[0]["tool_calls"][0]["id"], "content": "rain",
        },
        "messages": lambda: {"role": "user", "content": [{
            "type": "tool_result", "content": "rain",
            "tool_use_id": next(each["id"] for each in heard.turn[0]["content"] if each["type"] == "tool_use"),
        }]},
        "ollama": lambda: {"role": "tool", "content": "rain", "tool_name": "weather"},
    }  # fmt: skip
    return {**given, "messages": [*given["messages"], *heard.turn, results[caller]()]}


def _call_id(heard: Heard) -> str | None:
    parts = heard.turn[0].parts or ()
    return next((part.function_call.id for part in parts if part.function_call), None)
