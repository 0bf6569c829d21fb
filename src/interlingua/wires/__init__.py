"""One package for each family of provider APIs: pure codecs, both directions, no I/O."""
