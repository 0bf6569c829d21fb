"""Answers that never begin, that stop, or that end too early (F02 to F08, F12, F24)."""

from collections.abc import Iterator
from typing import Any, Final

from interlingua.testing.fault import JSON, MARKED, PIECES, Act, Fault
from interlingua.testing.framed import edited
from interlingua.testing.reply import Ending, Framing, Pause, Piece, Reply
from interlingua.testing.scene import Scene, Unit


def breaking(ending: Ending, unit: Unit, *, framing: Framing = "chunked") -> Act:
    """Say as much as the fault's number tells, and then end in that way; a whole answer has told its length."""

    def act(scene: Scene) -> Reply:
        begun, rest = scene.begun(unit, scene.number)
        reply = scene.reply(begun, ending=ending, framing=framing)
        if not scene.streamed and ending != "clean" and framing != "close":
            reply.length = len(b"".join([*begun, *rest]))
        return reply

    return act


def unanswered(ending: Ending) -> Act:
    """Read the request and send not a byte."""
    return lambda _: Reply(status=0, ending=ending)


def silent(scene: Scene) -> Reply:
    """Send nothing for the time of a stall, then answer."""
    healthy = scene.healthy()
    return scene.reply([scene.silence(), *healthy.pieces])


def mute(scene: Scene) -> Reply:
    """Send not even a status until the stall is over, which ends the connection."""
    return Reply(status=0, pieces=[scene.silence()], ending="cut")


def stalling(scene: Scene) -> Reply:
    """Say some pieces, wait, and go on."""
    begun, rest = scene.begun("pieces", scene.number)
    return scene.reply([*begun, scene.silence(), *rest])


def stalling_to_the_end(scene: Scene) -> Reply:
    """Say some pieces, wait, and close the connection."""
    begun, rest = scene.begun("pieces", scene.number)
    reply = scene.reply([*begun, scene.silence()], ending="cut")
    if not scene.streamed:
        reply.length = len(b"".join([*begun, *rest]))
    return reply


def late(scene: Scene) -> Reply:
    """Send the headers, and the answer after so many seconds."""
    return scene.reply([Pause(scene.number * scene.second), *scene.events()])


def beating(*, from_start: bool = False) -> Act:
    """Say some pieces, or not even the first event, and then nothing but that it is alive."""

    def pieces(scene: Scene) -> Iterator[Piece]:
        if not from_start:
            yield from scene.begun("pieces", scene.number)[0]
        while True:
            yield scene.voice.HEARTBEAT
            yield Pause(scene.second)

    return lambda scene: scene.reply(pieces(scene))


def dripping(scene: Scene) -> Reply:
    """Send a byte every so many seconds."""

    def pieces() -> Iterator[Piece]:
        for byte in b"".join(scene.events()):
            yield bytes([byte])
            yield Pause(scene.number * scene.second)

    return scene.reply(pieces())


def without_end_marks(scene: Scene) -> Reply:
    """Leave out the events that only say that the stream is over."""
    events = scene.events()
    return scene.reply(events[: len(events) - scene.voice.END_MARKS])


def with_end_mark_twice(scene: Scene) -> Reply:
    """Say twice that the stream is over."""
    events = scene.events()
    return scene.reply([*events, events[-1]])


def with_data_after_end(scene: Scene) -> Reply:
    """Say that the stream is over, and go on with text that belongs to nobody."""
    events = scene.events()
    stray = scene.begun("pieces", 1)[0][-1]
    return scene.reply([*events, stray])


def without_finish(scene: Scene) -> Reply:
    """End in good order after the text, without a word on why."""
    events = scene.events()
    place = scene.finishes_at(events)
    last = events[place] if place < len(events) else b""
    if scene.voice.WIRE != "generate_content":
        return scene.reply(events[:place])

    def unfinished(data: dict[str, Any]) -> None:
        del data["candidates"][0]["finishReason"]

    return scene.reply([*events[:place], edited(last, unfinished)])


def with_end_but_no_finish(scene: Scene) -> Reply:
    """Say that the stream is over without a word on why."""
    events = scene.events()
    place = scene.finishes_at(events)
    return scene.reply([*events[:place], *events[len(events) - scene.voice.END_MARKS :]])


def cut_in_arguments(scene: Scene) -> Reply:
    """Cut the connection within the arguments of a call, after a piece of them where the wire sends them in pieces."""
    body = b"".join(scene.events())
    place = body.index(b"harb") + len(b"harb")
    reply = scene.reply([body[:place]], ending="cut")
    if not scene.streamed:
        reply.length = len(body)
    return reply


