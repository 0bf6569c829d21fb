"""Claude Code, as it asks (2.1 and later; anthropic 2.12 `types/beta`, read 2026-11-25).

It posts to `/v1/messages?beta=true` with a list of betas, its system prompt in blocks of
which the last are kept for an hour, some two dozen tools, adaptive thinking with an
effort, context editing, and notes of the system between the turns. The mark for the
cache wanders to the last block of each request. Results of tools are texts, blocks with
images, and failures.
"""

# pyright: basic

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx2
from anthropic.lib.streaming._beta_messages import accumulate_event
from anthropic.types.beta import BetaMessage, BetaMessageTokensCount, BetaRawMessageStreamEvent
from pydantic import TypeAdapter

from tests.agents import workshop
from tests.agents.turn import Call, Turn, events

WIRE: Final = "messages"
KEY: Final = "x-api-key"
BETAS: Final = (
    "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
    "prompt-caching-scope-2026-01-05,mid-conversation-system-2026-04-07,advanced-tool-use-2025-11-20,"
    "effort-2025-11-24,extended-cache-ttl-2025-04-11"
)
HEADERS: Final = (
    "Accept: application/json",
    f"anthropic-beta: {BETAS}",
    "anthropic-version: 2023-06-01",
    "anthropic-dangerous-direct-browser-access: true",
    "User-Agent: claude-cli/2.1.205 (external, cli)",
    "x-app: cli",
    "X-Claude-Code-Session-Id: 5e5f6f7a-0000-4000-8000-000000000001",
    "X-Stainless-Lang: js",
    "X-Stainless-Retry-Count: 0",
    "X-Stainless-Timeout: 600",
    "X-Stainless-Helper-Method: stream",
)

_HOUR: Final = {"type": "ephemeral", "ttl": "1h"}
_event: TypeAdapter[Any] = TypeAdapter(BetaRawMessageStreamEvent)


def path(model: str, *, stream: bool) -> str:
    del model, stream
    return "/v1/messages?beta=true"


def tools() -> list[dict[str, Any]]:
    written = [
        {"name": name, "description": said, "input_schema": schema} for name, said, schema in workshop.TOOLS
    ]  # fmt: skip
    written[1]["eager_input_streaming"] = True
    return written


def first(model: str, *, stream: bool) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": workshop.CONTEXT},
                    {"type": "text", "text": workshop.QUESTION, "cache_control": _HOUR},
                ],
            },
            {"role": "system", "content": workshop.REMINDER},
        ],
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.205.0d9; cc_entrypoint=cli;"},
            {"type": "text", "text": "You work for somebody.", "cache_control": _HOUR},
            {"type": "text", "text": workshop.SYSTEM, "cache_control": {**_HOUR, "scope": "global"}},
        ],
        "tools": tools(),
        "metadata": {"user_id": '{"device_id":"d0","account_uuid":"","session_id":"5e5f6f7a"}'},
        "max_tokens": 64000,
        "thinking": {"type": "adaptive", "display": "summarized"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
        "stream": stream,
    }


def second(asked: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    read, run = turn.calls
    user, note = asked["messages"]
    unmarked = [{key: value for key, value in block.items() if key != "cache_control"} for block in user["content"]]
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": workshop.PNG}}
    results = [
        {
            "type": "tool_result",
            "tool_use_id": read.id,
            "content": [{"type": "text", "text": workshop.SOURCE}, image],
        },
        {"type": "tool_result", "tool_use_id": run.id, "content": workshop.FAILURE, "is_error": True},
        {"type": "text", "text": workshop.REMINDER, "cache_control": _HOUR},
    ]
    messages = [
        {"role": "user", "content": unmarked},
        note,
        {"role": "assistant", "content": turn.kept},
        {"role": "user", "content": results},
    ]
    return {**asked, "messages": messages}


def step(asked: Mapping[str, Any], turn: Turn, results: Sequence[str]) -> dict[str, Any]:
    blocks = [
        {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": text}]}
        for call, text in zip(turn.calls, results, strict=True)
    ]
    blocks[-1]["cache_control"] = _HOUR
    more = [{"role": "assistant", "content": turn.kept}, {"role": "user", "content": blocks}]
    return {**asked, "messages": [*asked["messages"], *more]}


def hear(body: bytes, *, stream: bool) -> Turn:
    message: Any = None
    if stream:
        buffers: dict[int, bytes] = {}
        for each in events(body):
            if each["type"] == "ping":
                continue
            event = _event.validate_python(each)
            message = accumulate_event(
                event=event, current_snapshot=message, json_bufs=buffers, request_headers=httpx2.Headers()
            )
    else:
        message = BetaMessage.model_validate_json(body)
    content = message.content
    return Turn(
        text="".join(block.text for block in content if block.type == "text"),
        thinking="".join(block.thinking for block in content if block.type == "thinking"),
        calls=[Call(block.id, block.name, block.input) for block in content if block.type == "tool_use"],
        finish=message.stop_reason,
        tokens=(message.usage.input_tokens, message.usage.output_tokens),
        kept=[block.model_dump(exclude_none=True, exclude={"parsed_output"}) for block in content],
    )


def title(model: str) -> dict[str, Any]:
    """Ask for a title, as it does beside the conversation: whole, small, and with a schema for the answer."""
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"], "additionalProperties": False}  # fmt: skip  # noqa: E501
    return {
        "model": model,
        "max_tokens": 512,
        "messages": [{"role": "user", "content": [{"type": "text", "text": workshop.QUESTION}]}],
        "system": [{"type": "text", "text": "Give the session a title of five words."}],
        "tools": [],
        "temperature": 1,
        "metadata": {"user_id": '{"device_id":"d0"}'},
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "stream": False,
    }


def count(model: str) -> dict[str, Any]:
    """Ask how long the conversation is."""
    asked = first(model, stream=False)
    names = ("model", "messages", "system", "tools", "thinking", "output_config", "context_management")
    return {name: asked[name] for name in names}


def counted(body: bytes) -> int:
    return BetaMessageTokensCount.model_validate_json(body).input_tokens
