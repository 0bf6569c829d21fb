"""One language for every model."""
