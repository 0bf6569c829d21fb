"""What a request gives as the beginning of its answer, to be gone on from."""

from collections.abc import Mapping, Sequence
from typing import Any

from interlingua.types.shape import is_list, is_object


def given_beginning(asked: Mapping[str, Any]) -> str:
    """Give the text of the model's own turn at the end of the conversation, in any wire; empty where there is none.

    Example:
        >>> given_beginning({"messages": [{"role": "assistant", "content": "The keeper"}]})
        'The keeper'

    """
    turns: Any = next((asked[name] for name in ("messages", "contents", "input") if name in asked), None)
    last = turns[-1] if is_list(turns) and turns else None
    if not is_object(last):
        return ""
    return _text(last.get("content", last.get("parts"))) if last.get("role") in ("assistant", "model") else ""


def rest_of(pieces: Sequence[str], beginning: str) -> Sequence[str]:
    """Give the pieces that are left of a text after its beginning; all of them if it does not begin so."""
    if not "".join(pieces).startswith(beginning):
        return pieces
    left, rest = len(beginning), list(pieces)
    while rest and left >= len(rest[0]):
        left -= len(rest.pop(0))
    return [rest[0][left:], *rest[1:]] if rest else []


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts: Sequence[Any] = content if is_list(content) else ()
    return "".join(part["text"] for part in parts if is_object(part) and isinstance(part.get("text"), str))
