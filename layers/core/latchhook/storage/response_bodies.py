"""Receivers' answers as they are kept: compressed where that makes them smaller, and never too many bytes on a page.

An item is written in units of 1 KiB. A web framework's page of 24 KiB about an exception takes 25 units as it came and
7 compressed; 64 KiB of it, the most that is kept of an answer, take 65 and 18 (measured in
tests/storage/test_answer_bodies.py).
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

MAX_PAGE_BYTES = 3_584 * 1024
"""Of answers' bodies on one page, as they are answered. Lambda answers at most 6 MB, and all else that one query reads
comes to two."""

COMPRESSED_FROM_BYTES = 256
"""A shorter body is kept as it came: the time (35 µs for however little) would hardly ever save a write unit."""

_FASTEST = 1
_PLAIN, _COMPRESSED = "responseBody", "responseBodyZlib"


def body_attributes(body: bytes) -> Mapping[str, bytes]:
    """The attribute that keeps a body; none for an empty one."""
    if not body:
        return {}
    if len(body) >= COMPRESSED_FROM_BYTES:
        compressed = zlib.compress(body, _FASTEST)
        if len(compressed) < len(body):
            return {_COMPRESSED: compressed}
    return {_PLAIN: body}


def kept_body(item: Mapping[str, Any]) -> bytes:
    """The body that an item keeps, as it came."""
    if _COMPRESSED in item:
        return zlib.decompress(item[_COMPRESSED])
    body: bytes = item.get(_PLAIN, b"")
    return body


def fitting(items: Sequence[Mapping[str, Any]]) -> int:
    """How many of `items` one page takes by their bodies: at least one."""
    total = 0
    for count, item in enumerate(items):
        total += _answered_bytes(kept_body(item))
        if count and total > MAX_PAGE_BYTES:
            return count
    return len(items)


def _answered_bytes(body: bytes) -> int:
    """What a body takes in an endpoint's JSON within Lambda's, which some runtimes make ASCII: a byte up to seven."""
    return len(json.dumps(json.dumps(body.decode("utf-8", "replace"), ensure_ascii=False)))
