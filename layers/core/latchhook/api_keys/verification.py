"""Verification of a key text (`POST /api-keys/verify`): the result code, and the rights of the key.

One conditional write decides. A permission profile is a separate item, which this write cannot read. Therefore the
profile is read first, strongly consistent. The write then requires only the scopes that the profile does not decide,
and that the key still has this profile. A refused use consumes nothing. A change of a profile takes effect on the next
verification. Each environment remembers the profiles of keys. For an unknown key, the first write returns its profile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys import ip_ranges, key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.profiles import Profile
from latchhook.permissions.requirements import NEVER, NOTHING, Requirement, holds, under

MAX_REMEMBERED_PROFILES = 10_000
"""The number of keys whose profiles an environment remembers."""

_ATTEMPTS = 8

Code = Literal[
    "VALID",
    "NOT_FOUND",
    "REVOKED",
    "EXPIRED",
    "DISABLED",
    "INSUFFICIENT_SCOPE",
    "IP_NOT_ALLOWED",
    "RATE_LIMITED",
    "USAGE_EXCEEDED",
]


Obstacle = Code | Literal["OTHER_PROFILE"]
"""The reason why the write refuses a use. `OTHER_PROFILE`: the key has another profile than the query expects."""


@dataclass(frozen=True, slots=True)
class UseRequest:
    """The requirements of one use, in addition to a valid key."""

    required: Requirement = NOTHING
    cost: int = 1
    """Credits that this use spends."""
    ip_address: str | None = None
    """The address of the user, from API Gateway or from a trusted verifier. A key with an IP allow list needs it."""


@dataclass(frozen=True, slots=True)
class KeyQuery:
    """The conditions of one use, for the key with this id and this hash."""

    key_id: UUID
    key_hash: bytes = field(repr=False)
    now: datetime
    required: Requirement = NOTHING
    """The requirement on the key's own scopes."""
    cost: int = 1
    address: bytes | None = None
    """The address in the format of `ip_ranges`."""
    profile_id: UUID | None = None
    """The profile that the key must have. None requires a key without a profile."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The key as read after a refused use, and the kind of the presented secret."""

    key: ApiKey
    secret: Literal["current", "previous", "unknown"]
    previous_ends_at: datetime | None
    """The end of the grace period. None unless the previous secret was presented."""

    def grace_is_over(self, now: datetime) -> bool:
        """Return whether the previous secret was presented and its grace period has ended."""
        return self.secret == "previous" and (  # noqa: S105
            self.previous_ends_at is None or self.previous_ends_at <= now
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification. `key` is set if and only if the secret was right, also for a refused use."""

    code: Code
    key: ApiKey | None = None
    grants: Grants = NO_GRANTS
    """The rights of the key. Empty for codes other than VALID and INSUFFICIENT_SCOPE."""

    @property
    def valid(self) -> bool:
        """Whether the use is accepted."""
        return self.code == "VALID"


class KeyUses(Protocol):
    """Counts uses of keys."""

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        """Count one use of the key if the key meets all conditions of `query`, in one atomic step.

        Return the key after the use, a `Refusal`, or None if no such key exists.
        """

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """Read the key, and find which of its secrets was presented. None if no such key exists."""


class UseRecords(Protocol):
    """Records of verifications in addition to the use. No method raises, so an outage does not change the result."""

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Count a refusal of a key whose secret was right."""

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        """Record once that the last credit of the key is spent."""


class Profiles(Protocol):
    """Reads permission profiles."""

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        """Read the account's profile, strongly consistent. None if it does not exist."""


@dataclass(frozen=True, slots=True)
class _Rights:
    """The profile of a key, read for this verification."""

    profile_id: UUID | None = None
    profile: Profile | None = None

    def asked_of(self, query: KeyQuery) -> KeyQuery:
        """The query for a key with this profile. It requires only the scopes that the profile does not decide."""
        if self.profile_id is None:
            return query
        # A profile in use cannot be deleted. If it is missing nevertheless, its keys have no rights.
        left = NEVER if self.profile is None else under(self.profile.grants_for(()), query.required)
        return replace(query, required=left, profile_id=self.profile_id)

    def grants(self, key: ApiKey) -> Grants:
        """The rights of the key with this profile."""
        if self.profile_id is None:
            return Grants.of(key.scopes)
        return NO_GRANTS if self.profile is None else self.profile.grants_for(key.scopes)


@dataclass(frozen=True, slots=True)
class KeyVerifier:
    """Verifies key texts."""

    prefix: str
    uses: KeyUses
    records: UseRecords
    profiles: Callable[[], Profiles]
    remembered: dict[UUID, tuple[str, UUID]] = field(default_factory=dict, repr=False)
    """Account and profile of keys with a profile, as this environment last read them. The write checks both."""

    def verify(self, text: str, use_request: UseRequest, *, now: datetime) -> Verdict:
        """Verify a key text and count the use.

        Calls of DynamoDB: none for a text that cannot be a key, one for a key without a profile, two for a key with a
        profile (three if this environment does not know the profile), and one more for a refusal.

        Raises `ValueError` for an invalid address in `use_request`, and `DependencyUnavailableError`.
        """
        address = None if use_request.ip_address is None else ip_ranges.address_bytes(use_request.ip_address)
        try:
            key_id = key_format.key_id_of(self.prefix, text)
        except MalformedKeyError:
            return Verdict("NOT_FOUND")
        query = KeyQuery(key_id, key_format.hash_key_text(text), now, use_request.required, use_request.cost, address)
        for _ in range(_ATTEMPTS):
            rights = self._rights(key_id)
            asked = rights.asked_of(query)
            found = self.uses.record_use(asked)
            obstacle = reason(found, asked) if isinstance(found, Refusal) else None
            if isinstance(found, Refusal) and obstacle == "OTHER_PROFILE":
                self._remember(found.key)
                continue
            verdict = _verdict(found, obstacle, rights)
            self._record(verdict, now)
            return verdict
        raise DependencyUnavailableError("update_item: the profile of the key changed before every write")

    def holds_secret(self, text: str, *, now: datetime) -> ApiKey | None:
        """Return the key whose secret the text is, in any status but revoked. None for any other text.

        Does one consistent read and counts no use. Raises `DependencyUnavailableError`.
        """
        try:
            key_id = key_format.key_id_of(self.prefix, text)
        except MalformedKeyError:
            return None
        found = self.uses.look_up(KeyQuery(key_id, key_format.hash_key_text(text), now))
        if found is None or found.secret == "unknown" or found.key.stored_status == "revoked":  # noqa: S105
            return None
        return None if found.grace_is_over(now) else found.key

    def _rights(self, key_id: UUID) -> _Rights:
        if key_id not in self.remembered:
            return _Rights()
        account_id, profile_id = self.remembered[key_id]
        return _Rights(profile_id, self.profiles().find(account_id, profile_id))

    def _remember(self, key: ApiKey) -> None:
        if key.profile_id is None:
            self.remembered.pop(key.id, None)
            return
        if len(self.remembered) >= MAX_REMEMBERED_PROFILES:
            self.remembered.clear()
        self.remembered[key.id] = (key.account_id, key.profile_id)

    def _record(self, verdict: Verdict, now: datetime) -> None:
        key = verdict.key
        if key is None:
            return
        if not verdict.valid:
            self.records.count_refusal(key, verdict.code, now)
        # The use that spends the last credit reports it. A later refusal reports it only if that report was lost.
        if verdict.code in ("VALID", "USAGE_EXCEEDED") and key.has_unreported_limit(now):
            self.records.limit_reached(key, now)


def _verdict(found: ApiKey | Refusal | None, obstacle: Obstacle | None, rights: _Rights) -> Verdict:
    if isinstance(found, ApiKey):
        return Verdict("VALID", found, rights.grants(found))
    if found is None or obstacle is None or obstacle == "NOT_FOUND" or obstacle == "OTHER_PROFILE":  # noqa: PLR1714  # narrows the type
        return Verdict("NOT_FOUND")
    if obstacle == "INSUFFICIENT_SCOPE":
        return Verdict(obstacle, found.key, rights.grants(found.key))
    return Verdict(obstacle, found.key)


def reason(look_up: Refusal, query: KeyQuery) -> Obstacle | None:  # noqa: PLR0911  # one line for each code
    """Return the reason why a key in this state does not meet `query`. None if it does."""
    key, now = look_up.key, query.now
    if look_up.secret == "unknown":  # noqa: S105
        return "NOT_FOUND"
    status = key.status_at(now)
    if status == "revoked":
        return "REVOKED"
    if status == "disabled":
        return "DISABLED"
    if status == "expired" or look_up.grace_is_over(now):
        return "EXPIRED"
    if key.profile_id != query.profile_id:
        return "OTHER_PROFILE"
    if not holds(query.required, Grants.of(key.scopes)):
        return "INSUFFICIENT_SCOPE"
    if key.ip_allow_list and not ip_ranges.contains(key.ip_allow_list, query.address):
        return "IP_NOT_ALLOWED"
    if key.rate is not None and not key.rate.remaining(now):
        return "RATE_LIMITED"
    if key.credits is not None and key.credits.remaining(now) < query.cost:
        return "USAGE_EXCEEDED"
    return None
