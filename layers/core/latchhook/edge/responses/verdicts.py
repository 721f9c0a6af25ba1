"""What a verification answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.api_keys.verification import Code, Verdict
from latchhook.clock import rfc3339_or_none
from latchhook.edge.errors import FieldError
from latchhook.edge.responses.api_keys import (
    CreditsResponse,
    RateStandingResponse,
    credits_response,
    rate_limit_response,
)
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.permissions.scopes import Catalogue
from latchhook.rates import RateStanding


class VerdictResponse(TypedDict):
    """Whether a key is good, and what it may do. What describes the key is null or empty when none was found."""

    valid: bool
    """Whether the key may be used for what was asked."""
    code: Code
    """Why, or why not."""
    keyId: Uuid | None
    accountId: str | None
    name: str | None
    scopes: list[str]
    """What it may do, its profile counted in; empty where it is refused for another reason than its scopes."""
    profileId: Uuid | None
    expiresAt: Moment | None
    rateLimit: RateStandingResponse | None
    credits: CreditsResponse | None
    metadata: dict[str, Any]


class EntryFieldErrorResponse(TypedDict):
    """An invalid field of an entry."""

    pointer: str
    """JSON pointer (RFC 6901), relative to the entry."""
    detail: str


class EntryErrorResponse(TypedDict):
    """Why an entry is invalid."""

    code: Literal["invalid_fields"]
    detail: str
    errors: list[EntryFieldErrorResponse]


class InvalidEntryResponse(TypedDict):
    """The result of an entry that is invalid. No key was used for it."""

    valid: Literal[False]
    error: EntryErrorResponse


class VerdictListResponse(TypedDict):
    """One result per entry, in the order of the request. An invalid entry has `error` and no `code`."""

    data: list[VerdictResponse | InvalidEntryResponse]


def invalid_entry_response(errors: Sequence[FieldError]) -> InvalidEntryResponse:
    """The result of an invalid entry."""
    return {
        "valid": False,
        "error": {
            "code": "invalid_fields",
            "detail": "The entry has invalid fields.",
            "errors": [{"pointer": error.pointer, "detail": error.detail} for error in errors],
        },
    }


def verdict_response(verdict: Verdict, catalogue: Catalogue, now: datetime) -> VerdictResponse:
    """The verdict; who asks may know all of a key whose secret they hold."""
    key = verdict.key
    code = verdict.code
    if key is None:
        return {
            "valid": verdict.valid,
            "code": code,
            "keyId": None,
            "accountId": None,
            "name": None,
            "scopes": [],
            "profileId": None,
            "expiresAt": None,
            "rateLimit": None,
            "credits": None,
            "metadata": {},
        }
    return {
        "valid": verdict.valid,
        "code": code,
        "keyId": str(key.id),
        "accountId": key.account_id,
        "name": key.name,
        "scopes": list(verdict.grants.listed(catalogue)),
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "rateLimit": None if key.rate is None else _rate_standing(key.rate, now),
        "credits": credits_response(key.credits, now),
        "metadata": dict(key.metadata),
    }


def _rate_standing(rate: RateStanding, now: datetime) -> RateStandingResponse:
    return {
        **rate_limit_response(rate.limit),
        "remaining": rate.remaining(now),
        "retryAfterSeconds": rate.retry_after_seconds(now),
        "resetSeconds": rate.reset_seconds(now),
    }
