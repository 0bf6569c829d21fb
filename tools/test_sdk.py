"""Run the tests that use the openai SDK against a real install of each major version that is supported.

    make test-sdk

An older version is installed into `build/openai-<major>` from its lock file and stands in front of the newest one,
which the virtual environment has.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDER = (1, 2)
IMPORT = re.compile(r"^(?:import|from) openai\b", re.MULTILINE)
VERSION = "import openai; print('openai', openai.__version__)"


def installed(major: int) -> Path:
    """Install a major version into its own folder, unless it is there, and give the folder."""
    folder = ROOT / "build" / f"openai-{major}"
    requirements = ROOT / "requirements" / f"openai-{major}.txt"
    stamp = folder / "installed"
    if not stamp.exists() or stamp.stat().st_mtime < requirements.stat().st_mtime:
        command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*command, "--upgrade", "--target", folder, "--requirement", requirements], check=True)
        stamp.touch()
    return folder


def tests_of_the_sdk() -> list[Path]:
    """Find the test modules that import the SDK."""
    modules = sorted((ROOT / "tests").rglob("test_*.py"))
    return [path for path in modules if IMPORT.search(path.read_text(encoding="utf-8"))]


def tested(paths: list[Path], *options: str) -> bool:
    """Run the tests with `paths` in front of everything that is installed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    subprocess.run([sys.executable, "-c", VERSION], env=environment, check=True)
    command = [sys.executable, "-m", "pytest", "-q", *options, *tests_of_the_sdk()]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def main() -> int:
    """Test every version; the result is the exit code."""
    results = [tested([installed(major)], "-m", "not newest_openai") for major in OLDER]
    results.append(tested([]))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
