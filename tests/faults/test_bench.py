"""The sixteen scenarios of Failover Bench: who is rescued, who is told the truth, and whether the grader can tell."""

import asyncio
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
import pytest

from interlingua import Client
from tests.faults.bench import Via, config_text, counted, run, table
from tests.faults.bench_scenarios import FAST, FULL, SCENARIOS, Evidence, Heard, Verdict, graded
from tests.faults.bench_wall import PROMPT, REFUSED_BEGINNING, TEXT, WORDS, Sight

RUNS: list[tuple[str, Via, bool]] = [
    ("default", "gateway", True),
    ("default", "sdk", True),
    ("default", "library", True),
    ("restart", "gateway", True),
    ("restart", "sdk", True),
    ("restart", "library", True),
    ("continue", "gateway", True),
    ("continue", "library", True),
    ("hold", "gateway", True),
    ("default", "nothing", True),
    ("default", "nothing", False),
]
"""Which are run, side by side; the last word says whether the wall is honest."""

CUT = ["S08", "S09", "S14"]
"""What is not rescued unless somebody asks for it."""


@cache
def results() -> dict[tuple[str, Via, bool], list[Verdict]]:
    async def everything() -> list[list[Verdict]]:
        return await asyncio.gather(*(run(FAST, name, via, honest=honest) for name, via, honest in RUNS))

    return dict(zip(RUNS, asyncio.run(everything()), strict=True))


def ids_of(verdicts: Sequence[Verdict], grade: str) -> list[str]:
    return [each.scenario for each in verdicts if each.grade == grade]


@pytest.mark.parametrize("via", ["gateway", "sdk", "library"])
def test_without_any_setting_all_are_rescued_but_those_that_were_cut(via: Via) -> None:
    found = results()["default", via, True]

    assert sorted(ids_of(found, "safe")) == CUT, table(found)
    assert counted(found) == {"pass": 13, "partial": 0, "safe": 3, "fail": 0}, table(found)


@pytest.mark.parametrize(("configuration", "via"), [(name, via) for name, via, _ in RUNS[3:9]])
def test_with_rescue_all_sixteen_are_answered(configuration: str, via: Via) -> None:
    found = results()[configuration, via, True]

    assert counted(found) == {"pass": 16, "partial": 0, "safe": 0, "fail": 0}, table(found)


def test_a_caller_without_a_gateway_gets_what_is_published_for_it() -> None:
    found = results()["default", "nothing", True]

    assert ids_of(found, "pass") == ["S07", "S10", "S11", "S13"], table(found)
    assert counted(found) == {"pass": 4, "partial": 0, "safe": 12, "fail": 0}, table(found)


def test_who_ends_a_cut_answer_in_good_order_fails() -> None:
    found = results()["default", "nothing", False]

    assert {"S08", "S14"} <= set(ids_of(found, "fail")), table(found)
    assert found[7].saw == "40 words as if they were all, of fb-s08-stream-cut, without usage"


def evidence(
    *heard: Heard, asked: Sequence[float] = (0.0,), tokens: Sequence[int] = (), refused: bool = False
) -> Evidence:
    """Give what was seen of attempts on the primary at those times, the last of which it answered."""
    primary = [
        Sight(model="fb", number=number, at=at, prompt_tokens=tokens[number] if tokens else 21)
        for number, at in enumerate(asked)
    ]
    fallback = [Sight(model="fb-ok-noprefill", number=1, at=0.0, action=REFUSED_BEGINNING)] if refused else []
    return Evidence(heard=heard, primary=primary, fallback=fallback)


