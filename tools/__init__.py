"""What this repository's own commands are made of; no part of the package."""
