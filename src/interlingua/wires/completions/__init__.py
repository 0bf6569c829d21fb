"""OpenAI's Completions, the API before Chat Completions, as old callers still write it.

Only the caller's side is here: no provider is asked in it. A prompt is a user's message,
and what is read and written beside it is Chat Completions' own, on which this package
stands. Facts: openai 3.54 `types/completion_create_params.py` and `completion.py`, read
2026-11-23.
"""

from typing import Final

from interlingua.wires.completions.request import parse_request
from interlingua.wires.completions.response import CompletionStreamRenderer, render_response
from interlingua.wires.framing import SERVER_SENT_EVENTS, Framing
from interlingua.wires.openai_errors import render_error

name: Final = "completions"
framing: Final[Framing] = SERVER_SENT_EVENTS
stream_renderer = CompletionStreamRenderer

__all__ = ["framing", "name", "parse_request", "render_error", "render_response", "stream_renderer"]
