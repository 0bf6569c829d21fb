"""Signs of life in a stream whose model is silent."""

import asyncio
from collections.abc import Callable

from interlingua.gateway.exchange import Exchange


class Pulse:
    """Sends `sign`, which readers skip, whenever nothing else was sent for `interval` seconds.

    Proxies close connections that are silent for a minute or so, while a model may
    think for longer. The first sign begins the answer (`begin`), so that a failure
    after it is told in the stream. With an interval of 0, or in a framing that has no
    such sign, nothing is sent.
    """

    __slots__ = ("_begin", "_drain", "_exchange", "_interval", "_sent", "_sign", "_timer")

    def __init__(self, exchange: Exchange, interval: float, sign: bytes, begin: Callable[[], None]) -> None:
        self._exchange = exchange
        self._sign = sign
        self._interval = interval
        self._begin = begin
        self._sent = 0
        self._drain: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        if self._interval > 0 and self._sign:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._beat)

    def __exit__(self, *exc_info: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._drain is not None:
            self._drain.cancel()

    def _beat(self) -> None:
        exchange = self._exchange
        if exchange.ended:
            return
        if exchange.sent == self._sent and not exchange.congested:
            if exchange.status == 0:
                self._begin()
            exchange.write(self._sign)
            if exchange.congested:
                self._drain = asyncio.ensure_future(exchange.drain())
        self._sent = exchange.sent
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._beat)
