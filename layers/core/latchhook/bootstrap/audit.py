"""The audit log."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.edge.refusals import RefusedAttempts
from latchhook.storage.audit_log import AuditLog


@cache
def audit_log() -> AuditLog:
    """The audit log."""
    return AuditLog(database(), audit=audit_items())


@cache
def refused_attempts() -> RefusedAttempts:
    """Records refused requests in the audit log."""
    return RefusedAttempts(audit_log())
