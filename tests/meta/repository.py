"""Where the repository's files are."""

import importlib
import pkgutil
import subprocess
import types
from collections.abc import Iterator
from pathlib import Path

import interlingua

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "interlingua"


def repository_files() -> list[Path]:
    """Give every file that is, or would be, in the repository; ignored files are not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return sorted(path for path in paths if path.is_file())


def package_modules() -> Iterator[types.ModuleType]:
    """Import and give every module of the package; a `__main__` would run."""
    yield interlingua
    for found in pkgutil.walk_packages(interlingua.__path__, "interlingua."):
        if not found.name.endswith(".__main__"):
            yield importlib.import_module(found.name)
