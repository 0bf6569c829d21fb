"""How many tokens a text is, without a network and without ever saying -1.

    count_tokens("Hello, world", model="gpt-4o")             # 3
    count_tokens("Hello, world", model="claude-sonnet-5-5")  # ~3 (estimated)

With the extra `tokens` (tiktoken) the packaged vocabularies count exactly for the models that are known to use
them, listed in `data/encodings.toml`. For any other model, or without tiktoken, the count is an estimate and
says so in `estimated`. Nothing is loaded before the first count: then about 0.6 s, once per encoding.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Self

from interlingua.catalog.estimate import estimate_tokens
from interlingua.catalog.names import MAX_NAME_CHARACTERS

if TYPE_CHECKING:
    from tiktoken import Encoding

DEFAULT_ENCODING = "o200k_base"
"""What a model with an unknown tokenizer is counted with."""

TOKENS_PER_MESSAGE = 3
"""What a chat message costs beside its role and text.

Source: OpenAI's cookbook, "How to count tokens with tiktoken" (`tokens_per_message`), for gpt-3.5-turbo-0613 and
later up to gpt-4o; read 2026-11-22. The cookbook itself calls the result an estimate.
"""

TOKENS_PER_REPLY = 3
"""What opening the reply costs, once per request: `<|start|>assistant<|message|>`; same source."""

CHUNK_CHARACTERS = 65_536
"""The longest text given to tiktoken at once: its pattern matcher panics on some runs of blanks near a million
characters (seen with tiktoken 0.14.0 on 2026-11-22)."""

SEAM_WINDOW = 4_096
"""How far back from the end of a chunk a seam is looked for, in characters."""

# Both packaged patterns always end a token between a letter or digit and one of these marks, Chinese ones included.
_SEAM = r"(?<=[^\W_])(?=[ ,.;:!?)\]}\"<\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f])"


class TokenCount(int):
    """A number of tokens that knows whether it was counted or guessed.

    It is an int in every way; arithmetic gives a plain int. `repr` shows an estimate as `~12 (estimated)`.

    Attributes:
        estimated: True when the model's own tokenizer did not make this count.
        encoding: The encoding that was used or imitated, such as `o200k_base`.
    """

    estimated: bool
    encoding: str

    def __new__(cls, value: int, *, estimated: bool, encoding: str = DEFAULT_ENCODING) -> Self:
        """Mark `value` as counted or estimated with `encoding`."""
        count = super().__new__(cls, value)
        count.estimated = estimated
        count.encoding = encoding
        return count

    def __getnewargs_ex__(self) -> tuple[tuple[int], dict[str, bool | str]]:
        return (int(self),), {"estimated": self.estimated, "encoding": self.encoding}

    def __repr__(self) -> str:
        return f"~{int(self)} (estimated)" if self.estimated else int.__repr__(self)

    def __str__(self) -> str:
        return int.__repr__(self)


class EncoderShelf:
    """Encoders by name, each made once, whichever thread asks first; None for one that cannot be made here."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._encoders: dict[str, Encoding | None] = {}

    def find(self, name: str) -> "Encoding | None":
        """Give the encoder called `name`, or None when tiktoken is not installed."""
        if name not in self._encoders:
            with self._lock:
                if name not in self._encoders:
                    self._encoders[name] = _make_encoder(name)
        return self._encoders[name]


def _make_encoder(name: str) -> "Encoding | None":
    from interlingua.catalog.vocabulary import encoding_table, packaged_ranks  # noqa: PLC0415 - loaded at first use

    try:
        from tiktoken import Encoding  # noqa: PLC0415 - optional
    except ImportError:
        return None
    entry = encoding_table().find(name)
    ranks = packaged_ranks(entry)
    return Encoding(name, pat_str=entry.pattern, mergeable_ranks=ranks, special_tokens=entry.special_tokens)


ENCODERS = EncoderShelf()
"""The encoders of this process."""


def count_tokens(text: str, *, model: str | None = None, encoding: str | None = None) -> TokenCount:
    """Count the tokens of `text` as `model` would read it.

    Text that looks like a special token (`<|endoftext|>`) is counted as the ordinary text it is. Time is linear in
    the length, whatever the text. Safe from several threads.

    Args:
        text: Any string, also an empty one.
        model: A model's name, with or without a vendor in front (`openai/gpt-4o`). None, and a model whose
            tokenizer is not known here, are counted with o200k_base and marked as estimated.
        encoding: The packaged encoding that the model is known to use (`o200k_base`, `cl100k_base`), where its name
            does not say it.

    Returns:
        The count; `estimated` is False only when tiktoken counted with the encoding that the model is known to use.
        A text of over 65,536 characters that offers no seam to cut it at (a huge run of one letter) is estimated
        too: each cut may add a token.
    """
    name, known = (encoding, True) if encoding else _encoding_for(model and model[:MAX_NAME_CHARACTERS])
    encoder = ENCODERS.find(name)
    if encoder is None:
        return TokenCount(estimate_tokens(text), estimated=True, encoding=name)
    if len(text) <= CHUNK_CHARACTERS:
        return TokenCount(len(encoder.encode_ordinary(text)), estimated=not known, encoding=name)
    total, exact = 0, True
    for chunk, at_seam in chunks(text):
        total += len(encoder.encode_ordinary(chunk))
        exact = exact and at_seam
    return TokenCount(total, estimated=not (known and exact), encoding=name)


def count_message_tokens(
    messages: Iterable[str | tuple[str, str]], *, model: str | None = None, encoding: str | None = None
) -> TokenCount:
    """Count the input tokens of a conversation; always an estimate, since providers do not publish their framing.

        count_message_tokens([("system", "Be brief."), ("user", "Hello")], model="gpt-4o")

    Args:
        messages: `(role, text)` pairs; a plain string is a user message.
        model: As for `count_tokens`.
        encoding: As for `count_tokens`.

    Returns:
        Role and text of every message with 3 tokens each for its frame, and 3 for opening the reply. Nothing for no
        messages. Tools and images are not counted.
    """
    pairs = [("user", message) if isinstance(message, str) else message for message in messages]
    framing = TOKENS_PER_MESSAGE * len(pairs) + (TOKENS_PER_REPLY if pairs else 0)
    counts = [count_tokens(part, model=model, encoding=encoding) for pair in pairs for part in pair]
    used = count_tokens("", model=model, encoding=encoding).encoding
    return TokenCount(framing + sum(counts), estimated=True, encoding=used)


@lru_cache(maxsize=256)
def _encoding_for(model: str | None) -> tuple[str, bool]:
    """Give the encoding to count with, and whether the model is known to use it."""
    if model is None:
        return DEFAULT_ENCODING, False
    from interlingua.catalog.vocabulary import encoding_table  # noqa: PLC0415 - loaded at first use

    entry = encoding_table().for_model(model)
    return (entry.name, True) if entry else (DEFAULT_ENCODING, False)


def chunks(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a long text where no token can span the cut, or, where there is no such place, anywhere.

    Yields each chunk with whether the cut before it was free.
    """
    start, at_seam = 0, True
    while len(text) - start > CHUNK_CHARACTERS:
        limit = start + CHUNK_CHARACTERS
        seam = re.compile(_SEAM).search(text, limit - SEAM_WINDOW, limit)
        end = seam.start() if seam else limit
        yield text[start:end], at_seam
        start, at_seam = end, seam is not None
    yield text[start:], at_seam
