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
]
"""Hosts of package registries and paths of one machine; in pieces, so that this file has none of them."""

NAMED_OUTSIDE_PROVIDERS = {
    "anthropic": "a client is named after it, as DB-GPT names its own",
    "azure": "the value of DB-GPT's api_type",
    "bedrock": "a client is named after it",
    "cohere": "a client is named after it",
    "gemini": "a client is named after it, as DB-GPT names its own",
    "meta": "an English word, and who made a model",
    "ollama": "a client is named after it, as DB-GPT names its own; and a wire",
    "openai": "the wire's origin, the SDK that may be injected, and DB-GPT's class names",
    "together": "an English word",
}


def test_no_registry_host_and_no_machine_path_is_named() -> None:
    pattern = re.compile("|".join(FOREIGN).replace(".", r"\.").replace(r"[a-z]", "[a-z]"))
    found: list[str] = []
    for path in repository_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def names_in_code(path: Path) -> Iterator[str]:
    """Give every whole text of a module, and every word of its names; prose that mentions a name is no branch on it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Constant(value=str() as text):
                yield text.lower()
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield from name.lower().split("_")
            case _:
                pass


def test_a_provider_is_named_in_its_row_alone() -> None:
    ids = {row.id for row in Registry()} - set(NAMED_OUTSIDE_PROVIDERS)
    outside = [path for path in SOURCE.rglob("*.py") if not path.is_relative_to(SOURCE / "providers")]
    leaks = [f"{path.relative_to(SOURCE)}: {name}" for path in outside for name in names_in_code(path) if name in ids]
    assert ids
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
