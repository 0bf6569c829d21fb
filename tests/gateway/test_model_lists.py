"""Lists of models as each official SDK reads them, with what the catalog knows."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import anthropic
import openai
import pytest

from interlingua.gateway.doors.model_lists import anthropic_entry, gemini_entry, openai_entry
from interlingua.gateway.server import HTTPServer
from interlingua.testing import ScriptedProvider
from interlingua.types import ModelMetadata
from interlingua.types.lifecycle import Lifecycle
from interlingua.types.price import Price, Rates, Tariff, Tier
from tests.gateway.house import KEY
from tests.gateway.test_google_sdk import sdk as google_sdk
from tests.gateway.test_with_client import gateway_of

pytestmark = pytest.mark.anyio

MODEL = ModelMetadata(
    model="house/large",
    provider="house",
    context_length=200_000,
    max_output_length=8_000,
    function_calling=True,
    vision=False,
    price=Price(
        tariffs=(
            Tariff(
                rates=Rates(input=2_500_000, cache_read=3_625, output=10_000_000),
                tiers=(Tier(above=100_000, rates=Rates(input=5_000_000)),),
            ),
            Tariff(rates=Rates(input=1), starts=date(2026, 6, 1)),
        )
    ),
    lifecycle=Lifecycle(released=date(2025, 1, 2), deprecated=date(2026, 1, 2), retires=date(2026, 7, 1)),
)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def test_prices_are_those_of_the_moment_in_dollars_for_a_token() -> None:
    for write in (openai_entry, anthropic_entry, gemini_entry):
        entry = write(MODEL, now=MAY)
        assert entry["pricing"] == {
            "prompt": "0.0000025",
            "completion": "0.00001",
            "input_cache_read": "0.000000003625",
        }
        assert entry["pricing_above"] == [{"prompt_tokens": 100_000, "pricing": {"prompt": "0.000005"}}]
        later = write(MODEL, now=datetime(2026, 6, 1, tzinfo=UTC))
        assert later["pricing"] == {"prompt": "0.000000000001"}
        assert "pricing_above" not in later


@pytest.mark.parametrize(("now", "stage"), [(MAY, "deprecated"), (datetime(2026, 7, 1, tzinfo=UTC), "retired")])
def test_the_life_of_a_model_is_told(now: datetime, stage: str) -> None:
    entry = anthropic_entry(MODEL, now=now)

    assert entry["lifecycle"] == stage
    assert entry["deprecated_at"] == "2026-01-02T00:00:00Z"
    assert entry["retires_at"] == "2026-07-01T00:00:00Z"
    assert entry["created_at"] == "2025-01-02T00:00:00Z"
    assert openai_entry(MODEL, now=now)["shutdown_date"] == "2026-07-01"


def test_pdfs_are_read_by_whoever_reads_files() -> None:
    for words, supported in ((("text", "file"), True), (("text",), False)):
        model = ModelMetadata(model="m", vision=True, input_modalities=words)
        assert anthropic_entry(model)["capabilities"]["pdf_input"] == {"supported": supported}


def test_what_nobody_knows_is_not_made_up() -> None:
    bare = ModelMetadata(model="m")

    assert openai_entry(bare) == {"id": "m", "object": "model", "created": 0, "owned_by": "interlingua"}
    assert anthropic_entry(bare)["lifecycle"] == "active"
    assert "pricing" not in gemini_entry(bare)


@asynccontextmanager
async def listing_gpt_4o() -> AsyncGenerator[HTTPServer]:
    async with ScriptedProvider() as upstream:
        upstream.models = ("gpt-4o",)
        settings = {"openai": {"base_url": upstream.base_url, "api_key": "upstream-key"}}
        async with gateway_of(upstream, providers=settings) as server:
            yield server


async def test_openais_sdk_reads_window_price_and_shutdown() -> None:
    async with listing_gpt_4o() as server, openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=KEY) as client:
        listed = {model.id: model async for model in client.models.list()}
        model = listed["openai/gpt-4o"]

        assert model == await client.models.retrieve("openai/gpt-4o")
        assert model.shutdown_date == "2027-01-14"
        assert model.model_extra is not None
        assert model.model_extra["context_length"] == 128_000
        assert model.model_extra["pricing"]["prompt"] == "0.0000025"
        assert model.model_extra["architecture"] == {
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
        }


async def test_anthropics_sdk_reads_window_capabilities_price_and_retirement() -> None:
    async with listing_gpt_4o() as server, anthropic.AsyncAnthropic(base_url=server.url, api_key=KEY) as client:
        listed = {model.id: model async for model in client.models.list()}
        model = listed["openai/gpt-4o"]

        assert model == await client.models.retrieve("openai/gpt-4o")
        assert (model.max_input_tokens, model.max_tokens) == (128_000, 16_384)
        assert model.retires_at == datetime(2027, 1, 14, tzinfo=UTC)
        assert model.capabilities is not None
        assert model.capabilities.image_input.supported
        assert model.model_extra is not None
        assert model.model_extra["pricing"]["completion"] == "0.00001"


async def test_googles_sdk_reads_windows_and_minds_no_price() -> None:
    async with listing_gpt_4o() as server, google_sdk(server) as client:
        listed = {model.name: model async for model in await client.models.list()}
        model = listed["models/openai/gpt-4o"]

        assert (model.input_token_limit, model.output_token_limit) == (128_000, 16_384)
        assert (await client.models.get(model="openai/gpt-4o")).input_token_limit == 128_000
