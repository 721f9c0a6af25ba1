"""`python -m local.docs_site` builds the docs site into `site/`. It fails for broken links and files of other hosts.

It runs in the environment of requirements/docs.txt, which has no packages of the product.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from local.docs_site.api_pages import api_pages
from local.docs_site.links import BrokenLinkError, with_links_of_the_site
from local.docs_site.other_hosts import loaded_from_other_hosts

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE = ROOT / "site"
SOURCE = ROOT / ".local" / "docs"
STYLE = Path(__file__).with_name("site.css")

PROJECT_PAGES = {
    ROOT / "CHANGELOG.md": Path("changelog.md"),
    ROOT / "CONTRIBUTING.md": Path("contribute/contributing.md"),
    ROOT / "SECURITY.md": Path("operate/security.md"),
}
"""The pages outside of docs/, and their paths in the site."""


def main() -> int:
    """Copy the pages, render openapi.json, and run the generator in its strict mode. Return the exit code."""
    try:
        write_source()
    except BrokenLinkError as error:
        print(error, file=sys.stderr)
        return 1
    generator = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "--clean"]
    run = subprocess.run(generator, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        print(run.stderr, file=sys.stderr)
        return 1
    if loaded := list(loaded_from_other_hosts(SITE)):
        print("Pages load files of other hosts:", *loaded, sep="\n", file=sys.stderr)
        return 1
    print(f"✓ Built the docs site. Open {SITE / 'index.html'}")
    return 0


def write_source() -> None:
    """Write the generator's input. Raises `BrokenLinkError` for a link to a missing file outside of docs/."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(DOCS, SOURCE, ignore=shutil.ignore_patterns("*.md"))
    shutil.copy(STYLE, SOURCE)
    pages = {path: path.relative_to(DOCS) for path in DOCS.rglob("*.md")} | PROJECT_PAGES
    for path, target in pages.items():
        write(target, with_links_of_the_site(path, pages))
    for target, text in api_pages(ROOT / "openapi.json").items():
        write(target, text)


def write(target: Path, text: str) -> None:
    """Write a page of the site."""
    path = SOURCE / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
