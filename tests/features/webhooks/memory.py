"""In-memory stores of webhooks and of their secrets."""

from collections.abc import Sequence
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.idempotency_records import IdempotencyKey
from latchhook.webhooks.errors import WebhookChangedError, WebhookNotFoundError
from latchhook.webhooks.secrets import StoredSecret, previous_until
from latchhook.webhooks.webhook import Webhook
from tests.features.remembered_requests import RememberedRequests


class RememberedWebhooks:
    """A store of webhooks and of every audit entry."""

    def __init__(self, *webhooks: Webhook) -> None:
        self.webhooks = {each.id: each for each in webhooks}
        self.entries: list[AuditEntry] = []
        self.requests = RememberedRequests()

    @property
    def actions(self) -> Sequence[str]:
        """The actions of all audit entries, oldest first."""
        return [entry.action for entry in self.entries]

    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        self.requests.do_once(idempotency_key, webhook.id)
        if webhook.id in self.webhooks:
            return False
        self.webhooks[webhook.id] = webhook
        self.entries.append(entry)
        return True

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        found = self.webhooks.get(webhook_id)
        return found if found is not None and found.account_id == account_id else None

    def webhook(self, account_id: str, webhook_id: UUID) -> Webhook:
        found = self.find_webhook(account_id, webhook_id)
        if found is None:
            raise WebhookNotFoundError
        return found

    def replace(
        self, before: Webhook, after: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        if self.webhook(before.account_id, before.id).version != before.version:
            raise WebhookChangedError
        self.requests.do_once(idempotency_key, before.id, previous_until(after.secrets))
        self.webhooks[before.id] = after
        self.entries.append(entry)

    def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


class LockBox:
    """A vault that binds each secret to its webhook, as KMS does, and counts the sealed secrets."""

    def __init__(self) -> None:
        self.sealed = 0

    def seal(self, account_id: str, webhook_id: UUID, secret: str) -> StoredSecret:
        self.sealed += 1
        return StoredSecret(f"{account_id}/{webhook_id}/{secret[::-1]}".encode())

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        owner, owned, sealed = secret.ciphertext.decode().split("/", 2)
        assert (owner, owned) == (account_id, str(webhook_id))
        return sealed[::-1]
