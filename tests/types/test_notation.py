"""Messages are read and written without loss."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import InvalidRequest
from interlingua.types import (
    AudioPart,
    FilePart,
    ImagePart,
    ModelMessage,
    OpaquePart,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    read_message,
    read_messages,
    write_message,
    write_messages,
)
from tests.types.messages import messages


@settings(max_examples=300, deadline=None)
@given(messages)
def test_writing_what_was_read_gives_it_back(message: dict[str, Any]) -> None:
    assert write_message(read_message(message)) == [message]


@settings(max_examples=200, deadline=None)
@given(messages)
def test_our_own_dict_form_is_read_too(message: dict[str, Any]) -> None:
    read = read_message(message)

    assert read_message(read.to_dict()) == read
    assert ModelMessage.from_dict(read.to_dict()) == read


def test_a_text_is_one_message_of_the_user() -> None:
    assert read_messages("Hello") == [ModelMessage("user", "Hello")]


def test_typed_messages_and_both_notations_may_be_mixed() -> None:
    typed = ModelMessage("system", "S")

    read = read_messages([typed, {"role": "human", "content": "H", "round_index": 3}, {"role": "ai", "content": "A"}])

    assert read == [typed, ModelMessage("user", "H", round_index=3), ModelMessage("assistant", "A")]


def test_an_object_of_the_official_sdk_is_read() -> None:
    chat = pytest.importorskip("openai.types.chat")
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = chat.ChatCompletionMessage.model_validate({"role": "assistant", "content": None, "tool_calls": [call]})

    [read] = read_messages([message])

    assert read.content == [ToolCallPart(id="c1", name="f", arguments="{}")]


def test_an_absent_content_comes_back_as_null() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}

    [written] = write_message(read_message({"role": "assistant", "tool_calls": [call]}))

    assert written == {"role": "assistant", "content": None, "tool_calls": [call]}


def test_parts_of_a_user_are_typed() -> None:
    read = read_message(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}},
                {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf"}},
                {"type": "video_url", "video_url": {"url": "v"}},
            ],
        }
    )

    assert read.content == [
        TextPart("look"),
        ImagePart(url="https://a/b.png", detail="low"),
        AudioPart(data="UklG", format="wav"),
        FilePart(file_id="file-1", filename="a.pdf"),
        OpaquePart("chat_completions", {"type": "video_url", "video_url": {"url": "v"}}),
    ]


def test_parts_of_an_assistant_are_one_list() -> None:
    read = read_message(
        {
            "role": "assistant",
            "content": "Look:",
            "reasoning_content": "hm",
            "refusal": "no",
            "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "sh", "input": "ls"}}],
        }
    )

    assert read.content == [
        ThinkingPart(text="hm", field="reasoning_content"),
        TextPart("Look:"),
        RefusalPart("no"),
        ToolCallPart(id="c", name="sh", arguments="ls", kind="custom"),
    ]


def test_reasoning_details_are_parts_with_their_signatures() -> None:
    details = [
        {"type": "reasoning.text", "text": "so", "signature": "s1", "index": 0},
        {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
    ]

    read = read_message({"role": "assistant", "content": "4", "reasoning": "so", "reasoning_details": details})

    thinking = [part for part in read.parts if isinstance(part, ThinkingPart)]
    assert [(part.text, part.signature, part.encrypted) for part in thinking] == [("so", "s1", None), ("", None, "xyz")]
    assert read.thinking == "so"


def test_a_tools_answer_is_a_result() -> None:
    read = read_message({"role": "tool", "tool_call_id": "c1", "content": "42"})

    assert read.content == [ToolResultPart(call_id="c1", content="42")]
    assert read.text == "42"


def test_several_results_become_several_messages() -> None:
    message = ModelMessage("tool", [ToolResultPart(call_id="a", content="1"), ToolResultPart(call_id="b", content="2")])

    written = write_message(message)

    assert written == [
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
    ]


def test_results_beside_a_users_text_keep_their_place() -> None:
    message = ModelMessage("user", [ToolResultPart(call_id="a", content="1"), TextPart("and?")])

    written = write_message(message)

    assert written == [
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "user", "content": [{"type": "text", "text": "and?"}]},
    ]


def test_what_the_form_cannot_say_is_noted() -> None:
    dropped: list[Any] = []
    message = ModelMessage(
        "assistant",
        [ThinkingPart(text="hm", signature="s"), OpaquePart("messages", {"type": "server_tool_use"}), TextPart("4")],
    )

    written = write_message(message, dropped=dropped)

    assert written == [{"role": "assistant", "content": [{"type": "text", "text": "4"}]}]
    assert [(each.kind, each.feature) for each in dropped] == [("dropped", "thinking"), ("dropped", "messages block")]


def test_an_image_of_another_provider_is_noted() -> None:
    dropped: list[Any] = []

    written = write_message(ModelMessage("user", [ImagePart(file_id="f"), TextPart("?")]), dropped=dropped)

    assert written == [{"role": "user", "content": [{"type": "text", "text": "?"}]}]
    assert dropped[0].feature == "image"


def test_messages_for_people_are_not_written() -> None:
    assert write_messages([ModelMessage("view", "shown"), ModelMessage("user", "Hi")]) == [
        {"role": "user", "content": "Hi"}
    ]


def test_the_developer_role_can_be_written_as_system() -> None:
    assert write_message(ModelMessage("developer", "D"), developer_role=False) == [{"role": "system", "content": "D"}]


def test_common_messages_merge_the_system_text_and_move_the_user_last() -> None:
    conversation = [ModelMessage("system", "S"), ModelMessage("user", "H"), ModelMessage("assistant", "A")]

    merged = ModelMessage.to_common_messages(conversation, support_system_role=False, convert_to_compatible_format=True)

    assert merged == [{"role": "assistant", "content": "A"}, {"role": "user", "content": "S\nH"}]


def test_openai_messages_are_read_by_the_seeds_name() -> None:
    assert ModelMessage.from_openai_messages([{"role": "developer", "content": "D"}]) == [
        ModelMessage("developer", "D")
    ]


MALFORMED: list[tuple[Any, str]] = [
    ("text", "messages[0]"),
    ({"content": "x"}, "messages[0].role"),
    ({"role": "wizard", "content": "x"}, "messages[0].role"),
    ({"role": ["user"], "content": "x"}, "messages[0].role"),
    ({"role": "user"}, "messages[0].content"),
    ({"role": "user", "content": 5}, "messages[0].content"),
    ({"role": "user", "content": {"type": "text"}}, "messages[0].content"),
    ({"role": "user", "content": [7]}, "messages[0].content[0]"),
    ({"role": "user", "content": [{"text": "x"}]}, "messages[0].content[0].type"),
    ({"role": "user", "content": [{"type": "text"}]}, "messages[0].content[0].text"),
    ({"role": "user", "content": [{"type": "image_url"}]}, "messages[0].content[0].image_url"),
    ({"role": "user", "content": [{"type": "image_url", "image_url": {}}]}, "messages[0].content[0].image_url"),
    ({"role": "user", "content": [{"type": "input_audio"}]}, "messages[0].content[0].input_audio"),
    ({"role": "user", "content": [{"type": "file", "file": 1}]}, "messages[0].content[0].file"),
    ({"role": "assistant", "content": 5}, "messages[0].content"),
    ({"role": "assistant", "tool_calls": "x"}, "messages[0].tool_calls"),
    ({"role": "assistant", "tool_calls": [1]}, "messages[0].tool_calls[0]"),
    ({"role": "assistant", "tool_calls": [{"type": "function"}]}, "messages[0].tool_calls[0].function"),
    ({"role": "assistant", "function_call": {"name": 1}}, "messages[0].function_call"),
    ({"role": "tool", "content": "x"}, "messages[0].tool_call_id"),
    ({"role": "tool", "tool_call_id": "c"}, "messages[0].content"),
]


@pytest.mark.parametrize(("message", "param"), MALFORMED)
def test_a_malformed_message_names_its_place(message: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_messages([message])

    assert caught.value.param == param


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["user", "assistant", "tool", "system"]),
    st.dictionaries(
        st.sampled_from(["content", "tool_calls", "function_call", "audio", "refusal", "reasoning", "name", "images"]),
        json_values,
    ),
)
def test_any_json_is_read_or_refused(role: str, fields: dict[str, Any]) -> None:
    try:
        written = write_message(read_message({"role": role, **fields}))
    except InvalidRequest as refused:
        written = refused.param

    assert written
