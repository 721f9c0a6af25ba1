"""Response bodies of verifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.api_keys.api_key import ApiKey, CredentialKind
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
    """The result of a verification. If no key is found, the fields that describe the key are null or empty."""

    valid: bool
    """Whether the verification accepted the key."""
    code: Code
    """`VALID`, or the reason for the refusal."""
    kind: CredentialKind | None
    """Whether the text is an API key or an OAuth access token."""
    keyId: Uuid | None
    """The id of the API key. Null for an OAuth token."""
    accountId: str | None
    userId: str | None
    """The user who created the key, or the user of the OAuth token. Null for a client's own token."""
    clientId: Uuid | None
    """The OAuth client of the token. Null for an API key."""
    grantId: Uuid | None
    """The OAuth grant of the token. Null for an API key."""
    name: str | None
    scopes: list[str]
    """The scopes that the key grants, its profile included. Empty if the key is refused for another reason than its
    scopes."""
    profileId: Uuid | None
    expiresAt: Moment | None
    rateLimit: RateStandingResponse | None
    credits: CreditsResponse | None
    metadata: dict[str, Any]


class EntryFieldErrorResponse(TypedDict):
    """An invalid field of an entry."""

    pointer: str
    """The JSON pointer (RFC 6901) of the field, relative to the entry."""
    detail: str


class EntryErrorResponse(TypedDict):
    """The error of an invalid entry."""

    code: Literal["invalid_fields"]
    detail: str
    errors: list[EntryFieldErrorResponse]


class InvalidEntryResponse(TypedDict):
    """The result of an invalid entry. No use is recorded."""

    valid: Literal[False]
    error: EntryErrorResponse


class VerdictListResponse(TypedDict):
    """The result of each entry, in the order of the request. An invalid entry has `error` and no `code`."""

    data: list[VerdictResponse | InvalidEntryResponse]


def invalid_entry_response(errors: Sequence[FieldError]) -> InvalidEntryResponse:
    """Return the result of an invalid entry."""
    return {
        "valid": False,
        "error": {
            "code": "invalid_fields",
            "detail": "The entry has invalid fields.",
            "errors": [{"pointer": error.pointer, "detail": error.detail} for error in errors],
        },
    }


def verdict_response(verdict: Verdict, catalogue: Catalogue, now: datetime) -> VerdictResponse:
    """Return the response body of a verdict. It shows the key's settings, since the caller has the key's secret."""
    key = verdict.key
    code = verdict.code
    if key is None:
        return {
            "valid": verdict.valid,
            "code": code,
            "kind": None,
            "keyId": None,
            "accountId": None,
            "userId": None,
            "clientId": None,
            "grantId": None,
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
        "kind": key.kind,
        **_ids(key),
        "name": key.name,
        "scopes": list(verdict.grants.listed(catalogue)),
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "rateLimit": None if key.rate is None else _rate_standing(key.rate, now),
        "credits": credits_response(key.credits, now),
        "metadata": dict(key.metadata),
    }


class _Ids(TypedDict):
    keyId: Uuid | None
    accountId: str | None
    userId: str | None
    clientId: Uuid | None
    grantId: Uuid | None


def _ids(key: ApiKey) -> _Ids:
    is_key = key.client_id is None
    return {
        "keyId": str(key.id) if is_key else None,
        "accountId": key.account_id,
        "userId": key.user_id or None,
        "clientId": None if key.client_id is None else str(key.client_id),
        "grantId": None if is_key else str(key.id),
    }


def _rate_standing(rate: RateStanding, now: datetime) -> RateStandingResponse:
    return {
        **rate_limit_response(rate.limit),
        "remaining": rate.remaining(now),
        "retryAfterSeconds": rate.retry_after_seconds(now),
        "resetSeconds": rate.reset_seconds(now),
    }
