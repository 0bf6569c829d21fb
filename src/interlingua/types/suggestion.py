"""The name that was probably meant."""

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the known name that looks most like `name`, or None when none does."""
    import difflib  # noqa: PLC0415 - only needed to word an error

    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)
