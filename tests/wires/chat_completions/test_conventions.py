"""Fields that OpenAI does not have and others take."""

from typing import Any

import msgspec
import pytest

from interlingua.types import CacheBreakpoint, ModelRequest, ThinkingConfig, Tool
from interlingua.wires import generate_content, messages
from interlingua.wires.chat_completions import parse_request, render_request
from interlingua.wires.dialect import Dialect

TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}


def read(**fields: Any) -> ModelRequest:
    return parse_request(msgspec.json.encode({"model": "m", "messages": [], **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"cache_control": "yes"},
        {"tools": [TOOL | {"cache_control": {"type": "ephemeral"}}]},
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        {"thinking": {"type": "disabled", "clear_thinking": False}},
        {"thinking": {"type": "auto"}},
        {"thinking": True},
        {"reasoning": {"effort": "high", "exclude": True}},
        {"reasoning": {"max_tokens": 2000}, "reasoning_effort": "low"},
        {"reasoning": {"enabled": False}, "thinking": {"type": "disabled"}},
        {"reasoning": {"effort": 7}},
    ],
    ids=str,
)
def test_they_go_back_as_they_came(fields: dict[str, Any]) -> None:
    written = render_request(read(**fields))

    assert msgspec.json.decode(written.body) == {"model": "m", "messages": [], **fields}
    assert written.warnings == ()


def test_a_breakpoint_of_the_prompt_or_of_a_tool_reaches_anthropic() -> None:
    request = read(
        cache_control={"type": "ephemeral", "ttl": "1h"},
        tools=[TOOL | {"cache_control": {"type": "ephemeral"}}],
        max_tokens=9,
    )

    written = messages.render_request(request)

    body = msgspec.json.decode(written.body)
    assert body["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert body["tools"][0]["cache_control"] == {"type": "ephemeral"}
    assert written.warnings == ()


def test_a_breakpoint_of_anthropics_reaches_those_who_have_its_form() -> None:
    request = ModelRequest("m", [], tools=[Tool(name="f", cache=CacheBreakpoint(ttl="1h"))], cache=CacheBreakpoint())

    taken = render_request(request, dialect=Dialect(cache_field="cache_control"))
    refused = render_request(request, dialect=Dialect(cache_field="prompt_cache_breakpoint"))

    body = msgspec.json.decode(taken.body)
    assert body["cache_control"] == {"type": "ephemeral"}
    assert body["tools"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert taken.warnings == ()
    assert [each.feature for each in refused.warnings] == ["cache", "cache"]
    assert b"cache_control" not in refused.body


@pytest.mark.parametrize(
    ("fields", "thinking", "effort"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, {"type": "enabled", "budget_tokens": 2000}, None),
        ({"thinking": {"type": "disabled"}}, {"type": "disabled"}, None),
        ({"reasoning": {"effort": "high"}}, None, "high"),
        ({"reasoning": {"max_tokens": 2000}}, {"type": "enabled", "budget_tokens": 2000}, None),
        ({"reasoning": {"enabled": False}}, {"type": "disabled"}, None),
    ],
    ids=str,
)
def test_how_much_to_think_reaches_anthropic(
    fields: dict[str, Any], thinking: dict[str, Any] | None, effort: str | None
) -> None:
    written = messages.render_request(read(max_tokens=9000, **fields))

    body = msgspec.json.decode(written.body)
    assert body.get("thinking") == thinking
    assert body.get("output_config", {}).get("effort") == effort
    assert written.warnings == ()


def test_how_much_to_think_reaches_gemini() -> None:
    written = generate_content.render_request(read(thinking={"type": "enabled", "budget_tokens": 2000}))

    assert msgspec.json.decode(written.body)["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 2000


def test_thinking_of_another_wire_is_still_said_as_an_effort() -> None:
    written = render_request(ModelRequest("m", [], thinking=ThinkingConfig(mode="enabled", budget_tokens=2000)))

    assert msgspec.json.decode(written.body)["reasoning_effort"] == "low"
