"""Stored bodies of receivers' responses: compressed if that is smaller, and limited in size per page.

DynamoDB writes items in units of 1 KiB. An error page of 24 KiB from a web framework takes 25 units uncompressed and
7 compressed. The maximum of 64 KiB takes 65 and 18 units (measured in tests/storage/test_response_bodies.py).
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

MAX_PAGE_BYTES = 3_584 * 1024
"""The most bytes of response bodies on one page, as JSON. A Lambda response has at most 6 MB, and all other data of one
query has at most 2 MB."""

COMPRESSED_FROM_BYTES = 256
"""Shorter bodies are not compressed. Compression takes at least 35 µs and would rarely save a write unit."""

_FASTEST = 1
_PLAIN, _COMPRESSED = "responseBody", "responseBodyZlib"


def body_attributes(body: bytes) -> Mapping[str, bytes]:
    """Build the attribute of a body. An empty body has no attribute."""
    if not body:
        return {}
    if len(body) >= COMPRESSED_FROM_BYTES:
        compressed = zlib.compress(body, _FASTEST)
        if len(compressed) < len(body):
            return {_COMPRESSED: compressed}
    return {_PLAIN: body}


def kept_body(item: Mapping[str, Any]) -> bytes:
    """Return the uncompressed body of an item."""
    if _COMPRESSED in item:
        return zlib.decompress(item[_COMPRESSED])
    body: bytes = item.get(_PLAIN, b"")
    return body


def fitting(items: Sequence[Mapping[str, Any]]) -> int:
    """Return how many of `items` fit on one page by the size of their bodies: at least one."""
    total = 0
    for count, item in enumerate(items):
        total += _answered_bytes(kept_body(item))
        if count and total > MAX_PAGE_BYTES:
            return count
    return len(items)


def _answered_bytes(body: bytes) -> int:
    """The size of a body in the endpoint's JSON inside Lambda's JSON. As ASCII, one byte becomes up to seven bytes."""
    return len(json.dumps(json.dumps(body.decode("utf-8", "replace"), ensure_ascii=False)))
