import pytest

from interlingua.errors import ProtocolError
from interlingua.providers.listing import read_models


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"id": "b"}, {"id": "a"}]}',
        b'{"models": [{"name": "a"}, {"model": "b"}]}',
        b'[{"id": "a"}, {"id": "b"}]',
    ],
)
def test_every_shape_of_a_list_is_read(body: bytes) -> None:
    assert [model.model for model in read_models(body, provider="acme")] == ["a", "b"]


def test_entries_without_a_name_are_left_out() -> None:
    body = b'{"data": [{"id": ""}, {"id": 3}, "a", null, {}, {"id": "b"}]}'

    assert [model.model for model in read_models(body, provider="acme")] == ["b"]


def test_lengths_are_read_by_any_of_their_names() -> None:
    body = (
        b'[{"id": "a", "max_model_len": 4096, "max_output_tokens": 512, "context_length": "big", "description": "D"}]'
    )

    (model,) = read_models(body, provider="acme")

    assert (model.context_length, model.max_output_length, model.description) == (4096, 512, "D")
    assert (model.provider, model.label) == ("acme", None)


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"data": {}}', b"{}", b"3", b"null"])
def test_what_is_no_list_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="acme: the list of models"):
        read_models(body, provider="acme")


def test_modalities_are_the_lists_own_or_those_that_are_known() -> None:
    body = (
        b'[{"id": "house", "architecture": {"input_modalities": ["text", "video", 3], "output_modalities": null}},'
        b'{"id": "gpt-4o"}, {"id": "odd", "architecture": [], "input_modalities": ["text"]}]'
    )

    known, house, odd = read_models(body, provider="openai")

    assert (house.input_modalities, house.output_modalities) == (("text", "video"), ())
    assert (known.input_modalities, known.output_modalities) == (("text", "image"), ("text",))
    assert odd.input_modalities == ("text",)


def test_a_provider_that_is_like_another_is_described_as_that_one() -> None:
    (model,) = read_models(b'[{"id": "gpt-oss-120b"}]', provider="mine", known_as=("mine", "groq"))

    assert (model.provider, model.max_output_length) == ("mine", 65_536)
