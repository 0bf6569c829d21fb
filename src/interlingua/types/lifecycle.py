"""How long a model lives."""

from datetime import date

import msgspec


class Lifecycle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The days that a provider has announced; None is not announced."""

    released: date | None = None
    deprecated: date | None = None
    """When it was said that the model will go."""
    retires: date | None = None
    """The first day on which it is no longer served."""
    replacement: str | None = None
    """The model that the provider recommends in its place."""
    source: str | None = None
    checked: date | None = None

    def is_retired(self, today: date) -> bool:
        """Whether the day of retirement is here or past."""
        return self.retires is not None and today >= self.retires
