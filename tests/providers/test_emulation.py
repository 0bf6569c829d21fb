"""Tools that a wire has no word for, asked for in another way."""

import msgspec
import pytest

from interlingua.providers.emulation import emulated
from interlingua.types import (
    Choice,
    Event,
    Finish,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OpaqueTool,
    Tool,
    ToolCallDelta,
    ToolCallPart,
    ToolChoice,
)
from interlingua.wires.dialect import Dialect

PATCH = Tool(name="patch", kind="custom", description="Change files.", format={"type": "text"})
READ = Tool(name="read", parameters={"type": "object"})
TRACKER = OpaqueTool(
    "responses",
    {
        "type": "namespace",
        "name": "mcp__tracker",
        "tools": [
            {"type": "function", "name": "list", "parameters": {"type": "object"}, "strict": True, "defer_loading": 1},
            {"type": "custom", "name": "note"},
        ],
    },
)


def asking(*tools: Tool | OpaqueTool, messages: list[ModelMessage] | None = None) -> ModelRequest:
    return ModelRequest("m", messages or [ModelMessage("user", "Hi")], tools=list(tools))


@pytest.mark.parametrize(
    ("wire", "dialect"), [("responses", Dialect()), ("chat_completions", Dialect())], ids=["responses", "chat"]
)
def test_what_is_taken_stays_as_it_is(wire: str, dialect: Dialect) -> None:
    assert emulated(asking(READ, PATCH), wire=wire, dialect=dialect) is None


@pytest.mark.parametrize("wire", ["messages", "generate_content", "ollama", "converse"])
def test_functions_need_nothing_anywhere(wire: str) -> None:
    assert emulated(asking(READ), wire=wire, dialect=Dialect()) is None
    assert emulated(ModelRequest("m", []), wire=wire, dialect=Dialect()) is None


def test_a_speaker_of_chat_completions_that_has_no_such_tools_is_asked_for_a_function() -> None:
    emulation = emulated(asking(READ, PATCH), wire="chat_completions", dialect=Dialect(custom_tools=False))

    assert emulation is not None
    read, patch = emulation.request.tools or []
    assert read == READ
    assert isinstance(patch, Tool)
    assert (patch.name, patch.kind, patch.description) == ("patch", "function", "Change files.")
    assert patch.parameters == {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


def test_a_namespace_becomes_functions_in_its_place_and_what_is_none_is_told() -> None:
    emulation = emulated(asking(TRACKER, READ), wire="messages", dialect=Dialect())

    assert emulation is not None
    listing, read = emulation.request.tools or []
    assert isinstance(listing, Tool)
    assert (listing.name, listing.strict) == ("mcp__tracker__list", True)
    assert listing.extensions == {"responses": {"defer_loading": 1}}
    assert read == READ
    assert [str(each) for each in emulation.warnings] == [
        "renamed tools: those of mcp__tracker begin with its name",
        "dropped tools: custom of mcp__tracker",
    ]


def test_a_name_that_grows_too_long_is_cut_and_stays_itself() -> None:
    long = OpaqueTool("responses", {**TRACKER.data, "name": "n" * 60})
    emulation = emulated(asking(long), wire="messages", dialect=Dialect())
    assert emulation is not None
    (tool,) = emulation.request.tools or []
    assert isinstance(tool, Tool)
    assert len(tool.name) == 64

    output = ModelOutput(choices=[Choice(parts=[ToolCallPart(id="1", name=tool.name, arguments="{}")])])
    emulation.restore(output)

    assert output.tool_calls == [
        ToolCallPart(id="1", name="list", arguments="{}", extensions={"responses": {"namespace": "n" * 60}})
    ]


def test_earlier_calls_are_told_as_they_would_be_made_now() -> None:
    calls = [
        ToolCallPart(id="1", name="patch", kind="custom", arguments='+ "é"'),
        ToolCallPart(id="2", name="list", arguments="{}", extensions={"responses": {"namespace": "mcp__tracker"}}),
    ]
    given = ModelMessage("assistant", [*calls])
    emulation = emulated(asking(PATCH, TRACKER, messages=[given]), wire="messages", dialect=Dialect())

    assert emulation is not None
    patch, listing = emulation.request.messages[0].tool_calls
    assert (patch.kind, msgspec.json.decode(patch.arguments)) == ("function", {"input": '+ "é"'})
    assert listing.name == "mcp__tracker__list"
    assert given.tool_calls == calls


@pytest.mark.parametrize(
    ("arguments", "text"), [('{"input":"+ é"}', "+ é"), ('{"patch":"+"}', '{"patch":"+"}'), ("+", "+"), ("", "")]
)
def test_a_call_of_a_tool_that_takes_text_has_its_text(arguments: str, text: str) -> None:
    emulation = emulated(asking(PATCH), wire="messages", dialect=Dialect())
    assert emulation is not None
    output = ModelOutput(choices=[Choice(parts=[ToolCallPart(id="1", name="patch", arguments=arguments)])])

    emulation.restore(output)

    assert output.tool_calls == [ToolCallPart(id="1", name="patch", arguments=text, kind="custom")]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_streamed_call_has_its_text_before_anything_else_comes(at_once: bool) -> None:
    emulation = emulated(asking(PATCH, READ), wire="messages", dialect=Dialect())
    assert emulation is not None
    events: list[Event] = [
        ToolCallDelta(index=0, id="1", name="patch"),
        ToolCallDelta(index=0, arguments='{"input":'),
        ToolCallDelta(index=0, arguments='"+"}'),
        ToolCallDelta(index=1, id="2", name="read"),
        ToolCallDelta(index=1, arguments="{}"),
        ToolCallDelta(index=2, id="3", name="patch", arguments='{"input":"-"}'),
        Finish("tool_calls"),
    ]

    fed = [events] if at_once else [[event] for event in events]
    restored = [event for each in fed for event in emulation.restored(each)]

    calls = [event for event in restored if isinstance(event, ToolCallDelta)]
    assert [(call.index, call.name, call.kind) for call in calls if call.name] == [
        (0, "patch", "custom"),
        (1, "read", None),
        (2, "patch", "custom"),
    ]
    texts = [(call.index, call.arguments) for call in calls if call.arguments]
    assert texts == [(0, "+"), (1, "{}"), (2, "-")]
    assert restored[-1] == events[-1]


def test_a_forced_tool_is_forced_as_what_it_is_asked_for() -> None:
    request = asking(PATCH)
    request.tool_choice = ToolChoice(mode="tool", names=("patch",), kind="custom")

    emulation = emulated(request, wire="messages", dialect=Dialect())

    assert emulation is not None
    assert emulation.request.tool_choice == ToolChoice(mode="tool", names=("patch",))
