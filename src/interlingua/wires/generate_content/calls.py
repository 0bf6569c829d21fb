"""Calls of functions, both ways (types of google-genai 3.4 `types.FunctionCall`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.types import Adaptation, ToolCallPart
from interlingua.types.shape import is_object, malformed
from interlingua.wires.generate_content.fields import WIRE, left_behind, own
from interlingua.wires.generate_content.names import camel_names

UNSIGNED: Final = (
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
)
"""What stands for the signature of a call that has none, as clients write it, plainly or as SDKs encode it.

(ai.google.dev/gemini-api/docs/thought-signatures, read 2026-11-25.)
"""

_MADE_UP: Final = "call_"

_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class CallNames:
    """The calls of a conversation by name, so that answers without an id find the call that they belong to."""

    __slots__ = ("_count", "_names", "_open")

    def __init__(self) -> None:
        self._count = 0
        self._names: dict[str, str] = {}
        self._open: dict[str, list[str]] = {}

    def identity(self, name: str) -> str:
        """Make up an id for a call that has none; the same conversation gives the same ids."""
        self._count += 1
        return f"{_MADE_UP}{self._count}_{name}"

    @staticmethod
    def is_made_up(identity: str, name: str) -> bool:
        """Tell whether an id was made up here, whatever wire it has been through: then it does not go back."""
        if not identity.startswith(_MADE_UP) or not identity.endswith(f"_{name}"):
            return False
        number = identity[len(_MADE_UP) : -len(name) - 1]
        return number.isascii() and number.isdigit()

    def opened(self, identity: str, name: str) -> None:
        """Remember a call."""
        self._names[identity] = name
        self._open.setdefault(name, []).append(identity)

    def answered(self, name: str, identity: str | None) -> str:
        """Give the id of the call that an answer belongs to.

        An id that no call has was made up by the client, as Gemini CLI does for calls that have none.
        """
        waiting = self._open.get(name, [])
        if identity is not None and (identity in self._names or not waiting):
            if identity in waiting:
                waiting.remove(identity)
            return identity
        return waiting.pop(0) if waiting else f"{_MADE_UP}{name}"

    def name_of(self, identity: str) -> str | None:
        """Give the name of a call by its id."""
        return self._names.get(identity)


def read_call(part: Mapping[str, Any], where: str, calls: CallNames) -> ToolCallPart:
    """Read a part with a `functionCall`."""
    call = part["functionCall"]
    name = call.get("name") if is_object(call) else None
    if not is_object(call) or not isinstance(name, str):
        raise malformed(f"{where}.functionCall", "an object with the string `name`")
    given, arguments = call.get("id"), call.get("args")
    if arguments is not None and not is_object(arguments):
        raise malformed(f"{where}.functionCall.args", "an object")
    identity = given if isinstance(given, str) and given else calls.identity(name)
    calls.opened(identity, name)
    text = _encode(arguments).decode() if arguments else "{}"
    known = 1 + ("id" in call) + ("args" in call)
    if len(part) == 1 and len(call) == known and identity == given:
        return ToolCallPart(id=identity, name=name, arguments=text)
    extra = {each: value for each, value in part.items() if each not in ("functionCall", "thoughtSignature")}
    signature = part.get("thoughtSignature")
    if signature in UNSIGNED:  # nobody's state, and for Gemini alone
        extra["unsigned"], signature = signature, None
    if len(call) != known:
        inner = {each: value for each, value in camel_names(call).items() if each not in ("id", "name", "args")}
        extra["functionCall"] = inner
    if identity != given:
        extra["idless"] = True
    return ToolCallPart(
        id=identity,
        name=name,
        arguments=text,
        extensions={WIRE: extra} if extra else {},
        signature=signature if isinstance(signature, str) else None,
    )


def write_call(part: ToolCallPart, dropped: list[Adaptation], calls: CallNames) -> dict[str, Any]:
    """Write a call; its arguments are an object here, and any other text stands under `input`."""
    identity, name = part.id, part.name
    calls.opened(identity, name)
    call: dict[str, Any] = {}
    if identity and not calls.is_made_up(identity, name):
        call["id"] = identity
    call["name"] = name
    if part.kind != "function":
        dropped.append(Adaptation("emulated", "custom tool", "its text stands under `input`"))
        call["args"] = {"input": part.arguments}
    else:
        call["args"] = object_of(part.arguments or "{}") or {"input": part.arguments}
    fields: dict[str, Any] = {"functionCall": call}
    if part.signature is not None:
        fields["thoughtSignature"] = part.signature
    if part.cache is not None:
        dropped.append(Adaptation("dropped", "cache", "this wire caches by itself, or by cachedContent"))
    if not part.extensions:
        return fields
    dropped += left_behind(part.extensions, "tool_call")
    extra = dict(own(part.extensions))
    inner = extra.pop("functionCall", None)
    extra.pop("idless", None)
    unsigned = extra.pop("unsigned", None)
    if unsigned is not None:
        fields.setdefault("thoughtSignature", unsigned)
    if is_object(inner):
        call |= inner
    return fields | extra


def object_of(text: str) -> msgspec.Raw | None:
    r"""Give a text that is a JSON object as it is, in one line; None for any other text.

    Example:
        >>> bytes(object_of('{"a":\n1.0}') or b"")
        b'{"a": 1.0}'

    """
    try:
        _decode_object(text)
        data = text.encode()
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if b"\n" in data or b"\r" in data:  # only between values, where any blank will do
        data = data.replace(b"\n", b" ").replace(b"\r", b" ")
    return msgspec.Raw(data)
