"""Telling what an answer says from what only announces it."""

from typing import Final

from interlingua.types.event import Event, OpaqueDelta, RefusalDelta, StreamStart, TextDelta, ThinkingDelta, UsageReport


def is_content(event: Event) -> bool:
    """Tell whether an event is a piece of the answer, or its end, and not only an announcement.

    Clocks run until the next content, and a route may ask somebody else before the first one.

    Example:
        >>> is_content(TextDelta("Hel")), is_content(StreamStart())
        (True, False)

    """
    kind = type(event)
    if kind in _ANNOUNCEMENTS:
        return False
    if isinstance(event, TextDelta):
        return bool(event.text or event.logprobs or event.signature)
    if isinstance(event, ThinkingDelta):
        return bool(event.text or event.signature or event.encrypted)
    if isinstance(event, RefusalDelta):
        return bool(event.text)
    if isinstance(event, OpaqueDelta):  # a block, or pieces of one; else fields that stand beside the answer
        return "type" in event.data or "message" in event.data
    return True


_ANNOUNCEMENTS: Final = (StreamStart, UsageReport)
