"""Throw-away virtual environments, one for each thing that is measured, so that sizes and imports are its own."""

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.places import BUILD, ROOT
from benchmarks.processes import finished

INSTALL_SECONDS = 900
OURS = "."
"""The requirement that is this project, as its files stand now."""


@dataclass(frozen=True)
class Recipe:
    """What an environment holds; a requirement that starts with `.` is this project.

    `unpinned` names packages whose pins in the requirements' metadata do not resolve, so
    that the newest release would be passed over: any version of them is taken.
    """

    name: str
    requirements: tuple[str, ...]
    unpinned: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Something that differs when the environment must be made anew."""
        digest = hashlib.sha256(repr((self.requirements, self.unpinned, sys.version)).encode())
        if any(requirement.startswith(OURS) for requirement in self.requirements):
            for path in _own_files():
                digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Environment:
    """A virtual environment, or the reason why there is none."""

    name: str
    folder: Path
    problem: str | None = None

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def program(self, name: str) -> str:
        """Give the path of one of its commands."""
        return str(self.folder / "bin" / name)

    @property
    def site_packages(self) -> Path:
        """Where its packages are."""
        return next(self.folder.glob("lib/python*/site-packages"))


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("interlingua", (OURS,)),
        Recipe("interlingua-speed", (f"{OURS}[speed]",)),
        Recipe("aiohttp", ("aiohttp",)),
        Recipe("httpx2", ("httpx2",)),
        Recipe("openai", ("openai",)),
        Recipe("openai-aiohttp", ("openai[aiohttp]",)),
        # The pins of litellm 1.109.1 do not resolve (2026-11-22).
        Recipe("litellm", ("litellm",), ("certifi",)),
        Recipe("litellm-proxy", ("litellm[proxy]",), ("litellm-proxy-extras", "certifi")),
        Recipe("servers", (f"{OURS}[speed]", "uvicorn", "granian")),
        Recipe("uvloop", ("uvloop",)),
    )
}


UV = Recipe("uv", ("uv",))
"""Resolves where pip cannot."""


def prepare(recipe: Recipe) -> Environment:
    """Make the environment, or take it as it stands if nothing has changed; a failure is told in `problem`."""
    folder = BUILD / "environments" / recipe.name
    stamp = folder / "fingerprint"
    fingerprint = recipe.fingerprint
    if stamp.exists() and stamp.read_text() == fingerprint:
        return Environment(recipe.name, folder)
    print(f"  installing {', '.join(recipe.requirements)}", flush=True)
    venv.create(folder, clear=True, symlinks=True, with_pip=False)
    try:
        command = _installer(recipe, folder)
        done = finished([*command, *recipe.requirements], seconds=INSTALL_SECONDS, folder=ROOT, environment=os.environ)
    except InstallerMissing as error:
        return Environment(recipe.name, folder, str(error))
    except subprocess.TimeoutExpired:
        return Environment(recipe.name, folder, f"not installed within {INSTALL_SECONDS} s")
    if done.returncode:
        return Environment(recipe.name, folder, f"not installed: {_last_error(done.stderr)}")
    stamp.write_text(fingerprint)
    return Environment(recipe.name, folder)


class InstallerMissing(Exception):
    """What a recipe is installed with could not be had."""


def _installer(recipe: Recipe, folder: Path) -> list[str]:
    """Give the command that installs into an environment from outside, so that only what is measured is in it."""
    python = str(folder / "bin" / "python")
    quietly = ["--disable-pip-version-check", "--root-user-action=ignore"]
    if not recipe.unpinned:
        return [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *quietly]
    uv = prepare(UV)
    if uv.problem:
        raise InstallerMissing(f"uv {uv.problem}")
    overrides = folder / "overrides.txt"
    overrides.write_text("\n".join(recipe.unpinned) + "\n")
    options = ["--python", python, "--override", str(overrides), "--compile-bytecode"]
    return [uv.program("uv"), "pip", "install", "--quiet", *options]


def versions_of(environment: Environment) -> dict[str, str]:
    """Give every package in an environment with its version."""
    found: dict[str, str] = {}
    for folder in environment.site_packages.glob("*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        found[name.replace("_", "-").lower()] = version
    return dict(sorted(found.items()))


def size_of(environment: Environment) -> int:
    """Give the bytes of an environment's packages, their bytecode left out."""
    files = (path for path in environment.site_packages.rglob("*") if "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink())


def _own_files() -> Iterator[Path]:
    yield ROOT / "pyproject.toml"
    yield from sorted(path for path in (ROOT / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _last_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["pip said nothing"])[-1][:200]
