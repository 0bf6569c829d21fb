"""Cold import and installed size."""

import json
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.environments import Environment, size_of, versions_of
from benchmarks.processes import Cores, child_environment, on_core


@dataclass(frozen=True)
class ImportRow:
    """A statement, run by fresh interpreters of an environment."""

    statement: str
    environment: str
    package: str

    @property
    def key(self) -> str:
        """Names the row in the results."""
        return f"{self.statement} ({self.environment})"


IMPORT_ROWS = (
    ImportRow("import interlingua", "interlingua", "interlingua"),
    ImportRow("from interlingua import Client", "interlingua", "interlingua"),
    ImportRow("from interlingua import OpenAILLMClient", "interlingua", "interlingua"),
    ImportRow("from interlingua import Client", "interlingua-speed", "interlingua[speed]"),
    ImportRow("import aiohttp", "aiohttp", "aiohttp"),
    ImportRow("import httpx2", "httpx2", "httpx2"),
    ImportRow("import openai", "openai", "openai"),
    ImportRow("import litellm", "litellm", "litellm"),
)

_COUNT = (
    "\nimport json, sys"
    "\npages = int(open('/proc/self/statm').read().split()[1])"
    "\nprint(json.dumps({'modules': len(sys.modules), 'pages': pages}))"
)


def measure_imports(
    rows: Sequence[ImportRow], environments: Mapping[str, Environment], *, repeats: int, cores: Cores
) -> dict[str, Any]:
    """Measure all rows, taking turns, each time beside a bare start of the same interpreter."""
    times: dict[str, list[tuple[float, float]]] = {}
    figures: dict[str, Any] = {}
    usable: list[ImportRow] = []
    for row in rows:
        problem = environments[row.environment].problem
        if problem:
            figures[row.key] = {"problem": problem}
            continue
        try:
            figures[row.key] = _describe(row, environments[row.environment])
        except subprocess.CalledProcessError as error:
            figures[row.key] = {"problem": (error.stderr.strip().splitlines() or ["failed"])[-1][:200]}
        else:
            usable.append(row)
    with on_core(cores.subject):
        for _ in range(repeats):
            for row in usable:
                python = str(environments[row.environment].python)
                bare_wall, bare_cpu = _time(python, "pass")
                wall, cpu = _time(python, row.statement)
                times.setdefault(row.key, []).append((wall - bare_wall, cpu - bare_cpu))
    for key, taken in times.items():
        figures[key]["over_bare_ms"] = statistics.median(wall for wall, _ in taken) * 1000
        figures[key]["cpu_over_bare_ms"] = statistics.median(cpu for _, cpu in taken) * 1000
    return figures


def _describe(row: ImportRow, environment: Environment) -> dict[str, Any]:
    """Import once, which also warms the bytecode and the page cache, and count what it brought."""
    bare = _run(str(environment.python), _COUNT)
    full = _run(str(environment.python), row.statement + _COUNT)
    packages = versions_of(environment)
    return {
        "modules_over_bare": full["modules"] - bare["modules"],
        "memory_over_bare_mib": (full["pages"] - bare["pages"]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20),
        "size_mb": size_of(environment) / 1e6,
        "packages": len(packages),
    }


def _run(python: str, code: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-c", code], env=_environment(), capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def _time(python: str, code: str) -> tuple[float, float]:
    """Give the wall and the CPU seconds of a whole run of the interpreter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([python, "-c", code], env=_environment(), capture_output=True, timeout=120, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _environment() -> dict[str, str]:
    # litellm fetches its price table while it is imported unless it is told not to.
    return child_environment({"LITELLM_LOCAL_MODEL_COST_MAP": "True"})
