"""Markdown tables of a run's figures: medians over its rounds, and ratios with interlingua in the same run."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.front_door import TESTS
from benchmarks.results import median

Figures = Mapping[str, Any]

OURS_LIBRARY = "interlingua OpenAILLMClient"
OURS_DOOR = "interlingua"
TIMES = "×"  # noqa: RUF001 - the sign is meant
NOTHING = "–"  # noqa: RUF001 - the sign is meant

_LIBRARY_COLUMNS = (
    ("call, one at a time", "call_one"),
    ("call, 32 at a time", "call_many"),
    ("event, burst, one stream", "burst_one"),
    ("event, burst, 32 streams", "burst_many"),
    ("event, paced, 16 streams", "paced"),
)
_DOOR_COLUMNS = (
    ("JSON request", "json", "cpu_us_req"),
    ("event, burst", "burst", "cpu_us_event"),
    ("event, paced", "paced", "cpu_us_event"),
    ("event, dense", "dense", "cpu_us_event"),
)


def library_table(library: Figures) -> str:
    """CPU µs of a call and of a stream event, each with its ratio to `OpenAILLMClient` on the same event loop."""
    rows = [["library", "event loop", *(title for title, _ in _LIBRARY_COLUMNS)]]
    for key, figures in library.items():
        name, _, loop = key.rpartition(" on ")
        if "problem" in figures:
            rows.append([name, loop, _left_out(figures)])
            continue
        ours = library.get(f"{OURS_LIBRARY} on {loop}", {})
        cells = [
            _with_ratio(median(figures.get(test, ()), "cpu_us"), median(ours.get(test, ()), "cpu_us"))
            for _, test in _LIBRARY_COLUMNS
        ]
        rows.append([name, loop, *cells])
    return _table(rows)


def import_table(imports: Figures) -> str:
    """What an import costs, and what an installation takes."""
    titles = ["installed as", "time, ms", "CPU, ms", "modules", "memory, MiB", "packages", "size, MB"]
    rows = [["statement", *titles]]
    for key, figures in imports.items():
        statement, _, environment = key.rpartition(" (")
        environment = environment.rstrip(")").replace("interlingua-speed", "interlingua[speed]")
        if "problem" in figures:
            rows.append([f"`{statement}`", environment, _left_out(figures)])
            continue
        rows.append(
            [
                f"`{statement}`",
                environment,
                _number(figures["over_bare_ms"]),
                _number(figures["cpu_over_bare_ms"]),
                _number(figures["modules_over_bare"]),
                _number(figures["memory_over_bare_mib"]),
                _number(figures["packages"]),
                _number(figures["size_mb"]),
            ]
        )
    return _table(rows)


def door_cost_table(doors: Figures) -> str:
    """CPU µs of each door's processes."""
    rows = [["front door", *(title for title, _, _ in _DOOR_COLUMNS), "requests a second", "failed"]]
    ours = doors.get(OURS_DOOR, {})
    for name, figures in doors.items():
        if "problem" in figures and "json" not in figures:
            rows.append([name, _left_out(figures)])
            continue
        compared: Figures = {} if name == "direct" else ours
        cells = [
            _with_ratio(median(figures.get(test, ()), cost), median(compared.get(test, ()), cost))
            for _, test, cost in _DOOR_COLUMNS
        ]
        failed = sum(each["err"] for test in TESTS for each in figures.get(test, ()))
        rows.append([name, *cells, _number(median(figures.get("json", ()), "rps")), str(failed)])
    return _table(rows)


def door_latency_table(doors: Figures) -> str:
    """What each door adds to a request at a low rate, how fast it starts, what it holds."""
    titles = ["p50, µs", "p99, µs", "added p50, µs", "added p99, µs", "delay of a dense event, p50 / p99, µs"]
    rows = [["front door", *titles, "start to first answer, s", "idle → loaded, MiB"]]
    direct = doors.get("direct", {}).get("rate", ())
    for name, figures in doors.items():
        if "rate" not in figures:
            continue
        half, most = (median(figures["rate"], "lat_us", part) for part in ("p50", "p99"))
        added = [
            _number(_difference(own, median(direct, "lat_us", part))) for own, part in ((half, "p50"), (most, "p99"))
        ]
        dense = [_number(median(figures.get("dense", ()), "chunk_us", part)) for part in ("p50", "p99")]
        loaded = [each["rss_mb"][1] for each in figures.get("memory", ())]
        memory = f"{_number(median(figures.get('start', ()), 'idle_mib'))} → {_number(max(loaded, default=None))}"
        start = _number(median(figures.get("start", ()), "startup_s"), digits=2)
        if name == "direct":
            added, memory, start = [NOTHING, NOTHING], NOTHING, NOTHING
        rows.append([name, _number(half), _number(most), *added, " / ".join(dense), start, memory])
    return _table(rows)


def _difference(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _left_out(figures: Figures) -> str:
    return f"left out: {figures['problem']}".replace("|", "/")


def _with_ratio(value: float | None, ours: float | None) -> str:
    if value is None:
        return NOTHING
    if not ours:
        return _number(value)
    return f"{_number(value)} ({_ratio(value / ours)})"


def _ratio(value: float) -> str:
    return f"{value:.2g}{TIMES}" if value < 10 else f"{value:,.0f}{TIMES}"


def _number(value: float | None, *, digits: int | None = None) -> str:
    if value is None:
        return NOTHING
    if digits is None:
        digits = 1 if abs(value) < 100 and value != int(value) else 0
    return f"{value:,.{digits}f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    width = len(rows[0])
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    lines.insert(1, "| --- |" + " ---: |" * (width - 1))
    return "\n".join(lines)
