"""Reasoning between `<think>` tags at the start of a text, whole or in pieces."""

from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class ThinkTags:
    """Splits a text that arrives in pieces into reasoning and answer.

    Only tags at the start count (white space may stand before them), so that an answer
    may speak of `<think>`. What might be the beginning of a tag is held until it is
    clear. No character is lost but the tags themselves.

    Example:
        >>> tags = ThinkTags()
        >>> tags.feed("<think>so") + tags.feed("</thi") + tags.feed("nk>42") + tags.close()
        [(True, 'so'), (False, '42')]

    """

    __slots__ = ("_held", "_mark")

    def __init__(self) -> None:
        self._held = ""
        self._mark: str | None = _OPEN

    @property
    def done(self) -> bool:
        """Whether no tag can come any more."""
        return self._mark is None

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """Take the next piece; give pairs of whether it is reasoning, and text."""
        if self._mark is None:
            return [(False, text)]
        self._held += text
        return self._opened() if self._mark == _OPEN else self._thinking()

    def close(self) -> list[tuple[bool, str]]:
        """Give what is held still."""
        held, self._held = self._held, ""
        return [(self._mark == _CLOSE, held)] if held else []

    def _opened(self) -> list[tuple[bool, str]]:
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            before = self._held[: len(self._held) - len(start)]
            self._held = start[len(_OPEN) :]
            self._mark = _CLOSE
            return ([(False, before)] if before else []) + self._thinking()
        if _OPEN.startswith(start):
            return []
        self._mark = None
        return self.close()

    def _thinking(self) -> list[tuple[bool, str]]:
        thought, mark, answer = self._held.partition(_CLOSE)
        if mark:
            self._held, self._mark = "", None
            return [(True, thought)] * bool(thought) + [(False, answer)] * bool(answer)
        kept = next((size for size in range(len(_CLOSE) - 1, 0, -1) if thought.endswith(_CLOSE[:size])), 0)
        self._held = thought[len(thought) - kept :]
        ready = thought[: len(thought) - kept]
        return [(True, ready)] if ready else []
