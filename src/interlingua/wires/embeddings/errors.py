"""Failures in OpenAI's shape."""

from interlingua.wires.chat_completions.errors import parse_error, render_error

__all__ = ["parse_error", "render_error"]
