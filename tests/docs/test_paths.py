"""Pages that code, template and tests name by their path. The build of the docs site checks the links in docs/."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PAGE = re.compile(r"\bdocs/[\w/-]+\.(?:md|png|svg)\b")
DECISION = re.compile(r"\bdocs/decisions/\d{4}")
SUFFIXES = {".in", ".md", ".py", ".toml", ".ts", ".tsx", ".yaml", ".yml"}


def named() -> Iterator[tuple[Path, str]]:
    """Yield each tracked text file with each path that it names."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in map(Path, tracked.splitlines()):
        if path.suffix in SUFFIXES and (ROOT / path).is_file():
            text = (ROOT / path).read_text(encoding="utf-8")
            yield from ((path, found) for found in [*PAGE.findall(text), *DECISION.findall(text)])


def test_every_named_page_exists() -> None:
    missing = [f"{path}: {name}" for path, name in named() if not list(ROOT.glob(f"{name}*"))]

    assert not missing


@pytest.mark.parametrize("text", ["See docs/operate/alarms.md.", "(docs/decisions/0005-outbound-http-on-urllib3.md)"])
def test_paths_are_found_in_sentences(text: str) -> None:
    assert PAGE.search(text)
