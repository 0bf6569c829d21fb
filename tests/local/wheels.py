"""Tiny stand-ins for a model file, the wheel that carries it and the row that describes both."""

import hashlib
import io
import struct
import zipfile
from datetime import date

from interlingua.local.embedded import EmbeddedModel

WHEEL = "tiny_model-1.0-py3-none-any.whl"
MEMBER = "tiny_model/Tiny.gguf"


def gguf(template: str = "{{ messages }}", size: int = 4096) -> bytes:
    entries = [
        _text("general.architecture") + _kind(8) + _text("llama"),
        _text("general.name") + _kind(8) + _text("Tiny"),
        _text("tokenizer.ggml.tokens") + _kind(9) + _kind(8) + struct.pack("<Q", 2) + _text("a") + _text("b"),
        _text("tokenizer.ggml.scores") + _kind(9) + _kind(6) + struct.pack("<Q", 2) + struct.pack("<ff", 1.0, 2.0),
        _text("llama.context_length") + _kind(4) + struct.pack("<I", 2048),
        _text("tokenizer.chat_template") + _kind(8) + _text(template),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(entries)) + b"".join(entries)
    return head.ljust(size, b"\0")


def wheel(content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, content)
    return written.getvalue()


def row(content: bytes, packed: bytes) -> EmbeddedModel:
    return EmbeddedModel(
        name="tiny",
        label="Tiny",
        description="A file for tests.",
        package="tiny_model",
        version="1.0",
        wheel=WHEEL,
        wheel_size=len(packed),
        wheel_sha256=hashlib.sha256(packed).hexdigest(),
        member=MEMBER,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
        context_length=2048,
        source="https://example.com",
        checked=date(2026, 11, 22),
    )


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _kind(code: int) -> bytes:
    return struct.pack("<I", code)
