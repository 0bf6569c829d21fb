"""Requests made such that their models take them."""

from datetime import date
from typing import Any

import pytest

from interlingua.catalog.rules import packaged_rules, rules_for
from interlingua.errors import Unsupported
from interlingua.providers.adapting import Adapted, adapt
from interlingua.types import ModelMessage, ModelRequest, ThinkingConfig, Tool, ToolCallPart, ToolChoice

TOOL = Tool(name="weather", parameters={"type": "object"})


def asked(model: str, **fields: Any) -> ModelRequest:
    return ModelRequest(model, fields.pop("messages", [ModelMessage("user", "Hi")]), **fields)


def adapted(request: ModelRequest, *, provider: str = "anthropic", wire: str = "messages") -> Adapted:
    return adapt(request, provider=provider, wire=wire, spoken=("chat_completions", "responses", "messages"))


def said(result: Adapted) -> list[tuple[str, str]]:
    return [(warning.kind, warning.feature) for warning in result.warnings]


def test_a_model_without_rules_gets_what_was_asked() -> None:
    request = asked("house-model", temperature=2, tools=[TOOL])

    result = adapted(request, provider="openai", wire="chat_completions")

    assert result == Adapted(request, "chat_completions")
    assert result.request is request


def test_sampling_is_dropped_where_there_is_none() -> None:
    request = asked("claude-sonnet-5-5", temperature=0, top_p=0.5, max_new_tokens=9)

    result = adapted(request)

    assert (result.request.temperature, result.request.top_p) == (None, None)
    assert said(result) == [("dropped", "temperature"), ("dropped", "top_p")]
    assert request.temperature == 0


def test_a_budget_becomes_an_effort() -> None:
    request = asked("claude-opus-5-5", thinking=ThinkingConfig(mode="enabled", budget_tokens=4000), max_new_tokens=9)

    result = adapted(request)

    assert result.request.reasoning_effort == "medium"
    assert result.request.thinking == ThinkingConfig(mode="adaptive")
    assert said(result) == [("emulated", "thinking.budget_tokens")]


@pytest.mark.parametrize("how", [{"reasoning_effort": "none"}, {"thinking": ThinkingConfig(mode="disabled")}])
def test_thinking_that_cannot_be_switched_off_is_kept_low(how: dict[str, Any]) -> None:
    result = adapted(asked("claude-opus-5-5", max_new_tokens=9, **how))

    assert (result.request.reasoning_effort, result.request.thinking) == ("low", None)
    assert said(result) == [("clamped", "thinking")]


def test_an_effort_that_is_not_known_becomes_the_nearest() -> None:
    result = adapted(asked("claude-haiku-5-5", reasoning_effort="minimal", max_new_tokens=9))

    assert result.request.reasoning_effort == "low"
    assert said(result) == [("clamped", "reasoning_effort")]


def test_a_prefill_becomes_a_wish_to_go_on() -> None:
    messages = [ModelMessage("user", "Count."), ModelMessage("assistant", "One, two,")]

    result = adapted(asked("claude-sonnet-5-5", messages=messages, max_new_tokens=9))

    assert [message.role for message in result.request.messages] == ["user", "assistant", "user"]
    assert result.request.messages[-1].text.endswith("One, two,")
    assert said(result) == [("emulated", "prefill")]
    assert len(messages) == 2


@pytest.mark.parametrize("choice", [ToolChoice(mode="required"), ToolChoice(mode="tool", names=("weather",))])
def test_a_tool_that_cannot_be_forced_may_be_called(choice: ToolChoice) -> None:
    result = adapted(asked("claude-sonnet-5-5", tools=[TOOL], tool_choice=choice, max_new_tokens=9))

    assert result.request.tool_choice == ToolChoice(mode="auto")
    assert said(result) == [("dropped", "tool_choice")]


@pytest.mark.parametrize(
    ("model", "effort", "wire"),
    [
        ("gpt-6-astra", None, "responses"),
        ("gpt-6-astra", "none", "responses"),
        ("gpt-6.2-sol", "low", "responses"),
        ("gpt-6.2-sol", "none", "chat_completions"),
        ("gpt-5.4", None, "chat_completions"),
    ],
)
def test_tools_that_chat_completions_refuses_go_through_responses(model: str, effort: str | None, wire: str) -> None:
    request = asked(model, tools=[TOOL], reasoning_effort=effort)

    result = adapted(request, provider="openai", wire="chat_completions")

    assert result.wire == wire
    assert said(result) == ([("bridged", "tools")] if wire == "responses" else [])


