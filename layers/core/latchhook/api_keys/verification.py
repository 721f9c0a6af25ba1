"""Verification of a key text (`POST /api-keys/verify`): the result code, and the rights of the key.

One conditional write decides. A permission profile and the membership of an owner are separate items, which this write
cannot read. Therefore they are read first, strongly consistent. The write then requires only the scopes that they do
not decide, and that the key still has this profile and follows this owner. A refused use consumes nothing. A change of
a profile or a membership takes effect on the next verification. Each environment remembers which items decide about a
key. For an unknown key, the first write returns them.
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
from latchhook.permissions.requirements import NEVER, NOTHING, Requirement, holds, under, within

MAX_REMEMBERED_KEYS = 10_000
"""The number of keys with a profile or a followed owner that an environment remembers."""

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
    "OWNER_INACTIVE",
]


Obstacle = Code | Literal["OTHER_SOURCES"]
"""The reason why the write refuses a use. `OTHER_SOURCES`: the key has another profile, or follows another owner, than
the query expects."""


@dataclass(frozen=True, slots=True)
class RightsSources:
    """The items besides the key that decide about its rights."""

    profile_id: UUID | None = None
    followed_user_id: str | None = None
    """The owner whose rights the key cannot exceed."""
    client_id: UUID | None = None
    """The OAuth client whose scopes a user's token cannot exceed."""


NO_SOURCES = RightsSources()


def sources_of(key: ApiKey) -> RightsSources:
    """The sources of a key's rights. The item of a client's own grant contains the client's scopes."""
    followed = key.followed_user_id
    return RightsSources(key.profile_id, followed, None if followed is None else key.client_id)


@dataclass(frozen=True, slots=True)
class UseRequest:
    """The requirements of one use, in addition to a valid key."""

    required: Requirement = NOTHING
    cost: int = 1
    """Credits that this use spends."""
    ip_address: str | None = None
    """The address of the user, from API Gateway or from a trusted verifier. A key with an IP allow list needs it."""
    audience: str | None = None
    """The API that verifies. An OAuth token that is for another API is refused. None accepts a token for any API."""


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
    sources: RightsSources = NO_SOURCES
    """The profile that the key must have, and the owner that it must follow. None requires a key without it."""
    is_token: bool = False
    """Whether the text is an OAuth access token."""
    audience: str | None = None
    """The API that verifies an OAuth access token."""


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
class OwnerRights:
    """The rights of a key's owner, and for an OAuth token within the scopes of its client."""

    grants: Grants | None
    """None if the owner or the client is not active."""
    profile: Profile | None = None
    """The profile of the key."""
    refusal: Code = "OWNER_INACTIVE"
    """The reason if `grants` is None."""


class Owners(Protocol):
    """Reads the rights of the users that own keys."""

    def rights(self, account_id: str, sources: RightsSources) -> OwnerRights:
        """Return the rights of the followed user in the account, within those of the client, and the profile.

        The read is strongly consistent.
        """


@dataclass(frozen=True, slots=True)
class _Rights:
    """The sources of a key's rights, read for this verification."""

    sources: RightsSources = NO_SOURCES
    profile: Profile | None = None
    owner: Grants | None = None
    owner_refusal: Code = "OWNER_INACTIVE"

    @property
    def is_owner_inactive(self) -> bool:
        """Whether the key follows an owner who is not an active member, or belongs to a client that is not active."""
        return self.sources.followed_user_id is not None and self.owner is None

    @property
    def is_profile_missing(self) -> bool:
        """Whether the key has a profile that does not exist. A profile in use cannot be deleted."""
        return self.sources.profile_id is not None and self.profile is None

    def asked_of(self, query: KeyQuery) -> KeyQuery:
        """The query for a key with these sources. It requires only the scopes that they do not decide."""
        left = query.required
        if self.is_owner_inactive or self.is_profile_missing:
            left = NEVER
        if self.owner is not None:
            left = within(self.owner, left)
        if self.profile is not None:
            left = under(self.profile.grants_for(()), left)
        return replace(query, required=left, sources=self.sources)

    def grants(self, key: ApiKey) -> Grants:
        """The rights of the key with these sources."""
        if self.is_owner_inactive or self.is_profile_missing:
            return NO_GRANTS
        own = Grants.of(key.scopes) if self.profile is None else self.profile.grants_for(key.scopes)
        return own if self.owner is None else own.within(self.owner)


