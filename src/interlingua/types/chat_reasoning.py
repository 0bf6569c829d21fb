"""Reasoning in OpenAI's form, which has no place for it, in the conventions that grew up instead.

- `reasoning_content` (DeepSeek, vLLM before 0.12, most Chinese providers) and `reasoning`
  (OpenRouter, vLLM, Groq, Ollama): a text beside `content`.
- `reasoning_details` (OpenRouter): a list of objects, `reasoning.text` with a
  `signature`, `reasoning.summary`, `reasoning.encrypted` with `data`.
- `extra_content.google.thought_signature` (Gemini's compatible endpoint): a signature.

One of them is read as the visible reasoning; the others are kept to go back as they
came. Facts read 2026-11-22.
"""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types.adaptation import Adaptation
from interlingua.types.chat_content import BLOCK, WIRE, own
from interlingua.types.part import Part, ThinkingPart
from interlingua.types.seal import seal, unseal
from interlingua.types.shape import is_list, is_object

TEXT_FIELDS: Final = ("reasoning_content", "reasoning")
DETAILS: Final = "reasoning_details"
EXTRA: Final = "extra_content"
TAGS: Final = "<think>"
"""`ThinkingPart.field` of reasoning that stood in the text between `<think>` tags."""


_PLACES: Final = frozenset((*TEXT_FIELDS, DETAILS, EXTRA))

SEALED: Final = "interlingua"
"""The `format` of details that hold sealed state of another wire; see `types.seal`."""


def read_thinking(fields: dict[str, Any]) -> list[Part]:
    """Take the reasoning out of an assistant's message; what is taken leaves `fields`.

    What was sealed comes out as what it was; give the message's parts to `rejoin` afterwards.
    """
    parts: list[Part] = []
    if _PLACES.isdisjoint(fields):
        return parts
    if _is_details(fields.get(DETAILS)):
        parts = [read_detail(detail) for detail in fields.pop(DETAILS)]
    for name in TEXT_FIELDS:
        text = fields.get(name)
        if not isinstance(text, str) or not text:
            continue
        del fields[name]
        shown = [part for part in parts if isinstance(part, ThinkingPart) and part.text]
        if shown:
            if shown[0].wire in (None, WIRE):  # the same text twice, which goes back as it came
                shown[0].extensions.setdefault(WIRE, {})[name] = text
        else:
            parts.insert(0, ThinkingPart(text=text, field=name))
    signature = thought_signature(fields.get(EXTRA))
    if signature is not None:
        parts.append(
            ThinkingPart(
                signature=signature,
                field=EXTRA,
                extensions={WIRE: {EXTRA: fields.pop(EXTRA)}},
                wire="generate_content",
            ),
        )
    return parts


def read_detail(detail: Mapping[str, Any]) -> Part:
    """Read one object of `reasoning_details`."""
    text = detail.get("text") or detail.get("summary")
    signature, data = detail.get("signature"), detail.get("data")
    if detail.get("format") == SEALED:
        sealed = signature if isinstance(signature, str) else data
        opened = unseal(sealed) if isinstance(sealed, str) else None
        if isinstance(opened, ThinkingPart):
            opened.text = text if isinstance(text, str) else ""
        if opened is not None:
            return opened
    opaque = isinstance(signature, str) or isinstance(data, str)
    return ThinkingPart(
        text=text if isinstance(text, str) else "",
        signature=signature if isinstance(signature, str) else None,
        encrypted=data if isinstance(data, str) else None,
        field=DETAILS,
        extensions={WIRE: {DETAILS: [detail]}},
        wire=WIRE if opaque else None,
    )


def sealed_detail(part: Part) -> dict[str, Any] | None:
    """Write state of another wire as an object of `reasoning_details`; None if the part has none."""
    sealed = seal(part)
    if sealed is None:
        return None
    if isinstance(part, ThinkingPart) and part.text:
        return {"type": "reasoning.text", "text": part.text, "signature": sealed, "format": SEALED}
    return {"type": "reasoning.encrypted", "data": sealed, "format": SEALED}


