"""Who may listen where, and with which keys."""

from typing import Any

import pytest

from interlingua.errors import InvalidConfig
from interlingua.gateway.authentication import Keyring
from interlingua.gateway.settings import ServerSettings
from interlingua.types import Secret
from interlingua.types.setting import settings_of

KEY = "k" * 20


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "gateway.localhost"])
def test_a_loopback_address_needs_no_key(host: str) -> None:
    assert ServerSettings(host=host).api_keys == []


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "192.168.1.5", "fe80::1", "example.org", "localhost.example.org", "127.1"]
)
def test_any_other_address_without_a_key_is_refused_with_the_remedy(host: str) -> None:
    with pytest.raises(InvalidConfig, match="INTERLINGUA_API_KEYS"):
        ServerSettings(host=host)
    assert ServerSettings(host=host, api_keys=[KEY]).host == host


@pytest.mark.parametrize(
    "keys", ["", ",", f"{KEY},", [""], ["short"], [None], [KEY, 8], [f"{KEY} x"], ["schlüssel-schlüssel"]]
)
def test_a_key_that_protects_nothing_is_refused_and_not_shown(keys: Any) -> None:
    with pytest.raises(InvalidConfig) as caught:
        ServerSettings(api_keys=keys)
    assert KEY not in caught.value.message


def test_the_line_end_of_a_key_read_from_a_file_is_not_part_of_it() -> None:
    assert ServerSettings(api_keys=[f"{KEY}\n"]).api_keys == [Secret(KEY)]


def test_keys_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLINGUA_API_KEYS", f"{KEY}1, {KEY}2")
    settings = ServerSettings(host="0.0.0.0")
    assert settings.api_keys == [Secret(f"{KEY}1"), Secret(f"{KEY}2")]
    assert KEY not in repr(settings.api_keys)


def test_a_wrong_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidConfig, match="did you mean 'port'"):
        ServerSettings(prot=1)  # type: ignore[call-arg]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(each.help.endswith(".") for each in settings_of(ServerSettings))
    assert [each.name for each in settings_of(ServerSettings) if each.secret] == ["api_keys"]


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({b"authorization": b"Bearer " + KEY.encode()}, True),
        ({b"authorization": b"bearer  " + KEY.encode() + b" "}, True),
        ({b"x-api-key": KEY.encode()}, True),
        ({}, False),
        ({b"authorization": KEY.encode()}, False),
        ({b"authorization": b"Basic " + KEY.encode()}, False),
        ({b"authorization": b"Bearer "}, False),
        ({b"authorization": b"Bearer"}, False),
        ({b"authorization": b""}, False),
        ({b"authorization": b"Bearer " + KEY.encode()[:-1]}, False),
        ({b"authorization": b"Bearer " + KEY.encode() + b"x"}, False),
        ({b"authorization": b"Bearer wrong", b"x-api-key": KEY.encode()}, False),
        ({b"x-api-key": b""}, False),
        ({b"x-api-key": KEY.upper().encode()}, False),
        ({b"authorization": b"Bearer \xff\xfe"}, False),
    ],
)
def test_only_a_whole_key_in_its_place_is_admitted(headers: dict[bytes, bytes], admitted: bool) -> None:
    assert Keyring([Secret(KEY), Secret("another-key")]).admits(headers) is admitted


def test_without_keys_everybody_is_admitted() -> None:
    assert Keyring([]).is_empty
    assert Keyring([]).admits({})
