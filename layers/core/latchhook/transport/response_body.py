"""Reads the body of a receiver's response: at most 64 KiB, also after decompression."""

import http.client
import zlib
from dataclasses import dataclass

from latchhook.transport.answer_head import values
from latchhook.transport.guarded_connection import FinalResponse
from latchhook.webhooks.outcome import MAX_BODY_BYTES

_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Body:
    """The part of a body that was read. `failure` is the error that interrupted it, or None."""

    content: bytes
    is_truncated: bool
    failure: Exception | None

    @property
    def is_complete(self) -> bool:
        return self.failure is None and not self.is_truncated


def read_body(response: FinalResponse) -> Body:
    """Read the body up to its end or the limit. Keep the bytes that arrived before a failure.

    Requests ask for an uncompressed response. Gzip is decompressed anyway, because customers read the response in the
    delivery log. Bodies in other encodings stay unchanged.
    """
    if response.head_failure is not None:
        return Body(b"", False, response.head_failure)
    raw, failure = _read(response)
    content, is_truncated = bytes(raw[:MAX_BODY_BYTES]), len(raw) > MAX_BODY_BYTES
    encoding = next(values(response.fields, "content-encoding"), "")
    if encoding.lower() in {"gzip", "x-gzip"} and content:
        try:
            content, has_more, has_ended = _unzipped(content)
        except zlib.error as error:
            return Body(content, is_truncated, failure or error)
        is_truncated = is_truncated or has_more
        if not has_ended and not is_truncated:
            failure = failure or zlib.error("the end is missing")
    return Body(content, is_truncated, failure)


def _read(response: FinalResponse) -> tuple[bytes, Exception | None]:
    """Return the raw body, at most one byte over the limit, and the error that interrupted it."""
    raw = bytearray()
    try:
        while len(raw) <= MAX_BODY_BYTES:
            part = response.read1(MAX_BODY_BYTES + 1 - len(raw))
            if not part:
                break
            raw += part
    except Exception as error:  # noqa: BLE001 - any error that a parser raises for the receiver's bytes is the receiver's failure
        return bytes(raw), error
    # http.client does not notice a body that is shorter than its Content-Length.
    is_short = len(raw) <= MAX_BODY_BYTES and not response.chunked and bool(response.length)
    return bytes(raw), http.client.IncompleteRead(b"") if is_short else None


def _unzipped(content: bytes) -> tuple[bytes, bool, bool]:
    """Return at most `MAX_BODY_BYTES` decompressed, whether more follows, and whether the end was read.

    Raises `zlib.error`.
    """
    unzip = zlib.decompressobj(_GZIP_WINDOW)
    plain = unzip.decompress(content, MAX_BODY_BYTES)
    return plain, bool(unzip.unconsumed_tail), unzip.eof
