"""Tools that a model may call, and the shape that its answer must have."""

from typing import Any, Literal, TypeAlias

import msgspec

from interlingua.types.part import CacheBreakpoint, Extensions


class Tool(msgspec.Struct, tag="tool", kw_only=True):
    """A tool that the model may ask for.

    `parameters` is a JSON Schema, sent exactly as it is given. A `custom` tool takes
    free text instead, optionally in a `format` (a grammar).
    """

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    kind: Literal["function", "custom"] = "function"
    format: dict[str, Any] | None = None
    extensions: Extensions = {}
    cache: CacheBreakpoint | None = None


class OpaqueTool(msgspec.Struct, tag="opaque", frozen=True):
    """A tool of a kind that only its own wire knows (a provider's hosted search, for example)."""

    wire: str
    data: dict[str, Any]


AnyTool: TypeAlias = Tool | OpaqueTool
"""What `ModelRequest.tools` holds."""


class ToolChoice(msgspec.Struct, kw_only=True, frozen=True):
    """Which tools the model may or must call.

    `auto`, `none` and `required` are what they say; `tool` forces the one in `names`;
    `allowed` limits the choice to `names` and, with `required`, forces one of them.
    """

    mode: Literal["auto", "none", "required", "tool", "allowed", "opaque"] = "auto"
    names: tuple[str, ...] = ()
    required: bool = False
    kind: Literal["function", "custom"] = "function"
    extensions: Extensions = {}


class ResponseFormat(msgspec.Struct, kw_only=True):
    """The shape of the answer: free `text`, any `json_object`, or a given `json_schema`."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    name: str | None = None
    schema: dict[str, Any] | None = None
    description: str | None = None
    strict: bool | None = None
    extensions: Extensions = {}
