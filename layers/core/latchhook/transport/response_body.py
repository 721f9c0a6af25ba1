"""Reading the body of a receiver's answer: at most 64 KiB of it, also after decompression."""

import http.client
import zlib
from dataclasses import dataclass

from latchhook.transport.answer_head import values
from latchhook.transport.guarded_connection import FinalResponse
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


def read_body(response: FinalResponse) -> Body:
    """Read the body up to its end or the limit; what came before a failure is kept.

    We ask for no compression, but a receiver that always compresses is read all the same, because a person
    will look at the answer; other encodings than gzip stay as they came.
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
    """The body as it came, a byte beyond the limit at most, and what broke it off."""
    raw = bytearray()
    try:
        while len(raw) <= MAX_BODY_BYTES:
            part = response.read1(MAX_BODY_BYTES + 1 - len(raw))
            if not part:
                break
            raw += part
    except Exception as error:  # noqa: BLE001 - whatever a receiver's bytes make the parsers raise is its failure
        return bytes(raw), error
    # http.client does not notice a body that is shorter than its Content-Length.
    is_short = len(raw) <= MAX_BODY_BYTES and not response.chunked and bool(response.length)
    return bytes(raw), http.client.IncompleteRead(b"") if is_short else None


def _unzipped(content: bytes) -> tuple[bytes, bool, bool]:
    """At most `MAX_BODY_BYTES` unpacked, whether there is more, and whether the end was there; raises `zlib.error`."""
    unzip = zlib.decompressobj(_GZIP_WINDOW)
    plain = unzip.decompress(content, MAX_BODY_BYTES)
    return plain, bool(unzip.unconsumed_tail), unzip.eof
