"""The pieces of an answer that arrives as a stream.

An answer is one `StreamStart`, any number of deltas, a `Finish` for each choice,
usually one `UsageReport`, and a `StreamEnd`. A stream that has no `StreamEnd` was cut.
`choice` is the number of the answer where several were asked for (`n`).
"""

from typing import Any, Literal, TypeAlias

import msgspec

from interlingua.types.adaptation import Adaptation
from interlingua.types.part import Citation, Extensions, Part
from interlingua.types.route import RouteStep
from interlingua.types.usage import Usage

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "error", "other"]
"""Why the model stopped. The provider's own word is kept beside it."""


class StreamStart(msgspec.Struct, tag="start", tag_field="type", kw_only=True, gc=False):
    """The answer begins; `created` is a Unix time in seconds.

    `warnings` say what was changed on the way to the model, and `route` whom a route has asked.
    """

    id: str | None = None
    model: str | None = None
    created: int | None = None
    extensions: Extensions = {}
    warnings: tuple[Adaptation, ...] = ()
    route: tuple[RouteStep, ...] = ()


class TextDelta(msgspec.Struct, tag="text.delta", tag_field="type"):
    """More text. `logprobs` is the wire's own object for these tokens, where it was asked for.

    Where a wire numbers its pieces of text, another `index` begins another part.
    `signature` and `extensions` are the part's own and come with any piece of it.
    """

    text: str
    choice: int = 0
    logprobs: dict[str, Any] | None = None
    index: int | None = None
    signature: str | None = None
    extensions: Extensions | None = None


class CitationDelta(msgspec.Struct, tag="citation.delta", tag_field="type"):
    """A source of the text that is being written; it belongs to the last part of text."""

    citation: Citation
    choice: int = 0


class ThinkingDelta(msgspec.Struct, tag="thinking.delta", tag_field="type"):
    """More reasoning; `field` is the wire's name for the place that it stood in.

    Where a wire numbers its pieces of reasoning, another `index` begins another part.
    """

    text: str = ""
    choice: int = 0
    field: str | None = None
    signature: str | None = None
    encrypted: str | None = None
    extensions: Extensions = {}
    index: int | None = None
    wire: str | None = None


class RefusalDelta(msgspec.Struct, tag="refusal.delta", tag_field="type"):
    """More of a refusal. `extensions` are the part's own and come with any piece of it."""

    text: str
    choice: int = 0
    extensions: Extensions | None = None


class ToolCallDelta(msgspec.Struct, tag="tool_call.delta", tag_field="type", kw_only=True):
    """More of the tool call number `index`; the first piece has its `id` and `name`."""

    index: int
    choice: int = 0
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    kind: str | None = None
    extensions: Extensions = {}
    signature: str | None = None


class AudioDelta(msgspec.Struct, tag="audio.delta", tag_field="type", kw_only=True):
    """More sound (`data`, base64) or more of its transcript."""

    choice: int = 0
    id: str | None = None
    data: str | None = None
    transcript: str | None = None
    expires_at: int | None = None


class PartDelta(msgspec.Struct, tag="part.delta", tag_field="type"):
    """A part that arrives whole, such as an image."""

    part: Part
    choice: int = 0


class OpaqueDelta(msgspec.Struct, tag="opaque.delta", tag_field="type"):
    """Something that only `wire` understands; a reader of that wire gets it back as it came.

    `data` with a `type` is a block, which becomes an `OpaquePart`. Any other is fields
    of the choice (of the whole answer, if `choice` is None): a later value replaces an
    earlier one, but what stands under `message` is pieces that add up.
    """

    wire: str
    data: dict[str, Any]
    choice: int | None = None


class Finish(msgspec.Struct, tag="finish", tag_field="type"):
    """A choice is complete; `raw` is the provider's own word for why."""

    reason: FinishReason
    choice: int = 0
    raw: str | None = None


class UsageReport(msgspec.Struct, tag="usage", tag_field="type"):
    """The tokens so far; a later report replaces an earlier one."""

    usage: Usage


class StreamEnd(msgspec.Struct, tag="end", tag_field="type"):
    """The answer is whole. `marked` tells whether the wire's own end mark was there; `route` whom a route has asked."""

    marked: bool = True
    route: tuple[RouteStep, ...] = ()


Event: TypeAlias = (
    StreamStart
    | TextDelta
    | CitationDelta
    | ThinkingDelta
    | RefusalDelta
    | ToolCallDelta
    | AudioDelta
    | PartDelta
    | OpaqueDelta
    | Finish
    | UsageReport
    | StreamEnd
)
"""Any event of a stream. A failure is not an event: it is raised."""
