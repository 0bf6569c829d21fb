"""Requests of the Responses API: what OpenAI's types say is carried, and what is written is what they take."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.types import (
    Adaptation,
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OpaquePart,
    OpaqueTool,
    Part,
    RefusalPart,
    ResponseFormat,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from interlingua.wires import responses
from tests.wires.responses.published import (
    CALL,
    COMMENTARY,
    CUSTOM_CALL,
    FUNCTION,
    FUTURE,
    GRAMMAR,
    HOSTED,
    ITEMS,
    REFUSED,
    REQUEST,
    SHOWN_THOUGHT,
    THOUGHT,
    TOOLS,
    check_item,
    check_request,
    check_tool,
)


def read(body: dict[str, Any]) -> ModelRequest:
    return responses.parse_request(msgspec.json.encode({"model": "m", **body}))


def written(request: ModelRequest) -> dict[str, Any]:
    return msgspec.json.decode(responses.render_request(request).body)


def parts_of(item: dict[str, Any]) -> list[Part]:
    (message,) = read({"input": [item]}).messages
    return list(message.parts)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.get("type", "item_reference"))
def test_the_golden_items_are_what_openai_takes(item: dict[str, Any]) -> None:
    check_item(item)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool["type"])
def test_the_golden_tools_are_what_openai_takes(tool: dict[str, Any]) -> None:
    check_tool(tool)


def test_a_whole_request_goes_back_as_it_came() -> None:
    check_request(REQUEST)

    body = written(read(REQUEST))

    assert body == REQUEST
    check_request(body)


@pytest.mark.parametrize("item", [*ITEMS, FUTURE], ids=lambda item: item.get("type", "item_reference"))
def test_an_item_alone_goes_back_as_it_came(item: dict[str, Any]) -> None:
    assert written(read({"input": [item]})) == {"model": "m", "input": [item]}


def test_a_conversation_is_replayed_byte_for_byte() -> None:
    items = [ITEMS[0], THOUGHT, COMMENTARY, CALL, CUSTOM_CALL, *HOSTED, FUTURE, *ITEMS[-12:]]
    body = {"model": "m", "input": items, "store": False}

    again = responses.render_request(responses.parse_request(msgspec.json.encode(body))).body

    assert msgspec.json.decode(again)["input"] == items
    for item in (*HOSTED, FUTURE):
        assert msgspec.json.encode(item) in again
    for field in (
        b'"encrypted_content":"gAAAAABo+/="',
        b'"arguments":"{\\"city\\": \\"Oslo\\"}"',
        b'"phase":"commentary"',
    ):
        assert field in again


def test_parameters_have_their_neutral_names() -> None:
    request = read(REQUEST)

    assert request.messages[0] == ModelMessage("system", "You are a clerk.")
    assert (request.temperature, request.top_p, request.max_new_tokens, request.top_logprobs) == (0, 0.5, 64, 0)
    assert (request.parallel_tool_calls, request.logprobs, request.store, request.stream) == (False, True, False, True)
    assert request.tool_choice == ToolChoice(mode="tool", names=("weather",))
    assert (request.reasoning_effort, request.verbosity, request.service_tier) == ("high", "low", "flex")
    assert request.thinking == ThinkingConfig(
        summary="detailed", extensions={"responses": {"context": "all_turns", "mode": "pro"}}
    )
    assert request.response_format == ResponseFormat(
        type="json_schema", name="a", schema={"type": "object"}, strict=True, description="A"
    )
    assert (request.user, request.safety_identifier, request.prompt_cache_key) == ("u", "s", "k")
    assert request.metadata == {"a": "b"}
    assert set(request.extensions["responses"]) == {
        *("max_tool_calls", "include", "prompt", "prompt_cache_options", "prompt_cache_retention", "truncation"),
        *("previous_response_id", "context_management", "background", "background_options", "moderation"),
        *("image", "access_programs", "stream_options"),
    }


def test_tools_have_their_neutral_form() -> None:
    tools = read({"input": "a", "tools": TOOLS}).tools or []

    assert tools[0] == Tool(
        name="weather",
        description="The weather of a city.",
        parameters=FUNCTION["parameters"],
        strict=True,
        extensions={
            "responses": {
                name: FUNCTION[name] for name in ("defer_loading", "async", "output_schema", "allowed_callers")
            }
        },
    )
    assert isinstance(tools[1], Tool)
    assert (tools[1].kind, tools[1].format) == ("custom", GRAMMAR["format"])
    assert [tool.data for tool in tools if isinstance(tool, OpaqueTool)] == TOOLS[2:]


def test_content_has_its_neutral_form() -> None:
    parts = parts_of(ITEMS[0])

    mark = CacheBreakpoint(ttl="12h", extensions={"responses": {"mode": "explicit", "ttl": "12h"}})
    assert parts == [
        TextPart("Look.", cache=mark),
        ImagePart(url="https://a.example/b.png", detail="original"),
        ImagePart(file_id="file_4", detail="auto"),
        FilePart(file_id="file_1", extensions={"responses": {"detail": "low"}}),
        FilePart(data="data:application/pdf;base64,JVBERi0=", filename="a.pdf"),
        FilePart(url="https://a.example/c.pdf"),
    ]


def test_what_the_model_made_has_its_neutral_form() -> None:
    text, more = parts_of(COMMENTARY)
    assert isinstance(text, TextPart)
    assert isinstance(more, TextPart)
    assert (text.text, more.text) == ("It is", " cold.")
    assert [(source.kind, source.url, source.title, source.file_id) for source in text.citations or ()] == [
        ("url", "https://a.example", "A", None),
        ("file", None, "a.pdf", "file_1"),
        ("file", None, "b.csv", "file_2"),
        ("file", None, None, "file_3"),
    ]
    assert text.extensions["responses"]["item"] == {"id": "msg_1", "phase": "commentary"}
    assert more.extensions["responses"]["item"] == {"id": "msg_1", "status": "completed", "phase": "commentary"}
    assert [part.text for part in parts_of(REFUSED) if isinstance(part, RefusalPart)] == ["I will not."]
    (thought,), (shown,) = parts_of(THOUGHT), parts_of(SHOWN_THOUGHT)
    assert isinstance(thought, ThinkingPart)
    assert isinstance(shown, ThinkingPart)
    assert (thought.text, thought.encrypted, thought.wire) == ("First.\n\nThen.", "gAAAAABo+/=", "responses")
    assert (shown.text, shown.encrypted, shown.field) == ("All of it.", None, "reasoning_text")
    (call,), (custom,) = parts_of(CALL), parts_of(CUSTOM_CALL)
    assert isinstance(call, ToolCallPart)
    assert isinstance(custom, ToolCallPart)
    assert (call.id, call.name, call.arguments, call.kind) == ("call_1", "weather", '{"city": "Oslo"}', "function")
    assert (custom.id, custom.arguments, custom.kind) == ("call_2", "a", "custom")
    assert [parts_of(item) for item in HOSTED] == [[OpaquePart("responses", item)] for item in HOSTED]


def test_results_of_tools_hold_texts_images_and_files() -> None:
    (result,) = parts_of(next(item for item in ITEMS if item.get("call_id") == "call_1" and "output" in item))

    assert isinstance(result, ToolResultPart)
    assert result.content == [
        TextPart("4 degrees"),
        ImagePart(url="data:image/png;base64,iVBORw0KGgo=", detail="low"),
        FilePart(url="https://a.example/d.pdf"),
    ]


@pytest.mark.parametrize(
    ("given", "neutral"),
    [
        ("auto", ToolChoice(mode="auto")),
        ("none", ToolChoice(mode="none")),
        ("required", ToolChoice(mode="required")),
        ({"type": "custom", "name": "patch"}, ToolChoice(mode="tool", names=("patch",), kind="custom")),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "weather"}, {"type": "custom", "name": "patch"}],
            },
            ToolChoice(mode="allowed", names=("weather", "patch"), required=True),
        ),
    ],
)
def test_tool_choices_are_read(given: Any, neutral: ToolChoice) -> None:
    request = read({"input": "a", "tools": [FUNCTION, GRAMMAR], "tool_choice": given})

    assert request.tool_choice == neutral
    assert written(request)["tool_choice"] == given


@pytest.mark.parametrize(
    "given",
    [
        {"type": "file_search"},
        {"type": "mcp", "server_label": "wiki", "name": "ask"},
        {"type": "programmatic_tool_calling"},
        {"type": "apply_patch"},
        {"type": "shell"},
        {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp", "server_label": "wiki"}]},
        {"type": "telepathy"},
    ],
)
def test_choices_of_hosted_tools_go_back_as_they_came(given: dict[str, Any]) -> None:
    request = read({"input": "a", "tool_choice": given})

    assert request.tool_choice is not None
    assert request.tool_choice.mode == "opaque"
    assert written(request)["tool_choice"] == given


@pytest.mark.parametrize("strict", [None, ...])
def test_strictness_that_is_not_said_stays_unsaid(strict: Any) -> None:
    schema: dict[str, Any] = {}
    tool: dict[str, Any] = {"type": "function", "name": "f", "parameters": schema} | (
        {} if strict is ... else {"strict": strict}
    )

    assert written(read({"input": "a", "tools": [tool]}))["tools"] == [{**tool, "strict": None}]


def test_null_is_unset() -> None:
    nulls = dict.fromkeys(
        (
            "instructions",
            "temperature",
            "tools",
            "metadata",
            "reasoning",
            "text",
            "stream",
            "conversation",
            "truncation",
        )
    )

    request = read({"input": "a", **nulls, "reasoning": {"effort": None}})

    assert request.extensions == {"responses": {}}
    assert request.thinking is None
    assert written(request) == {"model": "m", "input": [{"type": "message", "role": "user", "content": "a"}]}


def test_penalties_of_open_responses_are_read_and_go_back() -> None:
    request = read({"input": "a", "presence_penalty": 0.5, "frequency_penalty": 0})

    assert (request.presence_penalty, request.frequency_penalty) == (0.5, 0)
    assert written(request) | {"input": None} == {
        "model": "m", "input": None, "presence_penalty": 0.5, "frequency_penalty": 0,
    }  # fmt: skip
    other = responses.render_request(ModelRequest("m", [ModelMessage("user", "a")], presence_penalty=0.5))
    assert "presence_penalty" in [each.feature for each in other.warnings]


def test_a_request_of_another_wire_asks_for_its_state_and_to_be_forgotten() -> None:
    body = written(ModelRequest("m", [ModelMessage("user", "a")], logprobs=True))

    assert body["store"] is False
    assert body["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"]
    check_request(body)


def test_a_conversation_of_another_wire_is_what_openai_takes() -> None:
    request = ModelRequest(
        "m",
        [
            ModelMessage("system", "Be brief."),
            ModelMessage("user", [TextPart("Look."), ImagePart(url="data:image/png;base64,iVBORw0KGgo=")]),
            ModelMessage("assistant", [TextPart("I ask."), ToolCallPart(id="c1", name="weather", arguments="{}")]),
            ModelMessage("user", [ToolResultPart(call_id="c1", content=[TextPart("4")]), TextPart("And?")]),
            ModelMessage("assistant", [ToolCallPart(id="c2", name="patch", arguments="a", kind="custom")]),
            ModelMessage("tool", [ToolResultPart(call_id="c2", content="done")]),
        ],
        tools=[Tool(name="weather", parameters={}), Tool(name="patch", kind="custom")],
        tool_choice=ToolChoice(mode="allowed", names=("weather", "patch")),
    )

    body = written(request)

    assert body["input"] == [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look."},
                {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "auto"},
            ],
        },
        {"type": "message", "role": "assistant", "content": "I ask."},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "4"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "And?"}]},
        {"type": "custom_tool_call", "call_id": "c2", "name": "patch", "input": "a"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "done"},
    ]
    assert [tool["type"] for tool in body["tool_choice"]["tools"]] == ["function", "custom"]
    check_request(body)


UNSAID: list[tuple[ModelMessage, str]] = [
    (ModelMessage("user", [AudioPart(data="UklGRg==", format="wav")]), "audio"),
    (ModelMessage("user", [TextPart("a", citations=[Citation(url="u")])]), "citations"),
    (ModelMessage("user", [TextPart("a", cache=CacheBreakpoint())]), "cache"),
    (ModelMessage("user", "a", name="Ada"), "name"),
    (ModelMessage("tool", "of no call"), "tool"),
    (ModelMessage("tool", [ToolResultPart(call_id="c", content="a", is_error=True)]), "tool_result.is_error"),
    (ModelMessage("tool", [ToolResultPart(call_id="c", content="a", cache=CacheBreakpoint())]), "cache"),
    (ModelMessage("assistant", [ImagePart(url="data:image/png;base64,AA==")]), "image"),
    (ModelMessage("assistant", [TextPart("a", signature="s")]), "thinking"),
    (ModelMessage("assistant", [ToolCallPart(id="c", name="f", signature="s")]), "thinking"),
    (ModelMessage("assistant", [ThinkingPart(text="a", signature="s", wire="messages")]), "thinking"),
    (ModelMessage("assistant", [OpaquePart("messages", {"type": "server_tool_use"})]), "opaque"),
]


@pytest.mark.parametrize(("message", "feature"), UNSAID, ids=lambda value: value if isinstance(value, str) else None)
def test_what_cannot_be_said_is_reported_and_refused_in_strict_mode(message: ModelMessage, feature: str) -> None:
    request = ModelRequest("m", [message])

    assert [each.feature for each in responses.render_request(request).warnings] == [feature]
    request.strict = True
    with pytest.raises(Unsupported, match=feature.replace(".", r"\.")):
        responses.render_request(request)


def test_parameters_that_cannot_be_said_are_reported_by_name() -> None:
    request = ModelRequest(
        "m",
        [ModelMessage("user", "a")],
        stop=["END"],
        seed=0,
        n=2,
        logit_bias={"1": 2},
        top_k=3,
        min_p=0.1,
        repetition_penalty=1.1,
        modalities=["audio"],
        thinking=ThinkingConfig(mode="enabled", budget_tokens=2048),
        tools=[OpaqueTool("messages", {"type": "bash_20250124", "name": "bash"})],
        extensions={"messages": {"container": "c", "inference_geo": "eu"}},
    )

    warnings = responses.render_request(request).warnings

    assert {each.feature for each in warnings} == {
        *("stop", "seed", "n", "logit_bias", "top_k", "min_p", "repetition_penalty", "modalities"),
        *("thinking.budget_tokens", "tools", "container", "inference_geo"),
    }
    assert Adaptation("dropped", "container", "a field of messages") in warnings


def test_fields_of_another_wire_are_told_by_name() -> None:
    foreign: dict[str, dict[str, Any]] = {"messages": {"toolset": "x"}}
    request = ModelRequest(
        "m",
        [
            ModelMessage("user", [TextPart("a", foreign)], extensions=foreign),
            ModelMessage("assistant", [TextPart("b", foreign), ToolCallPart(id="c", name="f", extensions=foreign)]),
            ModelMessage("tool", [ToolResultPart(call_id="c", content="d", extensions=foreign)]),
        ],
        tools=[Tool(name="f", extensions=foreign)],
        tool_choice=ToolChoice(mode="auto", extensions=foreign),
        thinking=ThinkingConfig(extensions=foreign),
        response_format=ResponseFormat(extensions=foreign),
    )

    features = [each.feature for each in responses.render_request(request).warnings]

    assert features == [
        *("text.toolset", "message.toolset", "tool_call.toolset", "tool_result.toolset"),
        *("tools.toolset", "tool_choice.toolset", "response_format.toolset", "thinking.toolset"),
    ]


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"input": 7}, "input"),
    ({}, "input"),
    ({"input": [7]}, "input[0]"),
    ({"input": [{"type": 7}]}, "input[0].type"),
    ({"input": [{}]}, "input[0].type"),
    ({"input": [{"role": "critic", "content": "a"}]}, "input[0].role"),
    ({"input": [{"role": "user", "content": 7}]}, "input[0].content"),
    ({"input": [{"role": "user", "content": [7]}]}, "input[0].content[0]"),
    ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
    ({"input": [{"role": "assistant", "content": [{"type": "refusal"}]}]}, "input[0].content[0].refusal"),
    ({"input": [{"type": "function_call", "call_id": 1, "name": "f"}]}, "input[0]"),
    ({"input": [{"type": "function_call_output", "call_id": 1}]}, "input[0].call_id"),
    ({"input": [{"type": "function_call_output", "call_id": "c", "output": 7}]}, "input[0].output"),
    ({"input": "a", "temperature": "hot"}, "temperature"),
    ({"input": "a", "max_output_tokens": 1.5}, "max_output_tokens"),
    ({"input": "a", "metadata": {"a": 1}}, "metadata"),
    ({"input": "a", "tools": {}}, "tools"),
    ({"input": "a", "tools": [{"type": "function"}]}, "tools[0].name"),
    ({"input": "a", "text": 7}, "text"),
    ({"input": "a", "text": {"format": {"type": "json_schema", "schema": 7}}}, "text.format"),
    ({"input": "a", "reasoning": 7}, "reasoning"),
    ({"input": "a", "stream": "yes"}, "stream"),
]


@pytest.mark.parametrize(("body", "param"), MALFORMED)
def test_what_is_malformed_is_refused_with_its_place(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        read(body)

    assert raised.value.param == param


def test_the_question_of_tokens_has_what_counts() -> None:
    counted = responses.render_count_request(read(REQUEST))

    assert set(msgspec.json.decode(counted.body)) == {
        *("model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning"),
        *("previous_response_id", "truncation"),
    }
    assert counted.path == "/responses/input_tokens"
    assert responses.parse_count(responses.render_count(7)) == 7
