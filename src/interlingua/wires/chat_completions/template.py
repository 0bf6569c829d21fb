"""Events of a stream that differ from each other in one text only."""

import msgspec

from interlingua.types import TextDelta

_PROBE = "\x01probe"
_MARK = b'"content":'

_decode = msgspec.json.Decoder().decode
_decode_text = msgspec.json.Decoder(str).decode


class Template:
    """The bytes before and after the text of an event, both with the text's quotation mark.

    An event with the same bytes around a valid JSON string is the same event with
    another text: the string cannot end early, or it would not be one string.
    """

    __slots__ = ("_end", "_start", "after", "before", "choice", "used")

    def __init__(self, before: bytes, after: bytes, choice: int) -> None:
        self.before = before
        self.after = after
        self.choice = choice
        self.used = False
        self._start = len(before) - 1
        self._end = 1 - len(after)

    def read(self, data: bytes) -> str | None:
        """Give the text of an event that has these bytes around it; None if it is not a single string."""
        if len(data) < self._start + 2 - self._end:
            return None
        try:
            text = _decode_text(data[self._start : self._end or None])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        self.used = True
        return text

    @classmethod
    def learn(cls, data: bytes, event: TextDelta) -> "Template | None":
        """Find the bytes around the text of `event`, which was read from `data` with nothing else in it."""
        mark = data.find(_MARK)
        if mark < 0:
            return None
        start = data.find(b'"', mark + len(_MARK))
        end = start + 1
        while start >= 0 and end < len(data) and data[end] != 0x22:
            end += 2 if data[end] == 0x5C else 1
        template = cls(data[: start + 1], data[end:], event.choice)
        if start < 0 or (not data[mark + len(_MARK) : start].isspace() and start != mark + len(_MARK)):
            return None
        return template if template._is_right(data, event.text) else None

    def _is_right(self, data: bytes, text: str) -> bool:
        """Put another text in, and see that it becomes the content and that nothing else changes."""
        original = _decode(data)
        probe = _decode(self.before[:-1] + msgspec.json.encode(_PROBE) + self.after[1:])
        if self.read(data) != text:
            return False
        self.used = False
        deltas = [each["choices"][0]["delta"] for each in (original, probe)]
        if deltas[0].pop("content") != text or deltas[1].pop("content") != _PROBE:
            return False
        return original == probe
