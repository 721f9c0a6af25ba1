"""Ports that several modules of webhooks use."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.secrets import StoredSecret


class Sealer(Protocol):
    """Encrypts secret values before they are stored."""

    def seal(self, account_id: str, webhook_id: UUID, secret: str) -> StoredSecret:
        """Encrypt the secret."""


class Revealer(Protocol):
    """Decrypts stored secret values."""

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        """Decrypt the secret."""


class Vault(Sealer, Revealer, Protocol):
    """Encrypts and decrypts secrets."""


class Retries(Protocol):
    """The slow queue."""

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        """Queue `task` so that it arrives at `due`. A task that is planned twice has no second effect."""
