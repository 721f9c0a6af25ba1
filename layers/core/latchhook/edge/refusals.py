"""Refused requests in the audit log, limited to one entry a minute for each caller, route and reason."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, refused_entry


class Log(Protocol):
    """The audit log."""

    def record(self, entry: AuditEntry) -> None:
        """Store an entry. It replaces an earlier entry with the same id."""


class RefusedAttempts:
    """Records refused requests. Each environment writes one entry a minute for each caller, route and reason.

    A flood of refused requests therefore cannot fill the account's log. It also cannot use up the write capacity of
    the account's partition, which every change of a key needs.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._minute: datetime | None = None
        self._recorded: set[UUID] = set()

    def record(self, origin: Origin, *, route: str, code: str) -> None:
        """Record a refused request in the caller's account. Raises the log's errors."""
        entry = refused_entry(origin, route=route, code=code)
        if self._minute != entry.origin.at:
            self._minute = entry.origin.at
            self._recorded = set()
        if entry.id not in self._recorded:
            self._log.record(entry)
            self._recorded.add(entry.id)
