"""The content codings that a client accepts (RFC 9110, 12.5.3)."""

import re

_ZERO_WEIGHT = re.compile(r"q=0(\.0{0,3})?")


def accepts(header: str, coding: str) -> bool:
    """Return whether an Accept-Encoding header accepts a coding, by its name or by `*`."""
    weights = {name.strip(): weight.replace(" ", "") for name, _, weight in _codings(header)}
    weight = weights.get(coding, weights.get("*"))
    return weight is not None and not _ZERO_WEIGHT.fullmatch(weight)


def _codings(header: str) -> list[tuple[str, str, str]]:
    return [coding.partition(";") for coding in header.lower().split(",")]
