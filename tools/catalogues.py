"""Compile the translations, or check that they are whole and compiled.

python -m tools.catalogues           # write the .mo files
python -m tools.catalogues --check   # exit 1 if a text is untranslated or a .mo file is stale
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from interlingua.flow.resources import ResourceCategory, palette

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""What a compiled file has as its date, so that compiling twice gives the same bytes."""

LOCALES = Path(__file__).parent.parent / "src/interlingua/flow/resources/locales"


def texts() -> set[str]:
    """Collect every text that the palette shows."""
    found = {str(category.label) for category in ResourceCategory}
    for resource in palette():
        found |= {str(resource.label), str(resource.description)}
        found |= {str(text) for each in resource.parameters for text in (each.label, each.description)}
    return found


def compiled(source: Path) -> tuple[bytes, set[str]]:
    """Compile one catalogue, and name the texts that it does not translate."""
    with source.open("rb") as file:
        catalogue = read_po(file)
    catalogue.creation_date = catalogue.revision_date = _EPOCH
    translated = {str(message.id) for message in catalogue if message.id and message.string}
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue(), texts() - translated


def main(arguments: list[str]) -> int:
    """Write or check every catalogue."""
    failed = False
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        data, missing = compiled(source)
        target = source.with_suffix(".mo")
        for text in sorted(missing):
            print(f"{source}: not translated: {text!r}")
        stale = not target.exists() or target.read_bytes() != data
        if "--check" in arguments:
            if stale:
                print(f"{target}: stale; run `python -m tools.catalogues`")
            failed = failed or stale or bool(missing)
        elif stale:
            target.write_bytes(data)
            print(f"wrote {target}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
