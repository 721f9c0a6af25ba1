"""The docs site contains every page, and its API reference contains every route."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from local.docs_site.__main__ import DOCS, PROJECT_PAGES
from local.docs_site.api_pages import TO_RECEIVERS, api_pages
from local.docs_site.fields import field_table
from local.docs_site.links import BrokenLinkError, with_links_of_the_site
from local.docs_site.other_hosts import loaded_from_other_hosts
from tests.docs.pages import ROOT

DOCUMENT = ROOT / "openapi.json"
API = api_pages(DOCUMENT)


def listed(nav: object) -> set[Path]:
    """Return the pages in a navigation."""
    if isinstance(nav, str):
        return {Path(nav)}
    values = nav.values() if isinstance(nav, dict) else nav
    assert not isinstance(values, (int, float))
    return {path for value in values for path in listed(value)}  # type: ignore[attr-defined]


def test_navigation_lists_every_page() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    pages = {path.relative_to(DOCS) for path in DOCS.rglob("*.md")}

    assert listed(nav) == pages | set(PROJECT_PAGES.values()) | set(API)


def test_api_reference_has_a_section_for_every_route_and_for_deliveries() -> None:
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} | {TO_RECEIVERS}
    overview, *sections = API.values()

    assert set(re.findall(r"^```text\n(.+)\n```$", "\n".join(sections), re.MULTILINE)) == routes
    assert set(re.findall(r"^\| `(\w+ .+?)` \|", overview, re.MULTILINE)) == routes


def test_nested_fields_are_listed_by_their_path() -> None:
    schemas = json.loads(DOCUMENT.read_text(encoding="utf-8"))["components"]["schemas"]
    table = field_table(schemas, {"$ref": "#/components/schemas/CreateKeyBody"})

    assert "| `name` (required) | string | The name of the key. At most 255 characters. |" in table
    assert "| `rateLimit.windowSeconds` (required) | integer |" in table
    assert "| `expiresAt` | time or null |" in table


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "code.py").touch()
    (tmp_path / "CHANGELOG.md").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "in_the_site"),
    [
        ("See [the code](../code.py).", "See the code."),
        ("See [changes](../CHANGELOG.md#now).", "See [changes](changelog.md#now)."),
        ("See [above](#top) and [x](https://example.com).", "See [above](#top) and [x](https://example.com)."),
        ("```sh\n[no](../link.md)\n```", "```sh\n[no](../link.md)\n```"),
    ],
)
def test_links_lead_to_pages_of_the_site(text: str, in_the_site: str, project: Path) -> None:
    source = project / "docs" / "page.md"
    source.write_text(text)
    pages = {source: Path("page.md"), project / "CHANGELOG.md": Path("changelog.md")}

    assert with_links_of_the_site(source, pages) == in_the_site


def test_link_to_a_missing_file_is_an_error(project: Path) -> None:
    source = project / "docs" / "page.md"
    source.write_text("[gone](../gone.py)")

    with pytest.raises(BrokenLinkError, match=r"gone\.py leads to no file"):
        with_links_of_the_site(source, {source: Path("page.md")})


def test_file_of_another_host_is_found_and_a_link_for_readers_is_not(tmp_path: Path) -> None:
    own = '<script src="assets/a.js"></script><a href="https://example.com">more</a>'
    (tmp_path / "own.html").write_text(own)
    (tmp_path / "other.html").write_text(f'{own}<link rel=stylesheet href="https://fonts.example/a.css">')

    assert list(loaded_from_other_hosts(tmp_path)) == ["other.html: https://fonts.example/a.css"]
