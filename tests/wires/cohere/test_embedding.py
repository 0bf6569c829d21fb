"""Cohere's `/v2/embed` (docs.cohere.com/v2/reference/embed, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import ProtocolError, Unauthorized, Unsupported
from interlingua.types import EmbeddingRequest, FilePart, ImagePart, TextPart, Usage
from interlingua.wires import cohere as wire

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def written(request: EmbeddingRequest) -> Any:
    rendered = wire.render_embedding_request(request)
    assert rendered.path == "/embed"
    return msgspec.json.decode(rendered.body)


def test_texts_are_asked_for_as_texts() -> None:
    request = EmbeddingRequest(model="embed-v4.0", inputs=["a", "b"], purpose="query", dimensions=256, truncate=False)

    assert written(request) == {
        "model": "embed-v4.0",
        "texts": ["a", "b"],
        "input_type": "search_query",
        "embedding_types": ["float"],
        "output_dimension": 256,
        "truncate": "NONE",
    }


def test_a_text_beside_an_image_makes_one_vector() -> None:
    request = EmbeddingRequest(model="m", inputs=["a", [TextPart("b"), ImagePart(url=PICTURE)]], purpose="document")

    assert written(request)["inputs"] == [
        {"content": [{"type": "text", "text": "a"}]},
        {"content": [{"type": "text", "text": "b"}, {"type": "image_url", "image_url": {"url": PICTURE}}]},
    ]


def test_a_purpose_is_needed_and_said_for_those_who_name_none() -> None:
    rendered = wire.render_embedding_request(EmbeddingRequest(model="m", inputs=["a"], strict=True))

    assert msgspec.json.decode(rendered.body)["input_type"] == "search_document"
    assert [(each.kind, each.feature) for each in rendered.warnings] == [("emulated", "purpose")]


def test_what_cannot_be_said_is_told_or_refused() -> None:
    request = EmbeddingRequest(model="m", inputs=["a"], purpose="similarity", user="u", title="t")

    rendered = wire.render_embedding_request(request)

    assert [str(each) for each in rendered.warnings] == [
        "dropped purpose: similarity; asked as search_document, since one is needed",
        "dropped user: not a field of Cohere's embed",
        "dropped title: not a field of Cohere's embed",
    ]
    request.strict = True
    with pytest.raises(Unsupported, match="purpose"):
        wire.render_embedding_request(request)


@pytest.mark.parametrize(
    "given", [[1, 2], [FilePart(data="data:application/pdf;base64,AA==")], [ImagePart(file_id="f")]]
)
def test_tokens_and_files_are_refused(given: Any) -> None:
    with pytest.raises(Unsupported, match="texts and images"):
        wire.render_embedding_request(EmbeddingRequest(model="m", inputs=[given]))


def test_a_reply_is_read() -> None:
    output = wire.parse_embeddings(
        b'{"id": "da6e531f", "embeddings": {"float": [[0.5, -1], [0, 1]]}, "texts": ["a", "b"],'
        b'"meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2, "image_tokens": 7}},'
        b'"response_type": "embeddings_by_type"}'
    )

    assert output.vectors == [[0.5, -1.0], [0.0, 1.0]]
    assert output.id == "da6e531f"
    assert output.usage == Usage(input_tokens=2, input_image_tokens=7)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"embeddings": [[1]]}', b'{"embeddings": {"int8": [[1]]}}'])
def test_a_reply_that_is_none_is_an_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        wire.parse_embeddings(body)


def test_a_failure_is_read() -> None:
    assert isinstance(wire.parse_error(401, {}, b'{"id": "x", "message": "invalid api token"}'), Unauthorized)
