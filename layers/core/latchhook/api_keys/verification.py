"""The verdict on an API key: whether it is valid, what it may do, and why it is refused (`POST /api-keys/verify`).

The store decides in one conditional write. A permission profile is another item, which that write cannot read. So the
profile is read first, strongly consistent, and the write requires what the profile leaves open, on the condition that
the key still has this profile. A refused use consumes nothing, and a change of a profile takes effect on the next
verification. Each environment remembers which keys have which profile: without that, the first write finds it out.
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
"""Keys whose profiles an environment remembers."""

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
"""Why the store refuses a use. `OTHER_PROFILE`: the key has another profile than the question expects."""


@dataclass(frozen=True, slots=True)
class UseRequest:
    """What is asked of a key beside being good."""

    required: Requirement = NOTHING
    cost: int = 1
    """Credits that this use spends."""
    ip_address: str | None = None
    """Where the use comes from, by API Gateway or by a verifier that is trusted; a key with an allow-list needs it."""


@dataclass(frozen=True, slots=True)
class KeyQuery:
    """What the store is asked about the key with this id and this hash."""

    key_id: UUID
    key_hash: bytes = field(repr=False)
    now: datetime
    required: Requirement = NOTHING
    """What the key's own scopes must meet."""
    cost: int = 1
    address: bytes | None = None
    """As `ip_ranges` compares addresses."""
    profile_id: UUID | None = None
    """The profile that the key must have; None if it must have none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A key as it stood when it was asked about, and which of its secrets was presented."""

    key: ApiKey
    secret: Literal["current", "previous", "unknown"]
    previous_ends_at: datetime | None
    """When the secret before the last rotation stops to hold; None if it was not that one."""

    def grace_is_over(self, now: datetime) -> bool:
        """Whether it is the secret before the last rotation, and holds no more."""
        return self.secret == "previous" and (  # noqa: S105
            self.previous_ends_at is None or self.previous_ends_at <= now
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `key` is there whenever the secret was right, refused or not, and never when it was not."""

    code: Code
    key: ApiKey | None = None
    grants: Grants = NO_GRANTS
    """What the key may do; nothing unless that was looked at: for VALID and INSUFFICIENT_SCOPE."""

    @property
    def valid(self) -> bool:
        """Whether the key may be used."""
        return self.code == "VALID"


class KeyUses(Protocol):
    """The store's side of a verification."""

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        """Counts one use of the key if the key meets all of `question`, in one atomic step.

        Gives the key after the use, a `Refusal`, or None where no such key exists.
        """

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """The key as it stands and which of its secrets was presented; None where no such key exists."""


class UseRecords(Protocol):
    """Records of verifications in addition to the use itself. An outage must not change the answer: nothing raises."""

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Counts a refusal of a key whose secret was right."""

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        """Records, once, that the last credit of the key is spent."""


class Profiles(Protocol):
    """Where permission profiles are."""

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        """The account's profile as it is now, strongly consistent."""


@dataclass(frozen=True, slots=True)
class _Rights:
    """A key's profile as it was read for this verification."""

    profile_id: UUID | None = None
    profile: Profile | None = None

    def asked_of(self, query: KeyQuery) -> KeyQuery:
        """The question for a key with this profile: what the profile leaves open of the requirement."""
        if self.profile_id is None:
            return query
        # A profile in use cannot be deleted. Should it be missing all the same, its keys may do nothing.
        left = NEVER if self.profile is None else under(self.profile.grants_for(()), query.required)
        return replace(query, required=left, profile_id=self.profile_id)

    def grants(self, key: ApiKey) -> Grants:
        """What the key may do."""
        if self.profile_id is None:
            return Grants.of(key.scopes)
        return NO_GRANTS if self.profile is None else self.profile.grants_for(key.scopes)


@dataclass(frozen=True, slots=True)
class KeyVerifier:
    """Verifies the texts of keys."""

    prefix: str
    uses: KeyUses
    records: UseRecords
    profiles: Callable[[], Profiles]
    remembered: dict[UUID, tuple[str, UUID]] = field(default_factory=dict, repr=False)
    """Account and profile of keys that have a profile, as this environment saw them last. The write checks both."""

    def verify(self, text: str, use_request: UseRequest, *, now: datetime) -> Verdict:
        """The verdict on a text.

        No call for what cannot be a key, one for a key without a profile, two for a key with a profile (three if this
        environment has not seen it with this profile), and one more for a refusal.

        Raises `ValueError` for an invalid address in `ask`, and `DependencyUnavailableError`.
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
        raise DependencyUnavailableError("update_item: the profile of the key changes all the time")

    def holds_secret(self, text: str, *, now: datetime) -> ApiKey | None:
        """The key whose secret a text is, whatever may be asked of it else; None if it is none, or a revoked key's.

        One consistent read, which counts nothing. Raises `DependencyUnavailableError`.
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
        # A refusal reports the last credit only if the report of the use that spent it was lost.
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
    """Why a key in this state is refused what `question` asks; None if it is not."""
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
