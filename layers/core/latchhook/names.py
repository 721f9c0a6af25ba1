"""How names that people give are compared: in any case, and however an accented letter is encoded."""

from unicodedata import normalize


def comparable(name: str) -> str:
    """The same text for two names that a person reads as the same: case-folded, in NFC.

    Source: Unicode 16.0, 3.13, D145 (canonical caseless matching). Folding looks at single letters, so it comes
    between a decomposition and the composition.
    """
    return name.lower() if name.isascii() else normalize("NFC", normalize("NFD", name).casefold())
