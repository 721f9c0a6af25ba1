"""Records of verifications. A failed record does not change the verification's result."""

from datetime import datetime

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import Code, UseRecords
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure


class LoggedUseRecords:
    """Records verifications. A dependency error is logged instead of raised."""

    def __init__(self, records: UseRecords) -> None:
        self._records = records

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Count a refusal, or log the dependency error."""
        try:
            self._records.count_refusal(key, code, now)
        except DependencyUnavailableError as error:
            log_failure("refusal not counted", error, key_id=str(key.id), code=code)

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        """Record that the last credit is spent, or log the error. Then the next refusal without credits records it."""
        try:
            self._records.limit_reached(key, now)
        except DependencyUnavailableError as error:
            log_failure("limit not recorded", error, key_id=str(key.id))
