"""Objects that arrive in pieces, and the answers made of them."""

from interlingua.types import (
    Finish,
    ImagePart,
    OpaqueDelta,
    OpaquePart,
    OutputAssembly,
    PartDelta,
    StreamEnd,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ToolCallDelta,
)
from interlingua.types.accumulation import accumulate


def test_texts_join_and_lists_grow() -> None:
    whole = {"a": "x", "b": [1], "c": {"d": "y"}, "n": 1}

    accumulate(whole, {"a": "x", "b": [2], "c": {"d": "z", "e": None}, "n": 2, "new": [3]})

    assert whole == {"a": "xx", "b": [1, 2], "c": {"d": "yz", "e": None}, "n": 2, "new": [3]}


def test_items_with_the_same_index_and_type_are_one() -> None:
    whole = {"list": [{"index": 0, "type": "t", "text": "a", "id": "i"}]}

    accumulate(
        whole, {"list": [{"index": 0, "type": "t", "text": "b", "id": "i"}, {"index": 0, "type": "u", "text": "c"}]}
    )

    assert whole == {
        "list": [{"index": 0, "type": "t", "text": "ab", "id": "i"}, {"index": 0, "type": "u", "text": "c"}]
    }


def test_pieces_are_not_changed() -> None:
    piece = {"list": [{"index": 0, "text": "a"}], "object": {"a": "b"}}
    whole: dict[str, object] = {}

    accumulate(whole, piece)
    accumulate(whole, piece)

    assert piece == {"list": [{"index": 0, "text": "a"}], "object": {"a": "b"}}
    assert whole == {"list": [{"index": 0, "text": "aa"}], "object": {"a": "bb"}}


def assembled(*events: object) -> OutputAssembly:
    assembly = OutputAssembly()
    for event in events:
        assembly.add(event)  # pyright: ignore[reportArgumentType]
    return assembly


def test_another_number_begins_another_piece_of_reasoning() -> None:
    output = assembled(
        ThinkingDelta("a", index=0), ThinkingDelta("b", index=0), ThinkingDelta("c", index=1), TextDelta("d")
    ).output()

    assert [getattr(part, "text", None) for part in output.parts] == ["ab", "c", "d"]


def test_fields_of_a_choice_replace_each_other_and_pieces_of_its_message_add_up() -> None:
    output = assembled(
        OpaqueDelta("w", {"severity": "low", "message": {"notes": ["a"]}}, 0),
        OpaqueDelta("w", {"severity": "high", "message": {"notes": ["b"]}}, 0),
        OpaqueDelta("w", {"type": "block", "x": 1}, 0),
        OpaqueDelta("w", {"tier": "flex"}),
    ).output()

    assert output.choices[0].extensions == {"w": {"severity": "high", "message": {"notes": ["a", "b"]}}}
    assert output.parts == [OpaquePart("w", {"type": "block", "x": 1})]
    assert output.extensions == {"w": {"tier": "flex"}}


def test_a_part_that_comes_whole_keeps_its_place() -> None:
    output = assembled(TextDelta("a"), PartDelta(ImagePart(url="u")), PartDelta(TextPart("b")), TextDelta("c")).output()

    assert [getattr(part, "url", getattr(part, "text", None)) for part in output.parts] == ["a", "u", "b", "c"]


def test_probabilities_of_all_pieces_are_kept() -> None:
    output = assembled(
        TextDelta("a", logprobs={"content": [1], "refusal": None}),
        TextDelta("", logprobs={"content": [2], "refusal": None}),
    ).output()

    assert output.choices[0].logprobs == {"content": [1, 2], "refusal": None}
    assert output.text == "a"


def test_alternating_tool_calls_are_put_together() -> None:
    assembly = assembled(
        ToolCallDelta(index=0, id="a", name="f", arguments="1"),
        ToolCallDelta(index=1, id="b", name="g", arguments="2"),
        ToolCallDelta(index=0, arguments="3"),
        Finish("tool_calls"),
        StreamEnd(),
    )

    assert [(call.id, call.arguments) for call in assembly.output().tool_calls] == [("a", "13"), ("b", "2")]
    assert assembly.complete
