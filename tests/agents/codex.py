"""Codex, as it asks (its HTTP client of autumn 2026; openai 3.54 `types/responses`, read 2026-11-25).

It posts to `/v1/responses`, keeps everything itself (`store: false`) and brings back the
items of `response.output_item.done`, reasoning without its id. Beside functions it has a
tool that takes text in a grammar (`apply_patch`), tools of servers in a namespace, and
tools that the provider runs.
"""

# pyright: basic

from collections.abc import Mapping, Sequence
from typing import Any, Final

from openai import omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.agents import workshop
from tests.agents.turn import Call, Turn, events

WIRE: Final = "responses"
KEY: Final = "Authorization"
HEADERS: Final = (
    "Accept: text/event-stream",
    "OpenAI-Beta: responses=experimental",
    "originator: codex_cli_rs",
    "User-Agent: codex_cli_rs/0.156.0 (Linux 6.9; x86_64) xterm",
    "version: 0.156.0",
    "session-id: 0199a213-0000-7000-8000-000000000001",
    "thread-id: 0199a213-0000-7000-8000-000000000001",
    "x-client-request-id: 0199a213-0000-7000-8000-000000000002",
    "x-codex-window-id: 0199a213-0000-7000-8000-000000000001:0",
    'x-codex-turn-metadata: {"turn_id":"t1","sandbox":"workspace-write"}',
    "x-codex-beta-features: apps",
    "ChatGPT-Account-ID: 00000000-0000-4000-8000-000000000003",
)
GRAMMAR: Final = 'start: "*** Begin Patch" LF hunk+ "*** End Patch"\nhunk: /[^*]+/ LF\n%import common.LF\n'
PATCH: Final = '*** Begin Patch\n*** Update File: räder.py\n+\tprint("gear")\n*** End Patch'
NAMESPACE: Final = "mcp__tracker"

_event: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def path(model: str, *, stream: bool) -> str:
    del model, stream
    return "/v1/responses"


def _function(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "name": name, "description": description, "strict": False, "parameters": schema}


def tools() -> list[dict[str, Any]]:
    functions = [_function(*each) for each in workshop.TOOLS]
    grammar = {"type": "grammar", "syntax": "lark", "definition": GRAMMAR}
    patch = {"type": "custom", "name": "apply_patch", "description": "Change files; write no JSON.", "format": grammar}
    inside = [_function(f"tracker_{name}", said, schema) for name, said, schema in workshop.TOOLS[20:22]]
    return [
        *functions,
        patch,
        {"type": "web_search", "external_web_access": False, "search_content_types": ["text", "image"]},
        {"type": "namespace", "name": NAMESPACE, "description": "Tools of the tracker", "tools": inside},
    ]


def _message(role: str, *texts: str) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text} for text in texts]}


def first(model: str, *, stream: bool) -> dict[str, Any]:
    return {
        "model": model,
        "instructions": workshop.SYSTEM,
        "input": [
            _message("developer", workshop.REMINDER, "Permissions: write below /srv/build."),
            _message("user", workshop.CONTEXT),
            _message("user", workshop.QUESTION),
        ],
        "tools": tools(),
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"effort": "high", "summary": "auto"},
        "store": False,
        "stream": stream,
        "include": ["reasoning.encrypted_content"],
        "service_tier": "priority",
        "prompt_cache_key": "0199a213-0000-7000-8000-000000000001",
        "text": {"verbosity": "low"},
        "client_metadata": {"x-codex-installation-id": "i0", "x-codex-window-id": "w0:0"},
    }


def second(asked: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    read, run = turn.calls
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{workshop.PNG}"}
    results = [
        {
            "type": "function_call_output",
            "call_id": read.id,
            "output": [{"type": "input_text", "text": workshop.SOURCE}, image],
        },
        {"type": "function_call_output", "call_id": run.id, "output": workshop.FAILURE},
    ]
    return {**asked, "input": [*asked["input"], *turn.kept, *results]}


def step(asked: Mapping[str, Any], turn: Turn, results: Sequence[str]) -> dict[str, Any]:
    outputs = [
        {"type": "function_call_output", "call_id": call.id, "output": text}
        for call, text in zip(turn.calls, results, strict=True)
    ]
    return {**asked, "input": [*asked["input"], *turn.kept, *outputs]}


def hear(body: bytes, *, stream: bool) -> Turn:
    if stream:
        state: Any = ResponseStreamState(input_tools=omit, text_format=omit)
        done: list[Any] = []
        response: Any = None
        for each in events(body):
            event = _event.validate_python(each)
            state.handle_event(event)
            if event.type == "response.output_item.done":
                done.append(each["item"])
            elif event.type in ("response.completed", "response.incomplete"):
                response = event.response
        assert done == [item.model_dump(exclude_unset=True) for item in response.output]
    else:
        response = Response.model_validate_json(body)
        done = [item.model_dump(exclude_unset=True) for item in response.output]
    return Turn(
        text=response.output_text,
        thinking="".join(part["text"] for item in done if item["type"] == "reasoning" for part in item["summary"]),
        calls=[_call(item) for item in done if item["type"].endswith("tool_call") or item["type"] == "function_call"],
        finish=response.status,
        tokens=(response.usage.input_tokens, response.usage.output_tokens),
        kept=[_kept(item) for item in done],
    )


def _call(item: Mapping[str, Any]) -> Call:
    arguments = item.get("input", item.get("arguments"))
    return Call(item["call_id"], item["name"], arguments, item.get("namespace"))


_KEPT: Final = {
    "reasoning": ("type", "summary", "encrypted_content"),
    "message": ("type", "role", "content", "phase"),
    "function_call": ("type", "name", "namespace", "arguments", "call_id"),
    "custom_tool_call": ("type", "name", "namespace", "input", "call_id", "status"),
}


def _kept(item: dict[str, Any]) -> dict[str, Any]:
    """Keep what Codex knows of an item; ids and other fields stay behind."""
    kept = {name: item[name] for name in _KEPT.get(item["type"], item) if item.get(name) is not None}
    if kept["type"] == "message":
        kept["content"] = [{"type": block["type"], "text": block["text"]} for block in kept["content"]]
    return kept
