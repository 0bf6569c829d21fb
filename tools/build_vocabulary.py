"""Build `src/interlingua/catalog/data/<name>.ranks` from a published `.tiktoken` file.

    python tools/build_vocabulary.py o200k_base.tiktoken cl100k_base.tiktoken.gz

A name that ends in `.gz` is unpacked first. The script refuses a file whose SHA-256 is not the one that
`encodings.toml` states for that encoding (the value in tiktoken's `openai_public.py`), and refuses to write
ranks that do not rebuild the very same file.

The vocabularies are OpenAI's, published for tiktoken under the MIT licence. The packaged files were built on
2026-11-22 from the `data/` directory of the Python package `bpe-openai` 0.1.4 (MIT), which carries them
unchanged.
"""

import argparse
import base64
import gzip
import hashlib
import sys
from pathlib import Path

from interlingua.catalog.vocabulary import encoding_table, pack_ranks, tiktoken_text, unpack_ranks

DATA = Path(__file__).parents[1] / "src" / "interlingua" / "catalog" / "data"


def build(path: Path) -> Path:
    """Check `path` against the table, write its ranks and give the file written; exits with a message otherwise."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    entry = encoding_table().find(path.name.removesuffix(".gz").removesuffix(".tiktoken"))
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        sys.exit(f"{path}: this is not the published {entry.name}; expected SHA-256 {entry.sha256}")
    packed = pack_ranks([base64.b64decode(line.split()[0]) for line in content.splitlines()])
    if tiktoken_text(unpack_ranks(packed)) != content:
        sys.exit(f"{path}: its ranks are not consecutive, so they cannot be packed")
    target = DATA / entry.ranks
    target.write_bytes(packed)
    return target


def main() -> None:
    """Build the ranks of every file named on the command line."""
    parser = argparse.ArgumentParser(description="Build packaged token ranks from published .tiktoken files.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    for path in parser.parse_args().files:
        target = build(path)
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
