"""What a caller is told when something is refused or fails: RFC 9457 problem documents, made in this one place."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    BadItemError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    TooManyKeysError,
)
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.errors import (
    AmbiguousCredentialsError,
    DeliveryAsRequestError,
    DuplicateMemberError,
    FieldError,
    MalformedRequestError,
    MethodNotAllowedError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from latchhook.edge.field_errors import action_errors, field_errors, scope_errors
from latchhook.edge.rate_limits import LimitReachedError
from latchhook.idempotency_records import IdempotencyKeyReusedError
from latchhook.identity.errors import ForbiddenError, UnauthenticatedError
from latchhook.permissions.errors import (
    ActionsBeyondCallerError,
    DenialBeyondCallerError,
    ProfileInUseError,
    ProfileNotFoundError,
    TooManyProfilesError,
)
from latchhook.webhooks.errors import (
    DeliveryNotFoundError,
    EventGoneError,
    EventTooLargeError,
    EventTypeNotFoundError,
    RecoveryFinishedError,
    RecoveryNotFoundError,
    RecoveryRunningError,
    TooManyAttemptsError,
    TooManyEventTypesError,
    TooManySecretsError,
    TooManyWebhooksError,
    WebhookNotActiveError,
    WebhookNotFoundError,
    WebhookWithoutUrlError,
)

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:latchhook:problem:"

TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Invalid fields",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal. `code` is stable; `detail` is for people and holds nothing of what was sent."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_lambda(self, request_id: str) -> dict[str, Any]:
        """The answer as API Gateway takes it (payload 2.0)."""
        document: dict[str, Any] = {
            "type": TYPE_PREFIX + self.code,
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "requestId": request_id,
        }
        if self.errors:
            document["errors"] = [{"pointer": error.pointer, "detail": error.detail} for error in self.errors]
        return {
            "statusCode": self.status,
            "headers": {"content-type": CONTENT_TYPE, "cache-control": "no-store", **self.headers},
            # In ASCII: a pointer repeats names that were sent, and half a surrogate pair in one has no UTF-8.
            "body": json.dumps(document),
        }


INTERNAL = Problem(500, "internal_error", "Something went wrong on our side; the request id finds it in our log.")

# 404 is one document for all: whether a thing is missing or another account's must not show.
_NOT_FOUND = Problem(404, "not_found", "There is no such thing in this account.")

_FIXED: dict[type[Exception], Problem] = {
    DuplicateMemberError: Problem(
        400, "malformed_request", "An object in the body has two members with the same name."
    ),
    MalformedRequestError: Problem(
        400, "malformed_request", "The body is not JSON in UTF-8, or it is nested too deeply."
    ),
    AmbiguousCredentialsError: Problem(
        400, "ambiguous_credentials", "Send either an Authorization header or an X-API-Key header, not both."
    ),
    DeliveryAsRequestError: Problem(
        403,
        "webhook_delivery",
        "The request carries the headers of a webhook delivery. Give the webhook a URL that is not this API.",
    ),
    ApiKeyNotFoundError: _NOT_FOUND,
    WebhookNotFoundError: _NOT_FOUND,
    ProfileNotFoundError: _NOT_FOUND,
    DeliveryNotFoundError: _NOT_FOUND,
    RecoveryNotFoundError: _NOT_FOUND,
    EventTypeNotFoundError: _NOT_FOUND,
    WebhookWithoutUrlError: Problem(409, "webhook_without_url", "The webhook has no URL yet."),
    WebhookNotActiveError: Problem(
        409, "webhook_not_active", "Nothing is delivered to this webhook now: it is not active."
    ),
    EventGoneError: Problem(409, "event_gone", "The event of this delivery is not kept any more."),
    RecoveryFinishedError: Problem(409, "recovery_finished", "The recovery has come to its end."),
    RecoveryRunningError: Problem(
        409, "recovery_running", "The webhook has a recovery that runs: wait for its end, or cancel it."
    ),
    TooManyAttemptsError: Problem(409, "too_many_attempts", "The delivery was attempted as often as it may be (999)."),
    ApiKeyRevokedError: Problem(409, "api_key_revoked", "The key is revoked; a revoked key can't be changed."),
    IdempotencyKeyReusedError: Problem(
        422, "idempotency_key_reused", "The Idempotency-Key stood on a request with another path or body."
    ),
    TooManyEventTypesError: Problem(
        409, "too_many_event_types", "There are as many event types as there may be (1,000)."
    ),
    TooManyKeysError: Problem(
        409,
        "too_many_keys",
        "The account has as many API keys as it may have. Revoke keys that are not in use; expired keys count too.",
    ),
    TooManyProfilesError: Problem(409, "too_many_profiles", "The account has as many profiles as it may have (100)."),
    TooManySecretsError: Problem(409, "too_many_secrets", "As many of the webhook's secrets sign as may (5)."),
    TooManyWebhooksError: Problem(409, "too_many_webhooks", "The account has as many webhooks as it may have (50)."),
    RequestTooLargeError: Problem(413, "content_too_large", "The body is larger than 256 KiB."),
    EventTooLargeError: Problem(413, "content_too_large", "The event is larger than 256 KiB as it would be delivered."),
    UnsupportedMediaTypeError: Problem(
        415, "unsupported_media_type", "The body's Content-Type must be application/json."
    ),
    DependencyUnavailableError: Problem(
        503,
        "temporarily_unavailable",
        "This can't be answered at the moment; try again.",
        headers={"retry-after": "1"},
    ),
}

_CHALLENGE = 'Bearer realm="latchhook", ApiKey realm="latchhook"'


_PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    UnauthenticatedError: lambda error: Problem(
        401, error.code, error.detail, headers={"www-authenticate": _CHALLENGE}
    ),
    ForbiddenError: lambda error: Problem(403, error.code, error.detail),
    ProfileBeyondCreatorError: lambda _: Problem(
        403,
        "profile_beyond_creator",
        "A key can't be given a profile that allows what its creator does not hold.",
        (FieldError("/profileId", "It allows what you don't hold."),),
    ),
    ScopesBeyondCreatorError: lambda error: Problem(
        403,
        "scope_beyond_creator",
        "A key can't be given scopes that its creator does not hold.",
        scope_errors(error.positions, "You don't hold this scope."),
    ),
    ActionsBeyondCallerError: lambda error: Problem(
        403,
        "scope_beyond_creator",
        "A profile can't be given actions that you don't hold.",
        action_errors(error.positions, "You don't hold this."),
    ),
    DenialBeyondCallerError: lambda _: Problem(
        403,
        "scope_beyond_creator",
        "A profile can't lose a denial of what you don't hold.",
        (FieldError("/rules", "A denial of what you don't hold is missing."),),
    ),
    ProfileInUseError: lambda error: Problem(
        409,
        "profile_in_use",
        f"The profile can't be deleted: {'1 key has' if error.keys == 1 else f'{error.keys} keys have'} it.",
    ),
    MethodNotAllowedError: lambda error: Problem(
        405,
        "method_not_allowed",
        "The path has no such method; the Allow header lists its methods.",
        headers={"allow": ", ".join(error.allowed)},
    ),
    LimitReachedError: lambda error: Problem(429, error.code, error.detail, headers=error.headers),
    BadItemError: lambda error: _within(f"/keys/{error.position}", problem_for(error.cause)),
}
"""Problems that say more than which of them it is."""


def problem_for(error: Exception) -> Problem:
    """The problem that stands for an error; `INTERNAL` for one that nobody expected."""
    invalid = field_errors(error)
    if invalid:
        return Problem(422, "invalid_fields", "Some fields are not as they must be; see errors.", tuple(invalid))
    for kind, make in _PROBLEMS.items():
        if isinstance(error, kind):
            return make(error)
    return next((problem for kind, problem in _FIXED.items() if isinstance(error, kind)), INTERNAL)


def _within(pointer: str, problem: Problem) -> Problem:
    """The same problem of a thing that stands deeper in the body."""
    return replace(problem, errors=tuple(FieldError(pointer + one.pointer, one.detail) for one in problem.errors))
