"""The wheel holds the package, whole, and nothing else."""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from tests.meta.repository import ROOT, SOURCE, repository_files

CORE_DEPENDENCIES = {"httptools", "msgspec"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel with the locked build backend, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive


def test_the_wheel_holds_only_the_package(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if top != "interlingua" and not top.endswith(".dist-info")} == set()
    assert [name for name in wheel.namelist() if name.endswith((".pth", ".so", ".pyc"))] == []


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    files = [path for path in repository_files() if path.is_relative_to(SOURCE)]
    missing = {str(path.relative_to(SOURCE.parent)) for path in files} - set(wheel.namelist())
    assert missing == set()


def test_the_core_needs_two_packages(wheel: zipfile.ZipFile) -> None:
    assert wheel.filename is not None
    with zipfile.ZipFile(wheel.filename) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(name).decode())
    required = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert {each.partition(">")[0].partition("<")[0] for each in required} == CORE_DEPENDENCIES
    assert metadata["License-Expression"] == "Apache-2.0"


def test_the_lock_file_pins_every_package_by_hash_and_names_no_index() -> None:
    lines = Path(ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if "==" in line and not line.startswith((" ", "#"))]
    assert [line for line in pinned if not line.endswith("\\")] == []
    assert [line for line in lines if line.startswith("-") or "://" in line] == []
