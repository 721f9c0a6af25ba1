"""Helpers for tests of the table ApiKeys."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.verification import Code, KeyQuery, UseRequest, Verdict
from latchhook.audit import new_entry
from latchhook.permissions.requirements import NOTHING, Requirement, all_of
from latchhook.storage.api_key_items import new_item, primary_key
from latchhook.storage.attributes import from_item
from tests.samples import ACCOUNT, NOW, PREFIX, entry, key_text, origin
from tests.storage.conftest import Store
from tests.template_tables import API_KEYS

OTHER = "acct_other"

_RNG = Random(99)


def add(store: Store, key: ApiKey, *, secret: int = 1) -> str:
    """Store the key and return its key text."""
    text = key_text(key, secret)
    store.keys.add(key, hash_key_text(text), entry(key.account_id, action="api_key.created", seed=key.id.int))
    return text


def add_many(store: Store, keys: list[ApiKey]) -> None:
    """Store keys without audit entries, 25 per call."""
    puts: list[Any] = [{"PutRequest": {"Item": new_item(key, hash_key_text(key_text(key)), PREFIX)}} for key in keys]
    for start in range(0, len(puts), 25):
        response = store.client.batch_write_item(RequestItems={API_KEYS: puts[start : start + 25]})
        assert not response["UnprocessedItems"]


def verify(
    store: Store,
    text: str,
    *scopes: str,
    now: datetime = NOW,
    required: Requirement = NOTHING,
    cost: int = 1,
    ip: str | None = None,
) -> Verdict:
    """Verify a key text."""
    return store.verifier.verify(text, UseRequest(all_of(scopes) if scopes else required, cost, ip), now=now)


def codes(store: Store, text: str, count: int, *, now: datetime = NOW, cost: int = 1) -> list[Code]:
    """Verify a key text `count` times and return the codes."""
    return [verify(store, text, now=now, cost=cost).code for _ in range(count)]


def query(key: ApiKey, *, secret: int = 1, now: datetime = NOW, **asked: Any) -> KeyQuery:
    """Return the query for a key's verification."""
    return KeyQuery(key.id, hash_key_text(key_text(key, secret)), now, **asked)


def change(store: Store, key: ApiKey, *, at: datetime = NOW, **changes: Any) -> ApiKey:
    """Change settings of an unchanged key, and return the changed key."""
    after = replace(key, updated_at=at, version=key.version + 1, **changes)
    store.keys.replace(key, after, new_entry(origin(key.account_id, at=at), "api_key.updated", key.id, rng=_RNG))
    return after


def revoke(store: Store, key: ApiKey, *, account_id: str = ACCOUNT, now: datetime = NOW) -> None:
    """Revoke the key."""
    store.keys.revoke(account_id, key.id, new_entry(origin(account_id, at=now), "api_key.revoked", key.id, rng=_RNG))


def rotate(store: Store, key: ApiKey, *, secret: int, grace: timedelta, now: datetime = NOW) -> tuple[ApiKey, str]:
    """Replace the key's secret. Return the rotated key and the new key text."""
    text = key_text(key, secret)
    logged = new_entry(origin(key.account_id, at=now), "api_key.rotated", key.id, rng=_RNG)
    rotated = store.keys.replace_secret(key, key_hash=hash_key_text(text), previous_until=now + grace, entry=logged)
    return rotated, text


def stored(store: Store, key: ApiKey) -> dict[str, Any]:
    """Return the key's item."""
    response = store.client.get_item(TableName=API_KEYS, Key=primary_key(key.id), ConsistentRead=True)
    return from_item(response["Item"])


def records(store: Store, key: ApiKey) -> dict[str, Mapping[str, Any]]:
    """Return all items with the key's id, by `record`."""
    return {item["record"]: item for item in store.items(API_KEYS) if item["id"] == str(key.id)}


def actions(store: Store, account_id: str = ACCOUNT) -> list[str]:
    """Return the actions in the account's audit log, oldest first."""
    return [logged["action"] for logged in store.audit_log(account_id)]


def day(moment: datetime) -> str:
    """Return the UTC day, as it is used in the names of daily counts."""
    return f"{moment:%Y%m%d}"
