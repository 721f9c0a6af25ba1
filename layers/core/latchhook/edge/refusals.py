"""Refused attempts in the audit log, and no more of them than a reader needs."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, refused_entry


class Log(Protocol):
    """The audit log."""

    def record(self, entry: AuditEntry) -> None:
        """Keeps an entry; one with the same id takes the place of the one before."""


class RefusedAttempts:
    """Records refused attempts: for one caller, route and reason one item a minute, written once by an environment.

    So who hammers us neither fills the account's log nor takes the writes of its partition, which every change of a key
    needs as well.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._minute: datetime | None = None
        self._recorded: set[UUID] = set()

    def record(self, origin: Origin, *, route: str, code: str) -> None:
        """Records one attempt in the account of its caller; raises what the log raises."""
        entry = refused_entry(origin, route=route, code=code)
        if self._minute != entry.origin.at:
            self._minute = entry.origin.at
            self._recorded = set()
        if entry.id not in self._recorded:
            self._log.record(entry)
            self._recorded.add(entry.id)
