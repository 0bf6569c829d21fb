"""Who may come in."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping

from interlingua.types import Secret


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
        """Tell whether the caller has a key, as `Authorization: Bearer …` or `x-api-key: …`."""
        if not self._digests:
            return True
        presented = headers.get(b"authorization")
        if presented is None:
            presented = headers.get(b"x-api-key")
        elif presented[:7].lower() == b"bearer ":
            presented = presented[7:].strip()
        else:
            return False
        return presented is not None and self._digest(presented) in self._digests

    def _digest(self, key: bytes) -> bytes:
        return hashlib.blake2b(key, digest_size=32, key=self._salt).digest()
