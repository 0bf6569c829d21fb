"""Bytes in and out: the HTTP client, its pool, its clocks and the framing of streams."""
