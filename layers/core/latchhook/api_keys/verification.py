"""Is this key good, and what may it do: the verdict, and why a key is refused (contracts.md, `POST /api-keys/verify`).

The store decides in one conditional write; what stands here is the question it is asked and the reading of its no.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.permissions import scopes

Code = Literal["VALID", "NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE"]

MAX_REQUIRED_SCOPES = 20
"""Each required scope adds three comparisons to the write's condition; DynamoDB allows 300 operators in one."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the store is asked: is the key with this id and this hash good now, and does it hold these scopes?"""

    key_id: UUID
    key_hash: bytes = field(repr=False)
    required_scopes: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A key as it stood when it was asked about, and which of its secrets was presented."""

    key: ApiKey
    secret: Literal["current", "previous", "unknown"]
    previous_ends_at: datetime | None
    """When the secret before the last rotation stops to hold; None if it was not that one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `key` is there whenever the secret was right, refused or not, and never when it was not."""

    code: Code
    key: ApiKey | None = None

    @property
    def valid(self) -> bool:
        """Whether the key may be used."""
        return self.code == "VALID"


class KeyChecks(Protocol):
    """The store's side of a verification."""

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        """Counts one use of the key if all that `question` asks holds, in one atomic step.

        Gives the key after the use, a `Refusal`, or None where no such key exists.
        """


def verify(text: str, *, prefix: str, required_scopes: tuple[str, ...], now: datetime, checks: KeyChecks) -> Verdict:
    """Verifies a key's text: no call for what cannot be a key, one for everything else."""
    try:
        key_id = key_format.parse_key_text(prefix, text)
    except MalformedKeyError:
        return Verdict("NOT_FOUND")
    question = Question(key_id, key_format.hash_key_text(text), required_scopes, now)
    found = checks.count_use(question)
    if isinstance(found, ApiKey):
        return Verdict("VALID", found)
    if found is None:
        return Verdict("NOT_FOUND")
    code = reason(found, question)
    if code is None or code == "NOT_FOUND":
        return Verdict("NOT_FOUND")
    return Verdict(code, found.key)


def reason(presented: Refusal, question: Question) -> Code | None:
    """Why a key as it stands is refused what `question` asks; None if it is not."""
    key = presented.key
    if presented.secret == "unknown":  # noqa: S105
        return "NOT_FOUND"
    status = key.status_at(question.now)
    if status == "revoked":
        return "REVOKED"
    if status == "disabled":
        return "DISABLED"
    grace_is_over = presented.previous_ends_at is None or presented.previous_ends_at <= question.now
    if status == "expired" or (presented.secret == "previous" and grace_is_over):  # noqa: S105
        return "EXPIRED"
    if all(scopes.covers(key.scopes, scope) for scope in question.required_scopes):
        return None
    return "INSUFFICIENT_SCOPE"
