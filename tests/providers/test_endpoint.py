import pytest

from interlingua.errors import InvalidConfig, MissingKey, Unauthorized
from interlingua.providers import REGISTRY, Endpoint, read_row, resolve
from interlingua.types import Secret

pytestmark = pytest.mark.anyio

OPENAI = REGISTRY.lookup("openai")
AZURE = REGISTRY.lookup("azure")
RESOURCE = "https://res.openai.azure.com"


async def test_a_given_key_and_address_win_over_the_environment() -> None:
    environ = {"OPENAI_API_KEY": "sk-env", "OPENAI_BASE_URL": "https://env.example/v1"}

    endpoint = resolve(OPENAI, api_key="sk-given", base_url="https://given.example/v1", environ=environ)

    assert endpoint.base_url == "https://given.example/v1"
    assert dict(await endpoint.headers())["authorization"] == "Bearer sk-given"


async def test_the_environment_wins_over_the_row() -> None:
    environ = {"OPENAI_API_KEY": "sk-env", "OPENAI_API_BASE": "https://env.example/v1/"}

    endpoint = resolve(OPENAI, environ=environ)

    assert endpoint.base_url == "https://env.example/v1"
    assert dict(await endpoint.headers())["authorization"] == "Bearer sk-env"


def test_a_given_full_url_wins_over_the_environment() -> None:
    environ = {"OPENAI_API_BASE": "https://env.example/v1"}

    endpoint = resolve(OPENAI, api_key="sk", full_url="https://given.example/v1/chat/completions", environ=environ)

    assert endpoint.url_for("/chat/completions") == "https://given.example/v1/chat/completions"
    assert endpoint.url_for("/models") == "https://given.example/v1/models"


def test_a_full_url_that_is_no_base_url_is_used_as_it_is() -> None:
    endpoint = resolve(OPENAI, api_key="sk", full_url="https://given.example/llm/invoke", environ={})

    assert endpoint.url_for("/chat/completions") == "https://given.example/llm/invoke"
    with pytest.raises(InvalidConfig, match="give a base_url instead"):
        endpoint.url_for("/models")


def test_without_either_the_row_decides() -> None:
    endpoint = resolve(OPENAI, api_key="sk", environ={})

    assert endpoint.url_for("chat/completions") == "https://api.openai.com/v1/chat/completions"


def test_empty_values_count_as_not_given() -> None:
    environ = {"OPENAI_API_KEY": " ", "OPENAI_API_BASE": ""}

    with pytest.raises(MissingKey):
        resolve(OPENAI, api_key="", base_url="", full_url="", environ=environ)


def test_a_missing_key_names_the_variables_to_set() -> None:
    with pytest.raises(MissingKey) as caught:
        resolve(REGISTRY.lookup("zhipu"), environ={})

    assert "set ZHIPUAI_API_KEY or ZHIPU_API_KEY" in str(caught.value)
    assert caught.value.provider == "zhipu"


async def test_a_local_server_needs_no_key() -> None:
    endpoint = resolve(REGISTRY.lookup("vllm"), environ={})

    assert "authorization" not in dict(await endpoint.headers())
    assert endpoint.url_for("/models") == "http://localhost:8000/v1/models"


def test_an_address_without_a_path_gets_the_usual_one_of_a_local_server() -> None:
    endpoint = resolve(REGISTRY.lookup("lmstudio"), environ={"LM_STUDIO_API_BASE": "http://gpu.lan:1234"})

    assert endpoint.base_url == "http://gpu.lan:1234/v1"


@pytest.mark.parametrize("given", ["http://gpu.lan:11434", "http://gpu.lan:11434/", "http://gpu.lan:11434/v1"])
def test_an_address_may_have_the_path_that_it_does_not_need(given: str) -> None:
    endpoint = resolve(REGISTRY.lookup("ollama"), base_url=given, environ={})

    assert endpoint.url_for("/api/chat") == "http://gpu.lan:11434/api/chat"


@pytest.mark.parametrize("given", ["https://proxy.lan/anthropic", "https://proxy.lan/anthropic/v1"])
def test_an_address_gets_the_path_that_it_needs(given: str) -> None:
    endpoint = resolve(REGISTRY.lookup("anthropic"), api_key="k", environ={"ANTHROPIC_BASE_URL": given})

    assert endpoint.url_for("/messages") == "https://proxy.lan/anthropic/v1/messages"


async def test_a_further_wire_is_spoken_at_its_own_address_with_the_same_key() -> None:
    endpoint = resolve(REGISTRY.lookup("deepseek"), api_key="k", headers={"x-own": "1"}, environ={})

    speaking = endpoint.speaking("messages")

    assert speaking is not None
    assert speaking.url_for("/messages") == "https://api.deepseek.com/anthropic/v1/messages"
    headers = dict(await speaking.headers())
    assert (headers["x-api-key"], headers["x-own"]) == ("k", "1")
    assert endpoint.speaking("chat_completions") is endpoint
    assert endpoint.speaking("generate_content") is None


