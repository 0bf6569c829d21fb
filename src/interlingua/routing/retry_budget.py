"""How many calls may be made twice, over all requests."""


class RetryBudget:
    """Keeps repeats to a share of the requests, so that a provider in trouble is not hit harder than before.

    Each request pays in `share`, each repeat takes 1, and no more than `most` is saved.
    At the start `free` repeats are free, or `most`.

    Example:
        >>> budget = RetryBudget(share=0.2, most=1)
        >>> budget.take(), budget.take()
        (True, False)

    """

    __slots__ = ("_left", "_most", "_share")

    def __init__(self, *, share: float = 0.2, most: float = 10.0, free: float | None = None) -> None:
        self._share = share
        self._most = most
        self._left = most if free is None else free

    def pay(self) -> None:
        """Note a request."""
        self._left = min(self._most, self._left + self._share)

    def take(self) -> bool:
        """Take a repeat out if there is one left."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
