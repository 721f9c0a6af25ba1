"""Webhook secrets at rest: encrypted for their account and webhook, decrypted once and cached."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

import boto3
import pytest
from moto import mock_aws

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.secret_vault import SecretVault
from latchhook.webhooks.secrets import StoredSecret
from tests.samples import ACCOUNT, webhook

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

WEBHOOK = webhook(1).id
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Kms:
    """A KMS key that counts its calls."""

    def __init__(self) -> None:
        self.client: KMSClient = boto3.client("kms")
        self.key_id = self.client.create_key()["KeyMetadata"]["KeyId"]
        self.calls: Counter[str] = Counter()
        self.client.meta.events.register("before-call.kms", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self.calls[model.name] += 1

    def vault(self) -> SecretVault:
        """Return a vault as in a new environment."""
        return SecretVault(lambda: self.client, key_id=self.key_id)


@pytest.fixture
def kms() -> Iterator[Kms]:
    with mock_aws():
        yield Kms()


@pytest.mark.parametrize("secret", [SECRET, "x" * 16, "ü" * 256, "\U0001f3c1" * 256])
def test_secret_is_decrypted_unchanged(kms: Kms, secret: str) -> None:
    sealed = kms.vault().seal(ACCOUNT, WEBHOOK, secret)

    assert secret.encode() not in sealed.ciphertext
    assert sealed.signs_until is None
    assert kms.vault().reveal(ACCOUNT, WEBHOOK, sealed) == secret
    assert kms.calls == {"Encrypt": 1, "Decrypt": 1}


@pytest.mark.parametrize(("account_id", "webhook_id"), [("acct_2", WEBHOOK), (ACCOUNT, webhook(2).id)])
def test_secret_of_another_account_or_webhook_is_not_decrypted(kms: Kms, account_id: str, webhook_id: UUID) -> None:
    vault = kms.vault()
    sealed = vault.seal(ACCOUNT, WEBHOOK, SECRET)
    vault.reveal(ACCOUNT, WEBHOOK, sealed)

    with pytest.raises(DependencyUnavailableError, match="InvalidCiphertext") as refused:
        vault.reveal(account_id, webhook_id, sealed)
    assert SECRET not in str(refused.value)


def test_secret_is_decrypted_once_and_cached(kms: Kms) -> None:
    vault = kms.vault()
    sealed = vault.seal(ACCOUNT, WEBHOOK, SECRET)

    assert [vault.reveal(ACCOUNT, WEBHOOK, sealed) for _ in range(5)] == [SECRET] * 5
    assert kms.calls["Decrypt"] == 1


def test_rotated_secret_is_not_confused_with_the_previous_one(kms: Kms) -> None:
    vault = kms.vault()
    old, new = (
        vault.seal(ACCOUNT, WEBHOOK, "the old secret of it"),
        vault.seal(ACCOUNT, WEBHOOK, "the new secret of it"),
    )

    assert vault.reveal(ACCOUNT, WEBHOOK, old) == "the old secret of it"
    assert vault.reveal(ACCOUNT, WEBHOOK, new) == "the new secret of it"


class CountingKms:
    """A KMS that decrypts every text to itself."""

    def __init__(self) -> None:
        self.decrypted = 0

    def decrypt(self, *, CiphertextBlob: bytes, **_: Any) -> dict[str, bytes]:  # noqa: N803  # KMS's own name
        self.decrypted += 1
        return {"Plaintext": CiphertextBlob}


def _remembering() -> tuple[SecretVault, CountingKms]:
    counting = CountingKms()
    return SecretVault(lambda: counting, key_id="k"), counting  # type: ignore[arg-type,return-value]


def test_cache_is_limited_and_drops_the_least_recently_used() -> None:
    vault, counting = _remembering()
    secrets = [StoredSecret(f"secret {number}".encode()) for number in range(1_001)]
    for secret in secrets[:1_000]:
        vault.reveal(ACCOUNT, WEBHOOK, secret)
    vault.reveal(ACCOUNT, WEBHOOK, secrets[0])
    vault.reveal(ACCOUNT, WEBHOOK, secrets[1_000])
    assert counting.decrypted == 1_001

    vault.reveal(ACCOUNT, WEBHOOK, secrets[0])
    assert counting.decrypted == 1_001
    vault.reveal(ACCOUNT, WEBHOOK, secrets[1])
    assert counting.decrypted == 1_002


def test_vault_is_safe_for_concurrent_threads() -> None:
    vault, _ = _remembering()
    secrets = [StoredSecret(f"secret {number % 1_500}".encode()) for number in range(6_000)]

    with ThreadPoolExecutor(8) as threads:
        revealed = list(threads.map(lambda secret: vault.reveal(ACCOUNT, WEBHOOK, secret), secrets))

    assert revealed == [secret.ciphertext.decode() for secret in secrets]


def test_kms_failure_is_a_dependency_error(kms: Kms) -> None:
    sealed = kms.vault().seal(ACCOUNT, WEBHOOK, SECRET)
    kms.client.disable_key(KeyId=kms.key_id)

    with pytest.raises(DependencyUnavailableError):
        SecretVault(lambda: kms.client, key_id="no-such-key").seal(ACCOUNT, WEBHOOK, SECRET)
    with pytest.raises(DependencyUnavailableError):
        SecretVault(lambda: kms.client, key_id=kms.key_id).reveal(
            ACCOUNT, WEBHOOK, StoredSecret(sealed.ciphertext[:-1])
        )


def test_cached_secret_needs_no_client() -> None:
    made: list[CountingKms] = []

    def make() -> Any:
        made.append(CountingKms())
        return made[-1]

    vault = SecretVault(make, key_id="k")
    assert made == []
    vault.reveal(ACCOUNT, WEBHOOK, StoredSecret(b"x"))
    vault.reveal(ACCOUNT, WEBHOOK, StoredSecret(b"x"))
    assert len(made) == 1
