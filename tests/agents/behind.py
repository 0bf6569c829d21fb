"""What a provider received, read by hand in its own wire's words."""

# pyright: basic

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

STATE: Final = {
    "messages": "EqQBCkYIBxgCKkBsignature+of/thinking==",
    "responses": "gAAAAABencrypted-reasoning_0123==",
    "generate_content": "CtQBAW9wYXF1ZSB0aG91Z2h0IG9mIGdlbWluaSD//vs=",
    "chat_completions": "opaque-detail-0123==",
}
"""What each wire's provider wants back as it is."""


class Result(msgspec.Struct, frozen=True):
    """What a tool answered, and to which call."""

    name: str
    text: str
    images: int = 0
    failed: bool = False


class Received(msgspec.Struct, kw_only=True):
    """A request in words of no wire."""

    system: str
    tools: dict[str, Any]
    calls: list[tuple[str, Any]]
    results: list[Result]
    texts: list[str]
    state: list[str]
    effort: str | None
    marks: int


def read(wire: str, body: dict[str, Any]) -> Received:
    return _READERS[wire](body)


def _marks(value: Any, name: str) -> int:
    if isinstance(value, Mapping):
        return sum(_marks(each, name) for key, each in value.items() if key != name) + (name in value)
    return sum(_marks(each, name) for each in value) if isinstance(value, list) else 0


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content or () if isinstance(block.get("text"), str)]


def _joined(content: Any) -> str:
    return "\n".join(_texts(content))


def _images(content: Any) -> int:
    return sum("image" in block["type"] for block in content) if isinstance(content, list) else 0


def _messages(body: dict[str, Any]) -> Received:
    turns = body["messages"]
    blocks = [block for turn in turns if isinstance(turn["content"], list) for block in turn["content"]]
    calls = [block for block in blocks if block["type"] == "tool_use"]
    names = {call["id"]: call["name"] for call in calls}
    results = [
        Result(
            names[block["tool_use_id"]],
            _joined(block["content"]),
            _images(block["content"]),
            block.get("is_error", False),
        )
        for block in blocks
        if block["type"] == "tool_result"
    ]
    state = [block.get("signature") or block.get("data") for block in blocks if "thinking" in block["type"]]
    thought = [block for block in blocks if block["type"] == "thinking"]
    assert all(block["thinking"] for block in thought)
    return Received(
        system=_joined(body["system"]),
        tools={tool["name"]: tool["input_schema"] for tool in body.get("tools", ()) if "input_schema" in tool},
        calls=[(call["name"], call["input"]) for call in calls],
        results=results,
        texts=[text for turn in turns for text in _texts(turn["content"])],
        state=[each for each in state if each],
        effort=body.get("output_config", {}).get("effort"),
        marks=_marks(body, "cache_control"),
    )


def _responses(body: dict[str, Any]) -> Received:
    items = body["input"]
    calls = [item for item in items if item.get("type") in ("function_call", "custom_tool_call")]
    names = {call["call_id"]: call["name"] for call in calls}
    outputs = [item for item in items if item.get("type", "").endswith("_call_output")]
    results = [Result(names[each["call_id"]], _joined(each["output"]), _images(each["output"])) for each in outputs]
    said = [item for item in items if item.get("type", "message") == "message"]
    above = [item for item in said if item["role"] in ("system", "developer")]
    return Received(
        system="\n".join([body.get("instructions") or "", *(_joined(item["content"]) for item in above)]).strip(),
        tools={tool["name"]: tool.get("parameters") for tool in body.get("tools", ()) if tool["type"] == "function"},
        calls=[
            (call["name"], json.loads(call["arguments"]) if "arguments" in call else call["input"]) for call in calls
        ],
        results=results,
        texts=[text for item in said for text in _texts(item["content"])],
        state=[item["encrypted_content"] for item in items if item.get("encrypted_content")],
        effort=body.get("reasoning", {}).get("effort"),
        marks=_marks(body, "prompt_cache_breakpoint"),
    )


def _generate_content(body: dict[str, Any]) -> Received:
    parts = [part for content in body["contents"] for part in content["parts"]]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    answers = [part["functionResponse"] for part in parts if "functionResponse" in part]
    assert [call["name"] for call in calls] == [answer["name"] for answer in answers]
    assert all(call.get("id") in (None, answer.get("id")) for call, answer in zip(calls, answers, strict=True))
    results: list[Result] = []
    for answer in answers:
        given = answer["response"]
        ((kind, text),) = given.items()
        results.append(Result(answer["name"], text, len(answer.get("parts", ())), kind == "error"))
    declared = [each for tool in body.get("tools", ()) for each in tool.get("functionDeclarations", ())]
    return Received(
        system="\n".join(part["text"] for part in body.get("systemInstruction", {"parts": []})["parts"]),
        tools={each["name"]: each.get("parametersJsonSchema") for each in declared},
        calls=[(call["name"], call["args"]) for call in calls],
        results=results,
        texts=[part["text"] for part in parts if "text" in part and not part.get("thought")],
        state=[part["thoughtSignature"] for part in parts if "thoughtSignature" in part],
        effort=body.get("generationConfig", {}).get("thinkingConfig", {}).get("thinkingLevel"),
        marks=0,
    )


def _images_of(call_id: str, turns: list[dict[str, Any]]) -> int:
    """Count the images that follow a tool's answer as the user's, since its own message holds none."""
    blocks = [block for turn in turns if turn["role"] == "user" for block in turn["content"] if isinstance(block, dict)]
    label = {"type": "text", "text": f"From the tool's answer to {call_id}:"}
    if label not in blocks:
        return 0
    after = blocks[blocks.index(label) + 1 :]
    return next((n for n, block in enumerate(after) if "image" not in block["type"]), len(after))


def _chat_completions(body: dict[str, Any]) -> Received:
    turns = body["messages"]
    calls = [call for turn in turns for call in turn.get("tool_calls", ())]
    names = {call["id"]: call[call["type"]]["name"] for call in calls}
    results = [
        Result(names[turn["tool_call_id"]], _joined(turn["content"]), _images_of(turn["tool_call_id"], turns))
        for turn in turns
        if turn["role"] == "tool"
    ]
    details = [detail for turn in turns for detail in turn.get("reasoning_details", ())]
    return Received(
        system="\n".join(_joined(turn["content"]) for turn in turns if turn["role"] in ("system", "developer")),
        tools={
            tool["function"]["name"]: tool["function"].get("parameters")
            for tool in body.get("tools", ())
            if tool["type"] == "function"
        },
        calls=[(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls],
        results=results,
        texts=[text for turn in turns if turn["role"] != "tool" for text in _texts(turn.get("content"))],
        state=[detail["data"] for detail in details if detail.get("data")],
        effort=body.get("reasoning_effort"),
        marks=_marks(body, "prompt_cache_breakpoint") + _marks(body, "cache_control"),
    )


_READERS: Final = {
    "messages": _messages,
    "responses": _responses,
    "generate_content": _generate_content,
    "chat_completions": _chat_completions,
}
