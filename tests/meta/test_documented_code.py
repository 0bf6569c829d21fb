"""What the documentation shows runs: a page's blocks in order, as one program, against the model inside."""

import ast
import inspect
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from tests.meta.documented import Block, blocks_of, documented_pages
from tests.meta.repository import ROOT

pytestmark = pytest.mark.anyio

PAGES = [page for page in documented_pages() if any(block.is_run for block in blocks_of(page))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
KEY_ENDINGS = ("_API_KEY", "_BASE_URL", "_API_BASE", "_PROXY", "_proxy")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody have an account anywhere, and let a model compute on one core: two that are busy are slower."""
    for name in os.environ:
        if name.endswith(KEY_ENDINGS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("INTERLINGUA_LOCAL_THREADS", "1")


def write_file(name: str, content: str) -> None:
    """Write what a page calls a file into the working directory."""
    Path(name).write_text(content, encoding="utf-8")


async def run(block: Block, names: dict[str, object]) -> None:
    """Run a block; as in a notebook, it may await at its top level."""
    source = "\n" * (block.line - 1) + block.code
    code = compile(source, str(block.page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = types.FunctionType(code, names)()
    if inspect.isawaitable(result):
        await result


@pytest.mark.model
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_the_code_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}

    for block in blocks_of(page):
        if block.file_name:
            write_file(block.file_name, block.code)
        if block.is_run:
            await run(block, names)


@pytest.mark.model
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs_and_says_something(example: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_every_capability_has_an_example() -> None:
    shown = " ".join(example.stem for example in EXAMPLES)
    capabilities = [
        "plain",
        "stream",
        "sync",
        "structured",
        "tools",
        "openai_llm_client",
        "gateway",
        "provider",
        "resource",
    ]
    assert [each for each in capabilities if each not in shown] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_says_what_it_shows(example: Path) -> None:
    assert ast.get_docstring(ast.parse(example.read_text(encoding="utf-8")))
