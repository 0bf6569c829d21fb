"""The door to llama.cpp: loads a model with `xllamacpp` and speaks JSON with it.

Facts of xllamacpp 2026.10 (measured 2026-11-22) that shape this module and `engine.py`:

- `Server` is llama.cpp's own server inside the process. `handle_chat_completions` takes a
  Chat Completions body as bytes, blocks its thread without the interpreter lock, and calls
  back with each chunk; a callback that returns True stops the generation.
- It also listens for HTTP. On a system with Unix sockets it listens on one in a private
  folder, which is deleted at once; elsewhere on a loopback port behind a random key.
- Loading a model, and letting go of it, keep the interpreter lock all the time.
- Fields that it cannot use are ignored, not refused.
- `handle_embeddings` takes OpenAI's body and gives the reply, also if that is an error, but
  only of a model that was loaded for it. An input must fit into one batch, whose memory
  grows with it: 0.2 GB for 512 tokens of the packaged model, 0.9 GB for 2048 (2026-11-25).
- Its Linux wheel computes with libgomp, whose threads spin while they wait for each other:
  on two busy cores two threads make 2 tokens a second, one thread 30, and two that sleep
  while they wait 40. So they are told to sleep, and one core is left to everybody else.
"""

import importlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast

import msgspec

from interlingua.errors import InvalidConfig

_WAIT_POLICY: Final = "OMP_WAIT_POLICY"
_SILENT: Final = -1
_LOUD: Final = 4
_SMALL_FILE: Final = 1 << 30
_LONGEST_SOCKET_PATH: Final = 100
"""A Unix socket's path has 104 bytes on macOS and 108 on Linux."""


class LlamaServer(Protocol):
    """The part of `xllamacpp.Server` that is used."""

    def handle_chat_completions(self, prompt: bytes, callback: Callable[[bytes], bool], /) -> None:
        """Answer a Chat Completions body; raise ValueError or RuntimeError for one that it cannot read."""
        ...

    def handle_embeddings(self, prompt: bytes, /) -> bytes:
        """Answer an embeddings body, be it with an error; raise ValueError for one that it cannot read."""
        ...


class LoadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a model is loaded.

    `context_length` is in tokens and shared by the `parallel` answers that may be made at
    once. `batch_length` is how many tokens of a prompt are read in one go, between two
    looks at whether the caller still wants the answer. `prompt_cache` is in MiB. `chat_template` replaces the
    file's own. With `vectors` the model gives vectors: by the pooling that its file names (`own`), or by the
    mean of its tokens' (`mean`).
    """

    name: str
    context_length: int
    parallel: int = 4
    batch_length: int = 128
    threads: int = 1
    prompt_cache: int = 0
    chat_template: str | None = None
    vectors: Literal["own", "mean"] | None = None
    debug: bool = False


def load_server(path: Path, options: LoadOptions) -> LlamaServer:
    """Load the model at `path`; takes about half a second for 100 MB and holds the interpreter lock.

    Raises:
        InvalidConfig: xllamacpp is not installed, or llama.cpp cannot load the file.

    """
    library = _library()
    params = library.CommonParams()
    params.model.path = str(path)
    params.model_alias = {options.name}
    params.n_ctx = options.context_length
    params.n_parallel = options.parallel
    params.kv_unified = True
    params.n_batch = params.n_ubatch = options.batch_length
    params.cache_ram_mib = options.prompt_cache
    params.warmup = False
    # Fitting a model to the memory of a graphics card takes 0.2 s, which a small model does not need.
    params.fit_params = path.stat().st_size > _SMALL_FILE
    params.verbosity = _LOUD if options.debug else _SILENT
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    if options.chat_template is not None:
        params.chat_template = options.chat_template
    if options.vectors is not None:
        params.embedding = True
    if options.vectors == "mean":
        params.pooling_type = library.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.ui = False
    params.endpoint_slots = False
    params.api_keys = [secrets.token_urlsafe(32)]
    folder = tempfile.mkdtemp(prefix="interlingua-")
    socket = f"{folder}/llama.sock"
    if sys.platform != "win32" and len(socket) < _LONGEST_SOCKET_PATH:
        params.hostnames = [socket]
    try:
        return cast("LlamaServer", library.Server(params))
    except RuntimeError as error:
        raise InvalidConfig(
            f"llama.cpp cannot load {path}. It may need more memory than there is, or a newer llama.cpp "
            "(pip install -U xllamacpp); INTERLINGUA_LOCAL_DEBUG=1 shows its own messages.",
            param="model",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def usual_threads() -> int:
    """Give how many threads to compute with: one core is left free, and a small model has no use for more than 8."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(8, cores - 1))


def _library() -> Any:
    try:
        with _patient_threads():
            return importlib.import_module("xllamacpp")
    except ModuleNotFoundError as error:
        raise InvalidConfig(
            "Local models need llama.cpp, which is not installed: pip install 'interlingua[local]'", param="model"
        ) from error
    except ImportError as error:
        library = str(error).partition(":")[0]
        raise InvalidConfig(
            f"llama.cpp is installed and cannot start: {error}. Install the system's package for {library} "
            "(libgomp1 on Debian and Ubuntu, libgomp on Fedora and Alpine).",
            param="model",
        ) from error


@contextmanager
def _patient_threads() -> Generator[None]:
    """Let the OpenMP library, which reads its environment when it is loaded, wait without spinning."""
    if _WAIT_POLICY in os.environ:
        yield
        return
    os.environ[_WAIT_POLICY] = "passive"
    try:
        yield
    finally:
        del os.environ[_WAIT_POLICY]
