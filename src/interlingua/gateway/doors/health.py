"""Whether the gateway is alive, whether it takes requests, and what it is."""

from collections.abc import Callable

import msgspec

from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON

_OK = b'{"status":"ok"}'
_STOPPING = b'{"status":"stopping"}'


class HealthDoors:
    """Answer probes; they say nothing of the configuration, so they need no key."""

    def __init__(self, stopping: Callable[[], bool], paths: list[str]) -> None:
        self._stopping = stopping
        self._hint = msgspec.json.encode({"name": "interlingua", "base_url": "/v1", "paths": paths})

    def health(self, exchange: Exchange) -> None:
        """Say that the process is alive."""
        exchange.answer(200, (JSON,), _OK)

    def ready(self, exchange: Exchange) -> None:
        """Say whether new requests are welcome: 503 once the gateway is stopping."""
        stopping = self._stopping()
        exchange.answer(503 if stopping else 200, (JSON,), _STOPPING if stopping else _OK)

    def root(self, exchange: Exchange) -> None:
        """Say what this is, for whoever opens the address in a browser."""
        exchange.answer(200, (JSON,), self._hint)
