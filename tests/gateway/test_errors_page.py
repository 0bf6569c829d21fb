"""`docs/errors.md` says what happens."""

import re
from pathlib import Path

import pytest

from interlingua.gateway.refusals import refusals
from interlingua.testing import ScriptedProvider
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2].joinpath("docs", "errors.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?:`(?P<body>.*?)`|nothing) \| (?P<status>\d+) \| (?:`(?P<param>[^`]*)`)? ?\| (?P<message>.*) \|$"
)
SECTION = PAGE.partition("## Bodies that are not a request")[2].partition("\n## ")[0]
ROWS = [match for line in SECTION.splitlines() if (match := ROW.match(line))]


def test_the_page_has_every_refusal() -> None:
    assert [each.code for each in refusals() if f"`{each.code}`" not in PAGE] == []


def test_codes_of_refusals_are_unique() -> None:
    codes = [each.code for each in refusals()]
    assert len(codes) == len(set(codes))


async def test_every_body_on_the_page_gets_the_answer_on_the_page() -> None:
    assert len(ROWS) == 21
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        for row in ROWS:
            body = (row["body"] or "").replace("local/smollm2", "translated/tiny")
            await caller.send(post("/v1/chat/completions", body.encode(), f"Authorization: Bearer {KEY}"))
            answer = await caller.answer()
            error = answer.json()["error"]
            assert (answer.status, error["param"]) == (int(row["status"]), row["param"]), body
            assert error["message"].startswith(row["message"].strip()), body
        assert upstream.requests == []
