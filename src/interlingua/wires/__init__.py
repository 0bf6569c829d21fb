"""One package for each family of provider APIs: pure codecs, both directions, no I/O."""

from interlingua.wires.table import WIRES

__all__ = ["WIRES"]
