"""`import interlingua` is quick, and brings nobody else's framework along."""

import json
import subprocess
import sys

STRANGERS = {
    "aiohttp",
    "anthropic",
    "anyio",
    "fastapi",
    "granian",
    "httpx",
    "httpx2",
    "openai",
    "pydantic",
    "requests",
    "starlette",
    "tiktoken",
    "uvicorn",
    "uvloop",
    "xllamacpp",
}
COSTLY = {"importlib.metadata", "multiprocessing", "unittest", "urllib.request", "xml"}
MOST_MODULES = 300


def modules_after(statement: str) -> set[str]:
    """Run a statement in a new interpreter and give the names of all modules that it loaded."""
    program = f"import sys; before = set(sys.modules); {statement}; import json; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_package_loads_no_framework_and_no_vendor_sdk() -> None:
    assert modules_after("import interlingua") & STRANGERS == set()


def test_the_client_loads_no_framework_and_no_vendor_sdk() -> None:
    assert modules_after("from interlingua import Client; Client()") & (STRANGERS - {"uvloop"}) == set()


def test_the_package_loads_few_modules() -> None:
    bare = modules_after("pass")
    loaded = modules_after("import interlingua") - bare
    assert len(loaded) < MOST_MODULES
    assert loaded & COSTLY == set()
