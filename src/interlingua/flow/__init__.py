"""Flows: sentences in the language. Its first room is `resources`, the palette that flows choose from."""
