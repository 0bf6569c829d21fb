"""A model inside: GGUF files, where they come from, and llama.cpp running them in this process."""

from interlingua.local.provider import LocalProvider

__all__ = ["LocalProvider"]
