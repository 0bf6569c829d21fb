"""Clocks, and what is left of them within a bound."""

import pytest

from interlingua.errors import InvalidRequest
from interlingua.types import ModelRequest, Timeouts


def test_no_clock_runs_for_longer_than_the_bound() -> None:
    clocks = Timeouts(connect=10, first_token=None, idle=2, total=None)

    assert clocks.within(5) == Timeouts(connect=5, first_token=5, idle=2, total=5)


def test_an_answer_may_have_all_the_time_and_connecting_may_not() -> None:
    assert Timeouts(connect=10).lasting(900) == Timeouts(connect=10, first_token=900, idle=900, total=900)
    assert Timeouts(connect=None).lasting(3) == Timeouts(connect=3, first_token=3, idle=3, total=3)


def test_a_request_takes_clocks_as_plain_data_too() -> None:
    request = ModelRequest.build_request("tiny", "Hello", timeouts={"first_token": 2})

    assert request.timeouts == Timeouts(first_token=2)
    assert request.to_dict()["timeouts"] == {"connect": 10.0, "first_token": 2, "idle": 60.0, "total": 600.0}


def test_a_clock_of_another_name_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="timeouts"):
        ModelRequest.build_request("tiny", "Hello", timeouts={"first_token": "soon"})
