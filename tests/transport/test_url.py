"""Addresses that are read, and those that are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import InvalidRequest
from interlingua.transport.url import Origin, Target, parse_url, resolve_location


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target(Origin("http", "example.com", 80), "/")),
        ("https://Example.COM/v1", Target(Origin("https", "example.com", 443), "/v1")),
        ("HTTPS://example.com:8443/v1?a=b#c", Target(Origin("https", "example.com", 8443), "/v1?a=b")),
        ("http://example.com?q=1", Target(Origin("http", "example.com", 80), "/?q=1")),
        ("http://example.com#top", Target(Origin("http", "example.com", 80), "/")),
        ("http://example.com:/x", Target(Origin("http", "example.com", 80), "/x")),
        ("http://[::1]:11434/api", Target(Origin("http", "::1", 11434), "/api")),
        ("http://my_server:8000/", Target(Origin("http", "my_server", 8000), "/")),
        ("http://bücher.example/ä", Target(Origin("http", "xn--bcher-kva.example", 80), "/%C3%A4")),
        ("http://example.com/a%20b@c:d", Target(Origin("http", "example.com", 80), "/a%20b@c:d")),
    ],
)
def test_an_address_is_read(url: str, target: Target) -> None:
    assert parse_url(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com", "ftp://example.com", "file:///etc/passwd", "http://", "http:///x",
        "http://:80/",
        "http://user@example.com/", "http://a:b@example.com/", "http://example.com@evil.example/",
        "http://exa mple.com/",
        "http://example.com/a b", "http://example.com/\x00", "http://example.com/\r\nx: y", "http://example.com/a\\b",
        "http://example.com\\@evil.example/", "http://example.com:0/", "http://example.com:65536/", "http://example.com:x/",
        "http://example.com:80:80/", "http://::1/", "http://[::1/", "http://[::g]/", "http://[1.2.3.4]/",
        "http://[fe80::1%25eth0]/",
        "http://-a.example/", "http://a..b/", "http://.a/", "http://" + "a" * 64 + ".example/", "http://*.example/", "http://a/\n",
        " http://example.com", "http://example.com ", "http://%65xample.com/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_url(url)
    assert caught.value.param == "url"


def test_a_refusal_of_credentials_does_not_repeat_them() -> None:
    with pytest.raises(InvalidRequest, match="header") as caught:
        parse_url("http://user:secret-word@example.com/")
    assert "secret-word" not in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused_and_never_breaks_out(text: str) -> None:
    for url in (text, "http://" + text, "http://example.com/" + text):
        try:
            target = parse_url(url)
        except InvalidRequest:
            continue
        assert target.path.isascii()
        assert target.path.isprintable()
        assert " " not in target.path
        assert target.origin.authority.isascii()
        assert not set(target.origin.authority) & set(" /\\@?#\r\n\0")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("https://other.example/x", "https://other.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("/x?y", "https://example.com/x?y"),
        ("x", "https://example.com/v1/x"),
        ("?x=1", "https://example.com/v1/chat?x=1"),
    ],
)
def test_a_location_is_read_from_where_it_came(location: str, url: str) -> None:
    assert resolve_location(location, parse_url("https://example.com/v1/chat?a=b")) == parse_url(url)


@pytest.mark.parametrize("location", ["javascript:alert(1)", "file:///etc/passwd", "ftp://example.com/", "/a b"])
def test_a_location_of_another_kind_is_refused(location: str) -> None:
    with pytest.raises(InvalidRequest):
        resolve_location(location, parse_url("https://example.com/v1/chat"))
