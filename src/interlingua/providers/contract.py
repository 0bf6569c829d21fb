"""What a provider is to everything above it: somebody who answers requests."""

from collections.abc import AsyncGenerator
from typing import Protocol

from interlingua.types import Event, ModelMetadata, ModelOutput, ModelRequest


class Provider(Protocol):
    """Answers requests, whether from another host or from inside this process.

    One call is one attempt: retries, limits and fallback are the business of `routing`.
    """

    name: str

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole.

        Raises:
            Error: whatever went wrong, as one of the tree.

        """
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events, which ends with `StreamEnd` or raises.

        Closing the generator (or cancelling its reader) stops the work behind it at once.
        """
        ...

    async def models(self) -> list[ModelMetadata]:
        """List the models that can be asked for."""
        ...

    async def aclose(self) -> None:
        """Let go of everything that is held."""
        ...
