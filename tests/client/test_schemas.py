"""Answers of a given shape."""

import dataclasses
from typing import Any, TypedDict

import msgspec
import pydantic
import pytest

from interlingua import InvalidOutput, InvalidRequest, ModelOutput, ResponseFormat
from interlingua.client.schemas import read_shape


class Struct(msgspec.Struct):
    name: str
    size: int


@dataclasses.dataclass
class Data:
    name: str
    size: int


class Typed(TypedDict):
    name: str
    size: int


class Model(pydantic.BaseModel):
    name: str
    size: int


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
    "required": ["name", "size"],
}


@pytest.mark.parametrize(
    "wanted",
    [Struct, Data, Typed, Model, SCHEMA, {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}],
)
def test_each_way_to_say_a_shape_gives_a_schema_and_a_value(wanted: Any) -> None:
    shape = read_shape(wanted)
    assert shape is not None
    assert shape.format.type == "json_schema"
    assert shape.format.schema is not None
    assert set(shape.format.schema["properties"]) == {"name", "size"}
    parsed: Any = shape.fill(ModelOutput('{"name": "a", "size": 3}')).parsed
    assert msgspec.json.decode(msgspec.json.encode(parsed, enc_hook=dict)) == {"name": "a", "size": 3}


@pytest.mark.parametrize("wanted", [Struct, Data, Typed, Model, SCHEMA])
@pytest.mark.parametrize("text", ['{"name": "a"}', '{"name": "a", "size": "big"}', "I would rather not.", ""])
def test_an_answer_that_does_not_fit_is_an_error_that_keeps_it(wanted: Any, text: str) -> None:
    shape = read_shape(wanted)
    assert shape is not None
    with pytest.raises(InvalidOutput) as caught:
        shape.fill(ModelOutput(text))
    assert caught.value.text == text


def test_a_schema_of_yours_is_sent_as_it_is() -> None:
    shape = read_shape(SCHEMA)
    assert shape is not None
    assert shape.format.schema is SCHEMA
    assert shape.format.strict is None


def test_a_type_with_all_fields_required_is_strict() -> None:
    shape = read_shape(Struct)
    assert shape is not None
    assert shape.format.strict is True
    assert shape.format.schema is not None
    assert shape.format.schema["additionalProperties"] is False
    assert "$ref" not in shape.format.schema


def test_plain_text_has_no_shape() -> None:
    assert read_shape(None) is None
    assert read_shape({"type": "text"}) is None
    assert read_shape(ResponseFormat()) is None


def test_any_json_object_is_parsed() -> None:
    shape = read_shape({"type": "json_object"})
    assert shape is not None
    assert shape.fill(ModelOutput('{"a": [1]}')).parsed == {"a": [1]}


@pytest.mark.parametrize("wanted", [3, "json", complex, {"type": "object", "properties": 3}])
def test_what_is_no_shape_is_refused(wanted: Any) -> None:
    with pytest.raises(InvalidRequest, match="response_format"):
        read_shape(wanted)
