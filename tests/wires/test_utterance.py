"""What of a passing stream says something, in each wire that bytes pass in."""

from collections.abc import Iterator

import pytest

from interlingua.types import (
    Finish,
    OpaqueDelta,
    RefusalDelta,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
    is_content,
)
from interlingua.wires import chat_completions, generate_content, messages, ollama, responses
from interlingua.wires.contract import RelayedWire
from interlingua.wires.generate_content import array
from tests.signs import ARRAY, EACH, Signs

WIRES: dict[str, RelayedWire] = {
    "chat_completions": chat_completions,
    "messages": messages,
    "responses": responses,
    "generate_content": generate_content,
    "ollama": ollama,
}
EACH_WIRE = pytest.mark.parametrize("signs", [each for each in EACH if each.wire in WIRES], ids=lambda each: each.wire)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[place : place + size] for place in range(0, len(data), size))


def heard(wire: RelayedWire, data: bytes) -> bool:
    watch = wire.stream_watch()
    watch.feed(data)
    return watch.said


def says(signs: Signs, data: bytes) -> bool:
    return heard(WIRES[signs.wire], data)


@EACH_WIRE
def test_announcements_and_signs_of_life_say_nothing(signs: Signs) -> None:
    assert not any(says(signs, each) for each in (*signs.opening, *signs.signs, b""))
    assert not says(signs, b"".join((*signs.opening, *signs.signs)).replace(b"\n", b"\r\n"))


@EACH_WIRE
def test_a_piece_of_the_answer_and_its_end_say_something(signs: Signs) -> None:
    assert says(signs, signs.one)
    assert says(signs, signs.ending)
    assert says(signs, b"".join((*signs.opening, *signs.signs, signs.one, *signs.signs)))


@EACH_WIRE
def test_an_error_says_something_or_is_a_failure(signs: Signs) -> None:
    watch = WIRES[signs.wire].stream_watch()

    watch.feed(b'{"error":{"message":"busy"}}\n' if signs.wire == "ollama" else b'data: {"error":{"message":""}}\n\n')

    assert watch.said or watch.failure is not None


def test_a_call_of_a_tool_says_something() -> None:
    call = b'data: {"choices":[{"delta":{"content":"","tool_calls":[{"index":0,"id":"c"}]},"finish_reason":null}]}\n\n'
    block = (
        b'data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","input":{}}}\n\n'
    )
    item = b'data: {"type":"response.output_item.added","item":{"type":"function_call","call_id":"c"}}\n\n'
    part = b'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}\n\n'
    line = b'{"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f"}}]},"done":false}\n'

    assert heard(chat_completions, call)
    assert heard(messages, block)
    assert heard(responses, item)
    assert heard(generate_content, part)
    assert heard(ollama, line)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_an_element_of_an_array_says_something_as_soon_as_it_is_whole(size: int) -> None:
    opened, watch = b"".join((*ARRAY.opening, *ARRAY.signs)), array.stream_watch()

    assert not any((watch.feed(each), watch.said)[1] for each in cut(opened, size))
    assert any((watch.feed(each), watch.said)[1] for each in cut(ARRAY.one, size))


def test_events_that_only_announce_are_no_content() -> None:
    announcements = (
        StreamStart(),
        UsageReport(Usage()),
        TextDelta(""),
        ThinkingDelta(""),
        RefusalDelta(""),
        OpaqueDelta("chat_completions", {"service_tier": "default"}),
    )
    contents = (
        TextDelta("a"),
        ThinkingDelta("", signature="c2ln"),
        RefusalDelta("No"),
        ToolCallDelta(index=0),
        OpaqueDelta("messages", {"type": "server_tool_use"}, 0),
        Finish("stop"),
    )

    assert not any(map(is_content, announcements))
    assert all(map(is_content, contents))
