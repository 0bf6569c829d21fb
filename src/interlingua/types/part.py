"""The parts that a message is made of.

A message's content is a list of parts in the order in which the model saw or wrote
them. What no part here can say is carried in two ways, so that nothing is lost: a
block of an unknown kind is an `OpaquePart`, and an unknown field of a known block
stands in that part's `extensions` under the name of the wire that it came from. Both
go back untouched to a provider of the same wire, and to no other.
"""

from typing import Any, TypeAlias

import msgspec

Extensions: TypeAlias = dict[str, dict[str, Any]]
"""Fields that only one wire knows, by the wire's name: `{"chat_completions": {"name": …}}`."""


class CacheBreakpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to cache the prompt up to and including what this stands on.

    `ttl` is how long the provider should keep it, in its own words (`5m`, `1h`, `30m`);
    None is the provider's usual time.
    """

    ttl: str | None = None
    extensions: Extensions = {}


class Citation(msgspec.Struct, kw_only=True):
    """Where something in a text is from.

    `kind` is `url` (a page), `document` (a document of the prompt, number
    `document_index` from 0) or `file` (one that the provider holds). `start_index` and
    `end_index` are places in the answer's text that it supports, in characters;
    `cited_text` is what the source says. The wire's own object stands whole in
    `extensions`, so that it goes back as it came.
    """

    kind: str = "url"
    url: str | None = None
    title: str | None = None
    cited_text: str | None = None
    start_index: int | None = None
    end_index: int | None = None
    document_index: int | None = None
    file_id: str | None = None
    extensions: Extensions = {}


class TextPart(msgspec.Struct, tag="text", tag_field="type"):
    """Plain text.

    `signature` is Gemini's opaque state of the reasoning that led to the text.
    """

    text: str
    extensions: Extensions = {}
    citations: list[Citation] | None = None
    signature: str | None = None
    cache: CacheBreakpoint | None = None


class ImagePart(msgspec.Struct, tag="image", tag_field="type", kw_only=True):
    """An image: `url` is an address or a `data:` URL, `file_id` a file held by the provider.

    `detail` is the resolution to look at it with (`low`, `high`, `auto`), where a
    provider knows such a thing.
    """

    url: str | None = None
    file_id: str | None = None
    detail: str | None = None
    extensions: Extensions = {}
    cache: CacheBreakpoint | None = None


class AudioPart(msgspec.Struct, tag="audio", tag_field="type", kw_only=True):
    """Sound: `data` is base64, `format` its coding (`wav`, `mp3`).

    An answer's audio also has an `id`, by which a later request may refer to it
    without its data, a `transcript`, and the Unix time (seconds) when the id lapses.
    """

    data: str | None = None
    format: str | None = None
    id: str | None = None
    transcript: str | None = None
    expires_at: int | None = None
    extensions: Extensions = {}
    cache: CacheBreakpoint | None = None


class FilePart(msgspec.Struct, tag="file", tag_field="type", kw_only=True):
    """A document: by `file_id`, by address, or as a `data:` URL in `data`."""

    file_id: str | None = None
    url: str | None = None
    data: str | None = None
    filename: str | None = None
    extensions: Extensions = {}
    cache: CacheBreakpoint | None = None


class ThinkingPart(msgspec.Struct, tag="thinking", tag_field="type", kw_only=True):
    """The model's reasoning, as far as the provider shows it.

    `signature` proves to the provider that the text is its own; `encrypted` is
    reasoning that only the provider can read. Both are opaque and go back byte for
    byte, to the `wire` whose provider made them and to no other; on any other wire
    they travel sealed (see `types.seal`). `field` is the wire's name for the place that
    it stood in, since several are in use (`reasoning_content`, `reasoning`, `<think>`
    inside the text).
    """

    text: str = ""
    signature: str | None = None
    encrypted: str | None = None
    field: str | None = None
    extensions: Extensions = {}
    wire: str | None = None


class ToolCallPart(msgspec.Struct, tag="tool_call", tag_field="type", kw_only=True):
    """The model asks for a tool.

    `arguments` is the text that the model wrote, which is meant to be JSON for a
    `function` and is free text for a `custom` tool; it is never rewritten. Read it
    with `parsed_arguments()`. `signature` is Gemini's opaque state of the reasoning
    that led to the call, which must come back with it.
    """

    id: str
    name: str
    arguments: str = ""
    kind: str = "function"
    extensions: Extensions = {}
    signature: str | None = None
    cache: CacheBreakpoint | None = None

    def parsed_arguments(self) -> dict[str, Any]:
        """Decode `arguments`; an empty text is an empty object.

        Raises:
            msgspec.DecodeError: the model wrote something that is not a JSON object.

        """
        return msgspec.json.decode(self.arguments or "{}", type=dict[str, Any])


class RefusalPart(msgspec.Struct, tag="refusal", tag_field="type"):
    """The model declines to answer, in its own words."""

    text: str
    extensions: Extensions = {}


class OpaquePart(msgspec.Struct, tag="opaque", tag_field="type"):
    """A block of a kind that interlingua does not know, whole, with the wire that it belongs to."""

    wire: str
    data: dict[str, Any]


class ToolResultPart(msgspec.Struct, tag="tool_result", tag_field="type", kw_only=True):
    """What a tool answered to the call `call_id`: a text, or parts."""

    call_id: str
    content: "str | list[Part] | None" = None
    name: str | None = None
    is_error: bool | None = None
    extensions: Extensions = {}
    cache: CacheBreakpoint | None = None


Part: TypeAlias = (
    TextPart
    | ImagePart
    | AudioPart
    | FilePart
    | ThinkingPart
    | ToolCallPart
    | ToolResultPart
    | RefusalPart
    | OpaquePart
)
"""Any part of a message."""
