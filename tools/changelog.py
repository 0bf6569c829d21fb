"""Keep the changelog in fragments, so that two changes never meet in one file.

    python -m tools.changelog check            # are the fragments well-formed, and the version in step?
    python -m tools.changelog draft            # what the next release's notes say so far
    python -m tools.changelog assemble         # move them into CHANGELOG.md under the version of pyproject.toml

A fragment is `changelog.d/<topic>.<kind>.md`, one or more sentences about what a user observes.
"""

import argparse
import datetime as dt
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
KINDS = ("added", "changed", "deprecated", "removed", "fixed", "security")
NAME = re.compile(r"(?P<topic>[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<kind>[a-z]+)\.md")
RELEASE = re.compile(r"^## (?P<version>\d+\.\d+\.\d+\S*) - \d{4}-\d{2}-\d{2}$", re.MULTILINE)
INTRODUCTION = """# Changelog

What changed for those who use interlingua, newest first. Versions follow [Semantic Versioning](https://semver.org);
before 1.0 a minor version may change an interface, and its notes say how to follow.

What is not released yet stands in `changelog.d/`, one file a change; `make changelog` shows it.
"""


@dataclass(frozen=True)
class Fragment:
    """One change, as its user observes it."""

    path: Path
    topic: str
    kind: str
    text: str


class InvalidFragment(Exception):
    """A fragment's name or text breaks the rules; the message names the file and the remedy."""


def read_fragments(folder: Path) -> list[Fragment]:
    """Read every fragment of `folder`, by kind and then by topic.

    Raises:
        InvalidFragment: a file's name or text breaks the rules.

    """
    paths = sorted(path for path in folder.glob("*") if path.name != "README.md")
    fragments = [read_fragment(path) for path in paths]
    return sorted(fragments, key=lambda each: (KINDS.index(each.kind), each.topic))


def read_fragment(path: Path) -> Fragment:
    """Read one fragment.

    Raises:
        InvalidFragment: its name or text breaks the rules.

    """
    match = NAME.fullmatch(path.name)
    if match is None or match["kind"] not in KINDS:
        raise InvalidFragment(f"{path.name}: name it <topic>.<kind>.md, the kind being one of {', '.join(KINDS)}")
    text = path.read_text(encoding="utf-8").strip()
    if not text.endswith((".", "`", ")")):
        raise InvalidFragment(f"{path.name}: write whole sentences about what a user observes")
    if any(line.startswith("#") for line in text.splitlines()):
        raise InvalidFragment(f"{path.name}: leave headings out, the kind gives one")
    return Fragment(path, match["topic"], match["kind"], text)


def render(fragments: Sequence[Fragment]) -> str:
    """Give the notes of one release, a heading for each kind."""
    return "\n".join(_render(fragments))


def _render(fragments: Sequence[Fragment]) -> Iterator[str]:
    for kind in KINDS:
        chosen = [each for each in fragments if each.kind == kind]
        if chosen:
            yield f"### {kind.capitalize()}\n"
            for fragment in chosen:
                first, *rest = fragment.text.splitlines()
                yield "\n".join([f"- {first}", *(f"  {line}".rstrip() for line in rest)])
            yield ""


def assembled(changelog: str, fragments: Sequence[Fragment], *, version: str, date: dt.date) -> str:
    """Give the changelog with a section for `version` above the others."""
    releases = changelog.removeprefix(INTRODUCTION).strip()
    section = f"## {version} - {date.isoformat()}\n\n{render(fragments).strip()}"
    return "\n\n".join(part for part in (INTRODUCTION.strip(), section, releases) if part) + "\n"


def faults(root: Path) -> Iterator[str]:
    """Give one line for everything that is wrong with the changelog of the repository `root`."""
    try:
        fragments = read_fragments(root / "changelog.d")
    except InvalidFragment as error:
        yield str(error)
        return
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not changelog.startswith(INTRODUCTION):
        yield "CHANGELOG.md: its introduction is the one in tools/changelog.py"
    released = RELEASE.search(changelog)
    version = project_version(root)
    if not fragments and (released is None or released["version"] != version):
        yield f"CHANGELOG.md has no section for {version}, and changelog.d has no fragment for it"


def project_version(root: Path) -> str:
    """Give the version in pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def assemble(root: Path) -> None:
    """Write the fragments into CHANGELOG.md and delete them."""
    fragments = read_fragments(root / "changelog.d")
    path = root / "CHANGELOG.md"
    today = dt.datetime.now(tz=dt.UTC).date()
    changelog = path.read_text(encoding="utf-8")
    path.write_text(assembled(changelog, fragments, version=project_version(root), date=today), encoding="utf-8")
    for fragment in fragments:
        fragment.path.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code."""
    parser = argparse.ArgumentParser(description="Keep the changelog in fragments.")
    parser.add_argument("action", choices=["check", "draft", "assemble"])
    action = parser.parse_args(arguments).action
    found = list(faults(ROOT))
    if found:
        print("\n".join(found), file=sys.stderr)
        return 1
    if action == "check":
        print("The changelog is in order.")
    elif action == "draft":
        print(render(read_fragments(ROOT / "changelog.d")).strip() or "Nothing yet.")
    else:
        assemble(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
