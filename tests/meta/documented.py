"""The code that the documentation shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.meta.repository import ROOT

BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*?) -->\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)
SKIPPED = "not run: "
FILE = "file: "


class Block(msgspec.Struct):
    """A block of code on a page; `line` is where its code begins."""

    page: Path
    line: int
    language: str
    code: str
    note: str

    @property
    def is_run(self) -> bool:
        """Whether it is Python that nothing on the page excuses from being run."""
        return self.language == "python" and not self.note.startswith(SKIPPED)

    @property
    def file_name(self) -> str | None:
        """The file that the block is the content of, by its note."""
        return self.note.removeprefix(FILE) if self.note.startswith(FILE) else None


def blocks_of(page: Path) -> Iterator[Block]:
    """Give the blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("code")) + 1
        yield Block(page, line, match["language"], match["code"], match["note"] or "")


def documented_pages() -> list[Path]:
    """Give every page of the documentation."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
