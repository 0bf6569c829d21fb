"""Answers that begin well or claim to, and are failures (F09 to F11)."""

from typing import Any, Final

import msgspec

from interlingua.testing.fault import JSON, MARKED, PIECES, Act, Fault
from interlingua.testing.framed import data_of, edited, with_data
from interlingua.testing.reply import Reply
from interlingua.testing.scene import Scene

_MESSAGE = "The wall fails this request."
_PAGE = b"<!DOCTYPE html>\n<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>\n"


def failing_in_stream(*, ended: bool = False) -> Act:
    """Say some pieces and then an error as the wire has it; `ended` goes on as if the answer were whole."""

    def act(scene: Scene) -> Reply:
        begun, _ = scene.begun("pieces", scene.number)
        told = [*begun, scene.voice.failure_in_stream(_MESSAGE)]
        return scene.reply([*told, *scene.events()[-scene.voice.END_MARKS :]] if ended else told)

    return act


def failing_first(scene: Scene) -> Reply:
    """Send an error as the first event of all."""
    return scene.reply([scene.voice.failure_in_stream(_MESSAGE)])


def failing_plainly(scene: Scene) -> Reply:
    """Say some pieces and then an error as an object of JSON without an event's name, as proxies write it."""
    begun, _ = scene.begun("pieces", scene.number)
    error = msgspec.json.encode({"error": {"message": _MESSAGE, "type": "server_error", "code": 502}})
    return scene.reply([*begun, error + b"\n" if scene.voice.WIRE == "ollama" else b"data: " + error + b"\n\n"])


def failing_response(scene: Scene) -> Reply:
    """Say some pieces and then that the response has failed, as the Responses API does."""
    begun, _ = scene.begun("pieces", scene.number)

    def failed(data: dict[str, Any]) -> None:
        data["type"] = "response.failed"
        data["response"] |= {"status": "failed", "error": {"code": "server_error", "message": _MESSAGE}}

    last = edited(scene.events()[0], failed).replace(b"event: response.created", b"event: response.failed")
    return scene.reply([*begun, last])


def error_in_200(scene: Scene) -> Reply:
    """Answer with the body of an error and a status of 200."""
    body = scene.voice.failure(500, _MESSAGE)
    return scene.reply([body], content_type="application/json")


def page_in_200(scene: Scene) -> Reply:
    """Answer with a web page and a status of 200."""
    return scene.reply([_PAGE], content_type="text/html; charset=utf-8")


def text_in_200(scene: Scene) -> Reply:
    """Answer with a line of text and a status of 200."""
    return scene.reply([b"upstream connect error or disconnect/reset before headers"], content_type="text/plain")


def nothing_in_200(scene: Scene) -> Reply:
    """Answer with no body at all and a status of 200."""
    reply = scene.reply([])
    reply.length = 0
    return reply


def only_end_marks(scene: Scene) -> Reply:
    """Answer with a stream that says only that it is over."""
    return scene.reply(scene.events()[-scene.voice.END_MARKS :])


def whole_for_stream(scene: Scene) -> Reply:
    """Answer whole although a stream was asked for."""
    body = scene.voice.whole(scene.line, model=scene.model, body=scene.body)
    return scene.reply([body], content_type=scene.voice.CONTENT_TYPE)


def with_broken_event(scene: Scene) -> Reply:
    """Break the JSON of the event that says the next piece; a whole answer's JSON is broken in the middle."""
    begun, rest = scene.begun("pieces", scene.number)
    if not scene.streamed:
        return scene.reply([*begun, b'"}]{', *rest])
    head = rest[0].rstrip(b"\r\n")
    return scene.reply([*begun, head[:-4] + rest[0][len(head) :], *rest[1:]])


def with_broken_event_more(scene: Scene) -> Reply:
    """Send an event more whose JSON is broken, and all of the answer."""
    begun, rest = scene.begun("pieces", scene.number)
    return scene.reply([*begun, with_data(rest[0], b'{"id":"broken","choices":[{"del'), *rest])


