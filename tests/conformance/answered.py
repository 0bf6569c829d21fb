"""What providers answer: each feature as a line that every wire's provider says, and what callers have to hear."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from interlingua.testing.voice import Line
from tests.conformance.callers import Heard

CALLS: Final = (("weather", '{"city":"Oslo"}'), ("weather", '{"city":"Rome"}'))


class Answer(msgspec.Struct, kw_only=True):
    """One thing that a model answers.

    `heard` tells whether a caller got it. `placeless` are callers whose API has no place
    for it, and `unsaid` providers whose API has none, each with what that means.
    """

    name: str
    line: Line
    heard: Callable[[Heard], bool]
    placeless: Mapping[str, str] = {}
    unsaid: Mapping[str, str] = {}


def _calls(heard: Heard, count: int) -> bool:
    return heard.calls == [("weather", {"city": city}) for city in ("Oslo", "Rome")[:count]]


ANSWERS: Final = (
    Answer(name="text", line=Line(pieces=["marked ", "text"]), heard=lambda heard: heard.text == "marked text"),
    Answer(
        name="thinking",
        line=Line(pieces=["Hi."], thinking="markedthought"),
        heard=lambda heard: heard.thinking == "markedthought" and heard.text == "Hi.",
    ),
    Answer(name="tool call", line=Line(tool_calls=CALLS[:1]), heard=lambda heard: _calls(heard, 1)),
    Answer(name="parallel tool calls", line=Line(tool_calls=CALLS), heard=lambda heard: _calls(heard, 2)),
    Answer(
        name="text and tool call",
        line=Line(pieces=["Let me see."], tool_calls=CALLS[:1]),
        heard=lambda heard: heard.text == "Let me see." and _calls(heard, 1),
    ),
    Answer(
        name="refusal",
        line=Line(refusal="markedrefusal"),
        heard=lambda heard: "markedrefusal" in (heard.refusal, heard.text),
    ),
    Answer(
        name="source",
        line=Line(pieces=["As told."], citation_url="https://a.example/markedsource"),
        heard=lambda heard: "markedsource" in heard.shown,
        placeless={"ollama": "no place for sources"},
        unsaid={"ollama": "gives no sources"},
    ),
    Answer(
        name="cut by length",
        line=Line(pieces=["Half an"], finish="length"),
        heard=lambda heard: heard.finish.lower() in ("length", "max_tokens", "max_output_tokens"),
    ),
    Answer(
        name="stopped by a filter",
        line=Line(pieces=["Half an"], finish="content_filter"),
        heard=lambda heard: heard.finish.lower() in ("content_filter", "refusal", "safety"),
        placeless={"ollama": "knows stop and length only"},
        unsaid={"ollama": "knows stop and length only"},
    ),
    Answer(
        name="usage",
        line=Line(pieces=["Hi."], input_tokens=23, output_tokens=11, cached_tokens=7, reasoning_tokens=5),
        heard=lambda heard: heard.counts == (23, 11),
    ),
)
"""Everything that is answered."""
