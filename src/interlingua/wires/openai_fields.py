"""Fields of a request that OpenAI's two APIs have alike, so that they pass from one to the other.

That matters most where a request is bridged, since its caller did not choose the other API
(openai 3.54 `completion_create_params.py` and `response_create_params.py`, read 2026-11-25).
"""

from typing import Any, Final

from interlingua.types.part import Extensions
from interlingua.types.shape import is_object

_ALIKE: Final = ("moderation", "prompt_cache_options", "prompt_cache_retention")
_CACHE_OPTIONS: Final = frozenset(("mode", "ttl"))


def shared_fields(extensions: Extensions, *, other: str) -> tuple[dict[str, Any], Extensions]:
    """Give what the `other` API's fields say here too, and the extensions without them.

    Example:
        >>> shared_fields({"responses": {"prompt_cache_retention": "24h", "background": True}}, other="responses")
        ({'prompt_cache_retention': '24h'}, {'responses': {'background': True}})

    """
    given = extensions.get(other)
    if not given:
        return {}, extensions
    shared = {name: given[name] for name in _ALIKE if name in given and _is_alike(name, given[name])}
    if not shared:
        return {}, extensions
    rest = {name: value for name, value in given.items() if name not in shared}
    return shared, {**extensions, other: rest}


def _is_alike(name: str, value: object) -> bool:
    return name != "prompt_cache_options" or (is_object(value) and value.keys() <= _CACHE_OPTIONS)
