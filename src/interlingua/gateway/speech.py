"""Which wire a request is of, so that whatever goes wrong is told in the words that its caller reads."""

from collections.abc import Iterable
from typing import Final, cast

from interlingua.gateway.doors.generate_content import asks_for_array
from interlingua.gateway.exchange import Request
from interlingua.wires import chat_completions, rerank
from interlingua.wires.contract import RelayedWire, TellingWire
from interlingua.wires.generate_content import array
from interlingua.wires.table import WIRES

_BY_PATH: Final[tuple[tuple[str, str], ...]] = (
    ("/v1/chat/", "chat_completions"),
    ("/v1/messages", "messages"),
    ("/v1/responses", "responses"),
    ("/v1beta/", "generate_content"),
    ("/api/", "ollama"),
)
"""The beginning of a path and its wire."""

_RANKINGS: Final = ("/v1/rerank", "/v2/rerank")
"""Where documents are sorted, which is a wire beside the table's."""

_BY_HEADER: Final[tuple[tuple[bytes, str], ...]] = (
    (b"anthropic-version", "messages"),
    (b"x-goog-api-key", "generate_content"),
    (b"x-goog-api-client", "generate_content"),
)
"""Headers that only the clients of one wire send, for paths that several wires have."""


class SpokenWires:
    """The wires that callers may speak, by name: those that are written for both directions.

    Example:
        >>> SpokenWires(["chat_completions"]).of(Request("POST", "/v1/chat/completions")).name
        'chat_completions'

    """

    def __init__(self, names: Iterable[str] | None = None) -> None:
        wires = {name: WIRES[name] for name in (WIRES if names is None else names)}
        self._wires = {name: wire for name, wire in wires.items() if hasattr(wire, "read_head")}

    def __contains__(self, name: str) -> bool:
        return name in self._wires

    def __getitem__(self, name: str) -> RelayedWire:
        return cast("RelayedWire", self._wires[name])

    def of(self, request: Request) -> TellingWire:
        """Give the wire of a request, by its path or else its headers; Chat Completions where nothing tells."""
        if request.path in _RANKINGS:
            return rerank
        if asks_for_array(request) and array.name in self._wires:
            return array
        for start, name in _BY_PATH:
            if request.path.startswith(start):
                return self._wires.get(name, chat_completions)
        for header, name in _BY_HEADER:
            if header in request.headers:
                return self._wires.get(name, chat_completions)
        return chat_completions
