"""Signing requests to AWS."""

import sys
from pathlib import Path
from typing import Any, cast

import pytest

from interlingua.errors import InvalidConfig, MissingKey
from interlingua.providers.signing import AWSSigner
from interlingua.types import Secret

pytest.importorskip("botocore")
pytestmark = pytest.mark.anyio
URL = "https://bedrock-runtime.eu-central-1.amazonaws.com/model/a%3Ab%2Fc/converse"


async def test_a_signature_is_made_of_the_keys_and_the_region() -> None:
    signer = AWSSigner(region="eu-central-1", access_key="AKID", secret_key=Secret("s"), session_token=Secret("t"))

    headers = await signer.sign("POST", URL, {"content-type": "application/json"}, b"{}")

    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "/eu-central-1/bedrock/aws4_request" in headers["authorization"]
    assert "host" in headers["authorization"]
    assert headers["x-amz-security-token"] == "t"
    assert headers["content-type"] == "application/json"


async def test_credentials_are_found_in_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "credentials"
    file.write_text("[work]\naws_access_key_id = AKWORK\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    headers = await AWSSigner(region="us-east-1", profile="work").sign("POST", URL, {}, b"")

    assert "Credential=AKWORK/" in headers["authorization"]
    with pytest.raises(MissingKey):
        await AWSSigner(region="us-east-1", profile="other").sign("POST", URL, {}, b"")


async def test_without_botocore_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.auth", cast("Any", None))
    with pytest.raises(ImportError, match=r"interlingua\[bedrock\]"):
        await AWSSigner(region="us-east-1").sign("POST", URL, {}, b"")


def test_half_a_key_is_refused() -> None:
    with pytest.raises(InvalidConfig):
        AWSSigner(region="us-east-1", access_key="AKID")
