"""An in-memory key store with the same guarantees as the tables. It counts the calls to each method."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.due_keys import DueKey
from latchhook.api_keys.errors import ApiKeyNotFoundError, KeyChangedError, UnknownProfileError
from latchhook.api_keys.issuing import KeyIssuer
from latchhook.api_keys.limits import Credits
from latchhook.api_keys.verification import (
    Code,
    KeyQuery,
    KeyVerifier,
    OwnerRights,
    Refusal,
    RightsSources,
    reason,
)
from latchhook.audit import AuditEntry
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import Page, Position
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Profile
from latchhook.rates import to_micros
from tests.features.remembered_requests import RememberedRequests
from tests.samples import CATALOGUE, PREFIX


@dataclass
class Row:
    """A key with its current and its previous secret."""

    key: ApiKey
    secret: bytes
    previous: bytes | None = None
    previous_until: datetime | None = None


@dataclass
class KeysInMemory:
    """API keys, permission profiles, and their audit entries."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    known_profiles: dict[tuple[str, UUID], Profile] = field(default_factory=dict)
    known_owners: dict[tuple[str, str], Grants] = field(default_factory=dict)
    """The rights of the active members, by account and user."""
    entries: list[AuditEntry] = field(default_factory=list)
    requests: RememberedRequests = field(default_factory=RememberedRequests)
    refusals: list[tuple[UUID, Code]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    changes_of_others: int = 0
    """How many reads of a key are still followed by a concurrent change to it."""
    shards: Sequence[str] = ("0",)

    def put(self, key: ApiKey, key_hash: bytes = b"") -> ApiKey:
        """Store an existing key."""
        self.rows[key.id] = Row(key, key_hash)
        return key

    def put_profile(self, profile: Profile) -> Profile:
        """Store an existing profile."""
        self.known_profiles[profile.account_id, profile.id] = profile
        return profile

    # ---- Owners ----

    def rights(self, account_id: str, sources: RightsSources) -> OwnerRights:
        self.calls["rights"] += 1
        profile_id = sources.profile_id
        profile = None if profile_id is None else self.known_profiles.get((account_id, profile_id))
        return OwnerRights(self.known_owners.get((account_id, sources.followed_user_id or "")), profile)

    # ---- Profiles ----

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        self.calls["find"] += 1
        return self.known_profiles.get((account_id, profile_id))

    # ---- Creating and changing ----

    def add(
        self, key: ApiKey, key_hash: bytes, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        self.requests.do_once(idempotency_key, key.id)
        self._check_profile(key)
        assert key.id not in self.rows
        self.rows[key.id] = Row(key, key_hash)
        self.entries.append(entry)

    def add_all(self, account_id: str, new: Sequence[tuple[ApiKey, bytes, AuditEntry]]) -> Sequence[bool]:
        self.calls["add_all"] += 1
        added = []
        for key, key_hash, entry in new:
            assert key.account_id == entry.account_id == account_id
            added.append(key.id not in self.rows)
            if added[-1]:
                self.add(key, key_hash, entry)
        return added

    def get(self, account_id: str, key_id: UUID) -> ApiKey:
        row = self.rows.get(key_id)
        if row is None or row.key.account_id != account_id:
            raise ApiKeyNotFoundError
        read = row.key
        if self.changes_of_others:
            self.changes_of_others -= 1
            row.key = replace(row.key, description="changed concurrently", version=row.key.version + 1)
        return read

    def replace(self, before: ApiKey, after: ApiKey, entry: AuditEntry) -> None:
        row = self.rows[before.id]
        if row.key.version != before.version:
            raise KeyChangedError
        self._check_profile(after)
        row.key = after
        self.entries.append(entry)

    def replace_secret(
        self,
        key: ApiKey,
        *,
        key_hash: bytes,
        previous_until: datetime,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
    ) -> ApiKey:
        row = self.rows[key.id]
        if row.key.version != key.version:
            raise KeyChangedError
        self.requests.do_once(idempotency_key, key.id, previous_until)
        row.previous, row.previous_until, row.secret = row.secret, previous_until, key_hash
        row.key = replace(row.key, updated_at=entry.origin.at, rotated_at=entry.origin.at, version=row.key.version + 1)
        self.entries.append(entry)
        return row.key

    def revoke(self, account_id: str, key_id: UUID, entry: AuditEntry) -> None:
        key = self.get(account_id, key_id)
        if key.stored_status != "revoked":
            at = entry.origin.at
            self.rows[key_id].key = replace(key, stored_status="revoked", revoked_at=at, version=key.version + 1)
            self.entries.append(entry)

    # ---- Bulk operations ----

    def live_page(self, account_id: str, *, limit: int, after: Position | None) -> Page[ApiKey]:
        self.calls["live_page"] += 1
        live = [
            row.key
            for row in self.rows.values()
            if row.key.account_id == account_id and row.key.stored_status != "revoked"
        ]
        start = 0 if after is None else int(after[0])
        more = len(live) > start + limit
        return Page(tuple(live[start : start + limit]), (str(start + limit),) if more else None)

    def read(self, account_id: str, key_ids: Sequence[UUID]) -> Sequence[ApiKey]:
        self.calls["read"] += 1
        rows = [self.rows[key_id] for key_id in key_ids if key_id in self.rows]
        return [row.key for row in rows if row.key.account_id == account_id]

    def revoke_all(self, account_id: str, entries: Sequence[tuple[ApiKey, AuditEntry]]) -> None:
        self.calls["revoke_all"] += 1
        for key, entry in entries:
            self.revoke(account_id, key.id, entry)

    # ---- Verification ----

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        self.calls["record_use"] += 1
        look_up = self._presented(query)
        if look_up is None or reason(look_up, query) is not None:
            return look_up
        row = self.rows[query.key_id]
        row.key = _used(row.key, query)
        return row.key

    def look_up(self, query: KeyQuery) -> Refusal | None:
        self.calls["look_up"] += 1
        return self._presented(query)

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        self.calls["count_refusal"] += 1
        self.refusals.append((key.id, code))

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        self.calls["limit_reached"] += 1
        self.rows[key.id].key = replace(self.rows[key.id].key, limit_notified=True)

    # ---- Expiry ----

    def due(self, shard: str, *, now: datetime, limit: int, after: DueKey | None) -> Sequence[DueKey]:
        found = [
            DueKey(key.id, key.account_id, key.expires_at, key.expires_at)
            for key in (row.key for row in self.rows.values())
            if key.stored_status == "active" and key.expires_at is not None and key.expires_at <= now
        ]
        ordered = sorted(found, key=lambda one: (one.due_at, one.id))
        return [one for one in ordered if after is None or (one.due_at, one.id) > (after.due_at, after.id)][:limit]

    def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
        for one in keys:
            row = self.rows[one.id]
            row.key = replace(row.key, stored_status="expired", version=row.key.version + 1)
        return len(keys)

    # ---- Objects that use this store ----

    def issuer(self, *, seed: int = 100) -> KeyIssuer:
        """Return an issuer that creates, rotates and revokes the keys in this store."""
        return KeyIssuer(
            store=self,
            profiles=lambda: self,
            owners=lambda: self,
            prefix=PREFIX,
            catalogue=CATALOGUE,
            default_grace_seconds=300,
            rng=Random(seed),
        )

    def verifier(self) -> KeyVerifier:
        """Return a verifier for the keys in this store."""
        return KeyVerifier(PREFIX, uses=self, records=self, profiles=lambda: self, owners=lambda: self)

    def _presented(self, query: KeyQuery) -> Refusal | None:
        row = self.rows.get(query.key_id)
        if row is None:
            return None
        if query.key_hash == row.secret:
            return Refusal(row.key, "current", None)
        if query.key_hash == row.previous:
            return Refusal(row.key, "previous", row.previous_until)
        return Refusal(row.key, "unknown", None)

    def _check_profile(self, key: ApiKey) -> None:
        if key.profile_id is not None and (key.account_id, key.profile_id) not in self.known_profiles:
            raise UnknownProfileError


def _used(key: ApiKey, query: KeyQuery) -> ApiKey:
    now, day = query.now, f"{query.now:%Y%m%d}"
    full_at = key.rate_full_at_micros
    if key.rate_limit is not None:
        full_at = max(full_at, to_micros(now)) + key.rate_limit.step_micros
    left = key.credits
    if left is not None:
        left = Credits(left.remaining(now) - query.cost, left.refill, left.next_refill(now))
    return replace(
        key,
        last_used_at=now,
        daily_requests={**key.daily_requests, day: key.daily_requests.get(day, 0) + 1},
        rate_full_at_micros=full_at,
        credits=left,
    )
