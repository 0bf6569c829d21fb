"""A Python function, described as a tool."""

from typing import Annotated, Any, Literal

import msgspec
import pytest

from interlingua import InvalidRequest, Tool, tool_of
from interlingua.client.functions import read_tools


class Place(msgspec.Struct):
    city: str
    country: str = "FR"


def forecast(
    place: Place,
    days: Annotated[int, msgspec.Meta(ge=1, le=7)] = 1,
    unit: Literal["celsius", "kelvin"] = "celsius",
) -> str:
    """Forecast the weather.

    Good for a week at most.

    Args:
        place: Where to look.
        days: How many days,
            today included.

    Returns:
        A sentence.

    """
    return f"{place} {days} {unit}"


def test_name_description_and_parameters_come_from_the_function() -> None:
    tool = tool_of(forecast)
    assert (tool.name, tool.description) == ("forecast", "Forecast the weather.\n\nGood for a week at most.")
    assert tool.parameters is not None
    properties = tool.parameters["properties"]
    assert tool.parameters["required"] == ["place"]
    assert properties["place"]["$ref"] == "#/$defs/Place"
    assert properties["days"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 7,
        "default": 1,
        "description": "How many days, today included.",
    }
    assert properties["unit"]["enum"] == ["celsius", "kelvin"]
    assert tool.parameters["$defs"]["Place"]["required"] == ["city"]


def test_a_parameter_without_a_type_is_refused() -> None:
    def untyped(city):  # pyright: ignore[reportUnknownParameterType, reportMissingParameterType]
        return city  # pyright: ignore[reportUnknownVariableType]

    with pytest.raises(InvalidRequest, match="parameter 'city' needs a type"):
        tool_of(untyped)  # pyright: ignore[reportUnknownArgumentType]


def test_a_type_that_json_cannot_carry_is_refused() -> None:
    def strange(number: complex) -> None: ...

    with pytest.raises(InvalidRequest, match="tool strange"):
        tool_of(strange)


def test_functions_dicts_and_typed_tools_mix() -> None:
    typed = Tool(name="typed")
    given: dict[str, Any] = {
        "type": "function",
        "function": {"name": "given", "parameters": {"type": "object", "properties": {}}},
    }
    read = read_tools([forecast, given, typed])
    assert [tool.name for tool in read if isinstance(tool, Tool)] == ["forecast", "given", "typed"]


def test_what_is_no_tool_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not a int"):
        read_tools([3])
