"""Looking at a stream that passes by."""

from typing import Any, Final

from interlingua.errors import ProviderError
from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.ollama.response import read_usage
from interlingua.wires.utterance import any_says

_TAIL: Final = 256 * 1024
_DONE: Final = (b'"done":true', b'"done": true')


class StreamWatch:
    r"""Looks at a stream that passes by, and says at its end whether it was whole.

    Only the last bytes are kept, and they are not read before somebody asks.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'{"message":{"role":"assistant","content":""},"done":true}\n')
        True

    """

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bool:
        """Take bytes as they pass; tell whether the line that says `done` was the last of them."""
        self._kept.append(data)
        self._size += len(data)
        if self._size > 2 * _TAIL:
            self._kept = [b"".join(self._kept)[-_TAIL:]]
            self._size = len(self._kept[0])
        return any(mark in data for mark in _DONE) and self._last().get("done") is True

    @staticmethod
    def is_content(data: bytes) -> bool:
        """Tell whether some of these bytes say something; see `wires.contract.StreamWatch`."""
        return (b'""' not in data and b"{" in data) or any_says(data.split(b"\n"), _says)

    @property
    def finished(self) -> bool:
        """Whether the stream said how it ended: by its last line or an error."""
        last = self._last()
        return last.get("done") is True or bool(last.get("error"))

    @property
    def usage(self) -> Usage | None:
        """The usage that the last line told."""
        return read_usage(self._last())

    @property
    def error(self) -> ProviderError | None:
        """The error that the stream ended in."""
        last = self._last()
        return error_of(last) if last.get("error") else None

    def _last(self) -> dict[str, Any]:
        lines = b"".join(self._kept).rstrip().rsplit(b"\n", 1)
        try:
            fields = decode(lines[-1])
        except UNREADABLE:
            return {}
        return dict(fields) if is_object(fields) else {}


def _says(fields: dict[str, Any]) -> bool:
    """Tell whether a line says something, of a chat or of a generation, or is the last one."""
    message = fields.get("message")
    if is_object(message) and any(value and name != "role" for name, value in message.items()):
        return True
    return fields.get("done") is True or bool(fields.get("response") or fields.get("thinking"))
