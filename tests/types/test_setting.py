"""One declaration gives a constructor, and everything else that needs to know a setting."""

import pytest

from interlingua.errors import InvalidConfig
from interlingua.types import Secret, declared, setting, settings_of


@declared
class Network:
    retries: int = setting("How often.", default=2, minimum=0, kw_only=True)


@declared
class Service(Network):
    key: Secret | str | None = setting("Key.", default=None, env=("SERVICE_KEY",), aliases=("apk_key",), secret=True)
    seconds: float = setting("Time.", default=10, minimum=0, unit="seconds")
    verbose: bool = setting("Talk.", default=False)
    mode: str = setting("Kind.", default="plain", choices=("plain", "fancy"))
    headers: dict[str, str] = setting("Headers.", default={})


def test_settings_by_position_and_by_name() -> None:
    service = Service("k", 3, verbose=True, retries=0)
    assert isinstance(service.key, Secret)
    assert (service.key.reveal(), service.seconds, service.verbose, service.retries) == ("k", 3.0, True, 0)


def test_texts_are_read_as_what_they_mean() -> None:
    service = Service(seconds="8", verbose="false")  # pyright: ignore[reportArgumentType] - what a file or a variable holds
    assert service.seconds == 8.0
    assert service.verbose is False


def test_an_alias_is_the_setting_itself() -> None:
    service = Service(apk_key="old")  # pyright: ignore[reportCallIssue] - a name of before
    assert isinstance(service.key, Secret)
    assert service.key.reveal() == "old"


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidConfig, match=r"Service has no setting 'secnds'; did you mean 'seconds'\?"):
        Service(secnds=3)  # pyright: ignore[reportCallIssue]


def test_a_setting_is_not_taken_twice() -> None:
    with pytest.raises(InvalidConfig, match="'key' is given twice"):
        Service("one", apk_key="two")  # pyright: ignore[reportCallIssue]


def test_a_value_that_does_not_fit_names_the_setting() -> None:
    with pytest.raises(InvalidConfig, match="seconds: 'soon' does not fit"):
        Service(seconds="soon")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("name", "value"), [("seconds", -1), ("mode", "loud"), ("retries", -1)])
def test_limits_and_choices_hold(name: str, value: object) -> None:
    with pytest.raises(InvalidConfig, match=name):
        Service(**{name: value})  # pyright: ignore[reportArgumentType]


def test_what_is_given_wins_over_the_environment_and_this_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_KEY", "from-environment")
    given, read = Service(key="given").key, Service().key
    monkeypatch.delenv("SERVICE_KEY")
    assert isinstance(given, Secret)
    assert isinstance(read, Secret)
    assert (given.reveal(), read.reveal(), Service().key) == ("given", "from-environment", None)


def test_a_default_that_can_change_is_not_shared() -> None:
    first, second = Service(), Service()
    first.headers["a"] = "b"
    assert second.headers == {}


def test_a_child_keeps_its_own_settings_in_front() -> None:
    assert [each.name for each in settings_of(Service)] == ["key", "seconds", "verbose", "mode", "headers", "retries"]


def test_a_secret_is_not_shown_in_its_own_error() -> None:
    with pytest.raises(InvalidConfig) as caught:
        Service(key=["sk-very-secret"])  # pyright: ignore[reportArgumentType]
    assert "sk-very-secret" not in str(caught.value)
