"""Rotate a key whose text is stored in AWS Secrets Manager, in the four steps of Secrets Manager.

Source: Secrets Manager user guide, "Rotation by Lambda function". Each step can stop anywhere and run again. The new
text is written to the secret before the key accepts it, so no text is lost. The current text works all the time.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.api_keys.ports import PresentedKeys
from latchhook.api_keys.rotation import MAX_GRACE_SECONDS, grace_end
from latchhook.api_keys.verification import KeyQuery, Refusal
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.clock import rfc3339
from latchhook.identity import caller
from latchhook.optimistic_locking import retry_on_conflict

CURRENT = "AWSCURRENT"

KEY_FIELD = "apiKey"
GRACE_FIELD = "gracePeriodSeconds"

DEFAULT_GRACE_SECONDS = 86_400
"""Consumers cache the text. AWS's own caches keep it for an hour."""

MIN_GRACE_SECONDS = 3_600
"""The old text must work until the last step, which Secrets Manager may repeat."""


class SecretsManagerRotationError(Exception):
    """The rotation needs a manual correction. Secrets Manager shows the message, which never contains a secret."""


class VersionedSecret(Protocol):
    """One secret in Secrets Manager."""

    def stages(self) -> Mapping[str, Collection[str]]:
        """The staging labels of each version, by its id."""

    def current(self) -> str | None:
        """The text of the current version. None if the version is not text."""

    def pending(self, version_id: str) -> str | None:
        """The text of the pending version. None until the text is stored."""

    def add_pending(self, version_id: str, text: str) -> None:
        """Store the text of the pending version. An existing text is not changed."""

    def make_current(self, version_id: str, *, instead_of: str | None) -> None:
        """Move the label of the current version from `instead_of` to this version."""


class KeySecrets(Protocol):
    """Changes the secrets of keys."""

    def replace_secret(
        self, key: ApiKey, *, key_hash: bytes, kept_hash: bytes, previous_until: datetime, entry: AuditEntry
    ) -> ApiKey:
        """Make `key_hash` the current secret. `kept_hash` works until `previous_until`. Raises `KeyChangedError`."""


@dataclass(frozen=True, slots=True)
class SecretsManagerRotation:
    """Runs the four steps."""

    reads: PresentedKeys
    secrets: KeySecrets
    prefix: str
    rng: Random

    def run(self, step: str, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        """Run one step. A repeated step changes nothing.

        Raises `SecretsManagerRotationError`, and `DependencyUnavailableError` if a repetition can succeed.
        """
        stages = secret.stages()
        if CURRENT in stages.get(version_id, ()):
            return
        match step:
            case "createSecret":
                self._create(secret, version_id, now)
            case "setSecret":
                self._set(secret, version_id, now)
            case "testSecret":
                self._test(secret, version_id, now)
            case "finishSecret":
                current = next((each for each, labels in stages.items() if CURRENT in labels), None)
                secret.make_current(version_id, instead_of=current)
            case _:
                raise SecretsManagerRotationError("The rotation step is unknown.")

    def _create(self, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        """Store a new text of the same key in the pending version. All other fields of the secret are copied."""
        if secret.pending(version_id) is not None:
            return
        content = _content(secret.current(), CURRENT)
        key = self._presented(content, now).key
        text = key_format.issue_key_text(self.prefix, key.id, self.rng)
        secret.add_pending(version_id, json.dumps({**content, KEY_FIELD: text}))

    def _set(self, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        """Make the new text the key's current text. The text in the current version works for the grace period."""
        content, new = _content(secret.current(), CURRENT), _content(secret.pending(version_id), "AWSPENDING")
        new_hash, kept_hash = _hash(new), _hash(content)

        def rotate() -> None:
            if self._presented(new, now, of_key=self._key_id(content)).secret == "current":  # noqa: S105
                return
            key = self._holding(content, now).key
            until = grace_end(key, grace_seconds=_grace_seconds(content), now=now)
            origin = Origin(caller.system(key.account_id, "secrets-manager"), "", "", now)
            details = {"previousKeyExpiresAt": rfc3339(until)}
            entry = new_entry(origin, "api_key.rotated", key.id, rng=self.rng, details=details)
            self.secrets.replace_secret(key, key_hash=new_hash, kept_hash=kept_hash, previous_until=until, entry=entry)

        retry_on_conflict(rotate, rng=self.rng)

    def _test(self, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        new = _content(secret.pending(version_id), "AWSPENDING")
        if self._presented(new, now).secret != "current":  # noqa: S105
            raise SecretsManagerRotationError(
                "The new text is no longer valid: the key was rotated outside Secrets Manager. "
                "Store the key's new text in the secret."
            )

    def _holding(self, content: Mapping[str, Any], now: datetime) -> Refusal:
        """Look up the key of a secret. Raises `SecretsManagerRotationError` unless the text works at `now`."""
        look_up = self._presented(content, now)
        ends_at = look_up.previous_ends_at
        if look_up.secret != "current" and (ends_at is None or ends_at <= now):  # noqa: S105
            raise SecretsManagerRotationError(
                "The secret's apiKey is no longer valid: the key was rotated outside Secrets Manager. "
                "Store the key's new text in the secret."
            )
        return look_up

    def _presented(self, content: Mapping[str, Any], now: datetime, *, of_key: UUID | None = None) -> Refusal:
        """Look up the key of a secret. Raises `SecretsManagerRotationError` if the key may not be used."""
        key_id = self._key_id(content)
        if of_key is not None and key_id != of_key:
            raise SecretsManagerRotationError("The new text belongs to another key.")
        look_up = self.reads.look_up(KeyQuery(key_id, _hash(content), now))
        if look_up is None:
            raise SecretsManagerRotationError("The key of the secret's apiKey does not exist.")
        status = look_up.key.status_at(now)
        if status != "active":
            raise SecretsManagerRotationError(f"The key is {status}.")
        return look_up

    def _key_id(self, content: Mapping[str, Any]) -> UUID:
        try:
            return key_format.key_id_of(self.prefix, content[KEY_FIELD])
        except MalformedKeyError:
            raise SecretsManagerRotationError("The secret's apiKey is not a key of this deployment.") from None


def _hash(content: Mapping[str, Any]) -> bytes:
    return key_format.hash_key_text(content[KEY_FIELD])


def _content(text: str | None, stage: str) -> Mapping[str, Any]:
    """Parse and check a version of a secret. Raises `SecretsManagerRotationError`."""
    try:
        content = None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get(KEY_FIELD), str):
        raise SecretsManagerRotationError(f'The secret\'s {stage} version is not JSON of the form {{"apiKey": "..."}}.')
    _grace_seconds(content)
    return content


def _grace_seconds(content: Mapping[str, Any]) -> int:
    grace = content.get(GRACE_FIELD, DEFAULT_GRACE_SECONDS)
    if type(grace) is not int or not MIN_GRACE_SECONDS <= grace <= MAX_GRACE_SECONDS:
        raise SecretsManagerRotationError(
            f"The secret's {GRACE_FIELD} is not a whole number from {MIN_GRACE_SECONDS} to {MAX_GRACE_SECONDS}."
        )
    return grace
