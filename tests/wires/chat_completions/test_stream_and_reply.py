"""The same answer, streamed and whole, is read alike; `cases` has one of each for every convention."""

from pathlib import Path

import msgspec
import pytest

from interlingua.types import Event, ModelOutput, OutputAssembly
from interlingua.wires.chat_completions import parse_response, render_response, stream_parser
from interlingua.wires.dialect import Dialect

CASES = sorted(path.stem for path in (Path(__file__).parent / "cases").glob("*.sse"))
DIALECTS = {"think_tags": Dialect(think_tags=True)}


def case(name: str) -> tuple[bytes, bytes, Dialect]:
    path = Path(__file__).parent / "cases" / name
    return path.with_suffix(".sse").read_bytes(), path.with_suffix(".json").read_bytes(), DIALECTS.get(name, Dialect())


def events_of(data: bytes, *, size: int, dialect: Dialect) -> list[Event]:
    parser = stream_parser(dialect=dialect)
    events = [event for start in range(0, len(data), size) for event in parser.feed(data[start : start + size])]
    return [*events, *parser.close()]


def assembled(events: list[Event]) -> ModelOutput:
    assembly = OutputAssembly()
    for event in events:
        assembly.add(event)
    assert assembly.complete
    return assembly.output()


@pytest.mark.parametrize("name", CASES)
def test_a_stream_adds_up_to_the_whole_reply(name: str) -> None:
    stream, body, dialect = case(name)

    streamed = assembled(events_of(stream, size=len(stream), dialect=dialect))
    whole = parse_response(body, dialect=dialect)

    assert msgspec.to_builtins(streamed.choices) == msgspec.to_builtins(whole.choices)
    assert streamed.usage == whole.usage
    assert (streamed.id, streamed.model, streamed.created) == (whole.id, whole.model, whole.created)
    assert streamed.extensions == whole.extensions


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_any_split_gives_the_same_events(name: str, size: int) -> None:
    stream, _, dialect = case(name)

    assert events_of(stream, size=size, dialect=dialect) == events_of(stream, size=len(stream), dialect=dialect)


@pytest.mark.parametrize("name", CASES)
def test_a_reply_is_written_as_it_was_read(name: str) -> None:
    _, body, dialect = case(name)
    output = parse_response(body, dialect=dialect)

    again = parse_response(render_response(output))

    assert again.text == output.text
    assert again.thinking == output.thinking
    assert again.tool_calls == output.tool_calls
    assert again.usage == output.usage
    assert again.finish_reason == output.finish_reason
    assert again.choices[0].raw_finish_reason == output.choices[0].raw_finish_reason
    assert again.extensions == output.extensions
