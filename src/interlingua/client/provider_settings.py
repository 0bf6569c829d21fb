"""What a user sets of a provider, beside the words of its row."""

from collections.abc import Mapping
from typing import Any, Literal

from interlingua.errors import InvalidConfig
from interlingua.providers import Endpoint, ProviderRow, resolve
from interlingua.providers.draining import DrainPolicy
from interlingua.providers.endpoint import AWSAccess
from interlingua.types import Secret, declared, setting, settings_of


@declared
class ProviderSettings:
    """A table `[providers.NAME]` of a config file; any word of a provider's row may stand beside these."""

    api_key: Secret | str | None = setting("Key; else the provider's usual variable.", default=None, secret=True)
    api_keys: list[Any] = setting(
        "Several keys, which take turns; one that is refused or used up is left alone for a while.",
        default=[],
        secret=True,
    )
    base_url: str | None = setting("Base URL; else the provider's own.", default=None, aliases=("api_base",))
    full_url: str | None = setting("Whole URL of the chat endpoint, instead of a base URL.", default=None)
    deployment: str | None = setting("Deployment, where a provider has such.", default=None)
    api_version: str | None = setting("Version of the API, where a provider has such.", default=None)
    query: dict[str, str] = setting("Query parameters of every request.", default={})
    region: str | None = setting("Region of a cloud; else AWS_REGION or AWS_DEFAULT_REGION.", default=None)
    access_key_id: str | None = setting("Access key of AWS; else where AWS's own tools look.", default=None)
    secret_access_key: Secret | str | None = setting("Secret of the access key.", default=None, secret=True)
    session_token: Secret | str | None = setting("Token of temporary credentials.", default=None, secret=True)
    profile: str | None = setting("Profile of AWS's configuration files.", default=None)
    when_caller_leaves: Literal["cancel", "drain"] = setting(
        "What becomes of a reply whose caller leaves: it is closed at once, or read on to learn what it used.",
        default="cancel",
    )
    drain_seconds: float = setting("How long it is read on.", default=30.0, minimum=0, unit="seconds")
    drain_tokens: int | None = setting(
        "How many tokens of output are read on, by a guess; None is no bound.", default=None, minimum=1
    )

    def __post_init__(self) -> None:
        """Read the keys."""
        if self.api_keys and self.api_key:
            raise InvalidConfig("api_keys: give either these or api_key.", param="api_keys")
        self.api_keys = [_read_key(each) for each in self.api_keys]

    def endpoints(self, row: ProviderRow) -> list[Endpoint]:
        """Complete a row with these settings, once for each key, and with the environment where they say nothing."""
        return [self._endpoint(row, key) for key in self.api_keys or [self.api_key]]

    def drain_policy(self) -> DrainPolicy | None:
        """Give how far a reply is read on after its caller has left; None: it is closed."""
        if self.when_caller_leaves == "cancel":
            return None
        return DrainPolicy(seconds=self.drain_seconds, tokens=self.drain_tokens)

    def _endpoint(self, row: ProviderRow, key: Secret | str | None) -> Endpoint:
        return resolve(
            row,
            api_key=key,
            base_url=self.base_url,
            full_url=self.full_url,
            deployment=self.deployment,
            api_version=self.api_version,
            query=self.query,
            aws=AWSAccess(
                region=self.region,
                access_key=self.access_key_id,
                secret_key=Secret(self.secret_access_key) if self.secret_access_key else None,
                session_token=Secret(self.session_token) if self.session_token else None,
                profile=self.profile,
            ),
        )


def _read_key(key: Any) -> Secret:
    if not isinstance(key, str | Secret) or not Secret(key).reveal().strip():
        raise InvalidConfig("api_keys: every key is a text, and none is empty.", param="api_keys")
    return Secret(key)


def split_table(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide a table into settings of the endpoint and words of the row.

    The base URL is both: it is the address of a row of your own, and it wins over the
    environment.
    """
    declarations = settings_of(ProviderSettings)
    names = {name for each in declarations for name in (each.name, *each.aliases)}
    settings = {name: value for name, value in table.items() if name in names}
    words = {name: value for name, value in table.items() if name not in names}
    if isinstance(base_url := table.get("base_url", table.get("api_base")), str) and base_url:
        words["base_url"] = base_url
    return settings, words
