"""docs/reference/errors.md describes every problem code of the code."""

import re

from latchhook.edge.problems import TITLES
from local.openapi.problem_codes import all_codes
from tests.docs.pages import code, page, rows

PAGE = "reference/errors.md"


def test_page_lists_every_code_below_its_status() -> None:
    listed: dict[str, int] = {}
    for section in page(PAGE).split("\n## ")[1:]:
        status = int(section.split(" ")[0])
        listed |= dict.fromkeys(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE), status)

    assert listed == all_codes()


def test_headings_are_the_titles_of_problem_documents() -> None:
    assert re.findall(r"^## (\d+) (.+)$", page(PAGE), re.MULTILINE) == [
        (str(status), title) for status, title in TITLES.items()
    ]


def test_every_code_has_a_meaning_and_an_action() -> None:
    listed = rows(PAGE, first="code")

    assert len({code(row["code"]) for row in listed}) == len(listed)
    assert all(row["meaning"] and row["what to do"] for row in listed)
