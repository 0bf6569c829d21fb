"""Counting tokens: exact where the tokenizer is known, flagged where it is not, never -1, never the network."""

import json
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.catalog import TokenCount, count_message_tokens, count_tokens, tokens
from interlingua.catalog.estimate import estimate_tokens
from interlingua.catalog.vocabulary import encoding_table, packaged_ranks

from .samples import EMOJI, ENGLISH, SAMPLES

tiktoken = pytest.importorskip("tiktoken")

SPECIAL = "<|endoftext|><|endofprompt|><|fim_prefix|>"


def reference(name: str) -> Callable[[str], int]:
    """Count with tiktoken itself, on the packaged ranks."""
    entry = encoding_table().find(name)
    encoding = tiktoken.Encoding(
        name, pat_str=entry.pattern, mergeable_ranks=packaged_ranks(entry), special_tokens=entry.special_tokens
    )
    return lambda text: len(encoding.encode(text, disallowed_special=()))


O200K = reference("o200k_base")
CL100K = reference("cl100k_base")

BLOCKS = st.sampled_from([*SAMPLES.values(), SPECIAL, " ", "\n\n", "\r\n", "\t", "'s", "...", "  \n", "/", "\u0301"])
TEXTS = st.one_of(st.text(), st.lists(BLOCKS, max_size=6).map("".join))


@pytest.fixture
def fresh_encoders(monkeypatch: pytest.MonkeyPatch) -> tokens.EncoderShelf:
    """Put the process back to before its first count."""
    shelf = tokens.EncoderShelf()
    monkeypatch.setattr(tokens, "ENCODERS", shelf)
    return shelf


@pytest.fixture
def no_tiktoken(fresh_encoders: tokens.EncoderShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `import tiktoken` fail, as where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "tiktoken", None)


def test_known_model_is_counted_exactly():
    count = count_tokens("Hello, world", model="gpt-4o")

    assert count == 4 - 1
    assert not count.estimated
    assert count.encoding == "o200k_base"
    assert repr(count) == "3"


def test_unknown_tokenizer_is_counted_and_flagged():
    count = count_tokens("Hello, world", model="claude-sonnet-5-5")

    assert count == 3
    assert count.estimated
    assert repr(count) == "~3 (estimated)"
    assert f"{count} {count:>3}" == "3   3"


def test_no_model_is_flagged():
    assert count_tokens("Hello").estimated


def test_older_model_uses_its_own_vocabulary():
    count = count_tokens(SAMPLES["chinese"], model="openai/gpt-4")

    assert count == CL100K(SAMPLES["chinese"]) != O200K(SAMPLES["chinese"])
    assert count.encoding == "cl100k_base"


def test_count_is_an_int_that_travels():
    count = count_tokens("Hello, world")

    assert json.dumps({"tokens": count}) == '{"tokens": 3}'
    assert count + 1 == 4
    assert type(count + 1) is int
    copy = pickle.loads(pickle.dumps(count))  # noqa: S301
    assert (copy, copy.estimated, copy.encoding) == (3, True, "o200k_base")


@given(TEXTS)
def test_count_equals_tiktoken(text: str):
    assert count_tokens(text, model="gpt-4o") == O200K(text)
    assert count_tokens(text, model="gpt-4") == CL100K(text)


@given(st.text(st.characters(), max_size=50), st.text(max_size=30))
def test_counting_never_raises_and_is_never_negative(text: str, model: str):
    assert count_tokens(text, model=model) >= bool(text)
    assert estimate_tokens(text) >= bool(text)


@given(st.lists(BLOCKS, max_size=30).map("".join))
def test_cutting_at_seams_changes_nothing(text: str):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "CHUNK_CHARACTERS", 64)
        patch.setattr(tokens, "SEAM_WINDOW", 40)
        newer, older = count_tokens(text, model="gpt-4o"), count_tokens(text, model="gpt-4")

    assert newer.estimated or newer == O200K(text)
    assert older.estimated or older == CL100K(text)


