"""Requests of the old API, read as requests of the new one."""

from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types import Adaptation, ModelRequest
from interlingua.types.shape import is_list, malformed
from interlingua.wires.chat_completions.request import parse_request as parse_chat_request
from interlingua.wires.members import read_members, typed_value, value_of

_OWN: Final = ("prompt", "messages", "logprobs", "top_logprobs", "best_of", "suffix")
"""Fields that Chat Completions has not, or not in this form."""

_encode = msgspec.json.Encoder().encode


def parse_request(body: bytes) -> tuple[ModelRequest, list[Adaptation]]:
    """Read a request, and what of it cannot be asked of a chat model.

    `echo` stays on the request: whoever writes the answer puts the prompt in front of it.

    Raises:
        InvalidRequest: it is not JSON, a field has the wrong type, or there is not one
            prompt, as a text; `param` names the field.

    """
    members = read_members(body)
    given = {member.name: member.value for member in members}
    prompt = _prompt(value_of(given, "prompt"))
    fields = [_encode(member.name) + b":" + member.value for member in members if member.name not in _OWN]
    fields.append(b'"messages":' + _encode([{"role": "user", "content": prompt}]))
    request = parse_chat_request(b"{" + b",".join(fields) + b"}")
    tokens = typed_value(given, "logprobs", int, "an integer")
    if tokens is not None:
        request.logprobs = True
        request.top_logprobs = tokens
    return request, _unsaid(given, request)


def _prompt(value: Any) -> str:
    if is_list(value) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        if is_list(value):
            raise InvalidRequest(
                "prompt must be one text; tokens, and several prompts, are not served.", param="prompt"
            )
        raise malformed("prompt", "a text")
    return value


def _unsaid(given: dict[str, bytes], request: ModelRequest) -> list[Adaptation]:
    unsaid: list[Adaptation] = []
    best_of = typed_value(given, "best_of", int, "an integer")
    if best_of is not None and best_of > (request.n or 1):
        unsaid.append(Adaptation("dropped", "best_of", "chat models have no such choice"))
    if typed_value(given, "suffix", str, "a string"):
        unsaid.append(Adaptation("dropped", "suffix", "chat models do not fill a gap"))
    if request.echo:
        unsaid.append(Adaptation("emulated", "echo", "the prompt stands in front of the answer"))
    return unsaid
