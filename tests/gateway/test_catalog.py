"""What the owner of a gateway says of models, and what the catalog says of those that go: callers see both."""

from typing import Any

import pytest

from interlingua.testing import ScriptedProvider
from tests.gateway.raw import calling, get, post
from tests.gateway.test_with_client import gateway_of

pytestmark = pytest.mark.anyio

CATALOG: dict[str, Any] = {
    "model": [
        {
            "id": "tiny",
            "provider": "acme",
            "context_length": 4_096,
            "price": {"input": 1_000_000},
            "lifecycle": {"retires": "2099-01-31"},
            "encoding": "cl100k_base",
        }
    ],
    "rules": [{"match": ["tiny"], "refused": ["seed"]}],
}
BODY: dict[str, Any] = {"model": "acme/tiny", "messages": [{"role": "user", "content": "무슨 말을 해야 할지 모르겠어"}]}
RETIRING = "retiring model: tiny will be retired on 2099-01-31"


@pytest.mark.parametrize("stream", [False, True])
async def test_bytes_that_pass_bring_the_warning_of_a_model_that_goes(*, stream: bool) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream, catalog=CATALOG) as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/chat/completions", {**BODY, "stream": stream, "seed": 1}))
        answer = await caller.answer()

    assert answer.status == 200
    assert answer.headers["x-interlingua-warnings"] == RETIRING
    assert upstream.requests[0].json["seed"] == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_translated_brings_it_once_beside_what_was_changed(*, stream: bool) -> None:
    models = {"calm": {"model": "acme/tiny", "temperature": 0}}
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream, catalog=CATALOG, models=models) as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/chat/completions", {**BODY, "model": "calm", "stream": stream, "seed": 1}))
        answer = await caller.answer()

    assert answer.headers["x-interlingua-warnings"] == f"{RETIRING}, dropped seed: tiny takes none"
    assert "seed" not in upstream.requests[0].json


async def test_a_model_of_which_nothing_is_known_brings_no_warning() -> None:
    async with ScriptedProvider() as upstream, gateway_of(upstream) as server, calling(server.port) as caller:
        await caller.send(post("/v1/chat/completions", BODY))
        answer = await caller.answer()

    assert "x-interlingua-warnings" not in answer.headers


async def test_a_gateways_list_has_what_its_owner_says() -> None:
    async with ScriptedProvider() as upstream:
        upstream.models = ("tiny",)
        async with (
            gateway_of(upstream, catalog=CATALOG, models={"small": "acme/tiny"}) as server,
            calling(server.port) as caller,
        ):
            await caller.send(get("/v1/models"))
            listed = {each["id"]: each for each in (await caller.answer()).json()["data"]}

    for name in ("small", "acme/tiny"):
        assert listed[name]["context_length"] == 4_096
        assert listed[name]["pricing"] == {"prompt": "0.000001"}
        assert listed[name]["shutdown_date"] == "2099-01-31"


async def test_tokens_are_estimated_with_the_encoding_that_the_owner_names() -> None:
    counted: list[int] = []
    for catalog in (CATALOG, None):
        async with (
            ScriptedProvider() as upstream,
            gateway_of(upstream, catalog=catalog) as server,
            calling(server.port) as caller,
        ):
            await caller.send(post("/v1/messages/count_tokens", BODY))
            counted.append((await caller.answer()).json()["input_tokens"])

    assert counted[0] > counted[1]
