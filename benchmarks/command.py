"""The command line: what to run, for how long, and in which order."""

import argparse
import datetime as dt
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from benchmarks.doors import DOORS, WORK, Door
from benchmarks.environments import RECIPES, Environment, prepare, versions_of
from benchmarks.front_door import TESTS, DoorFailed, Plan, Range
from benchmarks.imports import IMPORT_ROWS, ImportRow, measure_imports
from benchmarks.library import LIBRARY_ROWS, LibraryRow, measure_library
from benchmarks.machine import describe
from benchmarks.places import PAGE, RESULTS, ROOT
from benchmarks.processes import Cores, free_port, running, wait_for_port
from benchmarks.programs import NoCompiler, build, is_supported
from benchmarks.report import tables
from benchmarks.results import Results

SECTIONS = ("library", "imports", "doors")


@dataclass(frozen=True)
class Pace:
    """How often and how long everything is measured."""

    rounds: int
    library_seconds: float
    import_repeats: int
    plan: Plan


FULL = Pace(3, 2.0, 9, Plan(seconds=4, warm=1, paced_seconds=5, paced_warm=2.5, rate_seconds=8))
QUICK = Pace(1, 0.35, 3, Plan(seconds=1, warm=0.5, paced_seconds=1.5, paced_warm=1, rate_seconds=2, many=0.1))

_NAMED = (
    *("interlingua", "msgspec", "httptools", "uvloop"),
    *("aiohttp", "httpx2", "openai", "litellm", "uvicorn", "granian"),
)
"""The packages whose versions the report names."""


