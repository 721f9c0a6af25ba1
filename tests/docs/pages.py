"""Reads the pages in docs/."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def page(name: str) -> str:
    """Return the text of a page, for example `reference/errors.md`."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(name: str, *, first: str) -> Sequence[Mapping[str, str]]:
    """Return the rows of all tables whose first column has the title `first`, each by column title."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", page(name), re.MULTILINE):
        titles, _, *lines = [
            [cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()
        ]
        if titles[0] == first:
            found += [dict(zip(titles, line, strict=True)) for line in lines]
    return found


def code(cell: str) -> str:
    """Return the text in the first pair of backticks of a cell."""
    return cell.split("`")[1]


def numbers(cell: str) -> list[int]:
    """Return the whole numbers in a cell."""
    return [int(number.replace(",", "")) for number in re.findall(r"\d+(?:,\d{3})*", cell)]
