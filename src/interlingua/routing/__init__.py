"""One request, several chances: routes and their targets, limits and retries."""

from interlingua.routing.guarded import GuardedProvider
from interlingua.routing.limit import ConcurrencyLimit
from interlingua.routing.retry import RetryPolicy, retrying

__all__ = ["ConcurrencyLimit", "GuardedProvider", "RetryPolicy", "retrying"]
