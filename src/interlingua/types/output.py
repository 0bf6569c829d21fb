"""What a model answered."""

from collections.abc import Sequence
from typing import Any

import msgspec

from interlingua.errors import Error
from interlingua.types.adaptation import Adaptation
from interlingua.types.event import Event, FinishReason
from interlingua.types.metrics import ModelInferenceMetrics
from interlingua.types.part import (
    AudioPart,
    Extensions,
    ImagePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from interlingua.types.route import RouteStep
from interlingua.types.usage import Usage


class Choice(msgspec.Struct, kw_only=True):
    """One of the answers; there are several only when `n` asked for them.

    `raw_finish_reason` is the provider's own word. `logprobs` is the wire's own object.
    """

    index: int = 0
    parts: list[Part] = []
    finish_reason: FinishReason | None = None
    raw_finish_reason: str | None = None
    logprobs: dict[str, Any] | None = None
    extensions: Extensions = {}

    @property
    def text(self) -> str:
        """The answer's text, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def thinking(self) -> str:
        """The visible reasoning, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, ThinkingPart))

    @property
    def refusal(self) -> str:
        """The refusal, joined; empty when there is none."""
        return "".join(part.text for part in self.parts if isinstance(part, RefusalPart))

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The tools asked for, in order."""
        return [part for part in self.parts if isinstance(part, ToolCallPart)]


class ModelOutput:
    """An answer, whole or so far.

    The items of a stream are outputs too. There `delta` is the new text and `text` all
    text until then: a view that is joined only when it is read, so that a stream of n
    pieces costs n steps. With `incremental` the two are the same, as DB-GPT has it.
    `event` is the neutral event behind the item. The last item has the finish reason,
    the usage and every part.

    `error_code` is 0 for success. In a client that returns failures instead of raising
    them, a failure has another code and the typed `error`; its text stays empty, since
    a failure is never text. `parsed` is the validated value when the request asked for
    a schema.

    Example:
        >>> ModelOutput("Hello").text
        'Hello'

    """

    __slots__ = (
        "_count",
        "_pieces",
        "_text",
        "choices",
        "created",
        "delta",
        "error",
        "error_code",
        "event",
        "extensions",
        "id",
        "incremental",
        "metrics",
        "model",
        "model_context",
        "parsed",
        "provider",
        "raw",
        "route",
        "usage",
        "warnings",
    )

    choices: list[Choice]
    usage: Usage | None

    def __init__(
        self,
        text: str | None = None,
        error_code: int = 0,
        *,
        choices: list[Choice] | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        model: str | None = None,
        provider: str | None = None,
        created: int | None = None,
        usage: Usage | None = None,
        finish_reason: FinishReason | None = None,
        incremental: bool = False,
        error: Error | None = None,
        metrics: ModelInferenceMetrics | None = None,
        warnings: Sequence[Adaptation] = (),
        extensions: Extensions | None = None,
        raw: bytes | None = None,
    ) -> None:
        if choices is None:
            choices = [Choice(parts=[TextPart(text)] if text else [], finish_reason=finish_reason)]
        self.choices = choices
        self.error_code = error_code
        self.id = id
        self.model = model
        self.provider = provider
        self.created = created
        self.usage = usage
        self.incremental = incremental
        self.error = error
        self.metrics = metrics
        self.warnings: list[Adaptation] = list(warnings)
        self.extensions: Extensions = extensions if extensions is not None else {}
        self.raw = raw
        self.model_context: dict[str, Any] | None = None
        self.parsed: Any = None
        self.delta = ""
        self.event: Event | None = None
        self._text: str | None = text
        self._pieces: list[str] = []
        self._count = 0
        self.route: tuple[RouteStep, ...] = ()

    @classmethod
    def piece(cls, event: Event, delta: str, pieces: list[str], *, incremental: bool) -> "ModelOutput":
        """Make the item of a stream that `event` stands for.

        `pieces` is the shared list of the answer's texts, which only ever grows; the
        item's view ends where the list ends now.
        """
        output = cls.__new__(cls)
        output.choices = []
        output.error_code = 0
        output.id = output.model = output.provider = output.created = None
        output.usage = output.error = output.metrics = output.raw = None
        output.model_context = output.parsed = None
        output.incremental = incremental
        output.warnings = []
        output.route = ()
        output.extensions = {}
        output.delta = delta
        output.event = event
        output._text = delta if incremental else None
        output._pieces = pieces
        output._count = len(pieces)
        return output

    def make_incremental(self) -> None:
        """Let `text` be the delta, as in every other item of an incremental stream; the parts keep the whole."""
        self.incremental = True
        self._text = self.delta

    @property
    def text(self) -> str:
        """The answer's text; of an item of a stream, all until then (or the delta, if `incremental`)."""
        if self._text is None:
            self._text = self.choices[0].text if self.choices else "".join(self._pieces[: self._count])
        return self._text

    @property
    def parts(self) -> list[Part]:
        """The parts of the first choice."""
        return self.choices[0].parts if self.choices else []

    @property
    def thinking(self) -> str:
        """The visible reasoning of the first choice."""
        return self.choices[0].thinking if self.choices else ""

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The tools that the first choice asks for."""
        return self.choices[0].tool_calls if self.choices else []

    @property
    def refusal(self) -> str:
        """The refusal of the first choice; empty when there is none."""
        return self.choices[0].refusal if self.choices else ""

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the first choice ended; None while it has not."""
        return self.choices[0].finish_reason if self.choices else None

    @property
    def success(self) -> bool:
        """Whether there is no failure."""
        return self.error_code == 0 and self.error is None

    @property
    def has_text(self) -> bool:
        """Whether there is any text."""
        return bool(self.text)

    @property
    def has_thinking(self) -> bool:
        """Whether there is any visible reasoning."""
        return bool(self.thinking)

    @property
    def images(self) -> list[ImagePart]:
        """Images that the model made."""
        return [part for part in self.parts if isinstance(part, ImagePart)]

    @property
    def audio(self) -> AudioPart | None:
        """The sound that the model made, or None."""
        return next((part for part in self.parts if isinstance(part, AudioPart)), None)

    def to_dict(self) -> dict[str, Any]:
        """Give what is set as plain JSON-like data."""
        fields = {
            "text": self.text,
            "error_code": self.error_code,
            "incremental": self.incremental,
            "finish_reason": self.finish_reason,
            "thinking": self.thinking or None,
            "tool_calls": msgspec.to_builtins(self.tool_calls) or None,
            "usage": self.usage.to_dict() if self.usage else None,
            "metrics": self.metrics.to_dict() if self.metrics else None,
            "warnings": [str(warning) for warning in self.warnings] or None,
            "route": [str(step) for step in self.route] or None,
            "error": self.error.to_dict() if self.error else None,
            "model_context": self.model_context,
            "model": self.model,
            "id": self.id,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def __repr__(self) -> str:
        shown = self.text if len(self.text) <= 60 else f"{self.text[:57]}…"
        state = f"error={self.error!r}" if self.error else f"finish_reason={self.finish_reason!r}"
        return f"ModelOutput({shown!r}, {state}, usage={self.usage.to_dict() if self.usage else None})"
