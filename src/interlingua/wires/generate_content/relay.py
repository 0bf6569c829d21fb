"""Looking at a stream that passes by."""

from collections.abc import Mapping
from typing import Any

import msgspec

from interlingua.types import Usage
from interlingua.types.shape import is_list, is_object
from interlingua.wires.generate_content.errors import error_of
from interlingua.wires.generate_content.response import block_word
from interlingua.wires.generate_content.usage import read_usage
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.passage import EventWatch, broken, object_in

_UNSAID = (None, "", "FINISH_REASON_UNSPECIFIED")
"""Reasons to finish that are none."""


class _Part(msgspec.Struct, gc=False):
    text: str | None = None


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False, rename="camel"):
    """As much of a chunk as is looked at."""

    candidates: list[_Candidate]
    error: Any = None
    prompt_feedback: Any = None
    usage_metadata: Any = None


_decode_chunk = msgspec.json.Decoder(_Chunk).decode


class StreamWatch(EventWatch):
    r"""Looks at a stream that passes by; see `wires.contract.StreamWatch`.

    This wire has no end mark: a stream is whole when a candidate had a finish reason, or
    the prompt was blocked.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'id: 1\ndata: {"candidates":[{"finishReason":"STOP"}]}\n\n')
        b'data: {"candidates":[{"finishReason":"STOP"}]}\n\n'
        >>> watch.finished
        True

    """

    __slots__ = ("_usage",)

    def __init__(self) -> None:
        super().__init__(bare=True)
        self._usage: Any = None

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        return read_usage(self._usage)

    def _look(self, data: bytes, name: bytes | None) -> bytes | None:
        del name  # this wire has none
        try:
            chunk = _decode_chunk(data)
        except UNREADABLE:
            return self._look_closely(data)
        if chunk.error or chunk.prompt_feedback is not None:
            return self._look_closely(data)
        said = self.said
        for candidate in chunk.candidates:
            content = candidate.content
            if candidate.finish_reason not in _UNSAID:
                self.finished = said = True
            elif content is not None:
                for part in content.parts or ():
                    if part.text:
                        said = True
        if chunk.usage_metadata is not None:
            self._usage = chunk.usage_metadata
        self.said = said or (bool(chunk.candidates) and _says(decode(data)))
        return None

    def _look_closely(self, data: bytes) -> None:
        """Look at an event that is no usual chunk."""
        chunk = object_in(data)
        if chunk.get("error"):
            self._told(error_of(chunk, body=data))
            return
        _check(chunk, data)
        self.finished = self.finished or _ends(chunk)
        self.said = self.said or _says(chunk)
        if chunk.get("usageMetadata") is not None:
            self._usage = chunk["usageMetadata"]


def _check(chunk: Mapping[str, Any], data: bytes) -> None:
    """See that the texts of a chunk are texts.

    Raises:
        ProtocolError: one is none.

    """
    candidates = chunk.get("candidates")
    for candidate in candidates if is_list(candidates) else ():
        if not is_object(candidate):
            raise broken("has a candidate that is no object", data)
        content = candidate.get("content")
        parts = content.get("parts") if is_object(content) else None
        if parts is not None and not is_list(parts):
            raise broken("has parts that are no list", data)
        for part in parts or ():
            if not is_object(part) or not isinstance(part.get("text"), str | None):
                raise broken("has a text that is none", data)


def _says(chunk: Mapping[str, Any]) -> bool:
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


def _ends(chunk: Mapping[str, Any]) -> bool:
    candidates = chunk.get("candidates")
    given = [each.get("finishReason") for each in (candidates if is_list(candidates) else ()) if is_object(each)]
    return any(word not in _UNSAID for word in given) or block_word(chunk.get("promptFeedback")) is not None