def write_sealed(part: Part, fields: dict[str, Any]) -> None:
    """Put state of another wire into an answer, for the client to bring back."""
    detail = sealed_detail(part)
    if detail is not None:
        details = fields.setdefault(DETAILS, [])
        details.append(detail | {"index": len(details)})


def details_of(part: ThinkingPart) -> list[dict[str, Any]]:
    """Write a part as `reasoning_details`, for a part that did not come from any."""
    details: list[dict[str, Any]] = []
    if part.signature is not None or (part.text and part.encrypted is None):
        details.append({"type": "reasoning.text", "text": part.text, "signature": part.signature})
    elif part.text:
        details.append({"type": "reasoning.summary", "summary": part.text})
    if part.encrypted is not None:
        details.append({"type": "reasoning.encrypted", "data": part.encrypted})
    return details


def write_thinking(
    part: ThinkingPart,
    fields: dict[str, Any],
    *,
    reasoning_field: str | None,
    reply: bool,
    dropped: list[Adaptation],
) -> None:
    """Put reasoning into an assistant's message.

    It goes into `reasoning_field`, or else where it came from. Reasoning of another
    wire has no such place: in a request it is dropped, since no provider of this wire
    could use its signature; in a `reply` it becomes `reasoning_content`, and what is
    opaque in it `reasoning_details`, so that the client can bring it back.
    """
    target = reasoning_field or part.field
    if part.wire not in (None, WIRE, _COMPATIBLE.get(part.field or "")):
        _write_foreign(part, fields, reasoning_field=reasoning_field, reply=reply, dropped=dropped)
        return
    extra = {} if part.field == BLOCK else own(part.extensions)
    if extra and target == part.field:
        _merge(fields, extra)
    elif extra and not reply:
        dropped.append(Adaptation("dropped", "thinking", f"{', '.join(extra)} (the provider takes {reasoning_field})"))
    if target in TEXT_FIELDS:
        fields[target] = fields.get(target, "") + part.text
    elif target == DETAILS and not extra.get(DETAILS):
        fields.setdefault(DETAILS, []).extend(details_of(part))
    elif target not in (DETAILS, EXTRA) and reply:
        fields[TEXT_FIELDS[0]] = fields.get(TEXT_FIELDS[0], "") + part.text
        if part.signature is not None or part.encrypted is not None:
            fields.setdefault(DETAILS, []).extend(details_of(part))
    elif target not in (DETAILS, EXTRA):
        dropped.append(Adaptation("dropped", "thinking", "reasoning of another wire"))


def _write_foreign(
    part: ThinkingPart,
    fields: dict[str, Any],
    *,
    reasoning_field: str | None,
    reply: bool,
    dropped: list[Adaptation],
) -> None:
    """Write reasoning of another wire: whole in an answer, and in a request only its text, where that has a place."""
    target = TEXT_FIELDS[0] if reply else reasoning_field
    if part.text and target in TEXT_FIELDS:
        fields[target] = fields.get(target, "") + part.text
    if reply:
        write_sealed(part, fields)
    else:
        dropped.append(Adaptation("dropped", "thinking", f"state of {part.wire}"))


def thought_signature(extra: object) -> str | None:
    """Give Gemini's signature from an `extra_content`."""
    google = extra.get("google") if is_object(extra) else None
    signature = google.get("thought_signature") if is_object(google) else None
    return signature if isinstance(signature, str) else None


_COMPATIBLE: Final = {EXTRA: "generate_content"}
"""The place in this form that holds another wire's state as that wire's own provider takes it."""


def _is_details(value: object) -> bool:
    return is_list(value) and bool(value) and all(is_object(detail) for detail in value)


def _merge(fields: dict[str, Any], extra: dict[str, Any]) -> None:
    for name, value in extra.items():
        if name == DETAILS and is_list(value):
            fields.setdefault(DETAILS, []).extend(value)
        else:
            fields[name] = value
