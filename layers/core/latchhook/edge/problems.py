"""Problem documents (RFC 9457): the mapping from errors to error responses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    BadItemError,
    BillingPeriodFixedError,
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
from latchhook.members.errors import (
    ClientsBeyondCallerError,
    LastAdminError,
    MemberNotFoundError,
    PortalCodeInvalidError,
    PortalSessionNotFoundError,
    RoleBeyondCallerError,
    TooManyMembersError,
)
from latchhook.oauth.errors import (
    ClientScopesBeyondCallerError,
    ConsentNotPossibleError,
    OAuthClientNotFoundError,
    OAuthGrantNotFoundError,
    PublicClientError,
    TooManyOAuthClientsError,
    TooManyOAuthGrantsError,
    UnknownClientError,
)
from latchhook.permissions.errors import (
    ActionsBeyondCallerError,
    BuiltInScopeError,
    DenialBeyondCallerError,
    ProfileInUseError,
    ProfileNotFoundError,
    ScopeNotFoundError,
    TooManyProfilesError,
    TooManyScopesError,
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
    """An error response. `code` is stable; `detail` is for people and never contains a value from the request."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_lambda(self, request_id: str) -> dict[str, Any]:
        """Return the response in API Gateway's format (payload 2.0)."""
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
            # ASCII only: a pointer repeats names from the request, and a lone surrogate has no UTF-8 encoding.
            "body": json.dumps(document),
        }


INTERNAL = Problem(
    500, "internal_error", "Something went wrong on our side. Contact support and give the requestId of this response."
)

# All 404 responses are the same, so that a missing object and another account's object look alike.
_NOT_FOUND = Problem(404, "not_found", "No such object exists in this account.")

