"""Reading the body of a receiver's answer: at most 64 KiB of it, also after decompression."""

import zlib
from dataclasses import dataclass

from urllib3.response import HTTPResponse

from latchhook.webhooks.outcome import MAX_BODY_BYTES

_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Body:
    """What was read of a body. `failure` is what broke it off; `is_complete` says that its end was read."""

    content: bytes
    is_truncated: bool
    failure: Exception | None

    @property
    def is_complete(self) -> bool:
        return self.failure is None and not self.is_truncated


def read_body(response: HTTPResponse) -> Body:
    """Read the body up to its end or the limit; what came before a failure is kept.

    We ask for no compression, but a receiver that always compresses is read all the same, because a person
    will look at the answer; other encodings than gzip stay as they came.
    """
    raw = bytearray()
    failure: Exception | None = None
    try:
        while len(raw) <= MAX_BODY_BYTES:
            part = response.read1(MAX_BODY_BYTES + 1 - len(raw))
            if not part:
                break
            raw += part
    except Exception as error:  # noqa: BLE001 - whatever a receiver's bytes make the parsers raise is its failure
        failure = error
    content, is_truncated = bytes(raw[:MAX_BODY_BYTES]), len(raw) > MAX_BODY_BYTES
    if response.headers.get("Content-Encoding", "").strip().lower() in {"gzip", "x-gzip"}:
        content, has_more = _unzipped(content)
        is_truncated = is_truncated or has_more
    return Body(content, is_truncated, failure)


def _unzipped(content: bytes) -> tuple[bytes, bool]:
    """At most `MAX_BODY_BYTES` unpacked, and whether there is more; what is no gzip stays as it is."""
    unzip = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = unzip.decompress(content, MAX_BODY_BYTES)
    except zlib.error:
        return content, False
    return plain, bool(unzip.unconsumed_tail)
