"""Whoever asks a gateway hears what an SDK would, and the faults are asked for in an order that does them justice."""

from itertools import pairwise

import pytest

from interlingua.errors import InvalidConfig
from interlingua.testing import FAULTS, FaultWall, NoSuchFault
from interlingua.testing.inspection import inspection
from interlingua.testing.inspection.asker import WIRES, Asker, base_url_of
from interlingua.testing.inspection.inspection import Inspection
from interlingua.testing.inspection.selection import ONE_BY_ONE, Subject, select
from interlingua.testing.judgement import Heard

pytestmark = pytest.mark.anyio

HALF = "The keeper of "


@pytest.mark.parametrize(
    ("model", "streamed", "outcome", "text"),
    [
        ("healthy", True, "answered", None),
        ("healthy", False, "answered", None),
        ("f04-silence", True, "hang", ""),
        ("f06-cut-after", True, "broken", HALF),
        ("f06-cut-after", False, "broken", ""),
        ("f06-reset-after", True, "broken", HALF),
        ("f06-end-after", True, "answered", HALF),
        ("f06-unframed-after", True, "answered", HALF),
        ("f06-end-after", False, "broken", ""),
        ("f09-error-after-first", True, "error", "The "),
        ("f10-empty-200", True, "answered", ""),
        ("f10-empty-200", False, "broken", ""),
        ("f10-html-200", False, "broken", ""),
        ("f10-json-error-200", False, "broken", ""),
        ("f12-no-finish", True, "answered", None),
        ("f20-503", True, "error", ""),
        ("f20-503", False, "error", ""),
        ("f21-401", False, "error", ""),
    ],
)
async def test_it_hears_what_an_sdk_would(model: str, streamed: bool, outcome: str, text: str | None) -> None:
    async with FaultWall() as wall:
        for wire in WIRES:
            asker = Asker(wall.origin, wire=wire, key=None, longest=0.3 if outcome == "hang" else 20.0)
            heard = await asker.ask(model, streamed=streamed)
            assert (heard.outcome, heard.text) == (outcome, wall.canonical if text is None else text), (wire, heard)
            assert bool(heard.finish) == (model == "healthy"), wire
            assert bool(heard.error) == (model != "healthy"), wire


async def test_it_hears_calls_and_sends_the_key() -> None:
    async with FaultWall(key="sk-gateway") as wall:
        for wire in WIRES:
            heard = await Asker(wall.base_url, wire=wire, key="sk-gateway", longest=20).ask("tools", streamed=True)
            refused = await Asker(wall.base_url, wire=wire, key="sk-other", longest=20).ask("tools", streamed=True)
            assert [name for name, _ in heard.calls] == [wall.tool_call[0]]
            assert (refused.outcome, refused.error.partition(":")[0]) == ("error", "unauthorized")


@pytest.mark.parametrize(
    "written", ["http://h:1", "http://h:1/", "h:1", "http://h:1/v1", "http://h:1/v1/", "h:1/v1beta"]
)
def test_an_address_may_be_written_with_its_version(written: str) -> None:
    assert {wire: base_url_of(written, wire) for wire in WIRES} == {
        "chat_completions": "http://h:1/v1",
        "responses": "http://h:1/v1",
        "messages": "http://h:1/v1",
        "generate_content": "http://h:1/v1beta",
        "ollama": "http://h:1",
    }
    assert base_url_of("https://host/team/openai/v1", "responses") == "https://host/team/openai/v1"


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidConfig):
        await Asker("http://", wire="messages", key=None, longest=1).ask("healthy", streamed=False)


def test_names_are_beginnings_or_whole_models() -> None:
    assert [each.model for each in select(["F06"])] == [name for name in FAULTS if name.startswith("f06")]
    assert [each.model for each in select(["f08-stall", "f06-cut-after-7-once", "f08-stall"])] == [
        "f08-stall",
        "f06-cut-after-7-once",
    ]
    assert len(select([])) == len(FAULTS)
    for name in ("f06-cut-after-x", "healthy", ""):
        with pytest.raises(NoSuchFault):
            select([name])


async def test_what_makes_a_gateway_rest_comes_last_and_alone() -> None:
    subjects = select(["f19", "f20", "f21-401", "f13-lf", "f10-html"])
    async with FaultWall() as wall:
        asker = Asker(wall.origin, wire="messages", key=None, longest=20.0)
        done: list[Subject] = []
        cells = await Inspection(wall, asker, model="{fault}").run(subjects, (True,), shown=done.append)

    assert [cell.model for cell in cells] == [subject.model for subject in subjects]
    assert [subject.rank for subject in done] == sorted(subject.rank for subject in done)
    assert {subject.model for subject in done[-3:]} == {"f19-retry-after-huge", "f20-spend-limit", "f21-401"}
    alone = [each for each in wall.attempts if select([each.model])[0].rank >= ONE_BY_ONE]
    assert all(earlier.ended is not None and earlier.ended <= later.began for earlier, later in pairwise(alone))


class Resting(Asker):
    """Refuses the first request, as a gateway does that lets its provider rest."""

    rested = False

    async def ask(self, model: str, *, streamed: bool) -> Heard:
        if self.rested:
            return await super().ask(model, streamed=streamed)
        self.rested = True
        return Heard(outcome="error", error="overloaded: resting")


async def test_a_gateway_that_let_the_wall_rest_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "PAUSES", (0.0, 0.0))
    async with FaultWall() as wall:
        asker = Resting(wall.origin, wire="messages", key=None, longest=20.0)
        inspecting = Inspection(wall, asker, model="{fault}")
        cells = await inspecting.run(select(["f20-503"]), (False,), shown=lambda _: None)
    assert [(cell.result, cell.attempts, cell.wires) for cell in cells] == [("error", 1, ["messages"])]


async def test_a_fault_is_asked_for_in_the_ways_that_it_has() -> None:
    async with FaultWall() as wall:
        asker = Asker(wall.origin, wire="messages", key=None, longest=20.0)
        inspecting = Inspection(wall, asker, model="{fault}")
        cells = await inspecting.run(select(["f13-lf", "f06-cut-after"]), (True, False), shown=lambda _: None)
    assert [(cell.model, cell.streamed, cell.result) for cell in cells] == [
        ("f13-lf", True, "answered"),
        ("f06-cut-after", True, "broken"),
        ("f06-cut-after", False, "broken"),
    ]
    assert [cell.expected for cell in cells] == ["answered", "error", "error"]
