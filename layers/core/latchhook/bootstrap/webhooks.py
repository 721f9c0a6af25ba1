"""Webhooks and their secrets."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.storage.webhooks_table import WebhooksTable
from latchhook.transport.secret_vault import SecretVault


@cache
def webhooks_table() -> WebhooksTable:
    """The table of webhooks."""
    return WebhooksTable(database(), audit=audit_items())


@cache
def secret_vault() -> SecretVault:
    """Encrypts and decrypts webhook secrets."""
    return SecretVault(aws.kms, key_id=settings().webhook_secrets_key_id)
