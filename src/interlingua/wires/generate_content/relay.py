"""Looking at a stream that passes by."""

import re
from typing import Any, Final

from interlingua.errors import ProviderError
from interlingua.types import Usage
from interlingua.types.shape import is_list, is_object
from interlingua.wires.generate_content.errors import error_of
from interlingua.wires.generate_content.response import block_word
from interlingua.wires.generate_content.usage import read_usage
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.sse import SSEParser
from interlingua.wires.utterance import event_says

_TAIL: Final = 256 * 1024
_PLAIN: Final = re.compile(rb'"text": ?"[^"]').search


class StreamWatch:
    r"""Looks at a stream that passes by, and says at its end whether it was whole.

    This wire has no end mark: a stream is whole when a candidate had a finish reason, or
    the prompt was blocked.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'data: {"candidates":[{"finishReason":"STOP"}]}\n\n')
        False
        >>> watch.finished
        True

    """

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> bool:
        """Take bytes as they pass; there is no end mark that could be the last of them."""
        self._kept = (self._kept + data)[-_TAIL:] if len(data) < _TAIL else data[-_TAIL:]
        return False

    def is_content(self, data: bytes) -> bool:
        """Tell whether some of these bytes say something; see `wires.contract.StreamWatch`."""
        return _PLAIN(data) is not None or event_says(data, says)

    @property
    def finished(self) -> bool:
        """Whether the stream said how it ended."""
        return self.error is not None or any(_ends(chunk) for chunk in self._chunks())

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        return next((read_usage(chunk["usageMetadata"]) for chunk in self._chunks() if "usageMetadata" in chunk), None)

    @property
    def error(self) -> ProviderError | None:
        """The error that the stream ended in."""
        last = next(iter(self._chunks()), None)
        return error_of(last) if last is not None and last.get("error") else None

    def _chunks(self) -> list[dict[str, Any]]:
        """Give the chunks that were kept, the last one first."""
        chunks: list[dict[str, Any]] = []
        parser = SSEParser()
        for event in reversed([*parser.feed(self._kept), *parser.close()]):
            try:
                chunk = decode(event.data)
            except UNREADABLE:
                continue  # the rest of a chunk whose beginning was not kept
            if is_object(chunk):
                chunks.append(dict(chunk))
        return chunks


def says(chunk: dict[str, Any]) -> bool:
    """Tell whether a chunk says something, or how the answer ended."""
    candidates = chunk.get("candidates")
    return _ends(chunk) or any(_parts_say(each) for each in (candidates if is_list(candidates) else ()))


def _parts_say(candidate: object) -> bool:
    content = candidate.get("content") if is_object(candidate) else None
    parts = content.get("parts") if is_object(content) else None
    return any(
        not is_object(part) or any(value and name != "thought" for name, value in part.items())
        for part in (parts if is_list(parts) else ())
    )


def _ends(chunk: dict[str, Any]) -> bool:
    candidates = chunk.get("candidates")
    if any(is_object(each) and each.get("finishReason") for each in (candidates if is_list(candidates) else ())):
        return True
    return block_word(chunk.get("promptFeedback")) is not None
