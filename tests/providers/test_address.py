import pytest

from interlingua.errors import InvalidConfig
from interlingua.providers.address import Address, read_base_url, read_full_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("https://api.example.com/v1///", "https://api.example.com/v1"),
        ("  https://api.example.com/v1 \n", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions//", "https://api.example.com/v1"),
        ("https://api.example.com//chat/completions", "https://api.example.com"),
        ("HTTPS://api.example.com", "https://api.example.com"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_a_pasted_address_becomes_a_base_url(text: str, url: str) -> None:
    assert read_base_url(text) == Address(url)


def test_the_query_of_an_address_is_kept() -> None:
    assert read_base_url("https://x.example/v1/?api-version=2") == Address("https://x.example/v1", "api-version=2")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("api.example.com/v1", "write https://api.example.com/v1"),
        ("localhost:8000/v1", "write http://localhost:8000/v1"),
        ("127.0.0.1:8000", "write http://127.0.0.1:8000"),
        ("ftp://api.example.com", "'ftp' is not http or https"),
        ("https://", "has no host"),
        ("https:///v1", "has no host"),
        ("https://api example.com", "has a space"),
        ("https://api.example.com/v1#top", "leave out everything from '#'"),
        ("https://api.example.com:port/v1", "not a URL"),
        ("https://[::1/v1", "not a URL"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        read_base_url(text, where="api_base")

    assert remedy in str(caught.value)
    assert caught.value.param == "api_base"


@pytest.mark.parametrize(
    "text", ["https://user:hunter2@api.example.com", "user:hunter2@api.example.com", "x?key=hunter2"]
)
def test_a_secret_in_an_address_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        read_base_url(text)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://x.example/v1/chat/completions", Address("https://x.example/v1")),
        ("https://x.example/api/v3", Address("https://x.example/api/v3")),
        ("https://x.example", Address("https://x.example")),
        ("https://x.example/llm/invoke/", Address("https://x.example/llm/invoke", exact=True)),
    ],
)
def test_a_full_url_is_the_operation_itself_unless_it_is_a_base_url(text: str, address: Address) -> None:
    assert read_full_url(text) == address
