"""Lists of models in the shapes of those who ask: OpenAI's, Anthropic's, Gemini's. No I/O.

Facts: openai 3.54 `types/model.py`, anthropic 2.12 `types/model_info.py` and `model_capabilities.py`, google-genai 3.4
`types.Model`; read 2026-11-25. Ollama's shapes are its wire's (`wires.ollama.models`).

None of them has a place for prices; these stand in `pricing`, in the words and units of OpenRouter's list (dollars for
a token, as decimal texts), which many clients read: the rates of today and of this hour. Those of long prompts are in
`pricing_above`, the shortest first. OpenAI's shape has none for modalities either, which stand in `architecture`, as
OpenRouter has them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types import ModelMetadata
from interlingua.types.price import Rates

_NO_DATE: Final = "1970-01-01T00:00:00Z"
_CAPABILITIES: Final = ("function_calling", "vision", "reasoning", "structured_output")
_PRICING: Final = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_long": "cache_write_long",
    "image": "input_image",
    "image_output": "output_image",
    "audio": "input_audio",
    "audio_output": "output_audio",
    "internal_reasoning": "reasoning",
}
"""OpenRouter's words, and a few like them, with the rates that they stand for."""
_ANTHROPIC_PAGE: Final = (20, 1000)
_GEMINI_PAGE: Final = (50, 1000)
_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")


class Page(msgspec.Struct, frozen=True):
    """Some of a list, and whether more follows."""

    models: Sequence[ModelMetadata]
    has_more: bool = False
    next: int = 0
    """The number of the first model that follows."""


def openai_entry(model: ModelMetadata, *, now: datetime | None = None) -> dict[str, Any]:
    """Write a model as OpenAI does; what its shape has no name for stands beside its four fields."""
    entry: dict[str, Any] = {
        "id": model.model,
        "object": "model",
        "created": _created(model),
        "owned_by": model.provider or "interlingua",
    }
    capabilities = {name: value for name in _CAPABILITIES if (value := getattr(model, name)) is not None}
    extra = {
        "context_length": model.context_length,
        "max_output_length": model.max_output_length,
        "capabilities": capabilities or None,
        "architecture": _modalities(model) or None,
        "shutdown_date": _day(model, "retires"),
        **_prices(model, now),
    }
    return entry | {name: value for name, value in extra.items() if value is not None}


def openai_list(models: Iterable[ModelMetadata]) -> bytes:
    """Write the list; OpenAI's has no pages."""
    return msgspec.json.encode({"object": "list", "data": [openai_entry(model) for model in models]})


def anthropic_entry(model: ModelMetadata, *, now: datetime | None = None) -> dict[str, Any]:
    """Write a model as Anthropic does; capabilities are null where nothing is known of any."""
    created = _created(model)
    return {
        "type": "model",
        "id": model.model,
        "display_name": model.label or model.model,
        "created_at": _date(created) if created else _NO_DATE,
        "lifecycle": _stage(model, now),
        "deprecated_at": _midnight(_day(model, "deprecated")),
        "retires_at": _midnight(_day(model, "retires")),
        "line": None,
        "max_input_tokens": model.context_length,
        "max_tokens": model.max_output_length,
        "capabilities": _anthropic_capabilities(model),
        **_prices(model, now),
    }


def anthropic_list(models: Sequence[ModelMetadata], query: str) -> bytes:
    """Write the page that `limit`, `after_id` and `before_id` ask for.

    Raises:
        InvalidRequest: one of them is wrong; `param` names it.

    """
    page = _anthropic_page(models, parse_qs(query))
    entries = [anthropic_entry(model) for model in page.models]
    return msgspec.json.encode(
        {
            "data": entries,
            "has_more": page.has_more,
            "first_id": entries[0]["id"] if entries else None,
            "last_id": entries[-1]["id"] if entries else None,
        }
    )


