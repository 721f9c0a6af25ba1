"""Docstrings in the words of a public document: without what only readers of the source can look up."""

import re

_SOURCE_NOTE = re.compile(r"\s*\((?:documents? \d|contracts\.md)[^)]*\)|,? by document \d+")
_ROUTE = re.compile(r"^(?:Document \d+'s )?`?(?:GET|POST|PUT|PATCH|DELETE) /[^\s:,`]*`?(?:,[^:]*)?[:.]?\s*")


def readable(docstring: str | None) -> str:
    """The docstring without its leading route and its notes on where a rule comes from, lines joined."""
    text = _ROUTE.sub("", _SOURCE_NOTE.sub("", (docstring or "").strip()))
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph).lstrip(". ")
    return text[:1].upper() + text[1:]
