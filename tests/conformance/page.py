"""The page of the conformance run: a table for each SDK, with notes on what is said otherwise."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.conformance.table import BEHIND, PARTS, Cell, Found, Key

PAGE: Final = Path(__file__).parents[2] / "docs" / "conformance.md"

_SDKS: Final = {
    "chat_completions": ("openai", "Chat Completions"),
    "responses": ("openai", "Responses"),
    "messages": ("anthropic", "Messages"),
    "generate_content": ("google-genai", "generateContent"),
    "ollama": ("ollama", "Ollama's API"),
}
_INTRODUCTION: Final = """# Conformance

Written by `make conformance`, which fails where a loss is not explained.
`make test` compares this page with what it finds.

Each official SDK points at the gateway, unchanged, and asks for one thing at a time; behind the gateway is a scripted
provider of each API. What the provider receives is held against the types or the schema that it publishes: openai's and
anthropic's parameter types, Open Responses' schema, google-genai's and ollama's models, botocore's model of Bedrock.
Every value that is asked for has a mark that has to arrive; every answer is what the SDK's own accumulator makes of it,
and the streamed one has to equal the whole one.

| cell | meaning |
| --- | --- |
| ✓ | it arrives, or is heard |
| ✓ and a number | it arrives in another form, which the header `x-interlingua-warnings` says: see the note |
| ○ and a number | the provider has no word for it: it is left out, which the same header says |
| ✗ and a number | it is refused before anything is sent, and the error names it |
| · and a number | the API on one side has no such thing |

Where an answer says something that the caller's API has no place for, nothing is made up. A cell speaks of streamed and
whole answers alike; where they differ, both stand in it.
"""
_SIGNS: Final = {
    "ok": ("✓", "✓"),
    "adapted": ("✓", "in another form, named"),
    "left out": ("○", "left out, named"),
    "refused": ("✗", "refused by name"),
    "placeless": ("·", "without a place"),
    "lost": ("LOST", "not explained"),
}
_KINDS: Final = ("dropped", "clamped", "renamed", "emulated", "bridged", "estimated")
_TITLES: Final = {
    "asked": "What callers ask for",
    "answered": "What models answer",
    "brought back": "What has to come back in the next turn",
    "failed": "What fails",
    "done": "What else is done",
}


def written(results: Mapping[tuple[str, str], Found]) -> str:
    """Write the page from the cells of every pair of caller and provider."""
    lines = [_INTRODUCTION, *_totals(results)]
    for caller, (package, api) in _SDKS.items():
        lines += ["", f"## `{package}` {version(package)}, {api}"]
        notes: dict[str, int] = {}
        founds = {behind: results[caller, behind] for behind in BEHIND}
        for part, title in _TITLES.items():
            lines += ["", f"| {title} | {' | '.join(BEHIND)} |", f"| --- |{' --- |' * len(BEHIND)}"]
            for feature in PARTS[part]:
                cells = [_shown(founds[behind], part, feature.name, notes) for behind in BEHIND]
                if any(cells):
                    lines.append(f"| {feature.name} | {' | '.join(cells)} |")
        lines += ["", *(f"{number}. {_escaped(note)}" for note, number in notes.items())]
    return "\n".join([*lines, ""])


def dated(text: str) -> str:
    """Give the page with the day of the run."""
    return text.replace(
        "Written by `make conformance`", f"Written on {dt.datetime.now(dt.UTC):%Y-%m-%d} by `make conformance`", 1
    )


def undated(text: str) -> str:
    """Give a page without its day, to compare it with."""
    head, mark, rest = text.partition(" by `make conformance`")
    return text if not mark or "Written on" not in head else head[: head.index("Written on")] + "Written" + mark + rest


def _totals(results: Mapping[tuple[str, str], Found]) -> list[str]:
    cells = [cell for found in results.values() for cell in found.values()]
    counted = Counter(_kind(cell) for cell in cells)
    return [f"{len(cells)} cells: {', '.join(f'{counted[kind]} {words}' for kind, (_, words) in _SIGNS.items())}."]


def _shown(found: Found, part: str, name: str, notes: dict[str, int]) -> str:
    cells = [found[key] for stream in (False, True) if (key := Key(part, name, stream)) in found]
    return " / ".join(dict.fromkeys(_sign(cell, notes) for cell in cells))


def _sign(cell: Cell, notes: dict[str, int]) -> str:
    sign, _ = _SIGNS[_kind(cell)]
    return sign if cell.outcome == "ok" else f"{sign} {notes.setdefault(cell.detail, len(notes) + 1)}"


def _kind(cell: Cell) -> str:
    """Give the outcome, telling what is left out from what is said in another form."""
    told = cell.detail.split(", ") if cell.outcome == "adapted" else []
    return "left out" if any(each.startswith(("dropped", "clamped")) for each in told) else cell.outcome


def _escaped(note: str) -> str:
    return f"`{note}`" if ":" in note or note.startswith(_KINDS) else note
