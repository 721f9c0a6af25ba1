"""Encrypts webhook secrets at rest with KMS, bound to their account and webhook."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from latchhook import aws
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import encryption_context

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

_REMEMBERED = 1_000


class SecretVault:
    """Encrypts and decrypts secrets. It caches decrypted secrets by ciphertext, in memory only.

    The client is created on first use, because rejected requests and cached secrets need no client.
    """

    def __init__(self, client: "Callable[[], KMSClient]", *, key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self._revealed: OrderedDict[tuple[str, UUID, bytes], str] = OrderedDict()
        self._lock = Lock()

    def seal(self, account_id: str, webhook_id: UUID, secret: str) -> StoredSecret:
        """Encrypt the secret, with one KMS call."""
        response = aws.call(
            self._client().encrypt,
            KeyId=self._key_id,
            Plaintext=secret.encode(),
            EncryptionContext=encryption_context(account_id, webhook_id),
        )
        return StoredSecret(response["CiphertextBlob"])

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        """Decrypt the secret, with one KMS call unless it is cached."""
        name = (account_id, webhook_id, secret.ciphertext)
        with self._lock:
            if name in self._revealed:
                self._revealed.move_to_end(name)
                return self._revealed[name]
        response = aws.call(
            self._client().decrypt,
            KeyId=self._key_id,
            CiphertextBlob=secret.ciphertext,
            EncryptionContext=encryption_context(account_id, webhook_id),
        )
        text: str = response["Plaintext"].decode()
        with self._lock:
            self._revealed[name] = text
            if len(self._revealed) > _REMEMBERED:
                self._revealed.popitem(last=False)
        return text
