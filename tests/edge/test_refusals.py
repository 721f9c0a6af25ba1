"""Refused requests in the audit log, with a bounded number of writes."""

from datetime import timedelta

import pytest

from latchhook.audit import AuditEntry
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.refusals import RefusedAttempts
from tests.samples import NOW, SECOND, origin


class Log:
    """An audit log that stores entries or raises."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.raises: Exception | None = None

    def record(self, entry: AuditEntry) -> None:
        if self.raises is not None:
            raise self.raises
        self.entries.append(entry)


def test_a_thousand_equal_refusals_within_a_minute_are_one_write() -> None:
    log = Log()
    attempts = RefusedAttempts(log)

    for at in range(1000):
        attempts.record(origin(at=NOW + timedelta(milliseconds=59 * at)), route="POST /things", code="no")

    assert len(log.entries) == 1


def test_each_minute_route_reason_and_account_is_written() -> None:
    log = Log()
    attempts = RefusedAttempts(log)

    for account in ("a", "b"):
        for route in ("POST /things", "GET /things"):
            for code in ("no", "never"):
                attempts.record(origin(account), route=route, code=code)
    attempts.record(origin("a", at=NOW + 60 * SECOND), route="POST /things", code="no")

    assert len({entry.id for entry in log.entries}) == len(log.entries) == 9


def test_failed_write_is_repeated_for_the_next_refusal() -> None:
    log = Log()
    attempts = RefusedAttempts(log)
    log.raises = DependencyUnavailableError("put_item: InternalServerError")
    with pytest.raises(DependencyUnavailableError):
        attempts.record(origin(), route="POST /things", code="no")

    log.raises = None
    attempts.record(origin(), route="POST /things", code="no")

    assert len(log.entries) == 1


def test_memory_of_written_refusals_ends_with_the_minute() -> None:
    """An environment can live for hours, so its memory must stay small."""
    log = Log()
    attempts = RefusedAttempts(log)
    for minute in range(3):
        attempts.record(origin(at=NOW + minute * 60 * SECOND), route="POST /things", code="no")
    attempts.record(origin(), route="POST /things", code="no")

    assert len(log.entries) == 4