_FIXED: dict[type[Exception], Problem] = {
    DuplicateMemberError: Problem(
        400, "malformed_request", "An object in the body has two members with the same name."
    ),
    MalformedRequestError: Problem(
        400, "malformed_request", "The body is not valid JSON in UTF-8, or it is nested more than 64 levels deep."
    ),
    AmbiguousCredentialsError: Problem(
        400, "ambiguous_credentials", "Send either an Authorization header or an X-API-Key header, not both."
    ),
    DeliveryAsRequestError: Problem(
        403,
        "webhook_delivery",
        "This request is a webhook delivery. Change the webhook's URL: a webhook can't call this API.",
    ),
    ApiKeyNotFoundError: _NOT_FOUND,
    WebhookNotFoundError: _NOT_FOUND,
    ProfileNotFoundError: _NOT_FOUND,
    MemberNotFoundError: _NOT_FOUND,
    PortalSessionNotFoundError: _NOT_FOUND,
    OAuthClientNotFoundError: _NOT_FOUND,
    OAuthGrantNotFoundError: _NOT_FOUND,
    UnknownClientError: Problem(
        422,
        "unknown_oauth_client",
        "The app is unknown, is disabled, or uses an address that it has not registered. Tell the app's developer.",
    ),
    ConsentNotPossibleError: Problem(
        403,
        "consent_not_possible",
        "Only stored members of the account can connect apps, in a session of their own. Ask an admin to add you.",
    ),
    PublicClientError: Problem(409, "public_oauth_client", "A public client has no secret that can be rotated."),
    TooManyOAuthClientsError: Problem(
        409,
        "too_many_oauth_clients",
        "The account has reached the maximum of 100 OAuth clients. Delete clients that are not in use.",
    ),
    TooManyOAuthGrantsError: Problem(
        409,
        "too_many_oauth_grants",
        "You have reached the maximum of 100 connected apps. Disconnect apps that you don't use.",
    ),
    PortalCodeInvalidError: Problem(
        401,
        "portal_code_invalid",
        "The code is unknown, was used, or is older than 60 seconds. Create a new portal session.",
    ),
    DeliveryNotFoundError: _NOT_FOUND,
    RecoveryNotFoundError: _NOT_FOUND,
    EventTypeNotFoundError: _NOT_FOUND,
    ScopeNotFoundError: _NOT_FOUND,
    BuiltInScopeError: Problem(
        409,
        "built_in_scope",
        "Latchhook or the stack's parameter Scopes defines this scope, so this request can't change or delete it.",
    ),
    WebhookWithoutUrlError: Problem(409, "webhook_without_url", "The webhook has no URL. Set its URL first."),
    WebhookNotActiveError: Problem(409, "webhook_not_active", "The webhook is not active. Activate it and try again."),
    EventGoneError: Problem(409, "event_gone", "The event of this delivery is no longer stored."),
    RecoveryFinishedError: Problem(409, "recovery_finished", "The recovery is already finished."),
    RecoveryRunningError: Problem(
        409, "recovery_running", "Another recovery of this webhook is running. Wait until it finishes, or cancel it."
    ),
    TooManyAttemptsError: Problem(409, "too_many_attempts", "The delivery has reached the maximum of 999 attempts."),
    ApiKeyRevokedError: Problem(409, "api_key_revoked", "The API key is revoked. A revoked key can't be changed."),
    BillingPeriodFixedError: Problem(
        409,
        "billing_period_fixed",
        "All billing periods are calendar months. Set the stack's parameter BillingPeriod to account-day first.",
    ),
    IdempotencyKeyReusedError: Problem(
        422,
        "idempotency_key_reused",
        "This Idempotency-Key was already used with another path or body. Send a new Idempotency-Key.",
    ),
    TooManyEventTypesError: Problem(
        409,
        "too_many_event_types",
        "The maximum of 1,000 event types is reached. Delete event types that are not in use.",
    ),
    TooManyKeysError: Problem(
        409,
        "too_many_keys",
        "The account has reached its maximum number of API keys, including expired keys. Revoke keys you don't need.",
    ),
    TooManyMembersError: Problem(
        409,
        "too_many_members",
        "The account has reached the maximum of 10,000 members. Remove members that you don't need.",
    ),
    LastAdminError: Problem(
        409,
        "last_admin",
        "The account must keep one stored admin. Give another member the role admin first.",
    ),
    RoleBeyondCallerError: Problem(
        403,
        "role_beyond_caller",
        "You can't give or take rights that you don't have yourself.",
    ),
    TooManyProfilesError: Problem(
        409,
        "too_many_profiles",
        "The account has reached the maximum of 100 profiles. Delete profiles that are not in use.",
    ),
    TooManyScopesError: Problem(
        409, "too_many_scopes", "The maximum of 500 stored scopes is reached. Delete scopes that are not in use."
    ),
    TooManySecretsError: Problem(
        409,
        "too_many_secrets",
        "The webhook has reached the maximum of 5 secrets. Wait for a grace period to end, or rotate without one.",
    ),
    TooManyWebhooksError: Problem(
        409,
        "too_many_webhooks",
        "The account has reached the maximum of 50 webhooks. Delete webhooks that are not in use.",
    ),
    RequestTooLargeError: Problem(413, "content_too_large", "The body is larger than 256 KiB."),
    EventTooLargeError: Problem(413, "content_too_large", "The event would be larger than 256 KiB when delivered."),
    UnsupportedMediaTypeError: Problem(415, "unsupported_media_type", "The Content-Type must be application/json."),
    DependencyUnavailableError: Problem(
        503,
        "temporarily_unavailable",
        "The request can't be processed right now. Try again.",
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
        "You can't give a key a profile that allows scopes you don't have.",
        (FieldError("/profileId", "This profile allows scopes you don't have."),),
    ),
    ScopesBeyondCreatorError: lambda error: Problem(
        403,
        "scope_beyond_creator",
        "You can't give a key scopes you don't have.",
        scope_errors(error.positions, "You don't have this scope."),
    ),
    ClientScopesBeyondCallerError: lambda error: Problem(
        403,
        "scope_beyond_creator",
        "You can't give a client scopes you don't have.",
        scope_errors(error.positions, "You don't have this scope."),
    ),
    ActionsBeyondCallerError: lambda error: Problem(
        403,
        "scope_beyond_creator",
        "A profile can't contain actions that you don't have yourself.",
        action_errors(error.positions, "You don't have this scope."),
    ),
    DenialBeyondCallerError: lambda _: Problem(
        403,
        "scope_beyond_creator",
        "You can't remove the denial of an action that you don't have.",
        (FieldError("/rules", "Must keep the denials of actions you don't have."),),
    ),
    ProfileInUseError: lambda error: Problem(
        409,
        "profile_in_use",
        f"The profile can't be deleted. Keys that use it: {error.keys}. Members that use it: {error.members}.",
    ),
    ClientsBeyondCallerError: lambda error: Problem(
        403,
        "clients_beyond_caller",
        "Only the operator can add client accounts.",
        tuple(FieldError(f"/clientAccountIds/{at}", "Only the operator can add this.") for at in error.positions),
    ),
    MethodNotAllowedError: lambda error: Problem(
        405,
        "method_not_allowed",
        "This path doesn't support the method. The Allow header lists the supported methods.",
        headers={"allow": ", ".join(error.allowed)},
    ),
    LimitReachedError: lambda error: Problem(429, error.code, error.detail, headers=error.headers),
    BadItemError: lambda error: _within(f"/keys/{error.position}", problem_for(error.cause)),
}
"""Problems with data from the error."""


def problem_for(error: Exception) -> Problem:
    """Return the problem of an error; `INTERNAL` for an unexpected error."""
    invalid = field_errors(error)
    if invalid:
        return Problem(422, "invalid_fields", "Some fields are invalid. See errors.", tuple(invalid))
    for kind, make in _PROBLEMS.items():
        if isinstance(error, kind):
            return make(error)
    return next((problem for kind, problem in _FIXED.items() if isinstance(error, kind)), INTERNAL)


def _within(pointer: str, problem: Problem) -> Problem:
    """Return the problem with `pointer` in front of the pointers of its errors."""
    return replace(problem, errors=tuple(FieldError(pointer + one.pointer, one.detail) for one in problem.errors))
