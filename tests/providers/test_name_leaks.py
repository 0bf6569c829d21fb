"""A provider's name stands in its row and nowhere else in the code."""

import io
import re
import tokenize
from pathlib import Path

from interlingua.providers import REGISTRY

SOURCE = Path(__file__).parents[2] / "src/interlingua"

WORDS = {
    "anthropic": "also the author of a wire, whose headers and SDK bear the name",
    "cohere": "also a wire",
    "claude": "also the name of models, which have rules of their own",
    "gemini": "also the name of an API, which speaks a wire",
    "inception": "an English word",
    "meta": "an English word",
    "ollama": "also a wire",
    "openai": "also the author of the wire, and the name of its SDK",
    "together": "an English word",
}
"""Names that mean something else in most places."""

ALLOWED: dict[str, dict[str, str]] = {
    "catalog/names.py": {
        "deepseek": "a vendor's prefix in the names of models",
        "mistral": "a vendor's prefix in the names of models",
        "qwen": "a vendor's prefix in the names of models",
    },
    "cli/commands/models.py": {"groq": "an example in the help"},
    "cli/commands/pull.py": {"qwen": "an example in the help"},
    "client/openai_client.py": {"azure": "a setting of DB-GPT's client, `api_type`"},
    "client/vendor_clients.py": {
        "bedrock": "a client is named after it",
        "claude": "DB-GPT's name for a client",
    },
    "client/parameters.py": {"azure": "a setting of DB-GPT's client, `api_type`"},
    "flow/resources/clients.py": {
        "azure": "a setting of DB-GPT's client, `api_type`",
        "bedrock": "a client is named after it",
        "claude": "DB-GPT's name for a client, in flows that were saved",
        "chatgpt": "a label of DB-GPT's palette",
        "github": "the host of a documentation link",
    },
    "local/weights.py": {"huggingface": "the host of model files"},
    "wires/failure.py": {
        "hf": "the beginning of a key, which is masked",
        "xai": "the beginning of a key, which is masked",
    },
}
"""Where a provider's name may stand all the same, and why."""


def names_in(file: Path) -> set[str]:
    """Give the words of the code: identifiers and texts, but neither comments nor docstrings."""
    words: set[str] = set()
    previous = tokenize.INDENT
    for token in tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline):
        documentation = token.type == tokenize.STRING and previous in {tokenize.INDENT, tokenize.NEWLINE, tokenize.NL}
        if token.type in {tokenize.NAME, tokenize.STRING} and not documentation:
            words.update(re.findall(r"[a-z0-9_]+", token.string.lower()))
        if token.type != tokenize.COMMENT:
            previous = token.type
    return words


def test_no_provider_is_named_in_the_code() -> None:
    names = {name for row in REGISTRY for name in (row.id, *row.aliases)} - WORDS.keys()
    pattern = re.compile("|".join(sorted(names)), re.IGNORECASE)
    files = [file for file in sorted(SOURCE.rglob("*.py")) if "providers" not in file.parts]

    leaks = {
        f"{path}: {name}"
        for file in files
        if pattern.search(file.read_text("utf-8"))
        for name in names_in(file) & names
        if name not in ALLOWED.get(path := file.relative_to(SOURCE).as_posix(), {})
    }

    assert leaks == set()
