"""Where the benchmarks keep their things; everything that a run makes is ignored by git."""

from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
SOURCES = HERE / "sources"
DRIVERS = HERE / "drivers"
BUILD = HERE / "build"
RESULTS = HERE / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
