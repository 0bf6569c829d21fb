"""The repository speaks of the project alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlingua.providers.registry import Registry
from tests.meta.repository import ROOT, SOURCE, repository_files

FOREIGN = [
    "py" + "pi.org",
    "python" + "hosted",
    "npm" + "js.",
    "proxy." + "golang",
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/home/" + "[a-z]",
    "--index" + "-url",
]
"""Hosts of package registries and paths of one machine; in pieces, so that this file has none of them."""

NAMED_OUTSIDE_PROVIDERS = {
    "openai": "the wire's origin, the SDK that may be injected, and the seed's class names",
    "azure": "the seed's api_type",
}


def test_no_registry_host_and_no_machine_path_is_named() -> None:
    pattern = re.compile("|".join(FOREIGN).replace(".", r"\.").replace(r"[a-z]", "[a-z]"))
    found: list[str] = []
    for path in repository_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def words_of_code(path: Path) -> Iterator[str]:
    """Give every name and text of a module, its docstrings and comments left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if id(node) not in documentation:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case _:
                pass


def test_a_provider_is_named_in_its_row_alone() -> None:
    names = [row.id for row in Registry() if row.id not in NAMED_OUTSIDE_PROVIDERS]
    assert names
    pattern = re.compile(rf"(?<![a-z0-9])({'|'.join(map(re.escape, names))})(?![a-z0-9])", re.IGNORECASE)
    leaks: list[str] = []
    for path in SOURCE.rglob("*.py"):
        if path.is_relative_to(SOURCE / "providers"):
            continue
        leaks += [
            f"{path.relative_to(SOURCE)}: {found[0]}"
            for text in words_of_code(path)
            for found in pattern.finditer(text)
        ]
    assert leaks == []


@pytest.mark.parametrize("room", ["types", "wires"])
def test_types_and_wires_wait_for_nothing(room: str) -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in (SOURCE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, waiting)
    ]
    assert found == []
