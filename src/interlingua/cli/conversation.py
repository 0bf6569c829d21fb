"""What has been said so far, and how to go on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from interlingua.cli.answer import Answer
from interlingua.cli.weights import fetch_weights
from interlingua.client import Client
from interlingua.types import ModelMessage


class Conversation:
    """A model, a system message, options, and the turns so far.

    Each turn runs to its end, or to Ctrl-C, in `runner`; between turns nothing runs.
    """

    def __init__(
        self, client: Client, runner: asyncio.Runner, *, model: str, system: str | None, options: dict[str, Any]
    ) -> None:
        self.model = model
        self.system = system
        self.turns: list[ModelMessage] = []
        self._client = client
        self._runner = runner
        self._options = options

    def use_model(self, model: str) -> None:
        """Go on with another model.

        Raises:
            Error: there is no such model or provider, or its key is missing; the old one stays.

        """
        self._run(_resolved(self._client, model))
        self.model = model

    def forget(self) -> None:
        """Begin again; the model and the system message stay."""
        self.turns = []

    def ask(self, prompt: str) -> Answer:
        """Print the model's answer to `prompt` and remember both.

        Raises:
            Error: whatever went wrong; the turn is not remembered.
            KeyboardInterrupt: it was stopped; what had arrived is remembered.

        """
        answer = Answer()
        try:
            self._run(self._answered(answer, prompt))
        except KeyboardInterrupt:
            self._remember(prompt, answer)
            raise
        self._remember(prompt, answer)
        return answer

    def messages(self, prompt: str) -> list[ModelMessage]:
        """Give what is sent for the next turn."""
        head = [ModelMessage.system(self.system)] if self.system else []
        return [*head, *self.turns, ModelMessage.user(prompt)]

    async def _answered(self, answer: Answer, prompt: str) -> None:
        await fetch_weights(self._client, self.model)
        await answer.show(self._client, self.model, self.messages(prompt), self._options)

    def _remember(self, prompt: str, answer: Answer) -> None:
        if answer.text:
            self.turns += [ModelMessage.user(prompt), ModelMessage.assistant(answer.text)]

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._runner.run(coroutine)


async def _resolved(client: Client, model: str) -> None:
    client.resolve(model)
