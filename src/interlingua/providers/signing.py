"""Signing requests, for clouds whose keys are not sent but prove who sends.

AWS's signature version 4 is made by botocore, which also finds the credentials: in the
environment, a profile, a role of the machine. It comes with the extra `bedrock`. A
Bedrock API key (`AWS_BEARER_TOKEN_BEDROCK`) needs none of this: it is a plain bearer.
"""

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any, Protocol

from interlingua.errors import InvalidConfig, MissingKey
from interlingua.types import Secret


class RequestSigner(Protocol):
    """Proves with headers who sends a request."""

    async def sign(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """Give the headers of the request, those that were given among them.

        Raises:
            MissingKey: there are no credentials.

        """
        ...


class AWSSigner:
    """Signs with AWS's signature version 4 (botocore 1.44 `auth.SigV4Auth`, read 2026-11-23).

    Without an access key botocore looks for credentials where AWS's own tools do, and
    renews them; that may read files and ask the network, so it is done in a thread.

    Example:
        >>> signer = AWSSigner(region="eu-central-1", profile="work")
        >>> headers = await signer.sign("POST", url, {"content-type": "application/json"}, body)

    """

    def __init__(
        self,
        *,
        region: str,
        service: str = "bedrock",
        access_key: str | None = None,
        secret_key: Secret | None = None,
        session_token: Secret | None = None,
        profile: str | None = None,
    ) -> None:
        """Prepare to sign; nothing is loaded yet.

        Raises:
            InvalidConfig: one of access key and secret key was given without the other.

        """
        if (access_key is None) is not (secret_key is None):
            raise InvalidConfig("an AWS access key and its secret key go together.", param="access_key")
        self._region = region
        self._service = service
        self._access_key = access_key
        self._secret_key = secret_key
        self._session_token = session_token
        self._profile = profile
        self._credentials: Any = None

    async def sign(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """Give the headers of the request, with the signature's; see `RequestSigner`.

        Raises:
            ImportError: botocore is not installed; the message says which extra has it.
            MissingKey: there are no credentials.

        """
        return await asyncio.to_thread(self._sign, method, url, headers, body)

    def _sign(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        auth, requests = _module("botocore.auth"), _module("botocore.awsrequest")
        request = requests.AWSRequest(method=method, url=url, data=body, headers=dict(headers))
        auth.SigV4Auth(self._frozen(), self._service, self._region).add_auth(request)
        return {str(name).lower(): str(value) for name, value in request.headers.items()}

    def _frozen(self) -> Any:
        if self._credentials is None:
            self._credentials = self._find()
        if self._credentials is None:
            raise MissingKey(
                "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, "
                "or AWS_BEARER_TOKEN_BEDROCK."
            )
        return self._credentials.get_frozen_credentials()

    def _find(self) -> Any:
        if self._access_key is not None and self._secret_key is not None:
            token = None if self._session_token is None else self._session_token.reveal()
            given = _module("botocore.credentials")
            return given.Credentials(self._access_key, self._secret_key.reveal(), token)
        try:
            return _module("botocore.session").Session(profile=self._profile).get_credentials()
        except _module("botocore.exceptions").BotoCoreError as error:
            raise MissingKey(f"the AWS credentials cannot be read: {error}") from error


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            "signing requests to AWS needs botocore: install `interlingua[bedrock]`, or use a Bedrock API key."
        ) from error
