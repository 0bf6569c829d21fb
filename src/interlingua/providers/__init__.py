"""Who speaks which wire, where, with which key and which quirks."""