def test_long_ordinary_text_stays_exact():
    text = (ENGLISH + "\n") * 500

    count = count_tokens(text, model="gpt-4o")

    assert not count.estimated
    assert count == O200K(text)


def test_special_tokens_are_ordinary_text():
    count = count_tokens(SPECIAL, model="gpt-4o")

    assert count == O200K(SPECIAL)
    assert count > 3


def test_lone_surrogates_are_counted():
    assert count_tokens("\ud800 and \udfff", model="gpt-4o") > 0


@pytest.mark.parametrize("run", ["a", " ", "\n", "^", "中", "😀", "1", "\t", "\u0301", " \n", "a'"])
def test_a_megabyte_of_one_thing_is_counted(run: str):
    few = count_tokens(run * 10_000, model="gpt-4o")
    many = count_tokens(run * 1_000_000, model="gpt-4o")

    assert 0.9 < many / (100 * few) < 1.1


@pytest.mark.parametrize("text", ["a" * 300_000, "ab " * 100_000, ENGLISH * 500])
def test_chunks_are_bounded_and_lose_nothing(text: str):
    pieces = list(tokens.chunks(text))

    assert "".join(piece for piece, _ in pieces) == text
    assert max(len(piece) for piece, _ in pieces) <= tokens.CHUNK_CHARACTERS


def test_nothing_opens_a_socket(fresh_encoders: tokens.EncoderShelf, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> socket.socket:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert count_tokens(ENGLISH, model="gpt-4o") == O200K(ENGLISH)
    assert count_tokens(ENGLISH, model="gpt-4") == CL100K(ENGLISH)


def test_threads_share_one_encoder(fresh_encoders: tokens.EncoderShelf, monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    original = tiktoken.Encoding

    def make(name: str, **settings: object) -> object:
        made.append(name)
        return original(name, **settings)

    def count_emoji(_: int) -> TokenCount:
        return count_tokens(EMOJI, model="gpt-4o")

    monkeypatch.setattr(tiktoken, "Encoding", make)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(count_emoji, range(32)))

    assert set(counts) == {O200K(EMOJI)}
    assert made == ["o200k_base"]


def test_without_tiktoken_the_count_is_an_estimate(no_tiktoken: None):
    count = count_tokens(ENGLISH, model="gpt-4o")

    assert count.estimated
    assert count == estimate_tokens(ENGLISH)


@pytest.mark.parametrize("kind", SAMPLES)
def test_estimate_is_within_its_stated_error(kind: str):
    true = O200K(SAMPLES[kind])

    assert abs(estimate_tokens(SAMPLES[kind]) - true) <= 0.08 * true


def test_estimate_of_nothing_is_nothing():
    assert estimate_tokens("") == 0


@pytest.mark.parametrize("run", ["a", " ", "\n", "^", "中", " \n", "_", "a" * 39 + " "])
def test_estimate_is_linear(run: str):
    few, many = estimate_tokens(run * 10_000), estimate_tokens(run * 100_000)

    assert 0.9 < many / (10 * few) < 1.1


def test_messages_cost_their_frames_too():
    system, user = count_tokens("Be brief."), count_tokens("Hello")

    count = count_message_tokens([("system", "Be brief."), ("user", "Hello")], model="gpt-4o")

    assert count == system + user + 2 * (3 + 1) + 3
    assert count.estimated
    assert count.encoding == "o200k_base"


def test_plain_strings_are_user_messages():
    assert count_message_tokens(["Hello"]) == count_message_tokens([("user", "Hello")])


def test_no_messages_cost_nothing():
    assert count_message_tokens([]) == 0


def test_a_count_can_be_made_by_hand():
    assert repr(TokenCount(12, estimated=True)) == "~12 (estimated)"


def test_import_loads_no_tokenizer():
    heavy = ("tiktoken", "regex", "tomllib", "zlib", "importlib.resources", "interlingua.catalog.vocabulary")
    program = f"""import sys
sys.path[:0] = {sys.path!r}
before = set(sys.modules)
import interlingua.catalog
print(*(set({heavy!r}) & (set(sys.modules) - before)))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
