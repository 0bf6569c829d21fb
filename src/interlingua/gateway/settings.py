"""What can be set for the gateway's server, each setting declared once."""

import ipaddress
from typing import Any

from interlingua.errors import InvalidConfig
from interlingua.types import Secret
from interlingua.types.setting import declared, setting

SHORTEST_KEY = 8
"""Characters that a key must have at least; a shorter one is a placeholder or a slip."""


@declared
class ServerSettings:
    """Where the gateway listens, who may call it, and what it bears.

    Times are seconds, sizes bytes. A loopback address may be served without keys; any
    other address without one is refused, since whoever reaches it could spend the
    providers' money.

    Example:
        >>> ServerSettings(port=0).host
        '127.0.0.1'

    Raises:
        InvalidConfig: a value does not fit, a key is empty or too short, or keys are
            missing where they are needed.

    """

    host: str = setting("Address to listen on.", default="127.0.0.1", env=("INTERLINGUA_HOST",))
    port: int = setting(
        "Port to listen on; 0 takes a free one.", default=4180, minimum=0, maximum=65535, env=("INTERLINGUA_PORT",)
    )
    api_keys: list[Any] = setting(
        "Keys that callers may use; in the environment, separated by commas.",
        default=[],
        secret=True,
        env=("INTERLINGUA_API_KEYS",),
        aliases=("api_key",),
    )
    max_body_bytes: int = setting("Largest body of a request.", default=32 * 1024 * 1024, minimum=1, unit="bytes")
    max_header_bytes: int = setting("Largest head of a request.", default=64 * 1024, minimum=1024, unit="bytes")
    max_headers: int = setting("Most headers in a request.", default=128, minimum=8)
    max_connections: int = setting("Most connections at a time.", default=10_000, minimum=1)
    header_timeout: float = setting("Time for a request's head to arrive.", default=15.0, minimum=0.01, unit="seconds")
    body_timeout: float = setting("Time for a request's body to arrive.", default=300.0, minimum=0.01, unit="seconds")
    idle_timeout: float = setting(
        "Time that an unused connection stays open.", default=75.0, minimum=0.01, unit="seconds"
    )
    write_timeout: float = setting(
        "Time without progress after which a caller that does not read is cut.",
        default=30.0,
        minimum=0.01,
        unit="seconds",
    )
    keep_alive_interval: float = setting(
        "Time between the comments that keep a silent stream open; 0 sends none.",
        default=30.0,
        minimum=0,
        unit="seconds",
    )
    drain_delay: float = setting(
        "Time for which /ready says no before new connections are refused.", default=0.0, minimum=0, unit="seconds"
    )
    drain_seconds: float = setting(
        "Time that running requests have to finish after a stop signal.", default=30.0, minimum=0, unit="seconds"
    )
    response_store: str = setting(
        "File that keeps answers of the Responses API for `previous_response_id`; without one they are kept in memory.",
        default="",
        env=("INTERLINGUA_RESPONSE_STORE",),
    )
    share_port: bool = setting(
        "Let several processes listen on the port (SO_REUSEPORT), one for each core.", default=False
    )

    def __post_init__(self) -> None:
        """Read the keys, and refuse to be open to the network without one."""
        self.api_keys = _read_keys(self.api_keys)
        if not self.api_keys and not self.is_loopback:
            raise InvalidConfig(
                f"host: {self.host!r} can be reached from other machines, and no key is set. "
                "Set api_keys (or INTERLINGUA_API_KEYS), or listen on 127.0.0.1.",
                param="api_keys",
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Tell whether `host`, a name or an address, is this machine's alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _read_keys(given: Any) -> list[Secret]:
    """Give the keys as secrets, whether they came as a list or as one text with commas."""
    values: list[Any] = given.reveal().split(",") if isinstance(given, Secret) else list(given)
    keys: list[Secret] = []
    for value in values:
        if not isinstance(value, str | Secret):
            raise InvalidConfig("api_keys: every key is a text.", param="api_keys")
        key = (value.reveal() if isinstance(value, Secret) else value).strip()
        if len(key) < SHORTEST_KEY:
            raise InvalidConfig(
                f"api_keys: a key is empty or shorter than {SHORTEST_KEY} characters; "
                'make one with `python -c "import secrets; print(secrets.token_urlsafe(32))"`.',
                param="api_keys",
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise InvalidConfig("api_keys: a key holds only printable ASCII without spaces.", param="api_keys")
        keys.append(Secret(key))
    return keys
