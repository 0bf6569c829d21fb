"""Fields that only another wire knows, told by their names."""

from interlingua.wires.foreign_fields import foreign_fields, foreign_name


def told(fields: dict[str, object], *, of: str = "") -> list[str]:
    return [str(each) for each in foreign_fields({"messages": fields, "converse": {"own": 1}}, "converse", of=of)]


def test_each_field_is_told_with_what_stands_in_it() -> None:
    assert told({"a": 1, "b": {"c": 1, "d": None}, "e": {"type": "later", "f": 1}, "g": {}, "h": []}) == [
        "dropped a: a field of messages",
        "dropped b: a field of messages (c, d)",
        "dropped e: a field of messages (later)",
        "dropped g: a field of messages",
        "dropped h: a field of messages",
    ]


def test_what_it_stands_on_is_told_too() -> None:
    assert told({"a": False}, of="tools") == ["dropped tools.a: a field of messages"]


def test_nulls_and_names_of_places_are_no_loss() -> None:
    assert told({"a": None, "b": {"c": None}, "id": "x", "type": "text", "status": "completed"}) == []


def test_known_wires_and_nothing_tell_nothing() -> None:
    assert foreign_fields({"messages": {"a": 1}, "converse": {"b": 2}}, "messages", "converse") == []
    assert foreign_fields({}, "messages") == []


def test_a_block_has_a_name_in_every_wire() -> None:
    assert foreign_name({"type": "search_result"}) == "search_result"
    assert foreign_name({"executableCode": {}}) == "executableCode"
    assert foreign_name({}) == "unknown"
