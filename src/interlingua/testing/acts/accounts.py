"""Answers whose count of tokens is odd (F23)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from interlingua.testing.fault import JSON, Act, Fault
from interlingua.testing.framed import data_of, edited
from interlingua.testing.reply import Reply
from interlingua.testing.scene import Scene

_NAMES: Final = ("usage", "usageMetadata", "prompt_eval_count", "eval_count")


def counting(input_tokens: int, output_tokens: int) -> Act:
    """Tell these counts."""

    def act(scene: Scene) -> Reply:
        told = msgspec.structs.replace(scene.line, input_tokens=input_tokens, output_tokens=output_tokens)
        return msgspec.structs.replace(scene, line=told).healthy()

    return act


def without_usage(scene: Scene) -> Reply:
    """Tell no count at all."""

    def absent(owner: dict[str, Any], name: str) -> None:
        del owner[name]

    return _recounted(scene, absent)


def with_null_usage(scene: Scene) -> Reply:
    """Tell null for each count."""

    def null(owner: dict[str, Any], name: str) -> None:
        owner[name] = None

    return _recounted(scene, null)


def with_usage_twice(scene: Scene) -> Reply:
    """Tell the same count twice."""
    events = list(scene.events())
    place = next(n for n in range(len(events) - 1, -1, -1) if _has_usage(events[n]))
    if scene.voice.WIRE != "generate_content":
        return scene.reply([*events[: place + 1], *events[place:]])
    usage = data_of(events[place])["usageMetadata"]
    again = [edited(events[place - 1], lambda data: data.update(usageMetadata=usage)), *events[place:]]
    return scene.reply([*events[: place - 1], *again])


def with_growing_usage(scene: Scene) -> Reply:
    """Tell with each event what has been used until then."""
    events = list(scene.events())
    if scene.voice.WIRE == "messages":
        place = scene.finishes_at(events)
        steps = [
            edited(events[place], lambda data, count=count: _growing(data, count))
            for count in range(1, scene.line.output_tokens, 10)
        ]
        return scene.reply([*events[:place], *steps, *events[place:]])
    name = "usage" if scene.voice.WIRE == "chat_completions" else "usageMetadata"
    counts = iter(range(1, len(events) + 1))

    def grown(data: dict[str, Any]) -> None:
        if name not in data:
            data[name] = _usage_at(scene, min(next(counts), scene.line.output_tokens), name)

    return scene.reply([edited(event, grown) for event in events])


def _growing(data: dict[str, Any], count: int) -> None:
    data["delta"] = {"stop_reason": None, "stop_sequence": None}
    data["usage"]["output_tokens"] = count


def _usage_at(scene: Scene, count: int, name: str) -> Any:
    line = msgspec.structs.replace(scene.line, pieces=("x",), output_tokens=count)
    asked = {**scene.body, "stream_options": {"include_usage": True}}
    events = scene.voice.streamed(line, model=scene.model, body=asked)
    return next(data[name] for event in reversed(events) if (data := data_of(event)) and data.get(name))


def _has_usage(event: bytes) -> bool:
    data = data_of(event)
    return data is not None and any(owner.get(name) is not None for owner, name in _places(data))


def _places(data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for owner in (data, data.get("message"), data.get("response")):
        if isinstance(owner, dict):
            yield from ((owner, name) for name in _NAMES if name in owner)


def _recounted(scene: Scene, change: Callable[[dict[str, Any], str], None]) -> Reply:
    def changed(data: dict[str, Any]) -> None:
        for owner, name in list(_places(data)):
            change(owner, name)

    if scene.streamed:
        return scene.reply([edited(event, changed) for event in scene.events()])
    return scene.reply([edited(b"".join(scene.events()), changed)])


FAULTS: Final = (
    Fault(
        id="f23-usage-absent",
        spec="F23",
        does="Tells no count of tokens.",
        act=without_usage,
        streamed="answered",
        whole="answered",
        wires=JSON,
    ),
    Fault(
        id="f23-usage-null",
        spec="F23",
        does="Tells null for its count of tokens.",
        act=with_null_usage,
        streamed="answered",
        whole="answered",
        wires=JSON,
    ),
    Fault(
        id="f23-usage-twice",
        spec="F23",
        does="Tells its count of tokens twice.",
        act=with_usage_twice,
        streamed="answered",
        wires=("chat_completions", "messages", "generate_content"),
    ),
    Fault(
        id="f23-usage-cumulative",
        spec="F23",
        does="Tells with each event the tokens used until then.",
        act=with_growing_usage,
        streamed="answered",
        wires=("chat_completions", "messages", "generate_content"),
    ),
    Fault(
        id="f23-usage-zero",
        spec="F23",
        does="Tells that no token was used.",
        act=counting(0, 0),
        streamed="answered",
        whole="answered",
    ),
    Fault(
        id="f23-usage-negative",
        spec="F23",
        does="Tells counts below zero.",
        act=counting(-3, -5),
        streamed="answered",
        whole="answered",
    ),
)
