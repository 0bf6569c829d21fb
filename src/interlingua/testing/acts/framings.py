"""Answers that are sound and look odd, and bytes without end (F13 to F16)."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from interlingua.testing.canon import SEPARATORS
from interlingua.testing.fault import ALL, JSON, MEBIBYTES, SSE, Act, Fault
from interlingua.testing.framed import data_of
from interlingua.testing.reply import Piece, Reply
from interlingua.testing.scene import Scene, quoted

_BOM: Final = b"\xef\xbb\xbf"
_MEBIBYTE: Final = 1 << 20
_BLOCK: Final = b"a" * (1 << 16)
_BATCH: Final = 1000


def lines_ending(*ends: bytes) -> Act:
    """End the lines so, in turn."""

    def act(scene: Scene) -> Reply:
        lines = b"".join(event.replace(b"\r\n", b"\n") for event in scene.events()).split(b"\n")
        if len(ends) == 1:
            return _sliced(scene, ends[0].join(lines))
        # An event's own two ends are alike, so that no CR meets an LF of another line.
        body, number = b"", 0
        for line in lines[:-1]:
            body += line + ends[number % len(ends)]
            number += not line
        return _sliced(scene, body + lines[-1])

    return act


def with_mark(scene: Scene) -> Reply:
    """Begin with a byte order mark."""
    return _sliced(scene, _BOM + b"".join(scene.events()))


def with_comments(scene: Scene) -> Reply:
    """Put comments before, between and within the events."""
    events = [b": within\n".join((b"", event)) for event in scene.events()]
    return _sliced(scene, b": first\n\n:\n" + b":\n\n: between\n\n".join(events))


def over_several_lines(scene: Scene) -> Reply:
    """Write the JSON of each event over several lines of data."""

    def spread(event: bytes) -> bytes:
        data = data_of(event)
        if data is None:
            return event
        lines = msgspec.json.format(msgspec.json.encode(data), indent=1).split(b"\n")
        return event[: event.index(b"data: ")] + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"

    return _sliced(scene, b"".join(spread(event) for event in scene.events()))


def without_spaces(scene: Scene) -> Reply:
    """Leave out the space after each field's colon."""
    events = [event.replace(b"data: ", b"data:", 1).replace(b"event: ", b"event:", 1) for event in scene.events()]
    return _sliced(scene, b"".join(events))


def with_fields(scene: Scene) -> Reply:
    """Give every event an id, a time for another try, and a field that nobody knows."""
    events = [b"id: %d\nretry: 3000\nfuture: 1\n" % number + event for number, event in enumerate(scene.events())]
    return _sliced(scene, b"".join(events))


def without_last_line(scene: Scene) -> Reply:
    """End without the line end that completes the last event."""
    return _sliced(scene, b"".join(scene.events()).rstrip(b"\r\n"))


def sliced(scene: Scene) -> Reply:
    """Send the answer in slices of so many bytes."""
    return _sliced(scene, b"".join(scene.events()))


def cut_in_characters(scene: Scene) -> Reply:
    """Send the answer so that each character of several bytes is cut apart."""
    body = b"".join(scene.events())
    return scene.reply(_apart(body))


def with_broken_character(scene: Scene) -> Reply:
    """Send a byte that is no UTF-8 after some pieces."""
    body = b"".join(scene.events())
    wanted = quoted("\ufffd")[1:-1]
    return scene.reply([body.replace(wanted, b"\xff")])


def with_endless_line(scene: Scene) -> Reply:
    """Begin an event that is so many mebibytes long, and with 0 without end."""
    start = b'{"x":"' if scene.voice.WIRE == "ollama" else b'data: {"x":"'
    return _swollen(scene, start, b'"}\n\n')


def with_endless_comment(scene: Scene) -> Reply:
    """Begin a comment that is so many mebibytes long, and with 0 without end."""
    return _swollen(scene, b": ", b"\n\n")


def with_endless_body(scene: Scene) -> Reply:
    """Begin a whole answer with a text that is so many mebibytes long, and with 0 without end."""
    return _swollen(scene, b'{"x":"', b'"}', after=())


def with_empty_events(scene: Scene) -> Reply:
    """Send so many events without data before the answer."""

    def pieces() -> Iterator[Piece]:
        empty = b"\n" if scene.voice.WIRE == "ollama" else b"data:\n\n"
        for start in range(0, scene.number, _BATCH):
            yield empty * min(_BATCH, scene.number - start)
        yield from scene.events()

    return scene.reply(pieces())


