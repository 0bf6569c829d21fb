"""The results of a run: every figure of every round, kept as JSON."""

import json
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.places import RESULTS


class Results:
    """Figures by section, row and test, one list entry a round; saved after each."""

    def __init__(self, path: Path, values: dict[str, Any] | None = None) -> None:
        self.path = path
        self.values: dict[str, Any] = values or {"machine": {}, "library": {}, "imports": {}, "doors": {}}

    @classmethod
    def newest(cls) -> "Results":
        """Read the results of the last run that had all its rows.

        Raises:
            FileNotFoundError: there has been none.

        """
        for path in sorted(RESULTS.glob("*.json"), reverse=True):
            results = cls.read(path)
            if results.values.get("complete"):
                return results
        raise FileNotFoundError("There are no results of a whole run yet: run `make bench`.")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read the results of a run."""
        return cls(path, json.loads(path.read_text()))

    def save(self) -> None:
        """Write the file anew."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.values, indent=1) + "\n")

    def add(self, section: str, row: str, test: str, figures: Any) -> None:
        """Keep what one round of one test gave."""
        self.values[section].setdefault(row, {}).setdefault(test, []).append(figures)
        self.save()

    def fail(self, section: str, row: str, problem: str) -> None:
        """Keep why a row has no figures."""
        self.values[section].setdefault(row, {})["problem"] = problem
        self.save()


def median(rounds: Iterable[Any], *path: str) -> float | None:
    """Give the median over the rounds of the figure at `path`; None where no round has it."""
    found: list[float] = []
    for figures in rounds:
        value: Any = figures
        for name in path:
            value = None if value is None else value.get(name)
        if value is not None:
            found.append(float(value))
    return statistics.median(found) if found else None
