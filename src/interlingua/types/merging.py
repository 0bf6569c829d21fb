"""A request over the defaults of a name."""

import copy
import operator

from interlingua.types.request import ModelRequest

_COMPLETED = tuple(
    name
    for name in ModelRequest.__struct_fields__
    if name not in ("model", "messages", "context", "strict", "extensions")
)
_read_completed = operator.attrgetter(*_COMPLETED)


def merged_request(request: ModelRequest, defaults: ModelRequest) -> ModelRequest:
    """Give the request with its unset fields taken from `defaults`; what the request sets always wins."""
    merged = copy.copy(request)
    for name, default in zip(_COMPLETED, _read_completed(defaults), strict=True):
        if default is None:
            continue
        own = getattr(request, name)
        if own is None:
            setattr(merged, name, default)
        elif name in ("extra_headers", "extra_body"):
            setattr(merged, name, {**default, **own})
    merged.extensions = {
        wire: {**defaults.extensions.get(wire, {}), **request.extensions.get(wire, {})}
        for wire in {**defaults.extensions, **request.extensions}
    }
    return merged
