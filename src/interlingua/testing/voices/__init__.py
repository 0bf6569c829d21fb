"""The voices of scripted providers, one for each wire; see `testing.voice`."""

import importlib
from typing import Final, cast

from interlingua.testing.voice import Voice

NAMES: Final = ("responses", "messages", "generate_content", "ollama", "converse", "chat_completions")
"""In the order in which they are asked whether a request is theirs; the last one takes what is left."""


def voice_for(method: str, path: str) -> Voice:
    """Give the voice that answers a request."""
    voices = [voice_named(name) for name in NAMES]
    return next((voice for voice in voices if voice.hears(method, path)), voices[-1])


def voice_named(name: str) -> Voice:
    """Give the voice of a wire."""
    return cast("Voice", importlib.import_module(f"interlingua.testing.voices.{name}"))
