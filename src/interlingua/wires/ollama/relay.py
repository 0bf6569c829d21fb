"""Looking at a stream that passes by."""

from collections.abc import Mapping
from typing import Any

import msgspec

from interlingua.errors import Error
from interlingua.types import Usage
from interlingua.types.shape import is_list, is_object
from interlingua.wires.failure import error_of
from interlingua.wires.framing import JSON_LINES
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.ndjson import on_one_line
from interlingua.wires.ollama.response import read_usage
from interlingua.wires.passage import PassingWatch, broken, in_utf8, object_in


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None


class _Line(msgspec.Struct, gc=False):
    """As much of a line as is looked at, be it of a chat or of a generation."""

    done: bool
    message: _Message | None = None
    response: str | None = None
    thinking: str | None = None
    error: Any = None


_decode_line = msgspec.json.Decoder(_Line).decode


class StreamWatch(PassingWatch):
    r"""Looks at a stream that passes by; see `wires.contract.StreamWatch`.

    Empty lines do not pass, nor does an error that is no text, and what Ollama's own
    reader takes for a line end within a string passes as an escape.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'\n{"message":{"role":"assistant","content":""},"done":true}\n')
        b'{"message":{"role":"assistant","content":""},"done":true}\n'
        >>> watch.ended
        True

    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        super().__init__(JSON_LINES.ends)
        self._last: Mapping[str, Any] = {}

    @property
    def usage(self) -> Usage | None:
        """The usage that the last line told."""
        return read_usage(self._last)

    def close(self) -> bytes:
        """Give what may pass of a line that was left without its end; one that was cut does not."""
        self.said = False
        passed = self._passed(self._aligner.rest())
        self.failure = None
        return passed

    def _passed(self, data: bytes) -> bytes:
        data = on_one_line(in_utf8(self._without_mark(data)))
        lines = data.splitlines(keepends=True)
        passed: list[bytes] = []
        try:
            for line in lines:
                if self.ended:
                    break
                if not line.isspace():
                    self._look(line)
                    passed.append(line)
        except Error as error:
            self.failure = error
        return data if len(passed) == len(lines) else b"".join(passed)

    def _look(self, data: bytes) -> None:
        try:
            line = _decode_line(data)
        except UNREADABLE:
            self._look_closely(data)
            return
        message = line.message
        if line.done or line.error:
            self._look_closely(data)
        elif line.response or line.thinking or (message is not None and (message.content or message.thinking)):
            self.said = True
        elif not self.said:
            self.said = _says(decode(data))

    def _look_closely(self, data: bytes) -> None:
        """Look at a line that is no usual one."""
        fields = object_in(data)
        if fields.get("error"):
            failure = error_of(fields, body=data)
            if not isinstance(fields["error"], str):  # Ollama's own reader fails on it
                raise failure
            self._told(failure)
            return
        _check(fields, data)
        self.said = self.said or _says(fields)
        if fields.get("done") is True:
            self._last = fields
            self.finished = self.ended = True


def _check(fields: Mapping[str, Any], data: bytes) -> None:
    """See that what should be a text is one.

    Raises:
        ProtocolError: it is not.

    """
    message = fields.get("message")
    if message is not None and not is_object(message):
        raise broken("has a message that is no object", data)
    told = [fields.get("response"), fields.get("thinking")]
    if message is not None:
        told += [message.get("content"), message.get("thinking")]
        if not (message.get("tool_calls") is None or is_list(message.get("tool_calls"))):
            raise broken("has tool_calls that are no list", data)
    if not all(isinstance(text, str | None) for text in told):
        raise broken("has a text that is none", data)


def _says(fields: Mapping[str, Any]) -> bool:
    """Tell whether a line says something, of a chat or of a generation, or is the last one."""
    message = fields.get("message")
    if is_object(message) and any(value and name != "role" for name, value in message.items()):
        return True
    return fields.get("done") is True or bool(fields.get("response") or fields.get("thinking"))
