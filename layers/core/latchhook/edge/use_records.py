"""Records of verifications whose failure does not change the verdict."""

from datetime import datetime
from typing import Protocol

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import Code
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure


class Records(Protocol):
    """Where verifications are recorded."""

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Counts a refusal; raises `DependencyUnavailableError`."""

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        """Records that the last credit is spent; raises `DependencyUnavailableError`."""


class LoggedUseRecords:
    """Records verifications. A record that fails is a line in the log, and the verdict stays the same."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """As `UseRecords.count_refusal`."""
        try:
            self._records.count_refusal(key, code, now)
        except DependencyUnavailableError as error:
            log_failure("refusal not counted", error, key_id=str(key.id), code=code)

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        """As `UseRecords.limit_reached`. The next refusal for lack of credits records it then."""
        try:
            self._records.limit_reached(key, now)
        except DependencyUnavailableError as error:
            log_failure("limit not recorded", error, key_id=str(key.id))
