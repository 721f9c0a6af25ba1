"""Links from a page to files that the site does not contain.

In the repository, a page can link to any file. In the site, a link to a page outside of docs/ leads to its copy, and a
link to any other file becomes text.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)


class BrokenLinkError(Exception):
    """A page links to a file that does not exist."""


def with_links_of_the_site(page: Path, pages: Mapping[Path, Path]) -> str:
    """Return the text of `page` with links that work in the site. `pages` maps files to their paths in the site.

    Raises `BrokenLinkError`. The generator itself checks the links between pages and their anchors.
    """

    def replaced(link: re.Match[str]) -> str:
        if re.match(r"[a-z]+:", link["path"]):
            return link[0]
        target = Path(os.path.normpath(page.parent / link["path"]))
        if target in pages:
            path = os.path.relpath(pages[target], pages[page].parent)
            return f"[{link['text']}]({path}{link['anchor'] or ''})"
        if not target.exists():
            raise BrokenLinkError(f"{page}: the link to {link['path']} leads to no file.")
        return link["text"]

    parts = _FENCE.split(page.read_text(encoding="utf-8"))
    return "".join(part if number % 2 else _LINK.sub(replaced, part) for number, part in enumerate(parts))
