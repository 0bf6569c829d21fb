"""One answer, shown as it arrives."""

import sys
from typing import Any

from interlingua.cli.terminal import dim, is_terminal, note, shown, warn
from interlingua.client import Client
from interlingua.types import ModelMessage, ModelOutput, ThinkingDelta

_ENDINGS = {
    "length": "The answer ends at the token limit; --max-tokens raises it.",
    "content_filter": "The provider's content filter ended the answer.",
}


class Answer:
    """What has been shown of an answer, and its last output once it is whole.

    It is filled while it is shown, so that an answer that is stopped or cut keeps what
    had arrived.
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.output: ModelOutput | None = None
        self._thinking = False

    @property
    def text(self) -> str:
        """The text that has arrived."""
        return "".join(self.pieces)

    async def show(self, client: Client, model: str, messages: list[ModelMessage], options: dict[str, Any]) -> None:
        """Ask the model and print what it says, piece by piece.

        Raises:
            Error: whatever went wrong; what had arrived stays printed, on a line of its own.

        """
        stream = client.generate_stream(model, messages, **options)
        try:
            async for output in stream:
                self._show_piece(output)
                self.output = output
        finally:
            self._end_line()
            await stream.aclose()
        if self.output is not None:
            _show_ending(self.output)

    def _show_piece(self, output: ModelOutput) -> None:
        event = output.event
        if isinstance(event, ThinkingDelta):
            self._show_thinking(event.text)
        elif output.delta:
            if self._thinking:
                self._end_thinking()
            self.pieces.append(output.delta)
            print(shown(output.delta, stream=sys.stdout), end="", flush=True)

    def _show_thinking(self, text: str) -> None:
        """Show reasoning to a person only: it is no part of the answer that a script reads."""
        if is_terminal(sys.stderr):
            self._thinking = True
            print(dim(shown(text, stream=sys.stderr), stream=sys.stderr), end="", file=sys.stderr, flush=True)

    def _end_thinking(self) -> None:
        self._thinking = False
        print("\n", file=sys.stderr, flush=True)

    def _end_line(self) -> None:
        if self._thinking:
            self._end_thinking()
        if self.pieces and not self.pieces[-1].endswith("\n"):
            print(flush=True)


def _show_ending(output: ModelOutput) -> None:
    """Say what the text alone does not: refusal, warnings, an early end, and the figures."""
    if output.refusal:
        print(shown(output.refusal, stream=sys.stdout), flush=True)
    for warning in output.warnings:
        warn(str(warning))
    if output.finish_reason in _ENDINGS:
        warn(_ENDINGS[output.finish_reason])
    figures = figures_of(output)
    if figures:
        note(figures)


def figures_of(output: ModelOutput) -> str:
    """Give tokens, time to first token and speed in one line, as far as they are known."""
    facts: list[str] = []
    usage, metrics = output.usage, output.metrics
    if usage is not None:
        about = "about " if usage.estimated else ""
        facts.append(f"{about}{usage.prompt_tokens} + {usage.completion_tokens} tokens")
    if metrics is not None and metrics.time_to_first_token is not None:
        facts.append(f"first token after {metrics.time_to_first_token:.2f} s")
    if metrics is not None and metrics.decode_speed_per_second is not None:
        facts.append(f"{metrics.decode_speed_per_second:.1f} tokens/s")
    return " · ".join(facts)
