"""What is asked of a model that sorts documents by how well they answer a query, and what it gives."""

from collections.abc import Sequence
from typing import Any

import msgspec

from interlingua.types.adaptation import Adaptation
from interlingua.types.part import Extensions
from interlingua.types.timeouts import Timeouts
from interlingua.types.usage import Usage


class RerankRequest(msgspec.Struct, kw_only=True):
    """A query, and the documents to sort by it.

    `top` is how many of them are wanted; None is all. With `return_documents` the texts
    come back with the places. `truncate` says whether what is too long is cut or refused.
    Fields that are None are not sent.
    `timeout` bounds the whole answer, in seconds; `timeouts` are the clocks of each attempt,
    in place of the provider's own.

    Example:
        >>> RerankRequest(model="rerank-v4.0", query="Who wrote it?", documents=["Ada did.", "It rains."], top=1)

    """

    model: str
    query: str
    documents: list[str]
    top: int | None = None
    return_documents: bool | None = None
    truncate: bool | None = None
    extra_body: dict[str, Any] | None = None
    extra_headers: dict[str, str] | None = None
    timeout: float | None = None
    strict: bool = False
    extensions: Extensions = {}
    timeouts: Timeouts | None = None


class RankedDocument(msgspec.Struct, kw_only=True):
    """The document number `index` of the request, and how relevant it is: more is better, mostly from 0 to 1."""

    index: int
    score: float
    document: str | None = None
    extensions: Extensions = {}


class RerankOutput(msgspec.Struct, kw_only=True):
    """The documents, the most relevant one first.

    `search_units` is what some providers bill by, in their own units, and `usage` what
    others do, in tokens; either is None where it is not told.
    """

    results: list[RankedDocument]
    model: str | None = None
    provider: str | None = None
    id: str | None = None
    usage: Usage | None = None
    search_units: float | None = None
    warnings: Sequence[Adaptation] = ()
    extensions: Extensions = {}
    raw: bytes | None = None
