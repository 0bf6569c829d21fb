"""What is asked of a model that turns texts into vectors, and what it gives."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from interlingua.types.adaptation import Adaptation
from interlingua.types.part import Extensions, Part
from interlingua.types.timeouts import Timeouts
from interlingua.types.usage import Usage

EmbeddingInput: TypeAlias = str | list[int] | list[Part]
"""A text, a text as tokens, or parts that make one vector together (a text and an image)."""

Purpose: TypeAlias = Literal[
    "query",
    "document",
    "similarity",
    "classification",
    "clustering",
    "question_answering",
    "fact_verification",
    "code_query",
]
"""What vectors are for; models that know purposes give other vectors for a query than for a document."""


class EmbeddingRequest(msgspec.Struct, kw_only=True):
    """Inputs, each of which becomes a vector.

    `dimensions` is the length of the vectors, where a model has several. `truncate` says
    whether an input that is too long is cut (True) or refused (False). `encoding` is how
    the vectors are written in the reply: it never changes what a caller of the library
    gets. Fields that are None are not sent. Fields that only one wire knows stand in
    `extensions` under its name; `extra_body` is merged into the body as it is.
    `timeout` bounds the whole answer, in seconds; `timeouts` are the clocks of each attempt,
    in place of the provider's own.

    Example:
        >>> EmbeddingRequest(model="text-embedding-3-small", inputs=["Hello"], dimensions=256)

    """

    model: str
    inputs: list[EmbeddingInput]
    dimensions: int | None = None
    purpose: Purpose | None = None
    truncate: bool | None = None
    encoding: Literal["float", "base64"] | None = None
    title: str | None = None
    user: str | None = None
    extra_body: dict[str, Any] | None = None
    extra_headers: dict[str, str] | None = None
    timeout: float | None = None
    strict: bool = False
    extensions: Extensions = {}
    timeouts: Timeouts | None = None


class Embedding(msgspec.Struct, kw_only=True):
    """The vector of the input number `index`, from 0."""

    index: int
    vector: list[float]
    extensions: Extensions = {}


class EmbeddingOutput(msgspec.Struct, kw_only=True):
    """The vectors of a request, in the order of its inputs.

    `usage` is None where a provider tells none. `raw` is the provider's reply as it came.

    Example:
        >>> EmbeddingOutput(embeddings=[Embedding(index=0, vector=[0.5, 0.5])]).vectors
        [[0.5, 0.5]]

    """

    embeddings: list[Embedding]
    model: str | None = None
    provider: str | None = None
    id: str | None = None
    usage: Usage | None = None
    warnings: Sequence[Adaptation] = ()
    extensions: Extensions = {}
    raw: bytes | None = None

    @property
    def vectors(self) -> list[list[float]]:
        """The vectors alone."""
        return [each.vector for each in self.embeddings]
