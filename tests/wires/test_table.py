"""The table of wires."""

import pytest

from interlingua.wires import WIRES


def test_every_wire_has_what_the_contract_asks() -> None:
    names = "render_request parse_request parse_response render_response"
    streams_and_errors = "stream_parser stream_renderer parse_error render_error"

    for name, wire in WIRES.items():
        assert wire.name == name
        assert all(callable(getattr(wire, each)) for each in f"{names} {streams_and_errors}".split())


def test_an_unknown_wire_is_none_of_them() -> None:
    assert "morse" not in WIRES
    with pytest.raises(KeyError):
        WIRES["morse"]