def test_a_further_wire_is_spoken_below_an_address_of_ones_own() -> None:
    endpoint = resolve(REGISTRY.lookup("ollama"), base_url="http://gpu.lan:11434", environ={})

    speaking = endpoint.speaking("chat_completions")

    assert speaking is not None
    assert speaking.url_for("/chat/completions") == "http://gpu.lan:11434/v1/chat/completions"


def test_nobody_knows_where_a_further_wire_is_at_somebody_elses_address() -> None:
    endpoint = resolve(REGISTRY.lookup("deepseek"), api_key="k", base_url="https://proxy.lan/v1", environ={})

    assert endpoint.speaking("messages") is None
    assert endpoint.speaking("chat_completions") is endpoint


def test_an_operation_may_have_a_query_of_its_own() -> None:
    endpoint = resolve(REGISTRY.lookup("gemini"), api_key="k", query={"trace": "7"}, environ={})

    url = endpoint.url_for("/models/m:streamGenerateContent?alt=sse")

    assert url == "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse&trace=7"


def test_a_wrong_address_in_the_environment_names_its_variable() -> None:
    with pytest.raises(
        InvalidConfig, match=r"environment variable OPENAI_API_BASE: 'api\.example\.com/v1' has no scheme"
    ):
        resolve(OPENAI, api_key="sk", environ={"OPENAI_API_BASE": "api.example.com/v1"})


def test_a_missing_address_names_the_field_and_the_variables() -> None:
    with pytest.raises(InvalidConfig, match="give base_url or set OPENAI_COMPATIBLE_BASE_URL") as caught:
        resolve(REGISTRY.lookup("openai_compatible"), environ={})

    assert caught.value.param == "base_url"


async def test_headers_and_query_of_the_user_are_added() -> None:
    endpoint = resolve(
        OPENAI, api_key="sk", headers={"X-Team": "search"}, query={"trace": "1"}, base_url="https://x.example/v1?a=b"
    )

    assert dict(await endpoint.headers())["x-team"] == "search"
    assert endpoint.url_for("/models") == "https://x.example/v1/models?a=b&trace=1"


@pytest.mark.parametrize("key", ["sk-\r\nx-evil: 1", "sk-ключ", "sk\x00"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        resolve(OPENAI, api_key=key, environ={})

    assert key not in str(caught.value)


@pytest.mark.parametrize("headers", [{"bad name": "x"}, {"x": "1\r\ny: 2"}, {"": "x"}, {"Host": "x"}])
def test_a_header_that_cannot_be_sent_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidConfig, match="header"):
        resolve(OPENAI, api_key="sk", headers=headers, environ={})


def test_an_endpoint_shows_no_secret() -> None:
    endpoint = resolve(OPENAI, api_key="sk-secret", headers={"x-key": "hunter2"}, environ={})

    assert "secret" not in repr(endpoint)
    assert "hunter2" not in repr(endpoint)
    assert endpoint.key == Secret("sk-secret")


async def test_a_row_may_say_that_its_key_goes_into_another_header_or_nowhere() -> None:
    plain = read_row("a", {"base_url": "https://a.example", "auth": "X-Key"})
    none = read_row("b", {"base_url": "https://b.example", "auth": "none"})

    assert dict(await resolve(plain, api_key="k", environ={}).headers())["x-key"] == "k"
    assert "authorization" not in dict(await resolve(none, api_key="k", environ={}).headers())


def azure(**options: object) -> Endpoint:
    environ = options.pop("environ", {})
    return resolve(AZURE, **{"api_key": "k", "environ": environ, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"base_url": RESOURCE}, f"{RESOURCE}/openai/v1/chat/completions"),
        ({"base_url": f"{RESOURCE}/openai/v1/"}, f"{RESOURCE}/openai/v1/chat/completions"),
        (
            {"base_url": f"{RESOURCE}/openai/v1", "api_version": "preview"},
            f"{RESOURCE}/openai/v1/chat/completions?api-version=preview",
        ),
        (
            {"base_url": f"{RESOURCE}/openai/v1", "environ": {"OPENAI_API_VERSION": "2024-06-01"}},
            f"{RESOURCE}/openai/v1/chat/completions",
        ),
        (
            {"base_url": RESOURCE, "api_version": "2024-06-01"},
            f"{RESOURCE}/openai/deployments/gpt-x/chat/completions?api-version=2024-06-01",
        ),
        (
            {"base_url": f"{RESOURCE}/openai/", "environ": {"OPENAI_API_VERSION": "2024-06-01"}},
            f"{RESOURCE}/openai/deployments/gpt-x/chat/completions?api-version=2024-06-01",
        ),
        (
            {"base_url": RESOURCE, "api_version": "2024-06-01", "deployment": "my gpt"},
            f"{RESOURCE}/openai/deployments/my%20gpt/chat/completions?api-version=2024-06-01",
        ),
        (
            {"full_url": f"{RESOURCE}/openai/deployments/mine/chat/completions?api-version=2024-06-01"},
            f"{RESOURCE}/openai/deployments/mine/chat/completions?api-version=2024-06-01",
        ),
        (
            {"environ": {"AZURE_OPENAI_ENDPOINT": RESOURCE, "OPENAI_API_VERSION": "v", "API_AZURE_DEPLOYMENT": "d"}},
            f"{RESOURCE}/openai/deployments/d/chat/completions?api-version=v",
        ),
    ],
)
def test_azure_in_its_two_forms(options: dict[str, object], url: str) -> None:
    assert azure(**options).url_for("/chat/completions", "gpt-x") == url


