"""Failures of Bedrock, as the service's model lists them (botocore 1.44 `bedrock-runtime`)."""

import msgspec
import pytest

from interlingua.errors import (
    BadRequest,
    ContextTooLong,
    Error,
    Forbidden,
    NotFound,
    ProviderError,
    ServerFault,
    Throttled,
    Unauthorized,
)
from interlingua.wires import converse
from tests.wires.converse.bedrock import failures

FAILURES: list[tuple[str, int, type[Error], bool]] = [
    ("ValidationException", 400, BadRequest, False),
    ("AccessDeniedException", 403, Forbidden, False),
    ("ResourceNotFoundException", 404, NotFound, False),
    ("ModelTimeoutException", 408, ProviderError, True),
    ("ModelErrorException", 424, ServerFault, True),
    ("ThrottlingException", 429, Throttled, True),
    ("ModelNotReadyException", 429, ProviderError, True),
    ("InternalServerException", 500, ServerFault, True),
    ("ServiceUnavailableException", 503, ProviderError, True),
    ("ExpiredTokenException", 403, Unauthorized, False),
    ("UnrecognizedClientException", 403, Unauthorized, False),
    ("InvalidSignatureException", 403, Unauthorized, False),
]


@pytest.mark.parametrize(("name", "status", "kind", "retryable"), FAILURES)
def test_each_failure_is_its_own_error(name: str, status: int, kind: type[Error], retryable: bool) -> None:
    headers = {"x-amzn-ErrorType": f"{name}:http://internal.amazon.com/", "x-amzn-RequestId": "r-1"}
    error = converse.parse_error(status, headers, msgspec.json.encode({"message": "told"}))
    assert isinstance(error, kind)
    assert (error.status, error.code, error.message, error.request_id) == (status, name, "told", "r-1")
    assert error.retryable is retryable


def test_every_failure_of_the_service_is_in_this_page() -> None:
    assert failures() <= {name for name, *_ in FAILURES}


def test_a_prompt_that_is_too_long_is_told_as_such() -> None:
    told = {"message": "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum"}
    error = converse.parse_error(400, {"x-amzn-ErrorType": "ValidationException"}, msgspec.json.encode(told))
    assert isinstance(error, ContextTooLong)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message":1}', b"\xff", b"{" * 9999])
def test_a_failure_without_words_is_one_all_the_same(body: bytes) -> None:
    error = converse.parse_error(503, {}, body)
    assert error.status == 503
    assert error.retryable
    assert error.message
