"""Byte-pair vocabularies that come with the package, so that counting needs no network.

`data/encodings.toml` names each encoding, its pattern, its special tokens and the models that use it;
`data/<name>.ranks` holds its tokens. `pack_ranks` and `unpack_ranks` are the two directions of that file:
the zlib compression of a four-byte big-endian count, one length byte per token, then the tokens in rank
order. The ranks are those that OpenAI publishes for tiktoken (MIT, `data/LICENSE-vocabularies.txt`);
`tiktoken_text` rebuilds the published file, whose SHA-256 the table states.

Importing this module reads nothing; `tokens.py` imports it at the first count.
"""

import binascii
import tomllib
import zlib
from collections.abc import Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

import msgspec

RANK_COUNT_BYTES = 4


class EncodingEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One encoding: how it splits text, which file holds its ranks, and who uses it."""

    name: str
    ranks: str
    """The file in `data/` that holds the tokens in rank order."""
    sha256: str
    """The SHA-256 of the published `.tiktoken` file that the ranks rebuild."""
    pattern: str
    special_tokens: dict[str, int]
    models: tuple[str, ...]
    """Shell patterns of the models known to use it, in lower case."""


class EncodingTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The packaged encodings, and where the facts in them are from."""

    source: str
    checked: date
    vendors: frozenset[str]
    """Prefixes before a slash under which OpenAI's models keep OpenAI's tokenizer."""
    encoding: tuple[EncodingEntry, ...]

    def find(self, name: str) -> EncodingEntry:
        """Give the encoding called `name`; raises KeyError for a name that is not packaged."""
        for entry in self.encoding:
            if entry.name == name:
                return entry
        raise KeyError(name)

    def for_model(self, model: str) -> EncodingEntry | None:
        """Give the encoding that `model` is known to use, or None when its tokenizer is not known here."""
        plain = self._plain_name(model)
        if plain is None:
            return None
        return next((e for e in self.encoding if any(fnmatchcase(plain, p) for p in e.models)), None)

    def _plain_name(self, model: str) -> str | None:
        """Take away vendor and fine-tuning marks; None when somebody else's prefix is in front."""
        prefix, _, name = model.strip().lower().rpartition("/")
        if prefix and prefix.rpartition("/")[2] not in self.vendors:
            return None
        return name.split(":")[1] if name.startswith("ft:") else name


@cache
def encoding_table() -> EncodingTable:
    """Read the packaged table once."""
    return msgspec.convert(tomllib.loads(_data("encodings.toml").decode()), EncodingTable)


def packaged_ranks(entry: EncodingEntry) -> dict[bytes, int]:
    """Read the tokens of `entry`, each with its rank; about 0.2 s for 200,000 tokens."""
    return {token: rank for rank, token in enumerate(unpack_ranks(_data(entry.ranks)))}


def pack_ranks(tokens: Sequence[bytes]) -> bytes:
    """Write tokens, in rank order, as the content of a `.ranks` file; each is 1 to 255 bytes long."""
    lengths = bytes(map(len, tokens))
    return zlib.compress(len(tokens).to_bytes(RANK_COUNT_BYTES, "big") + lengths + b"".join(tokens), 9)


def unpack_ranks(packed: bytes) -> list[bytes]:
    """Read the content of a `.ranks` file back into tokens in rank order."""
    content = zlib.decompress(packed)
    count = int.from_bytes(content[:RANK_COUNT_BYTES], "big")
    position = RANK_COUNT_BYTES + count
    tokens: list[bytes] = []
    for length in content[RANK_COUNT_BYTES:position]:
        tokens.append(content[position : position + length])
        position += length
    return tokens


def tiktoken_text(tokens: Sequence[bytes]) -> bytes:
    """Write tokens, in rank order, as the published `.tiktoken` file: one `<base64> <rank>` a line."""
    lines = (b"%s %d\n" % (binascii.b2a_base64(token, newline=False), rank) for rank, token in enumerate(tokens))
    return b"".join(lines)


def _data(name: str) -> bytes:
    return resources.files("interlingua.catalog").joinpath("data", name).read_bytes()
