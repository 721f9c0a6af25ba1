"""Reads the headers of a receiver's response. A malformed line does not affect the other fields.

`http.client` stops at the first malformed line and then misses Content-Length. Its parser also takes quadratic time for
some fields. The reasons for this parser: docs/decisions/0005-outbound-http-on-urllib3.md.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

MAX_LINE_BYTES = 16 * 1024
"""Longer lines are skipped."""

Field = tuple[str, str]

_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(r"([0-9]{1,18})(?:[ \t].*)?")
"""A length, and the text that a folded line may have added to it."""


class Lines(Protocol):
    """A buffered stream."""

    def readline(self, limit: int, /) -> bytes:
        """Return the next line with its end, at most `limit` bytes of it. Empty at the end of the stream."""


def read_fields(stream: Lines) -> Iterator[Field]:
    """Yield the fields up to the empty line or the end of the stream. Errors of the stream are passed on.

    Whitespace before the colon is removed (RFC 9112, 5.1), folded lines are joined (5.2), and control characters in a
    value become spaces (RFC 9110, 5.5). A line without a colon or with an invalid name is skipped.
    """
    name, parts = "", [""]
    for line in _lines(stream):
        if line is not None and line[:1] in (b" ", b"\t"):
            parts.append(_value(line))
            continue
        if name:
            yield name, " ".join(filter(None, parts))
        name, parts = _split(line or b"")
    if name:
        yield name, " ".join(filter(None, parts))


def framing(fields: Sequence[Field]) -> bytes:
    """Return the header lines that tell `http.client` the end of the body, without contradictions (RFC 9112, 6.3).

    A response with contradictory lengths, or with a length and a transfer coding, ends its connection.
    """
    codings = _members(fields, "transfer-encoding")
    is_chunked = bool(codings) and codings[-1].lower() == "chunked"
    sent = _members(fields, "content-length")
    lengths = [int(found[1]) for found in map(_LENGTH.fullmatch, sent) if found]
    is_ambiguous = len({*lengths}) > 1 or len(lengths) < len(sent) or bool(codings and sent)
    lines = [f"Connection: {option}" for option in _members(fields, "connection")]
    if is_ambiguous:
        lines = ["Connection: close"]
    if is_chunked:
        lines.append("Transfer-Encoding: chunked")
    elif lengths and not codings:
        lines.append(f"Content-Length: {lengths[0]}")
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def values(fields: Iterable[Field], name: str) -> Iterator[str]:
    """Return the values of all fields with this name. `name` is in lower case."""
    return (value for each, value in fields if each.lower() == name)


def _lines(stream: Lines) -> Iterator[bytes | None]:
    """Yield each line up to the empty line. A line that is too long becomes None."""
    while True:
        line = part = stream.readline(MAX_LINE_BYTES)
        while part and not part.endswith(b"\n"):
            part = stream.readline(MAX_LINE_BYTES)
        if line in (b"", b"\n", b"\r\n"):
            return
        is_whole = line.endswith(b"\n") or len(line) < MAX_LINE_BYTES
        yield line if is_whole else None


def _split(line: bytes) -> tuple[str, list[str]]:
    name, colon, value = line.partition(b":")
    name = name.rstrip(b" \t")
    if not colon or not _NAME.fullmatch(name):
        return "", [""]
    return name.decode("ascii"), [_value(value)]


def _value(text: bytes) -> str:
    return _CONTROL.sub(" ", text.rstrip(b"\r\n").decode("latin-1")).strip(" \t")


def _members(fields: Sequence[Field], name: str) -> list[str]:
    """Return the list members of all fields with this name (RFC 9110, 5.6.1)."""
    members = (member.strip(" \t") for value in values(fields, name) for member in value.split(","))
    return [member for member in members if member]