WHOLE = Heard(outcome="answered", text=TEXT, model="fb-ok", usage=True, seconds=1.0)
HALF = msgspec.structs.replace(WHOLE, text=" ".join(WORDS[:40]))
TWICE = msgspec.structs.replace(WHOLE, text=f"{HALF.text} {TEXT}")
TOLD = Heard(outcome="error", error="503", seconds=1.0)
STUCK = Heard(outcome="hang", seconds=41.0)
NOT_COUNTED = msgspec.structs.replace(WHOLE, usage=False)
ALIAS = msgspec.structs.replace(WHOLE, model="fb-s16-503-persistent")
LATE = msgspec.structs.replace(WHOLE, seconds=21.0)
TOO_LATE = msgspec.structs.replace(WHOLE, seconds=101.0)
FLAPS = [msgspec.structs.replace(WHOLE, at=4.0 * number) for number in range(20)]
LOST = [*FLAPS[:3], msgspec.structs.replace(TOLD, at=12.0), *FLAPS[4:]]


@pytest.mark.parametrize(
    ("scenario", "seen", "grade"),
    [
        ("S01", evidence(WHOLE, asked=(0.0, 2.0)), "pass"),
        ("S01", evidence(WHOLE, asked=(0.0, 0.5)), "partial"),
        ("S01", evidence(WHOLE), "partial"),
        ("S01", evidence(WHOLE, asked=(0.0, 0.5, 1.0, 2.0)), "fail"),
        ("S02", evidence(WHOLE, asked=(0.0, 0.5, 1.0, 1.5, 2.0)), "fail"),
        ("S02", evidence(TOLD), "safe"),
        ("S03", evidence(WHOLE), "partial"),
        ("S04", evidence(WHOLE, asked=range(7)), "fail"),
        ("S04", evidence(STUCK), "fail"),
        ("S06", evidence(WHOLE, asked=(0.0, 10.0)), "partial"),
        ("S06", evidence(TOO_LATE), "fail"),
        ("S07", evidence(LATE), "partial"),
        ("S08", evidence(TOLD), "safe"),
        ("S08", evidence(HALF), "fail"),
        ("S08", evidence(TWICE), "fail"),
        ("S09", msgspec.structs.replace(evidence(WHOLE), alive=False), "fail"),
        ("S11", evidence(NOT_COUNTED), "partial"),
        ("S12", evidence(WHOLE, asked=(0.0, 1.0), tokens=(21, 21)), "fail"),
        ("S12", evidence(WHOLE, asked=(0.0, 1.0), tokens=(21, 11)), "pass"),
        ("S13", evidence(TOLD), "pass"),
        ("S13", evidence(WHOLE), "partial"),
        ("S13", evidence(TOLD, asked=(0.0, 1.0)), "fail"),
        ("S14", evidence(TOLD), "safe"),
        ("S14", evidence(TOLD, refused=True), "fail"),
        ("S14", evidence(WHOLE, refused=True), "pass"),
        ("S15", evidence(*FLAPS, asked=(0.0, 64.0)), "pass"),
        ("S15", evidence(*FLAPS, asked=(0.0, 92.0)), "fail"),
        ("S15", evidence(*FLAPS), "fail"),
        ("S15", evidence(*LOST, asked=(0.0, 64.0)), "fail"),
        ("S16", evidence(ALIAS), "fail"),
        ("S16", evidence(NOT_COUNTED), "partial"),
    ],
)
def test_the_grader_follows_the_published_rules(scenario: str, seen: Evidence, grade: str) -> None:
    asked = next(each for each in SCENARIOS if each.id == scenario.lower())

    assert graded(asked, seen).grade == grade


def test_the_text_and_the_prompt_have_the_published_lengths() -> None:
    assert (len(WORDS), len(PROMPT.split())) == (60, 17)


@pytest.mark.anyio
async def test_the_published_waits_need_nothing_but_targets_in_a_config_file(tmp_path: Path) -> None:
    path = tmp_path / "interlingua.toml"
    path.write_text(config_text("http://127.0.0.1:9/v1", "default", FULL), encoding="utf-8")

    async with Client.from_config(path) as client:
        assert set(client.routes["s08"]) == {"targets"}
