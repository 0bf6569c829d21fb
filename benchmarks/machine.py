"""What a run was made on."""

import datetime as dt
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.places import ROOT


def describe(command: str = "python -m benchmarks") -> dict[str, Any]:
    """Give the date, the machine and the state of the source tree."""
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": " ".join([command, *sys.argv[1:]]),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        "virtual": "hypervisor" in (_field(Path("/proc/cpuinfo"), "flags") or ""),
        "memory_gib": round(int((_field(Path("/proc/meminfo"), "MemTotal") or "0").split()[0]) / (1 << 20)),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load_before": os.getloadavg()[0],
    }


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    name = git("rev-parse", "--short", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "pyproject.toml")
    return f"{name} with local changes" if changed else name


def _field(path: Path, name: str) -> str | None:
    if not path.exists():
        return None
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None
