"""Ports that several modules of webhooks use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook


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


class Webhooks(Protocol):
    """The storage of webhooks."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """Return a webhook of the account, or None, with a strongly consistent read."""


class SlowQueue(Protocol):
    """The queue for retries, for slow webhooks, and for tasks with a reservation."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Queue all tasks without delay. Raises `DependencyUnavailableError`."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Queue each task to arrive at its time, at most 15 minutes away. Raises `DependencyUnavailableError`."""


class Reservations(Protocol):
    """The storage of reservations."""

    def next_free(self, webhook_id: UUID, *, interval_micros: int, now: datetime) -> datetime:
        """Return the next free time without reserving it, with a strongly consistent read."""

    def reserve(
        self,
        webhook_id: UUID,
        count: int,
        *,
        interval_micros: int,
        guard_micros: int = 0,
        now: datetime,
        until: datetime,
    ) -> Sequence[datetime]:
        """Reserve and return the next free times, at most `count`, between `now` and `until`.

        The times are `interval_micros` plus `guard_micros` apart. The next reservation has the same distance.
        """
