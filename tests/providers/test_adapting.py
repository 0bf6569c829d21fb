"""Requests made such that their models take them."""

from datetime import date
from typing import Any

import msgspec
import pytest

from interlingua.catalog.rules import packaged_rules, rules_for
from interlingua.errors import Unsupported
from interlingua.providers import REGISTRY
from interlingua.providers.adapting import Adapted, adapt
from interlingua.types import (
    ModelMessage,
    ModelRequest,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from interlingua.wires import chat_completions, generate_content
from interlingua.wires.dialect import Dialect

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
        (date(2027, 1, 13), "gpt-4o will be retired on 2027-01-14; openai recommends gpt-6-luna"),
        (date(2027, 1, 14), "gpt-4o was retired on 2027-01-14; openai recommends gpt-6-luna"),
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


USER, ANSWER = ModelMessage("user", "Hi"), ModelMessage("assistant", "Hello")
CALL = ModelMessage("assistant", [ToolCallPart(id="1", name="weather", arguments="{}")])
RESULT = ModelMessage("tool", [ToolResultPart(call_id="1", content="Rain")])
THOUGHT = ModelMessage("assistant", [ThinkingPart(text="Hm.", field="reasoning_content"), TextPart("Hello")])


@pytest.mark.parametrize("model", ["o3", "o4-mini", "gpt-5", "gpt-5-2025-08-07", "gpt-5-mini", "gpt-5-pro"])
def test_reasoning_models_of_openai_take_no_sampling(model: str) -> None:
    request = asked(model, temperature=1, top_p=0.5, presence_penalty=0, logit_bias={"1": 1})

    result = adapted(request, provider="openai", wire="responses")

    sampling = ("temperature", "top_p", "presence_penalty", "logit_bias")
    assert [getattr(result.request, name) for name in sampling] == [None] * 4
    assert {each for each in said(result) if each[0] == "dropped"} == {("dropped", name) for name in sampling}


@pytest.mark.parametrize(
    ("model", "effort", "kept"),
    [("gpt-5.1", "low", None), ("gpt-5.1", "none", 0.5), ("gpt-5.4", None, 0.5), ("gpt-5.4-mini", "high", None)],
)
def test_later_ones_take_sampling_while_they_do_not_think(model: str, effort: str | None, kept: float | None) -> None:
    request = asked(model, temperature=0.5, reasoning_effort=effort)

    result = adapted(request, provider="openai", wire="chat_completions")

    assert result.request.temperature == kept
    assert (("dropped", "temperature") in said(result)) is (kept is None)


@pytest.mark.parametrize("model", ["o3", "gpt-5", "gpt-5.1", "gpt-6.1-sol", "chat-latest"])
def test_reasoning_models_of_openai_are_bounded_in_their_own_word(model: str) -> None:
    dialect = REGISTRY.lookup("openai").dialect

    rendered = chat_completions.render_request(asked(model, max_new_tokens=9), dialect=dialect, stream=False)

    body = msgspec.json.decode(rendered.body)
    assert (body["max_completion_tokens"], "max_tokens" in body) == (9, False)


@pytest.mark.parametrize(
    ("model", "provider", "effort", "taken"),
    [
        ("o3", "openai", "minimal", "low"),
        ("o3", "azure", "none", "low"),
        ("gpt-5", "openai", "none", "minimal"),
        ("gpt-5", "openai", "xhigh", "high"),
        ("gpt-5-pro", "openai", "low", "high"),
        ("gpt-5.1", "openai", "none", "none"),
        ("gpt-5.1", "openai", "xhigh", "high"),
        ("gpt-5.4-mini", "openai", "xhigh", "xhigh"),
        ("gemini-3.8-flash", "gemini", "minimal", "low"),
        ("gemini-3.8-flash", "gemini", "none", "low"),
        ("gemini-3.8-flash", "vertex", "max", "high"),
        ("gemini-3.5-flash-lite", "gemini", "none", "minimal"),
        ("gemini-3.1-pro-preview", "gemini", "minimal", "low"),
        ("gemini-3-pro-preview", "gemini", "medium", "low"),
        ("gemini-2.5-flash", "gemini", "none", "none"),
        ("claude-sonnet-5", "anthropic", "minimal", "low"),
    ],
)
def test_efforts_are_those_that_the_model_takes(model: str, provider: str, effort: str, taken: str) -> None:
    result = adapted(
        asked(model, reasoning_effort=effort, max_new_tokens=9), provider=provider, wire="generate_content"
    )

    assert result.request.reasoning_effort == taken
    assert any(kind == "clamped" for kind, _ in said(result)) is (taken != effort)


@pytest.mark.parametrize(("budget", "effort"), [(1024, "low"), (8192, "medium"), (30_000, "high")])
def test_gemini_3_has_levels_in_the_place_of_budgets(budget: int, effort: str) -> None:
    request = asked("gemini-3.8-flash", thinking=ThinkingConfig(mode="enabled", budget_tokens=budget))

    result = adapted(request, provider="gemini", wire="generate_content")

    rendered = generate_content.render_request(result.request, dialect=Dialect(), stream=False)
    config = msgspec.json.decode(rendered.body)["generationConfig"]["thinkingConfig"]
    assert (config["thinkingLevel"], "thinkingBudget" in config) == (effort.upper(), False)
    assert said(result) == [("emulated", "thinking.budget_tokens")]


def test_gemini_2_keeps_its_budgets() -> None:
    request = asked("gemini-2.5-pro", thinking=ThinkingConfig(mode="enabled", budget_tokens=1024))

    assert adapted(request, provider="gemini", wire="generate_content").request.thinking == request.thinking


@pytest.mark.parametrize(
    ("model", "given", "taken"),
    [("claude-haiku-4-5", 1.5, 1), ("claude-3-haiku", 2, 1), ("claude-sonnet-4-5", 0, 0), ("claude-opus-4-7", 1, None)],
)
def test_claude_takes_temperatures_up_to_one_and_later_none(model: str, given: float, taken: float | None) -> None:
    result = adapted(asked(model, temperature=given, max_new_tokens=9))

    assert result.request.temperature == taken


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "anthropic/claude-sonnet-4.5", "us.anthropic.claude-opus-4-1"])
def test_claude_takes_temperature_or_top_p(model: str) -> None:
    result = adapted(asked(model, temperature=0.5, top_p=0.9, max_new_tokens=9), provider="anyone")

    assert (result.request.temperature, result.request.top_p) == (0.5, None)
    assert said(result) == [("dropped", "top_p")]


