"""A string that never shows itself."""


class Secret:
    """Hold a key or password so that it reaches the wire and nothing else.

    Printing, formatting, logging and `repr` show asterisks; comparison takes
    constant time. Take the value out with `reveal()`, at the last moment.

    Example:
        >>> key = Secret("sk-123")
        >>> f"{key} {key!r}"
        "****** Secret('******')"

    """

    __slots__ = ("_value",)

    def __init__(self, value: "str | Secret") -> None:
        self._value: str = value.reveal() if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """Give the value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            import hmac  # noqa: PLC0415 - costs more to load than all else here

            return hmac.compare_digest(self._value.encode(), other._value.encode())
        return NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __str__(self) -> str:
        return "******"

    def __repr__(self) -> str:
        return "Secret('******')"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not written out: pass the value of `reveal()` if you must")
