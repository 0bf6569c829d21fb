"""Which proxy, and which hosts without one."""

import pytest

from interlingua.errors import InvalidConfig
from interlingua.transport import HTTPTransport
from interlingua.transport.proxy import ProxyBypass, parse_proxy, read_environment, read_settings
from interlingua.transport.url import parse_url


def found(environment: dict[str, str], url: str) -> str | None:
    proxy = read_environment(environment).find(parse_url(url).origin)
    return None if proxy is None else str(proxy.origin)


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, "http://a.example/", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://a.example/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://a.example/", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://a.example/", "http://p:1"),
        ({"https_proxy": "https://p:1"}, "https://a.example/", "https://p:1"),
        ({"ALL_PROXY": "p:1"}, "https://a.example/", "http://p:1"),
        ({"all_proxy": "p"}, "http://a.example/", "http://p"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:2"}, "https://a.example/", "http://q:2"),
        ({"http_proxy": "http://p:1", "HTTP_PROXY": "http://q:2"}, "http://a.example/", "http://p:1"),
        ({"http_proxy": "", "HTTP_PROXY": "http://q:2"}, "http://a.example/", None),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example/", None),
        ({"http_proxy": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "a.example"}, "http://a.example/", None),
        ({"HTTP_PROXY": "http://p:1", "no_proxy": "", "NO_PROXY": "*"}, "http://a.example/", "http://p:1"),
    ],
)
def test_the_environment_is_read_by_the_usual_rules(environment: dict[str, str], url: str, proxy: str | None) -> None:
    assert found(environment, url) == proxy


@pytest.mark.parametrize(
    ("rules", "url", "covered"),
    [
        ("", "http://a.example/", False),
        ("*", "http://a.example/", True),
        ("a.example", "http://a.example/", True),
        ("a.example", "http://b.a.example/", True),
        ("a.example", "http://ba.example/", False),
        (".a.example", "http://a.example/", True),
        ("*.a.example", "http://b.a.example/", True),
        ("A.Example", "http://a.EXAMPLE/", True),
        ("x, a.example ,y", "http://a.example/", True),
        ("x a.example", "http://a.example/", True),
        ("a.example:8080", "http://a.example:8080/", True),
        ("a.example:8080", "http://a.example/", False),
        ("localhost", "http://localhost:11434/", True),
        ("127.0.0.1", "http://127.0.0.1/", True),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "http://11.1.2.3/", False),
        ("10.0.0.0/8", "http://ten.example/", False),
        ("fd00::/8", "http://[fd00::1]/", True),
        ("::1", "http://[::1]/", True),
        ("[::1]:8080", "http://[::1]:8080/", True),
        ("[::1]:8080", "http://[::1]/", False),
    ],
)
def test_exceptions_are_read_sensibly(rules: str, url: str, covered: bool) -> None:
    assert ProxyBypass(rules).covers(parse_url(url).origin) is covered


def test_settings_name_a_proxy_for_each_scheme() -> None:
    table = read_settings({"http://": "http://p:1", "https": "http://q:2", "no": "a.example"})
    assert str(table.find(parse_url("http://b.example/").origin)) == "Proxy('http://p:1')"
    assert str(table.find(parse_url("https://b.example/").origin)) == "Proxy('http://q:2')"
    assert table.find(parse_url("https://a.example/").origin) is None
    assert str(read_settings("p:1").find(parse_url("https://a.example/").origin)) == "Proxy('http://p:1')"


def test_a_proxys_credentials_are_read_and_never_printed() -> None:
    proxy = parse_proxy("http://user:p%40ss@p.example:3128/")
    assert proxy.authorization == "Basic dXNlcjpwQHNz"
    assert repr(proxy) == "Proxy('http://p.example:3128', with credentials)"


@pytest.mark.parametrize("url", ["socks5://p:1", "SOCKS4://p:1", "socks5h://user:secret-word@p:1"])
def test_socks_names_the_transport_that_speaks_it(url: str) -> None:
    with pytest.raises(InvalidConfig, match="HTTPX2Transport") as caught:
        HTTPTransport(proxies=url)
    assert "secret-word" not in str(caught.value)


def test_a_bad_proxy_in_the_environment_is_named() -> None:
    with pytest.raises(InvalidConfig, match="HTTPS_PROXY"):
        read_environment({"HTTPS_PROXY": "socks5://p:1"})


@pytest.mark.parametrize(
    "url", ["ftp://p:1", "http://", "http://p:99999", "http://p:1/path", "http://p p:1", "http://u:secret-word@"]
)
def test_a_bad_proxy_is_refused_without_its_credentials(url: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        HTTPTransport(proxies=url)
    assert "secret-word" not in str(caught.value)


def test_other_mistakes_in_the_settings_are_refused() -> None:
    with pytest.raises(InvalidConfig, match="'ftp'"):
        HTTPTransport(proxies={"ftp": "http://p:1"})
    with pytest.raises(InvalidConfig, match="max_connections"):
        HTTPTransport(max_connections=0)
    with pytest.raises(InvalidConfig, match="NO_PROXY"):
        ProxyBypass("10.0.0.0/99").covers(parse_url("http://10.0.0.1/").origin)
