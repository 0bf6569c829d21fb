"""A model inside: GGUF files, where they come from, and llama.cpp running them in this process.

Nothing here is imported until a `local/…` model is asked for.
"""
