"""Ports that several modules of API keys use."""

from typing import Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import KeyQuery, Refusal
from latchhook.audit import AuditEntry


class PresentedKeys(Protocol):
    """Reads keys by their secrets."""

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """Read the key, and find which of its secrets was presented. None if no such key exists."""


class StoredKeys(Protocol):
    """Reads keys by their ids."""

    def get(self, account_id: str, key_id: UUID) -> ApiKey:
        """Read one key of the account, strongly consistent. Raises `ApiKeyNotFoundError`."""


class ReplaceableKeys(Protocol):
    """Changes the settings of keys."""

    def replace(self, before: ApiKey, after: ApiKey, entry: AuditEntry) -> None:
        """Replace `before` with `after`, in one transaction with the audit entry.

        Raises `KeyChangedError` if the stored key differs from `before`, and `UnknownProfileError`.
        """


class RevocableKeys(Protocol):
    """Revokes keys."""

    def revoke(self, account_id: str, key_id: UUID, entry: AuditEntry) -> None:
        """Revoke the key, in one transaction with the audit entry. A revoked key is not changed.

        Raises `ApiKeyNotFoundError`.
        """
