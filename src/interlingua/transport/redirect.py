"""Which redirects may be followed: those that stay where the credentials belong."""

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.transport.url import Target, resolve_location

MAX_REDIRECTS = 3
"""How many redirects one request follows."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The statuses that ask for the request to be sent elsewhere."""


def check_redirect(target: Target, location: str, status: int, method: str) -> Target:
    """Give where a redirect from `target` leads to, if the request may be sent there.

    Raises:
        ProtocolError: it leads to another origin, to no URL, or would turn the request into another one.

    """
    try:
        following = resolve_location(location, target)
    except InvalidRequest as error:
        raise ProtocolError(f"{target.origin} redirected to something that is no URL: {error.message}") from None
    if following.origin != target.origin:
        raise ProtocolError(
            f"{target.origin} redirected to {following.origin}, which is another origin; the request, with its "
            "credentials, was not sent there. If that is the right address, use it as the base URL."
        )
    if method not in ("GET", "HEAD") and status not in (307, 308):
        raise ProtocolError(
            f"{target.origin} answered {method} with a redirect ({status}) that would lose the body; "
            "correct the base URL."
        )
    return following
