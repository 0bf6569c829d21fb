"""What is asked of a model."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types.message import ModelMessage
from interlingua.types.notation import read_messages
from interlingua.types.part import CacheBreakpoint, Extensions
from interlingua.types.suggestion import nearest
from interlingua.types.thinking import ThinkingConfig
from interlingua.types.timeouts import Timeouts
from interlingua.types.tool import AnyTool, ResponseFormat, ToolChoice


class ModelRequestContext(msgspec.Struct, kw_only=True):
    """What accompanies a request without being part of the prompt."""

    stream: bool = False
    cache_enable: bool = False
    user_name: str | None = None
    sys_code: str | None = None
    conv_uid: str | None = None
    span_id: str | None = None
    chat_mode: str | None = None
    chat_param: str | None = None
    extra: dict[str, Any] = {}
    request_id: str | None = None
    is_reasoning_model: bool | None = None
    caller: str | None = None
    """Who asks, where several may; the requests of two callers never share an answer."""


class ModelRequest(msgspec.Struct):
    """A conversation and how to continue it.

    Every field but the first two is optional; None means unset and is not sent, while
    0, False and an empty string are values and are. `max_new_tokens` bounds the answer
    in tokens. Fields that only one wire knows stand in `extensions` under its name;
    `extra_body` is merged into the body as it is, last, for what has no name here.
    `cache` lets the provider place a cache breakpoint itself, at the end of the prompt.
    `timeout` bounds the whole answer, in seconds; `timeouts` are the clocks of each attempt,
    in place of the provider's own.

    Example:
        >>> ModelRequest("gpt-6.2-sol", [ModelMessage("user", "Hello")], temperature=0)

    """

    model: str
    messages: list[ModelMessage]
    temperature: float | None = None
    max_new_tokens: int | None = None
    stop: str | list[str] | None = None
    stop_token_ids: list[int] | None = None
    context_len: int | None = None
    echo: bool | None = None
    span_id: str | None = None
    context: ModelRequestContext = msgspec.field(default_factory=ModelRequestContext)
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, float] | None = None
    tools: list[AnyTool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    modalities: list[str] | None = None
    audio: dict[str, Any] | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    service_tier: str | None = None
    extra_body: dict[str, Any] | None = None
    extra_headers: dict[str, str] | None = None
    timeout: float | None = None
    strict: bool = False
    extensions: Extensions = {}
    thinking: ThinkingConfig | None = None
    cache: CacheBreakpoint | None = None
    prompt_cache_key: str | None = None
    safety_identifier: str | None = None
    store: bool | None = None
    timeouts: Timeouts | None = None

    @property
    def stream(self) -> bool:
        """Whether the caller wants the answer as it is made."""
        return self.context.stream

    def copy(self) -> "ModelRequest":
        """Copy the request and all that it holds."""
        return copy.deepcopy(self)

    def get_messages(self) -> list[ModelMessage]:
        """Give the messages; they are typed already, whatever they were built from."""
        return self.messages

    def to_dict(self) -> dict[str, Any]:
        """Give what is set as plain JSON-like data."""
        return {key: value for key, value in msgspec.to_builtins(self).items() if value is not None}

    @staticmethod
    def build_request(
        model: str,
        messages: "str | Sequence[ModelMessage | Mapping[str, Any]]",
        context: ModelRequestContext | Mapping[str, Any] | None = None,
        stream: bool | None = None,
        **options: Any,
    ) -> "ModelRequest":
        """Build a request from whatever is at hand.

        `messages` may be one text, typed messages, or dicts in OpenAI's or DB-GPT's
        form; `context` may be typed or a mapping; `options` are fields of the request.

        Raises:
            InvalidRequest: an option has no such name, a value the wrong type, or a
                message an unknown role or part.

        """
        given: dict[str, Any] = {"model": model, "messages": read_messages(messages)}
        for name, value in options.items():
            if name not in _FIELDS:
                raise InvalidRequest(_unknown_option(name), param=name)
            if value is not None:
                given[name] = value
        if context is not None or stream is not None:
            given["context"] = _read_context(context, stream=stream)
        return _read_request(given)

    def validated(self) -> "ModelRequest":
        """Give the request back if every field has its type.

        Raises:
            InvalidRequest: one has not; `param` names it.

        """
        return _read_request({name: value for name in _NAMES if (value := getattr(self, name)) is not None})


_NAMES = ModelRequest.__struct_fields__
_FIELDS = frozenset(_NAMES)


def _read_request(given: dict[str, Any]) -> ModelRequest:
    try:
        return msgspec.convert(given, ModelRequest)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the request is not valid: {error}.", param=_path_of(error)) from error


def _read_context(
    context: ModelRequestContext | Mapping[str, Any] | None, *, stream: bool | None
) -> ModelRequestContext:
    if isinstance(context, ModelRequestContext):
        read = copy.copy(context)
    else:
        try:
            read = msgspec.convert(dict(context or {}), ModelRequestContext)
        except msgspec.ValidationError as error:
            raise InvalidRequest(f"the context is not valid: {error}.", param="context") from error
    if stream is not None:
        read.stream = stream
    return read


def _unknown_option(name: str) -> str:
    near = nearest(name, ModelRequest.__struct_fields__)
    hint = f" did you mean {near!r}?" if near else " put what only one provider knows into `extra_body`."
    return f"a request has no field {name!r};{hint}"


def _path_of(error: msgspec.ValidationError) -> str | None:
    _, mark, path = str(error).partition(" - at `$.")
    return path.rstrip("`") if mark else None
