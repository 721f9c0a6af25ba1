"""The audit entries that tables write with their changes."""

from functools import cache

from latchhook.bootstrap.environment import settings
from latchhook.storage.audit_items import AuditItems


@cache
def audit_items() -> AuditItems:
    """Builds the items of audit entries."""
    return AuditItems(settings().settings_table, retention_days=settings().audit_retention_days)
