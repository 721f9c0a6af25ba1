"""Accounts' policies for exposed keys."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.storage.leaked_key_policies import LeakedKeyPolicies


@cache
def leaked_key_policies() -> LeakedKeyPolicies:
    """The accounts' policies for exposed keys."""
    return LeakedKeyPolicies(database(), audit=audit_items())
