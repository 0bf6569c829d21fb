"""What the library logs, shown to the person at the terminal."""

import logging
from typing import Self

from interlingua.cli.terminal import warn


class WarningsToScreen(logging.Handler):
    """Shows the warnings of a logger on stderr for the time of a `with` block."""

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        warn(record.getMessage())
