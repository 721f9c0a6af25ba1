"""One request and its response: the remaining time, the bytes received and the timings."""

from collections.abc import Callable

from latchhook.webhooks.outcome import Timings

# Limit for the response's headers, including interim responses. Browsers accept as much.
MAX_HEAD_BYTES = 256 * 1024
# Limit for the whole response. It is well above the largest valid response: a body of 64 KiB in the smallest chunks is
# 384 KiB. It also bounds the lines that a parser reads to their end.
MAX_ANSWER_BYTES = 512 * 1024


class AnswerTooLongError(Exception):
    """The receiver sent more bytes than a response may have."""


class Exchange:
    """The state of one call. All steps of the call share one deadline."""

    __slots__ = (
        "_ends_at",
        "_first_byte_at",
        "_most_bytes",
        "_received_bytes",
        "_request_sent_at",
        "_started_at",
        "connect_millis",
        "dns_millis",
        "monotonic",
        "sent_bytes",
        "tls_millis",
    )

    def __init__(self, timeout_seconds: float, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self._started_at = monotonic()
        self._ends_at = self._started_at + timeout_seconds
        self._request_sent_at: float | None = None
        self._first_byte_at: float | None = None
        self._most_bytes = MAX_HEAD_BYTES
        self._received_bytes = 0
        self.sent_bytes = 0
        self.dns_millis: float | None = None
        self.connect_millis: float | None = None
        self.tls_millis: float | None = None

    def seconds_left(self) -> float:
        """Return the seconds until the deadline, more than 0.

        Raises:
            TimeoutError: the deadline has passed.
        """
        left = self._ends_at - self.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the call has passed")
        return left

    def millis_since(self, moment: float) -> float:
        """Return the milliseconds since `moment`, a value of `monotonic`."""
        return (self.monotonic() - moment) * 1000

    def request_sent(self) -> None:
        """Note that the whole request was written to the socket."""
        self._request_sent_at = self.monotonic()

    def head_received(self) -> None:
        """Note that the response's headers have ended. The limit for the whole response applies from now on."""
        self._most_bytes = MAX_ANSWER_BYTES

    def receivable_bytes(self) -> int:
        """Return the number of bytes that may still be read, more than 0.

        Raises:
            AnswerTooLongError: the limit for the response, or for its headers, is reached.
        """
        most = self._most_bytes - self._received_bytes
        if most <= 0:
            what = " of headers" if self._most_bytes == MAX_HEAD_BYTES else ""
            raise AnswerTooLongError(f"more than {self._most_bytes // 1024} KiB{what}")
        return most

    def count_received(self, count: int) -> None:
        """Note that `count` bytes of the response were received."""
        if self._first_byte_at is None and count:
            self._first_byte_at = self.monotonic()
        self._received_bytes += count

    def timings(self) -> Timings:
        """Return the timings up to now.

        `dns`, `connect` and `tls` are None on a kept-alive connection. `first_byte` is the time from the end of the
        request to the first byte of the response. `total` is the whole call.
        """
        first_byte = None
        if self._first_byte_at is not None and self._request_sent_at is not None:
            # A receiver may respond before it has read the whole request.
            first_byte = max(0.0, self._first_byte_at - self._request_sent_at) * 1000
        return Timings(
            dns=self.dns_millis,
            connect=self.connect_millis,
            tls=self.tls_millis,
            first_byte=first_byte,
            total=self.millis_since(self._started_at),
        )
