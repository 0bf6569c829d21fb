"""Failures of providers, and the exceptions that the official SDKs have to raise for them."""

from collections.abc import Callable, Mapping
from typing import Final

import anthropic
import msgspec
import ollama
import openai
from google.genai import errors

from interlingua.testing import ScriptedProvider

_ANY: Final = {
    "chat_completions": openai.APIError,
    "responses": openai.APIError,
    "messages": anthropic.APIError,
    "generate_content": errors.APIError,
    "ollama": ollama.ResponseError,
}


class Failure(msgspec.Struct, kw_only=True):
    """One way to fail: `raised` are the exceptions, by the wire that the SDK speaks, and `status` is what they say."""

    name: str
    happen: Callable[[ScriptedProvider], None]
    raised: Mapping[str, type[Exception]]
    status: int = 0
    in_stream: bool = False


FAILURES: Final = (
    Failure(
        name="too many requests",
        happen=lambda upstream: upstream.fail(429, "slow down"),
        raised=_ANY
        | {
            "chat_completions": openai.RateLimitError,
            "responses": openai.RateLimitError,
            "messages": anthropic.RateLimitError,
            "generate_content": errors.ClientError,
        },
        status=429,
    ),
    Failure(
        name="a request that the provider refuses",
        happen=lambda upstream: upstream.fail(400, "no such thing"),
        raised=_ANY
        | {
            "chat_completions": openai.BadRequestError,
            "responses": openai.BadRequestError,
            "messages": anthropic.BadRequestError,
            "generate_content": errors.ClientError,
        },
        status=400,
    ),
    Failure(
        name="an error in the stream, before any text",
        happen=lambda upstream: upstream.fail_in_stream("it broke"),
        raised=_ANY,
        in_stream=True,
    ),
    Failure(
        name="an error in the stream, after text",
        happen=lambda upstream: upstream.fail_in_stream("it broke", after=["Half an"]),
        raised=_ANY,
        in_stream=True,
    ),
    Failure(
        name="a stream that is cut",
        happen=lambda upstream: upstream.stream("Half", " an", " answer", keep=2, ending="cut"),
        raised=_ANY,
        in_stream=True,
    ),
)
"""Every failure that is looked at."""
