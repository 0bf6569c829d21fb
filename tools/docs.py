"""Write the parts of the documentation that the code states already, and check that they are fresh.

    python -m tools.docs            # write them
    python -m tools.docs --check    # exit 1 and name the files when writing would change anything

Such a part stands between two comments; the first names what is put there and, where it needs one, an object:

    <!-- generated: settings interlingua.gateway.settings:ServerSettings -->
    <!-- end -->

`BLOCKS` lists the words. Text outside the comments is written by hand and left alone.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tools.gateway_errors import answers, refused
from tools.models import lifecycles, rules
from tools.reference import choices, commands, error_tree, exports, fields, files, providers, settings

ROOT = Path(__file__).parents[1]
MARKED = re.compile(r"(<!-- generated: (?P<word>[a-z-]+)(?: (?P<object>\S+))? -->\n).*?(<!-- end -->)", re.DOTALL)

BLOCKS: Mapping[str, Callable[[str | None], str]] = {
    "answers": answers,
    "choices": choices,
    "commands": commands,
    "errors": error_tree,
    "exports": exports,
    "fields": fields,
    "files": files,
    "lifecycles": lifecycles,
    "providers": providers,
    "refused": refused,
    "rules": rules,
    "settings": settings,
}


def rendered(text: str) -> str:
    """Give `text` with every generated part written anew.

    Raises:
        KeyError: a part names a word that `BLOCKS` does not have.

    """

    def block(match: re.Match[str]) -> str:
        content = BLOCKS[match["word"]](match["object"]).strip()
        return f"{match[1]}\n{content}\n\n{match[4]}"

    return MARKED.sub(block, text)


def pages(root: Path) -> Iterator[Path]:
    """Give the pages that may have generated parts."""
    yield from sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])


def stale(root: Path) -> Iterator[tuple[Path, str]]:
    """Give each page whose generated parts are not what the code says now, with its fresh text."""
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        fresh = rendered(text)
        if fresh != text:
            yield page, fresh


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    options = parser.parse_args(arguments)
    found = list(stale(ROOT))
    for page, fresh in found:
        if options.check:
            print(f"{page.relative_to(ROOT)} is stale; run `make docs`.", file=sys.stderr)
        else:
            page.write_text(fresh, encoding="utf-8")
            print(f"Wrote {page.relative_to(ROOT)}")
    if not found:
        print("The generated parts of the docs are fresh.")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