@dataclass(frozen=True)
class Selection:
    """The rows of a run."""

    libraries: list[LibraryRow]
    imports: list[ImportRow]
    doors: list[Door]

    @classmethod
    def choose(cls, only: Sequence[str], sections: Sequence[str]) -> "Selection":
        """Take the rows whose name has one of the words in it; none means all."""

        def wanted(section: str, *names: str) -> bool:
            if section not in sections:
                return False
            return not only or any(word.lower() in name.lower() for word in only for name in names)

        return cls(
            [row for row in LIBRARY_ROWS if wanted("library", row.key, row.environment)],
            [row for row in IMPORT_ROWS if wanted("imports", row.key)],
            [door for door in DOORS if wanted("doors", door.name)],
        )

    @property
    def environments(self) -> list[str]:
        """The environments that the rows need."""
        needed = {row.environment for row in self.libraries} | {row.environment for row in self.imports}
        needed |= {door.environment for door in self.doors if door.environment}
        if any(row.loop == "uvloop" for row in self.libraries):
            needed.add("uvloop")
        return [name for name in RECIPES if name in needed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; gives the process's exit status."""
    options = _read(arguments)
    if not is_supported():
        print("The benchmarks need Linux: they read CPU time from /proc and load with epoll.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    pace = QUICK if options.quick else FULL
    selection = Selection.choose(options.only, options.section)
    results = Results(RESULTS / f"{dt.datetime.now(dt.UTC):%Y-%m-%d-%H%M%S}.json")
    try:
        _run(results, selection, pace, options.rounds or pace.rounds)
    except NoCompiler as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; nothing was left running.", file=sys.stderr)
        return 130
    results.values["complete"] = not options.only and set(options.section) == set(SECTIONS)
    results.save()
    print(f"\n{tables(results.values)}")
    print(f"Figures of every round: {results.path.relative_to(ROOT)}")
    print(f"To write {PAGE.relative_to(ROOT)} from them: python -m benchmarks.report")
    return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure interlingua beside its peers.")
    parser.add_argument("--quick", action="store_true", help="one short round: a few minutes, rough figures")
    parser.add_argument(
        "--only", type=_words, default=[], metavar="ROW,…", help="rows with one of these words in their names"
    )
    parser.add_argument(
        "--section", type=_words, default=list(SECTIONS), metavar="SECTION,…", help=f"of {', '.join(SECTIONS)}"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each row is measured")
    return parser.parse_args(arguments)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _run(results: Results, selection: Selection, pace: Pace, rounds: int) -> None:
    cores = Cores.choose()
    if cores.are_shared:
        print("There is one core only: load and subject share it, so latencies mean little.")
    mock, load_generator = build("mock_upstream"), build("load_generator")
    print("Environments (made once, then kept in benchmarks/build):", flush=True)
    environments = _prepare(selection.environments)
    results.values["machine"] = describe() | {"rounds": rounds}
    results.values["versions"] = _versions(environments.values())
    results.save()
    if selection.imports:
        print("Imports", flush=True)
        results.values["imports"] = measure_imports(
            selection.imports, environments, repeats=pace.import_repeats, cores=cores
        )
    port = free_port()
    with running([str(mock), str(port)], core=cores.rest, log=WORK / "upstream.log") as upstream:
        wait_for_port(port)
        site = Range(load_generator, port, upstream.pid, cores, environments)
        for number in range(1, rounds + 1):
            print(f"Round {number} of {rounds}", flush=True)
            for row in selection.libraries:
                _measure_library(results, row, site, pace)
            for door in selection.doors:
                _measure_door(results, door, site, pace.plan, is_first=number == 1)


def _prepare(names: Iterable[str]) -> dict[str, Environment]:
    environments: dict[str, Environment] = {}
    for name in names:
        environment = environments[name] = prepare(RECIPES[name])
        print(f"  {name}: {environment.problem or 'ready'}", flush=True)
    return environments


def _versions(environments: Iterable[Environment]) -> dict[str, str]:
    """Give the versions of what is compared; two of a package where environments differ."""
    found: dict[str, list[str]] = {}
    for environment in environments:
        for name, version in (versions_of(environment) if environment.problem is None else {}).items():
            if name in _NAMED and version not in found.setdefault(name, []):
                found[name].append(version)
    return {name: " and ".join(versions) for name, versions in found.items()}


def _measure_library(results: Results, row: LibraryRow, site: Range, pace: Pace) -> None:
    figures = measure_library(
        row, site.environments, port=site.upstream_port, seconds=pace.library_seconds, cores=site.cores
    )
    if "problem" in figures:
        results.fail("library", row.key, figures["problem"])
        print(f"  {row.key:44} left out: {figures['problem']}", flush=True)
        return
    for test, figure in figures.items():
        results.add("library", row.key, test, figure)
    costs = "  ".join(f"{test} {figure['cpu_us']:.1f}" for test, figure in figures.items())
    print(f"  {row.key:44} CPU µs: {costs}", flush=True)


def _measure_door(results: Results, door: Door, site: Range, plan: Plan, *, is_first: bool) -> None:
    problem = door.problem(site.environments)
    if problem is None:
        try:
            with site.opened(door) as opened:
                results.add("doors", door.name, "start", {"startup_s": opened.startup_s, "idle_mib": opened.idle_mib})
                for test in TESTS:
                    if test in door.without or (test == "memory" and not is_first):
                        continue
                    figures = site.measure(opened, test, plan)
                    results.add("doors", door.name, test, figures)
                    print(f"  {door.name:28} {test:7} {_line(figures)}", flush=True)
        except (DoorFailed, OSError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
    if problem is not None:
        results.fail("doors", door.name, problem)
        print(f"  {door.name:28} left out: {problem}", flush=True)


def _line(figures: Mapping[str, Any]) -> str:
    parts = [f"{figures['cpu_us_req']:.0f} µs a request", f"p50 {figures['lat_us']['p50']:.0f} µs"]
    if "cpu_us_event" in figures:
        parts = [f"{figures['cpu_us_event']:.1f} µs an event", f"p50 of an event {figures['chunk_us']['p50']:.0f} µs"]
    parts.append(f"CPU {figures['cpu_pct']:.0f} %")
    if figures["err"]:
        parts.append(f"{figures['err']} failed: {figures['first_err'][:120]}")
    return ", ".join(parts)
