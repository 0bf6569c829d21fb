"""What a healthy model of the fault wall says, so that anybody can tell whether an answer came whole."""

from typing import Final

PIECES: Final = (
    "The ",
    "keeper ",
    "of ",
    "the ",
    "lighthouse ",
    "at ",
    "Sørvær ",
    "counts ",
    "the ",
    "ships: ",
    "one, ",
    "deux, ",
    "três, ",
    "四隻, ",
    "пять. ",
    "Each ",
    "has ",
    "a ",
    "lamp ",
    "of ",
    "its ",
    "own, ",
    "und ",
    "jedes ",
    "grüßt ",
    "🌊🚢 ",
    "as ",
    "it ",
    "goes ",
    "by. ",
    "When ",
    "the ",
    "fog ",
    "comes ",
    "in, ",
    "he ",
    "rings ",
    "the ",
    "bell ",
    "twice.",
)
"""Forty pieces; each stands for a token of output."""

INPUT_TOKENS: Final = 11
"""What every request has, as the wall counts."""

TOOL_CALL: Final = ("look_up_tide", '{"place":"the harbour of Sørvær","hour":7}')
"""What the model `tools` calls: a name, and arguments as JSON text."""

SEPARATORS: Final = "line\u2028paragraph\u2029next\u0085tab\u000bfeed\u000cend "
"""What some readers take for the ends of lines, though neither SSE nor JSON lines do."""