def with_wrong_types(scene: Scene) -> Reply:
    """Give a list of numbers where the text of the next piece, or of the whole answer, should stand."""
    if not scene.streamed:
        body = b"".join(scene.events())
        text = msgspec.json.encode("".join(scene.line.pieces))
        return scene.reply([body.replace(text, b"[4,2]")])
    begun, rest = scene.begun("pieces", scene.number)
    text = msgspec.json.encode(scene.line.pieces[scene.number % len(scene.line.pieces)])
    return scene.reply([*begun, rest[0].replace(text, b"[4,2]"), *rest[1:]])


def without_choices(scene: Scene) -> Reply:
    """Send an event more that has no choices; a whole answer has none at all."""
    if not scene.streamed:
        return scene.reply([edited(b"".join(scene.events()), _emptied)])
    begun, rest = scene.begun("pieces", scene.number)
    bare = msgspec.json.encode(_without_choices(data_of(rest[0])))
    return scene.reply([*begun, with_data(rest[0], bare), *rest])


def _without_choices(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("choices", "candidates")}


def _emptied(data: dict[str, Any]) -> None:
    for name in ("choices", "candidates", "output", "content", "message"):
        data.pop(name, None)


FAULTS: Final = (
    Fault(
        id="f09-error-after-first",
        spec="F09",
        does="Sends an error of the wire after so many pieces.",
        act=failing_in_stream(),
        streamed="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=1,
    ),
    Fault(
        id="f09-error-then-done",
        spec="F09",
        does="Sends an error of the wire after so many pieces, and then the mark of a good end.",
        act=failing_in_stream(ended=True),
        streamed="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=1,
        wires=MARKED,
    ),
    Fault(
        id="f09-plain-error-after-first",
        spec="F09",
        does="Sends an error without an event's name, as proxies do, after so many pieces.",
        act=failing_plainly,
        streamed="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=1,
        wires=JSON,
    ),
    Fault(
        id="f09-failed-response",
        spec="F09",
        does="Says that the response has failed after so many pieces.",
        act=failing_response,
        streamed="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=1,
        wires=("responses",),
    ),
    Fault(
        id="f09-error-first",
        spec="F09",
        does="Sends an error as the first event of a stream.",
        act=failing_first,
        streamed="error",
    ),
    Fault(
        id="f10-json-error-200",
        spec="F10",
        does="Answers with an error's body and a status of 200.",
        act=error_in_200,
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f10-html-200",
        spec="F10",
        does="Answers with a web page and a status of 200.",
        act=page_in_200,
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f10-text-200",
        spec="F10",
        does="Answers with a line of text and a status of 200.",
        act=text_in_200,
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f10-empty-200",
        spec="F10",
        does="Answers with an empty body and a status of 200.",
        act=nothing_in_200,
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f10-only-done-200",
        spec="F10",
        does="Answers with a stream that says only that it is over.",
        act=only_end_marks,
        streamed="error",
        wires=MARKED,
    ),
    Fault(
        id="f10-whole-200",
        spec="F10",
        does="Answers whole although a stream was asked for.",
        act=whole_for_stream,
        streamed="either",
    ),
    Fault(
        id="f11-malformed-event",
        spec="F11",
        does="Breaks the JSON that says the next piece after so many.",
        act=with_broken_event,
        streamed="error",
        whole="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=3,
        wires=JSON,
    ),
    Fault(
        id="f11-malformed-extra",
        spec="F11",
        does="Sends an event more whose JSON is broken, after so many pieces; no text is lost.",
        act=with_broken_event_more,
        streamed="either",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=3,
        wires=JSON,
    ),
    Fault(
        id="f11-wrong-types",
        spec="F11",
        does="Gives a list of numbers for the next piece after so many.",
        act=with_wrong_types,
        streamed="error",
        whole="error",
        midway=True,
        number=PIECES,
        unit="pieces",
        usual=3,
        wires=JSON,
    ),
    Fault(
        id="f11-no-choices",
        spec="F11",
        does="Sends an event more, without choices, after so many pieces.",
        act=without_choices,
        streamed="answered",
        number=PIECES,
        unit="pieces",
        usual=3,
        wires=("chat_completions", "generate_content"),
    ),
    Fault(
        id="f11-no-answer",
        spec="F11",
        does="Leaves out of a whole answer the part that would hold the text.",
        act=without_choices,
        whole="error",
        wires=JSON,
    ),
)
