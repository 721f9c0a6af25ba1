"""The pages use Markdown that GitHub and the generator of the docs site read in the same way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.docs_site.__main__ import DOCS, PROJECT_PAGES
from tests.docs.pages import ROOT

PAGES = [*sorted(DOCS.rglob("*.md")), *PROJECT_PAGES, ROOT / "README.md"]
ITEM = re.compile(r" *(?:[-*]|\d+\.) ")


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each line outside of code blocks, with the line before it."""
    before, is_code = "", False
    for line in path.read_text(encoding="utf-8").splitlines():
        is_fence = line.lstrip().startswith("```")
        if not is_code:
            yield before, line
        is_code ^= is_fence
        before = line


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nested_lists_and_code_are_indented_by_four_spaces(path: Path) -> None:
    assert not [line for _, line in lines(path) if re.match(r" {1,3}(?:[-*] |\d+\. |```)", line)]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_blank_line_precedes_lists_and_tables(path: Path) -> None:
    def starts_a_block(before: str, line: str) -> bool:
        is_list = bool(ITEM.match(line)) and not ITEM.match(before) and not before.startswith("  ")
        is_table = line.startswith("|") and not before.startswith("|")
        return is_list or is_table

    started = [(before, line) for before, line in lines(path) if starts_a_block(before, line)]

    assert not [line for before, line in started if before and not before.startswith("#")]
    assert not [line for before, line in started if before.startswith("#") and line.startswith("|")]


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "README.md"], ids=name)
def test_page_has_one_title(path: Path) -> None:
    assert len([line for _, line in lines(path) if line.startswith("# ")]) == 1
