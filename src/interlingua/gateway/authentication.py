"""Who may come in."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Final

from interlingua.types import Secret

_SALT: Final = secrets.token_bytes(32)


class Keyring:
    """The keys that callers may use.

    Only keyed digests are held and compared, under a key that is new in each process,
    so how long a comparison takes tells a caller nothing about any key. No other part
    of a request is looked at: a key in the query string would end up in logs.
    """

    def __init__(self, keys: Iterable[Secret]) -> None:
        self._salt = secrets.token_bytes(32)
        self._digests = frozenset(self._digest(key.reveal().encode("ascii")) for key in keys)

    @property
    def is_empty(self) -> bool:
        """Whether everybody may come in."""
        return not self._digests

    def admits(self, headers: Mapping[bytes, bytes]) -> bool:
        """Tell whether the caller has a key; `presented_key` says where one is looked for."""
        if not self._digests:
            return True
        presented = presented_key(headers)
        return presented is not None and self._digest(presented) in self._digests

    def _digest(self, key: bytes) -> bytes:
        return hashlib.blake2b(key, digest_size=32, key=self._salt).digest()


def presented_key(headers: Mapping[bytes, bytes]) -> bytes | None:
    """Give the caller's key: `Authorization: Bearer …`, or else `x-api-key: …` or `x-goog-api-key: …`."""
    presented = headers.get(b"authorization")
    if presented is None:
        presented = headers.get(b"x-api-key")
        return headers.get(b"x-goog-api-key") if presented is None else presented
    return presented[7:].strip() if presented[:7].lower() == b"bearer " else None


def caller_of(headers: Mapping[bytes, bytes]) -> str | None:
    """Give what stands for a caller's key in this process, from which the key cannot be told; None: it has none."""
    presented = presented_key(headers)
    return None if presented is None else hashlib.blake2b(presented, digest_size=16, key=_SALT).hexdigest()