def _swollen(scene: Scene, start: bytes, end: bytes, *, after: Iterable[bytes] | None = None) -> Reply:
    def pieces() -> Iterator[Piece]:
        yield start
        blocks = scene.number * _MEBIBYTE // len(_BLOCK)
        sent = 0
        while not scene.number or sent < blocks:
            yield _BLOCK
            sent += 1
        yield end
        yield from scene.events() if after is None else after

    return scene.reply(pieces())


def _sliced(scene: Scene, body: bytes) -> Reply:
    size = scene.number or max(1, len(body))
    return scene.reply([body[start : start + size] for start in range(0, len(body), size)])


def _apart(body: bytes) -> Iterator[bytes]:
    start = 0
    for place in range(1, len(body)):
        if body[place] & 0xC0 == 0x80:
            yield body[start:place]
            start = place
    yield body[start:]


def _odd_lines() -> list[Fault]:
    """Give the framings that look odd and are sound: F13."""
    rows: list[tuple[str, Act, tuple[str, ...], str]] = [
        ("lf", lines_ending(b"\n"), JSON, "Ends its lines with LF"),
        ("crlf", lines_ending(b"\r\n"), JSON, "Ends its lines with CRLF"),
        ("cr", lines_ending(b"\r"), SSE, "Ends its lines with CR"),
        ("mixed", lines_ending(b"\n", b"\r\n", b"\r"), SSE, "Ends each event's lines in another way"),
        ("bom", with_mark, SSE, "Begins with a byte order mark"),
        ("comments", with_comments, SSE, "Puts comments before, between and within the events"),
        ("multiline", over_several_lines, SSE, "Writes the JSON of an event over several lines of data"),
        ("no-space", without_spaces, SSE, "Leaves out the space after a field's colon"),
        ("fields", with_fields, SSE, "Gives each event an id, a retry and an unknown field"),
        ("no-last-line", without_last_line, JSON, "Leaves out the line end that completes the last event"),
        ("slices", sliced, ALL, "Sends what is sound"),
    ]
    return [
        Fault(
            id=f"f13-{name}",
            spec="F13",
            does=f"{does}, in slices of so many bytes, or in one piece.",
            act=act,
            streamed="answered",
            whole="answered" if name == "slices" else None,
            number="the bytes of a slice",
            usual=1 if name == "slices" else 0,
            wires=wires,
        )
        for name, act, wires, does in rows
    ]


FAULTS: Final = (
    *_odd_lines(),
    Fault(
        id="f14-unicode-separators",
        spec="F14",
        does="Says U+2028, U+2029, U+0085, VT and FF within its text.",
        act=sliced,
        streamed="answered",
        whole="answered",
        number="the bytes of a slice",
        says=SEPARATORS,
    ),
    Fault(
        id="f15-split-utf8",
        spec="F15",
        does="Cuts every character of several bytes apart.",
        act=cut_in_characters,
        streamed="answered",
        whole="answered",
    ),
    Fault(
        id="f15-invalid-utf8",
        spec="F15",
        does="Has a byte in its text that is no UTF-8; read as U+FFFD or refused.",
        act=with_broken_character,
        streamed="either",
        whole="either",
        midway=True,
        says="\ufffd",
        wires=JSON,
    ),
    Fault(
        id="f16-endless-line",
        spec="F16",
        does="Sends a line of so many mebibytes before its answer.",
        act=with_endless_line,
        streamed="error",
        number=MEBIBYTES,
        usual=64,
        wires=JSON,
    ),
    Fault(
        id="f16-endless-comment",
        spec="F16",
        does="Sends a comment of so many mebibytes before its answer.",
        act=with_endless_comment,
        streamed="error",
        number=MEBIBYTES,
        usual=64,
        wires=SSE,
    ),
    Fault(
        id="f16-endless-body",
        spec="F16",
        does="Sends a whole answer of so many mebibytes.",
        act=with_endless_body,
        whole="error",
        number=MEBIBYTES,
        wires=JSON,
    ),
    Fault(
        id="f16-empty-events",
        spec="F16",
        does="Sends so many empty events before its answer.",
        act=with_empty_events,
        streamed="either",
        number="the empty events",
        usual=1_000_000,
        wires=JSON,
    ),
)