def test_azure_sends_the_deployment_as_the_model() -> None:
    assert azure(base_url=RESOURCE, deployment="mine").model_name("gpt-x") == "mine"
    assert azure(base_url=RESOURCE).model_name("gpt-x") == "gpt-x"


def test_azure_lists_models_beside_its_deployments() -> None:
    endpoint = azure(base_url=RESOURCE, api_version="v", deployment="mine")

    assert endpoint.url_for("/models") == f"{RESOURCE}/openai/models?api-version=v"


async def test_azure_takes_its_key_in_a_header_of_its_own() -> None:
    headers = dict(await azure(base_url=RESOURCE).headers())

    assert headers["api-key"] == "k"
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("options", "field", "remedy"),
    [
        ({}, "base_url", "AZURE_OPENAI_ENDPOINT"),
        ({"base_url": f"{RESOURCE}/openai/deployments/mine"}, "api_version", "OPENAI_API_VERSION"),
        ({"base_url": RESOURCE, "token_provider": lambda: "t"}, "api_key", "not both"),
    ],
)
def test_azure_names_the_field_that_is_missing(options: dict[str, object], field: str, remedy: str) -> None:
    with pytest.raises(InvalidConfig, match=remedy) as caught:
        azure(**options)

    assert caught.value.param == field


def test_azure_without_a_key_names_every_variable() -> None:
    with pytest.raises(MissingKey, match=r"AZURE_OPENAI_API_KEY or .*AZURE_OPENAI_AD_TOKEN"):
        resolve(AZURE, base_url=RESOURCE, environ={})


async def test_a_token_provider_is_asked_for_each_request() -> None:
    tokens = iter(["one", "two"])

    endpoint = resolve(AZURE, base_url=RESOURCE, token_provider=lambda: next(tokens), environ={})

    assert dict(await endpoint.headers())["authorization"] == "Bearer one"
    assert dict(await endpoint.headers())["authorization"] == "Bearer two"


async def test_a_token_provider_may_be_asynchronous() -> None:
    async def give() -> str:
        return "later"

    endpoint = resolve(AZURE, base_url=RESOURCE, token_provider=give, environ={})

    assert dict(await endpoint.headers())["authorization"] == "Bearer later"


async def test_a_token_of_the_environment_goes_before_a_key_of_the_environment() -> None:
    environ = {"AZURE_OPENAI_API_KEY": "k", "AZURE_OPENAI_AD_TOKEN": "t", "AZURE_OPENAI_ENDPOINT": RESOURCE}

    headers = dict(await resolve(AZURE, environ=environ).headers())

    assert headers["authorization"] == "Bearer t"
    assert "api-key" not in headers


async def test_a_token_provider_that_fails_is_a_typed_error() -> None:
    def fail() -> str:
        raise OSError("no identity here")

    endpoint = resolve(AZURE, base_url=RESOURCE, token_provider=fail, environ={})

    with pytest.raises(Unauthorized, match="no identity here") as caught:
        await endpoint.headers()
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_token_provider_that_gives_nothing_is_a_typed_error() -> None:
    endpoint = resolve(AZURE, base_url=RESOURCE, token_provider=lambda: "", environ={})

    with pytest.raises(Unauthorized, match="gave no token"):
        await endpoint.headers()


@pytest.mark.parametrize("option", ["deployment", "api_version"])
def test_a_provider_without_deployments_refuses_their_settings(option: str) -> None:
    with pytest.raises(InvalidConfig, match=f"leave out {option}"):
        resolve(OPENAI, api_key="sk", environ={}, **{option: "x"})  # type: ignore[arg-type]