def gemini_entry(model: ModelMetadata, *, now: datetime | None = None) -> dict[str, Any]:
    """Write a model as Gemini does."""
    entry: dict[str, Any] = {
        "name": f"models/{model.model}",
        "baseModelId": model.model,
        "version": "1",
        "displayName": model.label or model.model,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
    extra = {
        "description": model.description,
        "inputTokenLimit": model.context_length,
        "outputTokenLimit": model.max_output_length,
        "thinking": model.reasoning,
        **_prices(model, now),
    }
    return entry | {name: value for name, value in extra.items() if value is not None}


def gemini_list(models: Sequence[ModelMetadata], query: str) -> bytes:
    """Write the page that `pageSize` and `pageToken` ask for.

    Raises:
        InvalidRequest: one of them is wrong; `param` names it.

    """
    given = parse_qs(query)
    size = _number(given, "pageSize", default=_GEMINI_PAGE[0], most=_GEMINI_PAGE[1]) or _GEMINI_PAGE[0]
    start = _number(given, "pageToken", default=0, most=len(models))
    page = _slice(models, start, size)
    body: dict[str, Any] = {"models": [gemini_entry(model) for model in page.models]}
    if page.has_more:
        body["nextPageToken"] = str(page.next)
    return msgspec.json.encode(body)


def _anthropic_page(models: Sequence[ModelMetadata], given: Mapping[str, list[str]]) -> Page:
    limit = _number(given, "limit", default=_ANTHROPIC_PAGE[0], most=_ANTHROPIC_PAGE[1])
    if limit == 0:
        raise InvalidRequest("limit must be between 1 and 1000.", param="limit")
    names = [model.model for model in models]
    for name in ("after_id", "before_id"):
        cursor = given.get(name, [""])[-1]
        if cursor and cursor not in names:
            raise InvalidRequest(f"{name} names no model of this list.", param=name)
        if cursor and name == "after_id":
            return _slice(models, names.index(cursor) + 1, limit)
        if cursor:
            end = names.index(cursor)
            start = max(end - limit, 0)
            return Page(models[start:end], has_more=start > 0)
    return _slice(models, 0, limit)


def _slice(models: Sequence[ModelMetadata], start: int, size: int) -> Page:
    end = start + size
    return Page(models[start:end], has_more=end < len(models), next=end)


def _number(given: Mapping[str, list[str]], name: str, *, default: int, most: int) -> int:
    text = given.get(name, [""])[-1]
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRequest(f"{name} must be a number.", param=name)
    return min(int(text), most)


def _anthropic_capabilities(model: ModelMetadata) -> dict[str, Any] | None:
    if all(getattr(model, name) is None for name in _CAPABILITIES):
        return None
    thinks = _supported(model.reasoning)
    no = _supported(known=False)
    return {
        "batch": no,
        "citations": no,
        "code_execution": no,
        "context_management": no,
        "effort": thinks | dict.fromkeys(_EFFORTS, thinks),
        "image_input": _supported(model.vision),
        "pdf_input": _supported("file" in model.input_modalities),
        "server_tools": no | {"web_search": no, "code_execution": no},
        "structured_outputs": _supported(model.structured_output),
        "thinking": thinks | {"types": dict.fromkeys(("adaptive", "between_tools", "disabled", "enabled"), thinks)},
    }


def _modalities(model: ModelMetadata) -> dict[str, list[str]]:
    """Give what a model reads and writes, in OpenRouter's words."""
    known = {"input_modalities": list(model.input_modalities), "output_modalities": list(model.output_modalities)}
    return {name: words for name, words in known.items() if words}


def _supported(known: bool | None) -> dict[str, Any]:
    return {"supported": bool(known)}


def _prices(model: ModelMetadata, now: datetime | None) -> dict[str, Any]:
    tariff = model.price.at(now or datetime.now(UTC)) if model.price is not None else None
    if tariff is None:
        return {}
    above = [{"prompt_tokens": tier.above, "pricing": _pricing(tier.rates)} for tier in tariff.tiers]
    return {"pricing": _pricing(tariff.rates)} | ({"pricing_above": above} if above else {})


def _pricing(rates: Rates) -> dict[str, str]:
    given = {word: getattr(rates, name) for word, name in _PRICING.items()}
    return {word: f"{Decimal(rate).scaleb(-12).normalize():f}" for word, rate in given.items() if rate is not None}


def _day(model: ModelMetadata, name: str) -> str | None:
    day: date | None = getattr(model.lifecycle, name, None)
    return day.isoformat() if day is not None else None


def _midnight(day: str | None) -> str | None:
    return f"{day}T00:00:00Z" if day is not None else None


def _stage(model: ModelMetadata, now: datetime | None) -> str:
    life = model.lifecycle
    if life is None or (life.retires is None and life.deprecated is None):
        return "active"
    return "retired" if life.is_retired((now or datetime.now(UTC)).astimezone(UTC).date()) else "deprecated"


def _created(model: ModelMetadata) -> int:
    created = model.metadata.get("created")
    if isinstance(created, int):
        return created
    released = model.lifecycle.released if model.lifecycle is not None else None
    return int(datetime.combine(released, time(), UTC).timestamp()) if released is not None else 0


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, 253402300799), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
