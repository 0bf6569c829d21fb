"""Undoing a reply's content encoding, within bounds.

We ask for `identity`; a server that compresses all the same is understood, and one
that sends a few bytes that swell into gigabytes is cut off.
"""

import zlib

from interlingua.errors import ProtocolError

FREE_BYTES = 1024 * 1024
"""Output that is never questioned, in bytes."""

MAX_RATIO = 100
"""How many times its compressed size a body may reach beyond that."""


class BodyDecoder:
    """Inflates `gzip` or `deflate` as it arrives.

    Args:
        encoding: The value of `content-encoding`.

    Raises:
        ProtocolError: the encoding is another one.

    """

    __slots__ = ("_encoding", "_inflate", "_read", "_started", "_written")

    def __init__(self, encoding: str) -> None:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise ProtocolError(f"The reply is encoded as {encoding!r}, though the request asked for no encoding.")
        self._encoding = encoding
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | (0 if encoding == "deflate" else 16))
        self._started = False
        self._read = 0
        self._written = 0

    def feed(self, data: bytes) -> bytes:
        """Give what `data` inflates to.

        Raises:
            ProtocolError: `data` is not in the encoding, goes on after its end, or swells beyond the bound.

        """
        if not data:
            return b""
        self._read += len(data)
        if not self._started and self._encoding == "deflate" and data[0] & 0x0F != 8:
            # Some servers send raw deflate (RFC 1951) where RFC 9110 asks for the zlib wrapping.
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._started = True
        allowed = max(FREE_BYTES, self._read * MAX_RATIO) - self._written
        try:
            output = self._inflate.decompress(data, allowed + 1)
        except zlib.error as error:
            raise ProtocolError(f"The reply's {self._encoding} encoding is broken: {error}.") from None
        if len(output) > allowed:
            raise ProtocolError(f"The reply swells to more than {MAX_RATIO} times its compressed size.")
        if self._inflate.unused_data:
            raise ProtocolError(f"The reply goes on after the end of its {self._encoding} encoding.")
        self._written += len(output)
        return output

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            ProtocolError: the encoded body is not whole.

        """
        if self._started and not self._inflate.eof:
            raise ProtocolError(f"The reply's {self._encoding} encoding ends too early.")
