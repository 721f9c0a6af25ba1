"""Finds files of other hosts that a page of the built site would load."""

import re
from collections.abc import Iterator
from pathlib import Path

_TAG = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*>")
_FROM_A_HOST = re.compile(r"""\b(?:src|srcset|href)=["']?(?P<url>(?:https?:)?//[^"'\s>]+)""")


def loaded_from_other_hosts(site: Path) -> Iterator[str]:
    """Yield each page with a URL that it loads from a host. Links for readers (`<a>`) load nothing."""
    for page in sorted(site.rglob("*.html")):
        for tag in _TAG.findall(page.read_text(encoding="utf-8")):
            for found in _FROM_A_HOST.finditer(tag):
                yield f"{page.relative_to(site)}: {found['url']}"
