"""A key whose text stands in a secret of AWS Secrets Manager, and is rotated there by itself, in four steps.

Source: Secrets Manager user guide, "Rotation by Lambda function". Any step may stop anywhere and be run again: the new
text is in the secret before the key knows it, so none is ever lost, and the text that everybody reads holds all the
while.
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
"""Consumers remember what they have read; AWS's own caches do so for an hour."""

MIN_GRACE_SECONDS = 3_600
"""The old text has to hold until the last step, which Secrets Manager may have to try again."""


class SecretsManagerRotationError(Exception):
    """A rotation that somebody has to do something about. Secrets Manager shows the text: no secret is in it."""


class VersionedSecret(Protocol):
    """One secret in Secrets Manager."""

    def stages(self) -> Mapping[str, Collection[str]]:
        """The staging labels of each version, by its id."""

    def current(self) -> str | None:
        """The version that everybody reads; None if it is no text."""

    def pending(self, version_id: str) -> str | None:
        """The version that is being made; None as long as it has no text."""

    def add_pending(self, version_id: str, text: str) -> None:
        """Stores the version that is being made; one that is there already stays as it is."""

    def make_current(self, version_id: str, *, instead_of: str | None) -> None:
        """Lets everybody read this version from now on."""


class KeyReads(Protocol):
    """Where the secrets of keys are."""

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """The key as it stands and which of its secrets was presented; None where no such key exists."""


class KeySecrets(Protocol):
    """Where the secrets of keys are changed."""

    def replace_secret(
        self, key: ApiKey, *, key_hash: bytes, kept_hash: bytes, previous_until: datetime, entry: AuditEntry
    ) -> ApiKey:
        """Makes `key_hash` the secret, with `kept_hash` beside it until then; raises `KeyChangedError`."""


@dataclass(frozen=True, slots=True)
class SecretsManagerRotation:
    """Does the steps."""

    reads: KeyReads
    secrets: KeySecrets
    prefix: str
    rng: Random

    def run(self, step: str, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        """Does one step; done before, it changes nothing.

        Raises `SecretsManagerRotationError`, and `DependencyUnavailableError` for what may do when it is tried again.
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
                raise SecretsManagerRotationError("There is no such step.")

    def _create(self, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        """A new text of the same key, in the secret alone; all other fields stay."""
        if secret.pending(version_id) is not None:
            return
        content = _content(secret.current(), CURRENT)
        key = self._presented(content, now).key
        text = key_format.issue_key_text(self.prefix, key.id, self.rng)
        secret.add_pending(version_id, json.dumps({**content, KEY_FIELD: text}))

    def _set(self, secret: VersionedSecret, version_id: str, now: datetime) -> None:
        """Makes the new text the key's; the one that everybody reads goes on to hold, whichever of the key's it is."""
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
                "The new text is not the key's: it has been rotated by somebody else meanwhile."
            )

    def _holding(self, content: Mapping[str, Any], now: datetime) -> Refusal:
        """The key whose text this is; raises `SecretsManagerRotationError` unless the text holds at `now`."""
        look_up = self._presented(content, now)
        ends_at = look_up.previous_ends_at
        if look_up.secret != "current" and (ends_at is None or ends_at <= now):  # noqa: S105
            raise SecretsManagerRotationError(
                "The secret's apiKey does not hold: its key has been rotated by somebody else."
            )
        return look_up

    def _presented(self, content: Mapping[str, Any], now: datetime, *, of_key: UUID | None = None) -> Refusal:
        """Look up the key of a secret. Raises `SecretsManagerRotationError` if the key may not be used."""
        key_id = self._key_id(content)
        if of_key is not None and key_id != of_key:
            raise SecretsManagerRotationError("The new text is another key's.")
        look_up = self.reads.look_up(KeyQuery(key_id, _hash(content), now))
        if look_up is None:
            raise SecretsManagerRotationError("There is no such key as the secret's apiKey.")
        status = look_up.key.status_at(now)
        if status != "active":
            raise SecretsManagerRotationError(f"The key is {status}.")
        return look_up

    def _key_id(self, content: Mapping[str, Any]) -> UUID:
        try:
            return key_format.key_id_of(self.prefix, content[KEY_FIELD])
        except MalformedKeyError:
            raise SecretsManagerRotationError("The secret's apiKey is no key of this deployment.") from None


def _hash(content: Mapping[str, Any]) -> bytes:
    return key_format.hash_key_text(content[KEY_FIELD])


def _content(text: str | None, stage: str) -> Mapping[str, Any]:
    """A version of a secret as it must be; raises `SecretsManagerRotationError`."""
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
