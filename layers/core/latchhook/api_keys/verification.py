"""Is this key good, and what may it do: the verdict, and why a key is refused (contracts.md, `POST /api-keys/verify`).

The store decides in one conditional write; what stands here is the question it is asked and the reading of its no. A
permission profile is the one thing that this write can't see: it is read right after it, strongly consistent, and what
it denies is taken back. So a profile's change binds on the next verification, and costs the keys that have one a read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys import ip_ranges, key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.outages import StoreUnavailableError
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.profiles import Profile
from latchhook.permissions.requirements import NOTHING, Requirement, holds

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


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a key beside being good."""

    required: Requirement = NOTHING
    cost: int = 1
    """Credits that this use spends."""
    ip_address: str | None = None
    """Where the use comes from, by API Gateway or by a verifier that is trusted; a key with an allow-list needs it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the store is asked about the key with this id and this hash."""

    key_id: UUID
    key_hash: bytes = field(repr=False)
    now: datetime
    required: Requirement = NOTHING
    cost: int = 1
    address: bytes | None = None
    """As `ip_ranges` compares addresses."""


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

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        """Counts one use of the key if all that `question` asks holds, in one atomic step.

        A key with a profile is not asked for its scopes. Gives the key after the use, a `Refusal`, or None where no
        such key exists.
        """

    def take_back(self, question: Question, key: ApiKey) -> None:
        """Undoes the count, the credits and the rate of a use that `count_use` accepted, as it answered `key`."""

    def presented(self, question: Question) -> Refusal | None:
        """The key as it stands and which of its secrets was presented; None where no such key exists."""


class RefusalCounts(Protocol):
    """Where refused verifications are counted, apart from uses."""

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Counts a refusal of a key whose secret was right. An outage must not change the answer: nothing raises."""


class Profiles(Protocol):
    """Where permission profiles are."""

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        """The account's profile as it is now, strongly consistent."""


@dataclass(frozen=True, slots=True)
class KeyVerifier:
    """Verifies the texts of keys."""

    prefix: str
    uses: KeyUses
    refusals: RefusalCounts
    profiles: Callable[[], Profiles]

    def verify(self, text: str, ask: Ask, *, now: datetime) -> Verdict:
        """No call for what cannot be a key, one for a key without a profile, two for one with; one more for a refusal.

        Raises `ValueError` for an address in `ask` that is none, and `StoreUnavailableError`.
        """
        address = None if ask.ip_address is None else ip_ranges.address_bytes(ask.ip_address)
        try:
            key_id = key_format.key_id_of(self.prefix, text)
        except MalformedKeyError:
            return Verdict("NOT_FOUND")
        question = Question(key_id, key_format.hash_key_text(text), now, ask.required, ask.cost, address)
        found = self.uses.count_use(question)
        if found is None:
            return Verdict("NOT_FOUND")
        verdict = self._of_used(found, question) if isinstance(found, ApiKey) else _of_refused(found, question)
        if verdict.key is not None and not verdict.valid:
            self.refusals.count_refusal(verdict.key, verdict.code, now)
        return verdict

    def holds_secret(self, text: str, *, now: datetime) -> ApiKey | None:
        """The key whose secret a text is, whatever may be asked of it else; None if it is none, or a revoked key's.

        One consistent read, which counts nothing. Raises `StoreUnavailableError`.
        """
        try:
            key_id = key_format.key_id_of(self.prefix, text)
        except MalformedKeyError:
            return None
        found = self.uses.presented(Question(key_id, key_format.hash_key_text(text), now))
        if found is None or found.secret == "unknown" or found.key.stored_status == "revoked":  # noqa: S105
            return None
        return None if found.grace_is_over(now) else found.key

    def _of_used(self, key: ApiKey, question: Question) -> Verdict:
        if key.profile_id is None:
            return Verdict("VALID", key, Grants.of(key.scopes))
        try:
            profile = self.profiles().find(key.account_id, key.profile_id)
        except StoreUnavailableError:
            self.uses.take_back(question, key)
            raise
        # A profile can't be deleted while keys have it; should one be gone all the same, they may do nothing.
        grants = NO_GRANTS if profile is None else profile.grants_for(key.scopes)
        if profile is not None and holds(question.required, grants):
            return Verdict("VALID", key, grants)
        self.uses.take_back(question, key)
        return Verdict("INSUFFICIENT_SCOPE", key, grants)


def _of_refused(refusal: Refusal, question: Question) -> Verdict:
    code = reason(refusal, question)
    if code is None or code == "NOT_FOUND":
        return Verdict("NOT_FOUND")
    if code == "INSUFFICIENT_SCOPE":
        return Verdict(code, refusal.key, Grants.of(refusal.key.scopes))
    return Verdict(code, refusal.key)


def reason(presented: Refusal, question: Question) -> Code | None:  # noqa: PLR0911  # one line for each code
    """Why a key as it stands is refused what `question` asks; None if it is not. A profile is not looked at."""
    key, now = presented.key, question.now
    if presented.secret == "unknown":  # noqa: S105
        return "NOT_FOUND"
    status = key.status_at(now)
    if status == "revoked":
        return "REVOKED"
    if status == "disabled":
        return "DISABLED"
    if status == "expired" or presented.grace_is_over(now):
        return "EXPIRED"
    if key.profile_id is None and not holds(question.required, Grants.of(key.scopes)):
        return "INSUFFICIENT_SCOPE"
    if key.ip_allow_list and not ip_ranges.contains(key.ip_allow_list, question.address):
        return "IP_NOT_ALLOWED"
    if key.rate is not None and not key.rate.remaining(now):
        return "RATE_LIMITED"
    if key.credits is not None and key.credits.remaining(now) < question.cost:
        return "USAGE_EXCEEDED"
    return None
