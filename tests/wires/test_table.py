"""The table of wires."""

import pytest

from interlingua.wires import WIRES


def test_every_wire_has_what_the_contract_asks() -> None:
    provider = ["path", "render_request", "parse_response", "stream_parser", "parse_error"]
    caller = [
        "parse_request",
        "render_response",
        "stream_renderer",
        "render_error",
        "read_head",
        "is_answer",
        "stream_watch",
    ]

    for name, wire in WIRES.items():
        assert wire.name == name
        assert all(callable(getattr(wire, each)) for each in provider)
        assert [hasattr(wire, each) for each in caller] == [name != "converse"] * len(caller)


def test_an_unknown_wire_is_none_of_them() -> None:
    assert "morse" not in WIRES
    with pytest.raises(KeyError):
        WIRES["morse"]