def _breaks() -> list[Fault]:
    """Give the streams that break: F06 and F07."""
    after = "after so many pieces of text (a whole answer: of 64 bytes)"
    rows: list[tuple[str, str, str, Act, Unit]] = [
        ("f06-cut-after", "F06", f"Closes the connection {after}.", breaking("cut", "pieces"), "pieces"),
        ("f06-reset-after", "F06", f"Resets the connection {after}.", breaking("reset", "pieces"), "pieces"),
        (
            "f06-end-after",
            "F06",
            f"Ends the body in good order {after}.",
            breaking("clean", "pieces"),
            "pieces",
        ),
        (
            "f06-unframed-after",
            "F06",
            f"Ends a body of no told length {after}.",
            breaking("cut", "pieces", framing="close"),
            "pieces",
        ),
        (
            "f06-cut-at-event",
            "F06",
            "Closes the connection after so many events.",
            breaking("cut", "events"),
            "events",
        ),
        (
            "f07-cut-at-byte",
            "F07",
            "Closes the connection after so many bytes of the body.",
            breaking("cut", "bytes"),
            "bytes",
        ),
        (
            "f07-end-at-byte",
            "F07",
            "Ends the body in good order after so many bytes.",
            breaking("clean", "bytes"),
            "bytes",
        ),
        (
            "f07-reset-at-byte",
            "F07",
            "Resets the connection after so many bytes of the body.",
            breaking("reset", "bytes"),
            "bytes",
        ),
    ]
    return [
        Fault(
            id=name,
            spec=spec,
            does=does,
            act=act,
            streamed="error",
            whole="error",
            midway=unit == "pieces",
            breaks=True,
            number=f"the {unit} before it",
            unit=unit,
            usual=200 if unit == "bytes" else 3,
        )
        for name, spec, does, act, unit in rows
    ]


FAULTS: Final = (
    Fault(id="f01-refused", spec="F01", does="Listens at no port.", streamed="error", whole="error"),
    Fault(
        id="f01-reset",
        spec="F01",
        does="Resets a connection as soon as it stands.",
        streamed="error",
        whole="error",
    ),
    Fault(id="f01-black-hole", spec="F01", does="Never completes a connection.", streamed="error", whole="error"),
    Fault(
        id="f02-reset-before-headers",
        spec="F02",
        does="Reads the request and resets the connection.",
        act=unanswered("reset"),
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f02-close-before-headers",
        spec="F02",
        does="Reads the request and closes the connection.",
        act=unanswered("cut"),
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f03-headers-then-silence",
        spec="F03",
        does="Sends the headers and then nothing until the stall is over.",
        act=silent,
        streamed="error",
        whole="error",
        resumes=True,
    ),
    Fault(
        id="f03-late",
        spec="F03",
        does="Sends the headers, and the whole answer after so many seconds.",
        act=late,
        streamed="either",
        whole="either",
        number="the seconds before the answer",
        usual=20,
    ),
    Fault(
        id="f03-heartbeats-first",
        spec="F03",
        does="Sends the headers and then signs of life, each second, without end.",
        act=beating(from_start=True),
        streamed="error",
        wires=JSON,
    ),
    Fault(
        id="f04-silence",
        spec="F04",
        does="Reads the request and never answers.",
        act=mute,
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f05-drip",
        spec="F05",
        does="Sends a byte every so many seconds.",
        act=dripping,
        streamed="error",
        whole="error",
        number="the seconds for a byte",
        usual=10,
    ),
    *_breaks(),
    Fault(
        id="f08-stall",
        spec="F08",
        does="Sends nothing after so many pieces until the stall is over.",
        act=stalling,
        streamed="error",
        whole="error",
        midway=True,
        resumes=True,
        number=PIECES,
        unit="pieces",
        usual=3,
    ),
    Fault(
        id="f08-stall-then-close",
        spec="F08",
        does="Sends nothing after so many pieces until the stall is over, and closes the connection.",
        act=stalling_to_the_end,
        streamed="error",
        whole="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=3,
    ),
    Fault(
        id="f08-heartbeats-only",
        spec="F08",
        does="Sends only signs of life after so many pieces, each second, without end.",
        act=beating(),
        streamed="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=3,
        wires=JSON,
    ),
    Fault(
        id="f12-no-done",
        spec="F12",
        does="Leaves out the mark of the end after telling why it ends.",
        act=without_end_marks,
        streamed="answered",
        wires=MARKED,
    ),
    Fault(
        id="f12-double-done",
        spec="F12",
        does="Sends the mark of the end twice.",
        act=with_end_mark_twice,
        streamed="answered",
        wires=MARKED,
    ),
    Fault(
        id="f12-data-after-done",
        spec="F12",
        does="Sends a piece of text after the mark of the end.",
        act=with_data_after_end,
        streamed="answered",
        wires=MARKED,
    ),
    Fault(
        id="f12-no-finish",
        spec="F12",
        does="Ends in good order after all of the text, without telling why.",
        act=without_finish,
        streamed="error",
        midway=True,
    ),
    Fault(
        id="f12-done-without-finish",
        spec="F12",
        does="Sends the mark of the end without telling why.",
        act=with_end_but_no_finish,
        streamed="either",
        midway=True,
        wires=MARKED,
    ),
    Fault(
        id="f24-tool-arguments-cut",
        spec="F24",
        does="Closes the connection within the arguments of a call.",
        act=cut_in_arguments,
        streamed="error",
        whole="error",
        midway=True,
        tools=True,
    ),
)
