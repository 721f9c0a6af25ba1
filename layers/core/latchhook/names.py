"""Comparison of display names: case-insensitive, and independent of the encoding of accented letters."""

from unicodedata import normalize


def comparable(name: str) -> str:
    """Convert a name to a text that is equal for names that look equal: case-folded, in NFC.

    Source: Unicode 16.0, 3.13, D145 (canonical caseless matching). Folding works on single letters, so it comes after a
    decomposition and before the composition.
    """
    return name.lower() if name.isascii() else normalize("NFC", normalize("NFD", name).casefold())
