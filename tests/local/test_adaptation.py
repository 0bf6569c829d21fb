from typing import Any

import pytest

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.local.adaptation import DIALECT, adapt
from interlingua.types import ModelMessage, ModelRequest, Tool, ToolChoice
from interlingua.wires import chat_completions

WEATHER = Tool(name="weather", parameters={"type": "object"})
CLOCK = Tool(name="clock", parameters={"type": "object"})
START = "<tool_call>\n"


def request(messages: Any = "Hi", **options: Any) -> ModelRequest:
    return ModelRequest.build_request("m", messages, **options)


def test_the_callers_request_is_left_as_it_was() -> None:
    given = request(repetition_penalty=1.1, tools=[WEATHER], tool_choice=ToolChoice(mode="required"))
    before = given.copy()

    adapt(given, takes_tools=True, tool_call_start=START)

    assert given == before


def test_the_repetition_penalty_gets_llamas_name_and_the_callers_own_fields_win() -> None:
    adapted, warnings = adapt(request(repetition_penalty=1.1, extra_body={"mirostat": 2}), takes_tools=True)

    assert adapted.extra_body == {"return_progress": True, "repeat_penalty": 1.1, "mirostat": 2}
    assert warnings == []


def test_zero_is_sent_and_unset_is_not() -> None:
    adapted, _ = adapt(request(temperature=0.0, top_k=0, min_p=0.0, seed=0), takes_tools=False)

    body = chat_completions.render_request(adapted, dialect=DIALECT, stream=True).body

    assert b'"temperature":0.0' in body
    assert b'"top_k":0' in body
    assert b'"seed":0' in body
    assert b"top_p" not in body


def test_what_no_local_model_sees_is_refused() -> None:
    picture = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]

    with pytest.raises(Unsupported, match="images"):
        adapt(request(picture), takes_tools=True)


def test_an_empty_conversation_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="messages is empty"):
        adapt(request([]), takes_tools=True)


def test_tools_without_a_place_in_the_template_are_dropped_with_a_warning() -> None:
    adapted, warnings = adapt(request(tools=[WEATHER]), takes_tools=False)

    assert adapted.tools is None
    assert [(warning.kind, warning.feature) for warning in warnings] == [("dropped", "tools")]


@pytest.mark.parametrize(
    "options",
    [
        {"tool_choice": ToolChoice(mode="required")},
        {"tool_choice": ToolChoice(mode="tool", names=("weather",))},
        {"tool_choice": ToolChoice(mode="allowed", names=("weather",), required=True)},
        {"strict": True},
    ],
)
def test_a_call_is_not_demanded_of_a_model_that_cannot_see_tools(options: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="tools"):
        adapt(request(tools=[WEATHER], **options), takes_tools=False)


def test_tools_that_must_not_be_called_are_left_out_without_a_warning() -> None:
    adapted, warnings = adapt(request(tools=[WEATHER], tool_choice=ToolChoice(mode="none")), takes_tools=False)

    assert (adapted.tools, adapted.tool_choice, warnings) == (None, None, [])


def test_a_demanded_call_is_begun_for_the_model() -> None:
    adapted, _ = adapt(
        request(tools=[WEATHER], tool_choice=ToolChoice(mode="required")), takes_tools=True, tool_call_start=START
    )

    assert adapted.messages[-1] == ModelMessage("assistant", START)


def test_a_call_that_is_not_demanded_is_not_begun() -> None:
    adapted, warnings = adapt(request(tools=[WEATHER]), takes_tools=True, tool_call_start=START)

    assert [message.role for message in adapted.messages] == ["user"]
    assert warnings == []


def test_one_named_tool_is_the_only_one_shown_and_must_be_called() -> None:
    choice = ToolChoice(mode="tool", names=("clock",))

    adapted, warnings = adapt(request(tools=[WEATHER, CLOCK], tool_choice=choice), takes_tools=True)

    assert adapted.tools == [CLOCK]
    assert adapted.tool_choice == ToolChoice(mode="required")
    assert [warning.kind for warning in warnings] == ["emulated"]


def test_allowed_tools_are_the_only_ones_shown() -> None:
    choice = ToolChoice(mode="allowed", names=("clock",))

    adapted, _ = adapt(request(tools=[WEATHER, CLOCK], tool_choice=choice), takes_tools=True)

    assert (adapted.tools, adapted.tool_choice) == ([CLOCK], ToolChoice(mode="auto"))


def test_a_tool_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(InvalidRequest, match="'clock'"):
        adapt(request(tools=[WEATHER], tool_choice=ToolChoice(mode="tool", names=("clock",))), takes_tools=True)


def test_one_call_at_a_time_is_not_promised() -> None:
    _, warnings = adapt(request(tools=[WEATHER], parallel_tool_calls=False), takes_tools=True)

    assert [(warning.kind, warning.feature) for warning in warnings] == [("unverified", "parallel_tool_calls")]
