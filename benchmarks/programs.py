"""The scripted upstream and the load generator: C, built with whatever compiler there is."""

import shutil
import sys
from pathlib import Path

from benchmarks.environments import Recipe, prepare
from benchmarks.places import BUILD, SOURCES
from benchmarks.processes import finished

COMPILERS = ("cc", "gcc", "clang")
BUNDLED_COMPILER = Recipe("compiler", ("ziglang",))
"""A C compiler as a package, for machines that have none."""


class NoCompiler(Exception):
    """There is no way to build the C programs here."""


def build(name: str) -> Path:
    """Build `sources/<name>.c` if it is newer than what was built, and give the program's path."""
    source = SOURCES / f"{name}.c"
    program = BUILD / name
    if program.exists() and program.stat().st_mtime >= source.stat().st_mtime:
        return program
    BUILD.mkdir(parents=True, exist_ok=True)
    command = [*_compiler(), "-O2", "-o", str(program), str(source)]
    done = finished(command, seconds=300)
    if done.returncode:
        raise NoCompiler(f"{' '.join(command)} failed:\n{done.stderr}")
    return program


def _compiler() -> list[str]:
    for name in COMPILERS:
        found = shutil.which(name)
        if found:
            return [found]
    environment = prepare(BUNDLED_COMPILER)
    if environment.problem:
        raise NoCompiler(
            f"The load generator is C, and there is no compiler ({', '.join(COMPILERS)}); the packaged one was "
            f"{environment.problem}. On Debian and Ubuntu: apt install gcc libc6-dev."
        )
    return [str(environment.python), "-m", "ziglang", "cc"]


def is_supported() -> bool:
    """Tell whether the programs can run here: they need epoll and /proc, which is Linux."""
    return sys.platform == "linux"
