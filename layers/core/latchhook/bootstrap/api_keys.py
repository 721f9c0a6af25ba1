"""The table of API keys."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.storage.api_keys_table import ApiKeysTable


@cache
def api_keys_table() -> ApiKeysTable:
    """The table of API keys."""
    return ApiKeysTable(
        database(),
        table=settings().api_keys_table,
        text_prefix=settings().api_key_prefix,
        audit=audit_items(),
        most_keys=settings().max_keys_per_account,
    )
