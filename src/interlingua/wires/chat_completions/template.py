"""Events of a stream that differ from each other in one text only."""

from typing import Any, Final

import msgspec

from interlingua.types import TextDelta
from interlingua.wires.json_text import decode

_PROBE: Final = b'"\\u0001probe"'
_PROBED: Final = "\x01probe"
_MARK: Final = b'"content":'
_PADDING: Final = b'"obfuscation":"'
_PADDING_END: Final = b'"}'
_QUOTE: Final = 0x22
_BACKSLASH: Final = 0x5C

_decode_text = msgspec.json.Decoder(str).decode


class Template:
    """The bytes before and after the text of an event, both with the text's quotation mark.

    An event with the same bytes around a valid JSON string is the same event with
    another text: the string cannot end early, or it would not be one string. OpenAI ends
    an event with padding of letters and digits (`obfuscation`), which may differ too.
    """

    __slots__ = ("_end", "_middle", "_start", "after", "before", "choice", "used")

    def __init__(self, before: bytes, after: bytes, choice: int) -> None:
        place = after.rfind(_PADDING) + len(_PADDING)
        padded = place >= len(_PADDING) and after[place : -len(_PADDING_END)].isalnum()
        self._middle: bytes | None = after[:place] if padded else None
        self.before = before
        self.after = _PADDING_END if padded else after
        self.choice = choice
        self.used = False
        self._start = len(before) - 1
        self._end = 1 - len(after)

    def read(self, data: bytes) -> str | None:
        """Give the text of an event that begins and ends in these bytes; None if the event is another."""
        if self._middle is not None:
            end = data.rfind(self._middle, self._start) + 1
            if end == 0 or not data[end - 1 + len(self._middle) : -len(_PADDING_END)].isalnum():
                return None
        else:
            end = len(data) + self._end
            if end < self._start + 2:
                return None
        try:
            text = _decode_text(data[self._start : end])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        self.used = True
        return text

    @classmethod
    def learn(cls, data: bytes, event: TextDelta) -> "Template | None":
        """Find the bytes around the text of `event`, which was read from `data` with nothing else in it."""
        mark = data.find(_MARK)
        start = data.find(b'"', mark + len(_MARK))
        if mark < 0 or start < 0 or data[mark + len(_MARK) : start].strip():
            return None
        end = start + 1
        while end < len(data) and data[end] != _QUOTE:
            end += 2 if data[end] == _BACKSLASH else 1
        template = cls(data[: start + 1], data[end:], event.choice)
        return template if template._is_right(data, data[end:], event.text) else None

    def _is_right(self, data: bytes, after: bytes, text: str) -> bool:
        """Put another text in, and see that it becomes the content and that nothing else changes."""
        if not data.endswith(self.after) or self.read(data) != text:
            return False
        self.used = False
        original, probe = decode(data), decode(self.before[:-1] + _PROBE + after[1:])
        if _take_content(original) != text or _take_content(probe) != _PROBED or original != probe:
            return False
        return self._middle is None or isinstance(original.get("obfuscation"), str)


def _take_content(chunk: Any) -> object:
    """Take the content out of the only choice of a chunk."""
    choices = chunk["choices"]
    delta = choices[0].get("delta") if len(choices) == 1 else None
    return delta.pop("content", None) if delta else None
