"""The gateway's core: who may come in, what is served, and what the log says."""

import logging

import pytest

from interlingua.gateway.app import Gateway
from interlingua.gateway.exchange import Request
from interlingua.gateway.settings import ServerSettings
from interlingua.providers import Registry, RemoteProvider, resolve
from interlingua.testing import ScriptedProvider
from interlingua.transport import HTTPTransport
from tests.gateway.house import KEY, Relayed, gateway_over
from tests.gateway.raw import calling, get, post

pytestmark = pytest.mark.anyio

AUTHORIZATION = f"Authorization: Bearer {KEY}"
CHAT = {"model": "relayed/tiny", "messages": [{"role": "user", "content": "a secret prompt"}]}


def gateway(**settings: object) -> Gateway:
    provider = RemoteProvider(resolve(Registry().lookup("openai"), api_key="k" * 20), transport=HTTPTransport())
    given: dict[str, object] = {"port": 0} | settings
    return Gateway(ServerSettings(**given), Relayed(provider))  # type: ignore[arg-type]


@pytest.mark.parametrize("headers", [{}, {b"authorization": b"Bearer wrong"}, {b"x-api-key": b""}], ids=str)
def test_every_route_but_the_probes_needs_a_key(headers: dict[bytes, bytes]) -> None:
    served = gateway(api_keys=[KEY])
    for route in served.routes:
        refusal = served.admit(Request(route.method, route.path.replace("*", "a"), "key=" + KEY, headers))
        assert (refusal is None) == (route.path in {"/", "/health", "/ready"}), route.path
        assert refusal is None or refusal.status == 401


def test_every_route_answers_other_methods_with_those_it_has() -> None:
    served = gateway()
    for route in served.routes:
        refusal = served.admit(Request("PATCH", route.path.replace("*", "a")))
        assert refusal is not None
        assert refusal.status == 405
        allowed = dict(refusal.headers)[b"allow"].decode().split(", ")
        methods = [each.method for each in served.routes if each.path == route.path]
        assert allowed == [name for method in methods for name in (["GET", "HEAD"] if method == "GET" else [method])]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"localhost:4180", None), (b"127.0.0.1:4180", None), (b"LOCALHOST", None), (b"[::1]:4180", None),
        (b"127.9.9.9", None), (b"a.localhost", None),
        (b"evil.example:4180", 403), (b"localhost.evil.example", 403), (b"169.254.169.254", 403), (b"0.0.0.0", 403),
    ],
)  # fmt: skip
def test_without_keys_only_this_machines_names_are_served(host: bytes, status: int | None) -> None:
    refusal = gateway().admit(Request("GET", "/v1/models", "", {b"host": host}))
    assert (refusal.status if refusal else None) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [(b"http://localhost:3000", None), (b"https://evil.example", 403), (b"null", 403), (b"file://", 403)],
)
def test_without_keys_other_origins_pages_are_kept_out(origin: bytes, status: int | None) -> None:
    refusal = gateway().admit(Request("GET", "/v1/models", "", {b"host": b"localhost", b"origin": origin}))
    assert (refusal.status if refusal else None) == status
    assert gateway(api_keys=[KEY]).admit(Request("GET", "/health", "", {b"origin": origin})) is None


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (b"application/json", None), (b"Application/JSON; charset=utf-8", None), (b"application/json;x", None),
        (b"", 415), (b"text/plain", 415), (b"application/jsonp", 415), (b"application/x-www-form-urlencoded", 415),
        (b"multipart/form-data; boundary=application/json", 415),
    ],
)  # fmt: skip
def test_a_body_must_say_that_it_is_json(content_type: bytes, status: int | None) -> None:
    headers = {b"content-type": content_type, b"content-length": b"2"}
    refusal = gateway().admit(Request("POST", "/v1/chat/completions", "", headers))
    assert (refusal.status if refusal else None) == status


def test_no_body_needs_no_type() -> None:
    assert gateway().admit(Request("POST", "/v1/responses/resp_1/cancel", "", {})) is None


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/api/show"])
def test_ollamas_callers_need_not_say_that_a_body_is_json_unless_they_are_pages(path: str) -> None:
    headers = {b"content-type": b"application/x-www-form-urlencoded", b"content-length": b"2"}
    assert gateway().admit(Request("POST", path, "", headers)) is None
    refusal = gateway().admit(Request("POST", path, "", headers | {b"origin": b"https://evil.example"}))
    assert refusal is not None
    assert refusal.status == 403


async def test_the_probes_and_the_root_say_what_is_up_and_no_more() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        for path, body in (("/health", {"status": "ok"}), ("/ready", {"status": "ok"})):
            await caller.send(get(path))
            answer = await caller.answer()
            assert (answer.status, answer.json()) == (200, body)
        await caller.send(get("/"))
        assert (await caller.answer()).json()["base_url"] == "/v1"


async def test_ready_says_no_while_stopping_and_health_still_yes() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        assert isinstance(server.application, Gateway)
        server.application.stopping = True
        await caller.send(get("/ready") + get("/health"))
        assert [(await caller.answer()).status for _ in range(2)] == [503, 200]


async def test_the_log_has_one_line_a_request_without_prompt_key_or_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "interlingua.gateway")
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(
            post("/v1/chat/completions?key=hidden", CHAT | {"model": 'relayed/a"\n\x1b[31mb'}, AUTHORIZATION)
        )
        await caller.answer()
        await caller.send(post("/v1/chat/completions", CHAT, "Authorization: Bearer wrong-key"))
        await caller.answer()
    served, refused = [record.getMessage() for record in caplog.records if record.name == "interlingua.gateway"]
    assert served.startswith("method=POST path=/v1/chat/completions status=200 ms=")
    assert 'model="relayed/a\\"\\n\\u001b[31mb" client=127.0.0.1 id=req_' in served
    assert refused.startswith("refused code=invalid_api_key status=401 client=127.0.0.1 id=req_")
    for word in ("secret", "hidden", "wrong-key", KEY):
        assert word not in caplog.text


def _broken(model: str | None) -> None:
    del model
    raise ZeroDivisionError("division by zero")


async def test_a_fault_of_the_gateway_is_a_500_with_an_id_and_the_next_request_is_served(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        assert isinstance(server.application, Gateway)
        resolver = server.application.resolver
        with monkeypatch.context() as patch:
            patch.setattr(resolver, "resolve", _broken)
            await caller.send(post("/v1/chat/completions", CHAT, AUTHORIZATION))
            answer = await caller.answer()
        assert (answer.status, answer.json()["error"]["code"]) == (500, "internal_error")
        assert "division" not in answer.body.decode()
        assert answer.headers["x-interlingua-request-id"] in caplog.text
        assert "ZeroDivisionError" in caplog.text
        await caller.send(post("/v1/chat/completions", CHAT, AUTHORIZATION))
        assert (await caller.answer()).status == 200
