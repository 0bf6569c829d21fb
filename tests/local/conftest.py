"""Fixtures for local models."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "model: runs the embedded model for real, and fetches it when it is not cached")