def test_claude_is_neither_sampled_nor_made_to_call_while_it_thinks() -> None:
    thinking = ThinkingConfig(mode="enabled", budget_tokens=2048)
    fields: dict[str, Any] = {"temperature": 0, "tools": [TOOL], "tool_choice": ToolChoice(mode="required")}

    result = adapted(asked("claude-haiku-4-5", thinking=thinking, max_new_tokens=4096, **fields))
    idle = adapted(asked("claude-opus-4-5", reasoning_effort="low", max_new_tokens=4096, **fields))

    assert (result.request.temperature, result.request.tool_choice) == (None, ToolChoice(mode="auto"))
    assert said(result) == [("dropped", "temperature"), ("dropped", "tool_choice")]
    assert (idle.request.temperature, idle.request.tool_choice) == (0, ToolChoice(mode="required"))


@pytest.mark.parametrize("model", ["kimi-k2.5", "kimi-k2.6", "kimi-k3"])
def test_kimi_keeps_the_one_temperature_that_it_takes(model: str) -> None:
    result = adapted(asked(model, temperature=0.2, top_p=0.9), provider="moonshot", wire="chat_completions")

    assert (result.request.temperature, result.request.top_p) == (None, None)
    assert said(result) == [("dropped", "temperature"), ("dropped", "top_p")]
    elsewhere = adapted(asked(model, temperature=0.2), provider="vllm", wire="chat_completions")
    assert elsewhere.request.temperature == 0.2


@pytest.mark.parametrize(
    ("model", "provider", "reasoned", "told"),
    [
        ("deepseek-v4-flash", "deepseek", ["Hm.", " ", " "], ["emulated"]),
        ("kimi-k2.6", "moonshot", ["Hm.", " ", None], ["emulated"]),
        ("mistral-large-2512", "mistral", [None, None, None], ["dropped"]),
        ("deepseek-r1", "deepseek", [None, None, None], ["dropped"]),
        ("deepseek-v3.1", "fireworks", ["Hm.", None, None], []),
    ],
)
def test_reasoning_goes_back_as_its_model_wants_it(
    model: str, provider: str, reasoned: list[str | None], told: list[str]
) -> None:
    messages = [USER, THOUGHT, USER, CALL, RESULT, ANSWER, USER]

    result = adapted(asked(model, messages=messages), provider=provider, wire="chat_completions")

    answers = [message for message in result.request.messages if message.role == "assistant"]
    assert [message.thinking or None for message in answers] == reasoned
    dialect = REGISTRY.lookup(provider).dialect
    rendered = chat_completions.render_request(result.request, dialect=dialect, stream=False)
    written = [each for each in msgspec.json.decode(rendered.body)["messages"] if each["role"] == "assistant"]
    assert [each.get("reasoning_content") for each in written] == reasoned
    assert said(result) == [(kind, "thinking") for kind in told]
    assert messages[1] is THOUGHT