@dataclass(frozen=True, slots=True)
class KeyVerifier:
    """Verifies key texts."""

    prefix: str
    uses: KeyUses
    records: UseRecords
    profiles: Callable[[], Profiles]
    owners: Callable[[], Owners]
    remembered: dict[UUID, tuple[str, RightsSources]] = field(default_factory=dict, repr=False)
    """Account and sources of keys with sources, as this environment last read them. The write checks the sources."""

    def verify(self, text: str, use_request: UseRequest, *, now: datetime) -> Verdict:
        """Verify a key text and count the use.

        Calls of DynamoDB: none for a text that cannot be a key, one for a key without sources, two for a key with a
        profile or a followed owner (three if this environment does not know them), and one more for a refusal.

        Raises `ValueError` for an invalid address in `use_request`, and `DependencyUnavailableError`.
        """
        address = None if use_request.ip_address is None else ip_ranges.address_bytes(use_request.ip_address)
        try:
            key_id = key_format.key_id_of(self.prefix, text)
        except MalformedKeyError:
            return Verdict("NOT_FOUND")
        query = KeyQuery(
            key_id,
            key_format.hash_key_text(text),
            now,
            use_request.required,
            use_request.cost,
            address,
            is_token=key_format.is_access_token(text),
            audience=use_request.audience,
        )
        for _ in range(_ATTEMPTS):
            rights = self._rights(key_id)
            asked = rights.asked_of(query)
            found = self.uses.record_use(asked)
            obstacle = reason(found, asked) if isinstance(found, Refusal) else None
            if isinstance(found, Refusal) and obstacle == "OTHER_SOURCES":
                self._remember(found.key)
                continue
            verdict = _verdict(found, obstacle, rights)
            self._record(verdict, now)
            return verdict
        raise DependencyUnavailableError("update_item: the profile or the owner of the key changed before every write")

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
        account_id, sources = self.remembered[key_id]
        profile_id = sources.profile_id
        if sources.followed_user_id is not None:
            owner = self.owners().rights(account_id, sources)
            return _Rights(sources, owner.profile, owner.grants, owner.refusal)
        return _Rights(sources, None if profile_id is None else self.profiles().find(account_id, profile_id))

    def _remember(self, key: ApiKey) -> None:
        sources = sources_of(key)
        if sources == NO_SOURCES:
            self.remembered.pop(key.id, None)
            return
        if len(self.remembered) >= MAX_REMEMBERED_KEYS:
            self.remembered.clear()
        self.remembered[key.id] = (key.account_id, sources)

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
    if found is None or obstacle is None or obstacle == "NOT_FOUND" or obstacle == "OTHER_SOURCES":  # noqa: PLR1714  # narrows the type
        return Verdict("NOT_FOUND")
    if obstacle == "INSUFFICIENT_SCOPE" and rights.is_owner_inactive:
        return Verdict(rights.owner_refusal, found.key)
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
    if sources_of(key) != query.sources:
        return "OTHER_SOURCES"
    if query.is_token and not key.is_for(query.audience):
        return "NOT_FOUND"
    if not holds(query.required, Grants.of(key.scopes), account_id=key.account_id):
        return "INSUFFICIENT_SCOPE"
    if key.ip_allow_list and not ip_ranges.contains(key.ip_allow_list, query.address):
        return "IP_NOT_ALLOWED"
    if key.rate is not None and not key.rate.remaining(now):
        return "RATE_LIMITED"
    if key.credits is not None and key.credits.remaining(now) < query.cost:
        return "USAGE_EXCEEDED"
    return None
