"""Refused verifications, counted without standing in the way of the refusal."""

from datetime import datetime
from typing import Protocol

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import Code
from latchhook.outages import StoreUnavailableError
from latchhook.telemetry import log_failure


class Counts(Protocol):
    """Where they are counted."""

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Counts one; raises `StoreUnavailableError`."""


class LoggedRefusalCounts:
    """Counts refusals; one that can't be counted is a line in the log, and the caller is refused all the same."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """As `RefusalCounts.count_refusal`."""
        try:
            self._counts.count_refusal(key, code, now)
        except StoreUnavailableError as error:
            log_failure("refusal not counted", error, key_id=str(key.id), code=code)