def test_mistrals_own_thinking_goes_back_among_the_content() -> None:
    own = ModelMessage("assistant", [ThinkingPart(text="Hm.", field="content"), TextPart("Hello")])

    request = asked("magistral-medium", messages=[USER, own, USER])

    assert adapted(request, provider="mistral", wire="chat_completions").request is request


@pytest.mark.parametrize("off", [{"reasoning_effort": "none"}, {"thinking": ThinkingConfig(mode="disabled")}])
def test_who_does_not_think_needs_no_reasoning_back(off: dict[str, Any]) -> None:
    request = asked("deepseek-v4-pro", messages=[USER, CALL], **off)

    assert adapted(request, provider="deepseek", wire="chat_completions").request.messages is request.messages


@pytest.mark.parametrize(
    ("model", "provider"), [("sonar-pro", "perplexity"), ("mistral-7b-instruct", "vllm"), ("gemma2:9b", "ollama")]
)
def test_messages_in_a_row_become_one_where_roles_have_to_alternate(model: str, provider: str) -> None:
    messages = [USER, ModelMessage("user", "How are you?"), ANSWER, CALL, RESULT, USER]

    result = adapted(asked(model, messages=messages), provider=provider, wire="chat_completions")

    assert [message.role for message in result.request.messages] == ["user", "assistant", "tool", "user"]
    assert result.request.messages[0].text == "Hi\n\nHow are you?"
    assert (result.request.messages[1].text, len(result.request.messages[1].tool_calls)) == ("Hello", 1)
    assert said(result) == [("emulated", "messages")]
    assert len(messages) == 6
    alternating = asked(model, messages=[USER, ANSWER, USER])
    assert adapted(alternating, provider=provider, wire="chat_completions").request is alternating


@pytest.mark.parametrize(
    ("effort", "bound", "budget"),
    [
        ("low", 4096, 2048),
        ("medium", 10_000, 8192),
        ("max", 60_000, 24_576),
        ("high", 9000, 4500),
        ("minimal", None, 2048),
    ],
)
def test_an_effort_becomes_a_budget_where_there_is_none(effort: str, bound: int | None, budget: int) -> None:
    result = adapted(asked("claude-haiku-4-5", reasoning_effort=effort, max_new_tokens=bound))

    assert result.request.reasoning_effort is None
    assert result.request.thinking == ThinkingConfig(mode="enabled", budget_tokens=budget)
    assert said(result)[0] == ("emulated", "reasoning_effort")


@pytest.mark.parametrize(
    "fields",
    [
        {"max_new_tokens": 2000},
        {"max_new_tokens": 9000, "thinking": ThinkingConfig(mode="enabled", budget_tokens=3000)},
        {"max_new_tokens": 9000, "messages": [USER, CALL, RESULT]},
    ],
    ids=["no room", "a budget is given", "calls without thinking"],
)
def test_an_effort_that_cannot_be_a_budget_is_dropped(fields: dict[str, Any]) -> None:
    request = asked("claude-haiku-4-5", reasoning_effort="high", **fields)

    result = adapted(request)

    assert (result.request.reasoning_effort, result.request.thinking) == (None, request.thinking)
    assert said(result) == [("dropped", "reasoning_effort")]


def test_calls_whose_thinking_can_be_checked_are_gone_on_from() -> None:
    thought = ThinkingPart(text="Hm.", signature="c2ln", wire="messages")
    messages = [USER, ModelMessage("assistant", [thought, *CALL.parts]), RESULT]

    result = adapted(asked("claude-haiku-4-5", reasoning_effort="low", max_new_tokens=9000, messages=messages))

    assert result.request.thinking == ThinkingConfig(mode="enabled", budget_tokens=2048)


def test_no_effort_stays_none_and_other_wires_keep_theirs() -> None:
    off = adapted(asked("claude-haiku-4-5", reasoning_effort="none", max_new_tokens=9))
    elsewhere = adapted(
        asked("claude-haiku-4.5", reasoning_effort="low"), provider="openrouter", wire="chat_completions"
    )

    assert (off.request.reasoning_effort, off.warnings) == ("none", ())
    assert (elsewhere.request.reasoning_effort, elsewhere.warnings) == ("low", ())
