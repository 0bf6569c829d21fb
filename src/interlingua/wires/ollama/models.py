"""The lists of models that Ollama's clients ask for (ollama 0.6.3 `ListResponse`, `ShowResponse`, read 2026-11-23)."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.types import ModelMetadata

VERSION: Final = "0.14.0"
"""The version of Ollama whose API is spoken, for clients that ask for it."""

_MOMENT: Final = "1970-01-01T00:00:00Z"
_CAPABILITIES: Final = (("function_calling", "tools"), ("vision", "vision"), ("reasoning", "thinking"))

_encode = msgspec.json.Encoder().encode


def render_tags(models: Sequence[ModelMetadata]) -> bytes:
    """Write the answer of `/api/tags`; a digest is made of the name, since there is no file."""
    return _encode({"models": [_entry(model) for model in models]})


def render_show(model: ModelMetadata) -> bytes:
    """Write the answer of `/api/show`."""
    info: dict[str, Any] = {"general.architecture": model.provider or "interlingua", "general.basename": model.model}
    if model.context_length is not None:
        info[f"{info['general.architecture']}.context_length"] = model.context_length
    capabilities = ["completion", *(word for field, word in _CAPABILITIES if getattr(model, field))]
    return _encode(
        {
            "modelfile": "",
            "parameters": "",
            "template": "",
            "details": _details(model),
            "model_info": info,
            "capabilities": capabilities,
            "modified_at": _MOMENT,
        }
    )


def render_version(version: str = VERSION) -> bytes:
    """Write the answer of `/api/version`."""
    return _encode({"version": version})


def render_ps(models: Sequence[ModelMetadata]) -> bytes:
    """Write the answer of `/api/ps`: the models that are loaded."""
    entries = [
        {**_entry(model), "expires_at": _MOMENT, "size_vram": 0, "context_length": model.context_length or 0}
        for model in models
    ]
    for entry in entries:
        del entry["modified_at"]
    return _encode({"models": entries})


def _entry(model: ModelMetadata) -> dict[str, Any]:
    return {
        "name": model.model,
        "model": model.model,
        "modified_at": _MOMENT,
        "size": 0,
        "digest": hashlib.sha256(model.model.encode("utf-8", "replace")).hexdigest(),
        "details": _details(model),
    }


def _details(model: ModelMetadata) -> dict[str, Any]:
    family = model.provider or ""
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family] if family else [],
        "parameter_size": "",
        "quantization_level": "",
    }
