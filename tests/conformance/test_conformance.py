"""Every official SDK over every wire behind: nothing is lost that is not named, and the page says what is found."""

import asyncio
from functools import cache

import pytest

from tests.conformance.callers import CALLERS
from tests.conformance.page import PAGE, undated, written
from tests.conformance.table import BEHIND, Found, look, losses


@cache
def found(caller: str, behind: str) -> Found:
    return asyncio.run(look(caller, behind))


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_is_lost_without_being_named(caller: str, behind: str) -> None:
    assert list(losses(found(caller, behind))) == []


def test_the_page_says_what_is_found() -> None:
    results = {(caller, behind): found(caller, behind) for caller in CALLERS for behind in BEHIND}
    assert undated(PAGE.read_text(encoding="utf-8")) == written(results), "run `make conformance`"
