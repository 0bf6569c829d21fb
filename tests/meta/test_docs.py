"""The documentation is whole, fresh, and leads somewhere."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import interlingua
from interlingua.cli.command import COMMANDS
from interlingua.providers.registry import Registry
from interlingua.types import settings_of
from tests.meta.documented import documented_pages
from tests.meta.repository import ROOT, package_modules
from tools.docs import stale

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def page(name: str) -> str:
    """Read a page of the documentation."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """Give the anchors that a page's headings have."""
    headings = [match["text"].lower() for match in HEADING.finditer(CODE.sub("", text))]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> Iterator[str]:
    """Give each link of a page that leads nowhere within the repository."""
    for match in LINK.finditer(CODE.sub("", path.read_text(encoding="utf-8"))):
        target, _, anchor = match["target"].partition("#")
        if "://" in target:
            continue
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            yield f"{path.name}: {match['target']}"


def test_generated_parts_are_fresh() -> None:
    assert [page.name for page, _ in stale(ROOT)] == []


def test_every_link_leads_somewhere() -> None:
    assert [link for path in documented_pages() for link in broken_links(path)] == []


def test_every_setting_has_a_row() -> None:
    text = page("configuration.md")
    declared = {
        (cls.__name__, each.name.rstrip("_"))
        for module in package_modules()
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and hasattr(cls, "__dataclass_fields__")
        for each in settings_of(cls)
    }
    assert declared
    assert sorted(f"{owner}.{name}" for owner, name in declared if f"| `{name}`" not in text) == []


def test_every_provider_has_a_row() -> None:
    text = page("providers.md")
    assert [row.id for row in Registry() if f"`{row.id}/`" not in text] == []


def test_every_command_has_a_heading() -> None:
    text = page("cli.md")
    assert [name for name in COMMANDS if f"## `interlingua {name}`\n" not in text] == []


def test_every_public_name_has_a_row() -> None:
    text = page("reference.md")
    assert [name for name in interlingua.__all__ if f"| `{name}`" not in text] == []
