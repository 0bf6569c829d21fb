"""Answers in an encoding that nobody asked for (F17)."""

import zlib
from collections.abc import Iterator
from typing import Final

from interlingua.testing.fault import JSON, Act, Fault
from interlingua.testing.reply import Piece, Reply
from interlingua.testing.scene import Scene

_GZIP: Final = 31
_BLOCK: Final = b"\n" * (1 << 20)
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_HEADER: Final = b"\x20"
_ZSTD_MOST: Final = 255


def compressed(name: str, window: int, *, lost: int = 0) -> Act:
    """Compress the answer, event by event; leave out as many bytes at its end as were `lost`."""

    def act(scene: Scene) -> Reply:
        squeeze = zlib.compressobj(wbits=window)
        pieces = [squeeze.compress(event) + squeeze.flush(zlib.Z_SYNC_FLUSH) for event in scene.events()]
        body = b"".join([*pieces, squeeze.flush()])
        sent = [*pieces, body[sum(map(len, pieces)) :]] if not lost else [body[: len(body) - lost]]
        return scene.reply(sent, headers=(("content-encoding", name),))

    return act


def stored(scene: Scene) -> Reply:
    """Wrap the answer in zstd (RFC 8878), each event a frame of one raw block, which needs no compressor."""
    pieces = [
        _ZSTD_MAGIC + _ZSTD_HEADER + bytes([len(part)]) + (len(part) << 3 | 1).to_bytes(3, "little") + part
        for event in scene.events()
        for part in (event[start : start + _ZSTD_MOST] for start in range(0, len(event), _ZSTD_MOST))
    ]
    return scene.reply(pieces, headers=(("content-encoding", "zstd"),))


def bomb(scene: Scene) -> Reply:
    """Put so many mebibytes of line ends before the answer, which compress to a thousandth."""

    def pieces() -> Iterator[Piece]:
        squeeze = zlib.compressobj(level=9, wbits=_GZIP)
        for _ in range(scene.number):
            yield squeeze.compress(_BLOCK)
        for event in scene.events():
            yield squeeze.compress(event)
        yield squeeze.flush()

    return scene.reply(pieces(), headers=(("content-encoding", "gzip"),))


def mislabelled(name: str) -> Act:
    """Say that the answer is encoded though it is not."""
    return lambda scene: scene.reply(scene.events(), headers=(("content-encoding", name),))


def unlabelled(scene: Scene) -> Reply:
    """Compress the answer and do not say so."""
    squeeze = zlib.compressobj(wbits=_GZIP)
    return scene.reply([squeeze.compress(b"".join(scene.events())) + squeeze.flush()])


FAULTS: Final = (
    Fault(
        id="f17-gzip",
        spec="F17",
        does="Compresses the answer with gzip, event by event.",
        act=compressed("gzip", 31),
        streamed="answered",
        whole="answered",
    ),
    Fault(
        id="f17-deflate",
        spec="F17",
        does="Compresses the answer with deflate, event by event.",
        act=compressed("deflate", 15),
        streamed="answered",
        whole="answered",
    ),
    Fault(
        id="f17-zstd",
        spec="F17",
        does="Wraps the answer in zstd, which was not asked for.",
        act=stored,
        streamed="either",
        whole="either",
    ),
    Fault(
        id="f17-cut-gzip",
        spec="F17",
        does="Ends the body within its compressed data.",
        act=compressed("gzip", 31, lost=200),
        streamed="error",
        whole="error",
        midway=True,
    ),
    Fault(
        id="f17-bomb",
        spec="F17",
        does="Sends a few bytes that swell to so many mebibytes.",
        act=bomb,
        streamed="error",
        whole="error",
        number="the mebibytes",
        usual=64,
        wires=JSON,
    ),
    Fault(
        id="f17-wrong-encoding",
        spec="F17",
        does="Says that a plain answer is gzip.",
        act=mislabelled("gzip"),
        streamed="either",
        whole="either",
    ),
    Fault(
        id="f17-unknown-encoding",
        spec="F17",
        does="Says that a plain answer is in an encoding that nobody knows.",
        act=mislabelled("x-wall"),
        streamed="either",
        whole="either",
    ),
    Fault(
        id="f17-unlabelled-gzip",
        spec="F17",
        does="Compresses the answer with gzip and does not say so.",
        act=unlabelled,
        streamed="error",
        whole="error",
    ),
)
