"""The life of a key's secret as the caller sees it: issued, rotated, revoked, each with its audit entry."""

from datetime import datetime
from random import Random
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import ApiKeyNotFoundError, UnknownScopesError
from latchhook.api_keys.issuing import KeyIssuer
from latchhook.api_keys.key_format import hash_key_text, parse_key_text
from latchhook.audit import AuditEntry
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, api_key, key_text, origin


class RememberedKeys:
    """A store of keys that keeps their hashes and every audit entry."""

    def __init__(self, *keys: ApiKey) -> None:
        self.keys = {key.id: key for key in keys}
        self.hashes: dict[UUID, bytes] = {}
        self.previous: dict[UUID, tuple[bytes | None, datetime]] = {}
        self.revoked: list[UUID] = []
        self.entries: list[AuditEntry] = []

    def add(self, key: ApiKey, key_hash: bytes, entry: AuditEntry) -> None:
        self.keys[key.id] = key
        self.hashes[key.id] = key_hash
        self.entries.append(entry)

    def get(self, account_id: str, key_id: UUID) -> ApiKey:
        key = self.keys.get(key_id)
        if key is None or key.account_id != account_id:
            raise ApiKeyNotFoundError
        return key

    def replace_secret(
        self, key: ApiKey, *, key_hash: bytes, previous_until: datetime, now: datetime, entry: AuditEntry
    ) -> ApiKey:
        self.previous[key.id] = (self.hashes.get(key.id), previous_until)
        self.hashes[key.id] = key_hash
        self.entries.append(entry)
        return key

    def revoke(self, account_id: str, key_id: UUID, *, now: datetime, entry: AuditEntry) -> None:
        self.get(account_id, key_id)
        self.revoked.append(key_id)
        self.entries.append(entry)


def _issuer(store: RememberedKeys, *, seed: int = 1) -> KeyIssuer:
    return KeyIssuer(store=store, prefix=PREFIX, catalogue=CATALOGUE, default_grace_seconds=300, rng=Random(seed))


def test_a_new_key_is_stored_with_its_hash_and_never_with_its_text() -> None:
    store = RememberedKeys()

    key, text = _issuer(store).create(KeySettings(), origin())

    assert store.keys == {key.id: key}
    assert store.hashes == {key.id: hash_key_text(text)}
    assert text not in repr(store.keys) + repr(store.entries)


def test_a_refused_key_is_not_stored() -> None:
    store = RememberedKeys()

    with pytest.raises(UnknownScopesError):
        _issuer(store).create(KeySettings(scopes=["orders:fly"]), origin())

    assert (store.keys, store.entries) == ({}, [])


def test_a_rotated_key_keeps_its_id_and_gets_another_secret() -> None:
    key = api_key()
    store = RememberedKeys(key)

    rotated, text, _ = _issuer(store, seed=2).rotate(key.id, grace_seconds=None, origin=origin())

    assert rotated.id == parse_key_text(PREFIX, text) == key.id
    assert text != key_text(key)
    assert store.hashes[key.id] == hash_key_text(text)


@pytest.mark.parametrize(("grace_seconds", "ends"), [(None, 300), (0, 0), (604_800, 604_800)])
def test_the_grace_is_the_callers_or_the_deployments(grace_seconds: int | None, ends: int) -> None:
    key = api_key()
    store = RememberedKeys(key)

    _, _, until = _issuer(store).rotate(key.id, grace_seconds=grace_seconds, origin=origin())

    assert until == store.previous[key.id][1] == NOW + ends * SECOND


def test_another_accounts_key_is_not_rotated() -> None:
    key = api_key(account_id="acct_other")
    store = RememberedKeys(key)

    with pytest.raises(ApiKeyNotFoundError):
        _issuer(store).rotate(key.id, grace_seconds=None, origin=origin())

    assert (store.hashes, store.entries) == ({}, [])


def test_another_accounts_key_is_not_revoked() -> None:
    key = api_key(account_id="acct_other")
    store = RememberedKeys(key)

    with pytest.raises(ApiKeyNotFoundError):
        _issuer(store).revoke(key.id, origin())

    assert store.revoked == []


def test_every_change_is_audited_with_who_did_it_from_where() -> None:
    store = RememberedKeys()
    issuer = _issuer(store)

    key, _ = issuer.create(KeySettings(), origin())
    issuer.rotate(key.id, grace_seconds=None, origin=origin())
    issuer.revoke(key.id, origin())

    assert [each.action for each in store.entries] == ["api_key.created", "api_key.rotated", "api_key.revoked"]
    assert {each.target_id for each in store.entries} == {str(key.id)}
    assert {each.account_id for each in store.entries} == {ACCOUNT}
    assert {(each.origin.source_ip, each.origin.request_id) for each in store.entries} == {("203.0.113.9", "request-1")}
    assert len({each.id for each in store.entries}) == 3
