"""The names that people and hosts give one model."""

import re

DATE_SUFFIX = r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{3,4}|latest|preview(?:-\d{2}-\d{2}(?:-\d{4})?|-\d{2}-\d{4})?)$"
"""What a name may carry after the model: `-2024-08-06`, `@20250514`, `-0613`, `-001`, `-latest`, `-preview-05-06`.

Sources: the model lists of OpenAI, Anthropic, Google (also Vertex AI) and Mistral, 2026-11-22.
"""

HOST_SUFFIX = r"(?:-v\d+:\d+|:(?:free|batch|nitro|floor|online|thinking|latest)|:\d+)$"
"""What a host appends: Bedrock's `-v1:0`, OpenRouter's `:free`, Ollama's `:latest`; 2026-11-22."""

HOST_PREFIX = r"^(?:(?:us|eu|apac|au|jp|global|regional)\.)?(?:anthropic|deepseek|meta|mistral|openai|qwen)\."
"""Bedrock's `us.anthropic.` before a name; 2026-11-22."""


MAX_NAME_CHARACTERS = 256
"""No model's name is longer; a longer one is not looked at, so a hostile one costs nothing."""


def spellings_of(model: str) -> tuple[list[str], list[str]]:
    """Split off hosts and vendors, outermost first, and give the names to try, fullest first."""
    name = model.strip().lower()
    parts = name.split("/")
    vendors = parts[:-1]
    starts = ["/".join(parts[n:]) for n in range(len(parts))]
    tuned = parts[-1].removeprefix("ft:").split(":")[0] if parts[-1].startswith("ft:") else None
    spellings: dict[str, None] = {}
    for start in [*starts, re.sub(HOST_PREFIX, "", parts[-1]), *([tuned] if tuned else [])]:
        spelling = start
        while spelling not in spellings:
            spellings[spelling] = None
            shorter = re.sub(HOST_SUFFIX, "", spelling)
            spelling = shorter if shorter != spelling else re.sub(DATE_SUFFIX, "", spelling)
    dashed = [s.replace(".", "-") for s in spellings if "." in s]
    return vendors, [*spellings, *dashed]