def test_without_another_wire_the_tools_are_tried_all_the_same() -> None:
    request = asked("gpt-6-astra", tools=[TOOL])

    result = adapt(request, provider="openai", wire="chat_completions", spoken=("chat_completions",))

    assert result == Adapted(request, "chat_completions")


def test_the_same_model_elsewhere_has_rules_of_its_own() -> None:
    assert rules_for("gpt-6-astra", provider="openrouter") is None


def test_a_system_message_becomes_the_users_where_there_is_no_such_role() -> None:
    messages = [ModelMessage("system", "Be brief."), ModelMessage("user", "Hi"), ModelMessage("assistant", "Hello")]

    result = adapted(asked("gemma-3-27b-it", messages=messages), provider="vllm", wire="chat_completions")

    assert [(message.role, message.text) for message in result.request.messages] == [
        ("user", "Be brief.\n\nHi"),
        ("assistant", "Hello"),
    ]
    assert said(result) == [("renamed", "system")]


def test_an_answer_is_bounded_by_what_the_model_writes() -> None:
    result = adapted(asked("claude-opus-4-5"))

    assert result.request.max_new_tokens == 64_000
    assert said(result) == [("emulated", "max_new_tokens")]


def test_a_strict_request_is_refused_with_the_features_name() -> None:
    with pytest.raises(Unsupported, match="temperature"):
        adapted(asked("claude-sonnet-5-5", temperature=0, max_new_tokens=9, strict=True))


def test_every_row_has_a_source_and_a_day() -> None:
    assert [row.rules.match for row in packaged_rules().rows if not row.rules.source or row.rules.checked is None] == []


def calling(**fields: Any) -> ModelMessage:
    second = ToolCallPart(id="2", name="time", arguments="{}")
    return ModelMessage("assistant", [ToolCallPart(id="1", name="weather", arguments="{}", **fields), second])


@pytest.mark.parametrize(
    ("wire", "stands"),
    [
        ("generate_content", {"thoughtSignature": "skip_thought_signature_validator"}),
        (
            "chat_completions",
            {"extra_content": {"google": {"thought_signature": "skip_thought_signature_validator"}}},
        ),
    ],
)
def test_a_call_that_lost_its_signature_says_so_where_one_is_wanted(wire: str, stands: dict[str, Any]) -> None:
    request = asked("gemini-3.8-flash", messages=[ModelMessage("user", "Hi"), calling()])

    result = adapted(request, provider="gemini", wire=wire)

    first, second = result.request.messages[1].tool_calls
    assert first.extensions == {wire: stands}
    assert second.extensions == {}
    assert said(result) == [("emulated", "thinking")]
    assert request.messages[1] == calling()


@pytest.mark.parametrize(
    "message",
    [
        calling(signature="c2ln"),
        calling(extensions={"generate_content": {"thoughtSignature": "skip_thought_signature_validator"}}),
        ModelMessage("assistant", "Hello"),
    ],
    ids=["signed", "said already", "no call"],
)
def test_a_call_with_a_signature_stays_as_it_is(message: ModelMessage) -> None:
    request = asked("gemini-4-argon", messages=[ModelMessage("user", "Hi"), message])

    assert adapted(request, provider="gemini", wire="generate_content") == Adapted(request, "generate_content")


def test_older_models_want_no_signatures() -> None:
    request = asked("gemini-2.5-flash", messages=[ModelMessage("user", "Hi"), calling()])

    assert adapted(request, provider="gemini", wire="generate_content").request is request


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2027, 1, 13), "gpt-4o will be retired on 2027-01-14; openai recommends gpt-6.1-sol"),
        (date(2027, 1, 14), "gpt-4o was retired on 2027-01-14; openai recommends gpt-6.1-sol"),
    ],
)
def test_a_model_that_goes_is_asked_with_a_warning_that_has_the_day(today: date, told: str) -> None:
    request = asked("gpt-4o", strict=True)

    result = adapt(request, provider="openai", wire="chat_completions", spoken=("chat_completions",), today=today)

    assert result.request is request
    assert [(each.kind, each.feature, each.detail) for each in result.warnings] == [("retiring", "model", told)]


def test_the_days_of_one_provider_are_not_those_of_another() -> None:
    result = adapted(asked("gpt-4o"), provider="azure", wire="chat_completions")

    assert said(result) == []
