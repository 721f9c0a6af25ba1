"""Problem documents for refusals and failures."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

import latchhook
from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    BadItemError,
    BillingPeriodFixedError,
    DuplicateHashesError,
    ExpiryNotInFutureError,
    OwnerNotMemberError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    TooManyKeysError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.dependency_errors import ConflictRetriesExhaustedError, DependencyUnavailableError, ThrottledError
from latchhook.edge.errors import (
    AmbiguousCredentialsError,
    DeliveryAsRequestError,
    DuplicateMemberError,
    FieldError,
    InvalidFieldsError,
    MalformedRequestError,
    MethodNotAllowedError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from latchhook.edge.problems import CONTENT_TYPE, INTERNAL, TITLES, problem_for
from latchhook.edge.rate_limits import LimitReachedError
from latchhook.idempotency_records import IdempotencyKeyReusedError
from latchhook.identity.errors import ForbiddenError, UnauthenticatedError
from latchhook.members.errors import (
    ClientsBeyondCallerError,
    LastAdminError,
    MemberNotFoundError,
    NotAMemberError,
    PortalCodeInvalidError,
    PortalSessionNotFoundError,
    RoleBeyondCallerError,
    TooManyMembersError,
    UnknownMemberProfileError,
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
    UnknownClientScopesError,
)
from latchhook.pages import InvalidPositionError
from latchhook.permissions.errors import (
    ActionsBeyondCallerError,
    BuiltInScopeError,
    DenialBeyondCallerError,
    ProfileInUseError,
    ProfileNotFoundError,
    ScopeNotFoundError,
    TooManyProfilesError,
    TooManyScopesError,
    UnknownActionsError,
)
from latchhook.storage.database import ConditionFailedError
from latchhook.webhooks.errors import (
    DeliveryNotFoundError,
    EventGoneError,
    EventTooLargeError,
    EventTypeNotFoundError,
    Finding,
    InvalidSchemaError,
    RecoveryFinishedError,
    RecoveryNotFoundError,
    RecoveryRunningError,
    SinceInFutureError,
    TooManyAttemptsError,
    TooManyEventTypesError,
    TooManySecretsError,
    TooManyWebhooksError,
    UnfitEntityError,
    UnfitExampleError,
    UnstorableNumberError,
    WebhookNotActiveError,
    WebhookNotFoundError,
    WebhookWithoutUrlError,
)

STATUSES: dict[type[Exception], tuple[Exception, int]] = {
    DuplicateMemberError: (DuplicateMemberError(), 400),
    MalformedRequestError: (MalformedRequestError(), 400),
    AmbiguousCredentialsError: (AmbiguousCredentialsError(), 400),
    DeliveryAsRequestError: (DeliveryAsRequestError(), 403),
    MethodNotAllowedError: (MethodNotAllowedError(("GET", "HEAD")), 405),
    UnauthenticatedError: (UnauthenticatedError("invalid_token", "The token is invalid."), 401),
    ForbiddenError: (ForbiddenError("insufficient_scope", "The caller needs a scope."), 403),
    ScopesBeyondCreatorError: (ScopesBeyondCreatorError((0, 2)), 403),
    ProfileBeyondCreatorError: (ProfileBeyondCreatorError(), 403),
    ActionsBeyondCallerError: (ActionsBeyondCallerError(((0, 1),)), 403),
    DenialBeyondCallerError: (DenialBeyondCallerError(), 403),
    ApiKeyNotFoundError: (ApiKeyNotFoundError(), 404),
    WebhookNotFoundError: (WebhookNotFoundError(), 404),
    ProfileNotFoundError: (ProfileNotFoundError(), 404),
    DeliveryNotFoundError: (DeliveryNotFoundError(), 404),
    EventTypeNotFoundError: (EventTypeNotFoundError(), 404),
    ScopeNotFoundError: (ScopeNotFoundError(), 404),
    RecoveryNotFoundError: (RecoveryNotFoundError(), 404),
    RecoveryRunningError: (RecoveryRunningError(), 409),
    RecoveryFinishedError: (RecoveryFinishedError(), 409),
    ApiKeyRevokedError: (ApiKeyRevokedError(), 409),
    WebhookWithoutUrlError: (WebhookWithoutUrlError(), 409),
    WebhookNotActiveError: (WebhookNotActiveError(), 409),
    EventGoneError: (EventGoneError(), 409),
    BillingPeriodFixedError: (BillingPeriodFixedError(), 409),
    TooManyAttemptsError: (TooManyAttemptsError(), 409),
    TooManySecretsError: (TooManySecretsError(), 409),
    TooManyWebhooksError: (TooManyWebhooksError(), 409),
    TooManyKeysError: (TooManyKeysError(), 409),
    TooManyProfilesError: (TooManyProfilesError(), 409),
    TooManyEventTypesError: (TooManyEventTypesError(), 409),
    TooManyScopesError: (TooManyScopesError(), 409),
    BuiltInScopeError: (BuiltInScopeError(), 409),
    ProfileInUseError: (ProfileInUseError(2, 1), 409),
    MemberNotFoundError: (MemberNotFoundError(), 404),
    TooManyMembersError: (TooManyMembersError(), 409),
    LastAdminError: (LastAdminError(), 409),
    RoleBeyondCallerError: (RoleBeyondCallerError(), 403),
    ClientsBeyondCallerError: (ClientsBeyondCallerError((0,)), 403),
    NotAMemberError: (NotAMemberError(), 422),
    PortalCodeInvalidError: (PortalCodeInvalidError(), 401),
    PortalSessionNotFoundError: (PortalSessionNotFoundError(), 404),
    UnknownMemberProfileError: (UnknownMemberProfileError(), 422),
    OAuthClientNotFoundError: (OAuthClientNotFoundError(), 404),
    OAuthGrantNotFoundError: (OAuthGrantNotFoundError(), 404),
    UnknownClientError: (UnknownClientError(), 422),
    ConsentNotPossibleError: (ConsentNotPossibleError(), 403),
    PublicClientError: (PublicClientError(), 409),
    TooManyOAuthClientsError: (TooManyOAuthClientsError(), 409),
    TooManyOAuthGrantsError: (TooManyOAuthGrantsError(), 409),
    ClientScopesBeyondCallerError: (ClientScopesBeyondCallerError((1,)), 403),
    UnknownClientScopesError: (UnknownClientScopesError((1,)), 422),
    RequestTooLargeError: (RequestTooLargeError(), 413),
    EventTooLargeError: (EventTooLargeError(), 413),
    UnsupportedMediaTypeError: (UnsupportedMediaTypeError(), 415),
    InvalidFieldsError: (InvalidFieldsError([FieldError("/name", "This is missing.")]), 422),
    InvalidPositionError: (InvalidPositionError(), 422),
    UnknownScopesError: (UnknownScopesError((1,)), 422),
    UnknownActionsError: (UnknownActionsError(((1, 0),)), 422),
    OwnerNotMemberError: (OwnerNotMemberError(), 422),
    UnknownProfileError: (UnknownProfileError(), 422),
    DuplicateHashesError: (DuplicateHashesError((3,)), 422),
    BadItemError: (BadItemError(4, UnknownScopesError((1,))), 422),
    IdempotencyKeyReusedError: (IdempotencyKeyReusedError(), 422),
    ExpiryNotInFutureError: (ExpiryNotInFutureError(), 422),
    UnstorableNumberError: (UnstorableNumberError(), 422),
    SinceInFutureError: (SinceInFutureError(), 422),
    InvalidSchemaError: (InvalidSchemaError(Finding("/type", "There is no such type.")), 422),
    UnfitExampleError: (UnfitExampleError([Finding("/number", "This must be there.")]), 422),
    UnfitEntityError: (UnfitEntityError([Finding("/number", "This must be there.")]), 422),
    LimitReachedError: (LimitReachedError("rate_limited", "Too often.", {"retry-after": "7"}), 429),
    DependencyUnavailableError: (DependencyUnavailableError("update_item: AccessDenied"), 503),
    ThrottledError: (ThrottledError("update_item: ThrottlingException"), 503),
    ConflictRetriesExhaustedError: (
        ConflictRetriesExhaustedError("transact_write_items: every call conflicted or was throttled"),
        503,
    ),
}
NO_ANSWER_OF_ITS_OWN = {
    "MissingSettingError": "stops the start of a function",
    "ConflictError": "the change is repeated with the current object",
    "TooMuchToAddUpError": "a field error",
    "ConditionFailedError": "storage reads it",
    "OAuthClientChangedError": "the change is repeated with the current object",
    "GrantChangedError": "the request is repeated with the current grant",
    "OAuthError": "the protocol's own response, with the field `error`",
    "ReuseError": "the grant is revoked, and the response is its OAuthError",
    "InvalidKeySetError": "a field error",
    "InvalidRedirectUriError": "a field error",
    "MemberChangedError": "the change is repeated with the current object",
    "ProfileChangedError": "the change is repeated with the current object",
    "WebhookChangedError": "the change is repeated with the current object",
    "ScopeChangedError": "the change is repeated with the current object",
    "EventTypeChangedError": "the change is repeated with the current object",
    "InvalidFilterError": "a field error, or UnreadableFilterError",
    "UnreadableFilterError": "a worker's: its message is returned to the queue",
    "UnreadableSchemaError": "an internal error, 500",
    "KeyChangedError": "the change is repeated with the current object",
    "AlreadyCompletedError": "the first response is returned again",
    "SecretsManagerRotationError": "Secrets Manager shows it",
    "UnauthorizedError": "the authorizer's: its message makes API Gateway answer 401",
    "UnreadableRouteScopesError": "the authorizer's: no caller is allowed",
    "MissingEventError": "a worker's: its message is returned to the queue",
    "MalformedKeyError": "verification reads it",
    "EndpointUrlError": "a field error, or a delivery's failure",
    "AnswerTooLongError": "a delivery's failure",
    "FilterTooExpensiveError": "the delivery is recorded as failed, and filter-test answers with a field error",
    "OutOfTimeError": "a worker's: its message is returned to the queue",
    "_TooLateError": "the task requests a new reservation",
    "InvalidClaimError": "the provider's: the token is invalid, 401",
    "InvalidProvidersError": "the function does not start",
}


def _errors_of_the_package() -> Iterator[type[Exception]]:
    for module in pkgutil.walk_packages(latchhook.__path__, "latchhook."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module.name:
                yield value


def _document(error: Exception, request_id: str = "request-1") -> dict[str, Any]:
    document = json.loads(problem_for(error).to_lambda(request_id)["body"])
    assert isinstance(document, dict)
    return document


def test_every_error_has_a_response_or_a_reason_for_none() -> None:
    unanswered = {error.__name__ for error in _errors_of_the_package() if error not in STATUSES}

    assert unanswered <= NO_ANSWER_OF_ITS_OWN.keys()


@pytest.mark.parametrize(("error", "status"), list(STATUSES.values()), ids=lambda value: type(value).__name__)
def test_error_becomes_a_problem_document_with_its_status(error: Exception, status: int) -> None:
    response = problem_for(error).to_lambda("request-1")
    document = json.loads(response["body"])

    assert response["statusCode"] == document["status"] == status
    assert response["headers"]["content-type"] == CONTENT_TYPE == "application/problem+json"
    assert response["headers"]["cache-control"] == "no-store"
    assert document["title"] == TITLES[status]
    assert document["type"] == f"urn:latchhook:problem:{document['code']}"
    assert document["requestId"] == "request-1"
    assert document["detail"].endswith((".", ";"))


@pytest.mark.parametrize(
    "error", [ValueError("s3cret"), KeyError("s3cret"), RuntimeError(), ConditionFailedError({"secret": "s3cret"})]
)
def test_unexpected_error_is_500_without_details(error: Exception) -> None:
    assert problem_for(error) is INTERNAL
    assert "s3cret" not in json.dumps(_document(error))


def test_outage_is_503_with_retry_after_and_without_details() -> None:
    response = problem_for(DependencyUnavailableError("update_item: AccessDenied on table x")).to_lambda("r")

    assert response["headers"]["retry-after"] == "1"
    for word in ("update_item", "AccessDenied", "table"):
        assert word not in response["body"]


def test_every_missing_object_has_the_same_response() -> None:
    responses = {
        json.dumps(problem_for(error).to_lambda("r"))
        for error in (
            ApiKeyNotFoundError(),
            WebhookNotFoundError(),
            ProfileNotFoundError(),
            DeliveryNotFoundError(),
            RecoveryNotFoundError(),
        )
    }

    assert len(responses) == 1


def test_401_has_a_challenge() -> None:
    response = problem_for(UnauthenticatedError("invalid_token", "No.")).to_lambda("r")

    assert response["headers"]["www-authenticate"].startswith("Bearer ")
    assert "ApiKey" in response["headers"]["www-authenticate"]


def test_only_401_has_a_challenge() -> None:
    challenged = [
        status
        for error, status in STATUSES.values()
        if "www-authenticate" in problem_for(error).to_lambda("r")["headers"]
    ]

    assert challenged == [401]


@pytest.mark.parametrize(
    ("error", "pointers"),
    [
        (UnknownScopesError((0, 3)), ["/scopes/0", "/scopes/3"]),
        (ScopesBeyondCreatorError((2,)), ["/scopes/2"]),
        (ProfileBeyondCreatorError(), ["/profileId"]),
        (OwnerNotMemberError(), ["/followsOwner"]),
        (UnknownProfileError(), ["/profileId"]),
        (DuplicateHashesError((1, 999)), ["/keys/1/hash", "/keys/999/hash"]),
        (BadItemError(0, UnknownScopesError((0, 3))), ["/keys/0/scopes/0", "/keys/0/scopes/3"]),
        (BadItemError(999, ScopesBeyondCreatorError((2,))), ["/keys/999/scopes/2"]),
        (BadItemError(7, ProfileBeyondCreatorError()), ["/keys/7/profileId"]),
        (BadItemError(7, ExpiryNotInFutureError()), ["/keys/7/expiresAt"]),
        (UnknownActionsError(((0, 0), (2, 13))), ["/rules/0/actions/0", "/rules/2/actions/13"]),
        (ActionsBeyondCallerError(((1, 2),)), ["/rules/1/actions/2"]),
        (DenialBeyondCallerError(), ["/rules"]),
        (ExpiryNotInFutureError(), ["/expiresAt"]),
        (UnstorableNumberError(), ["/entity"]),
        (InvalidPositionError(), ["?cursor"]),
        (InvalidFieldsError([FieldError("/a/b~1c", "No."), FieldError("?limit", "No.")]), ["/a/b~1c", "?limit"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_invalid_fields_have_pointers(error: Exception, pointers: list[str]) -> None:
    assert [each["pointer"] for each in _document(error)["errors"]] == pointers


def test_problem_without_fields_has_no_errors() -> None:
    assert "errors" not in _document(ApiKeyNotFoundError())


def test_request_id_is_that_of_the_request() -> None:
    request_id = str(uuid4())

    assert _document(ApiKeyNotFoundError(), request_id)["requestId"] == request_id


def test_profile_in_use_is_reported_with_its_keys_and_members() -> None:
    document = _document(ProfileInUseError(1234, 7))

    assert document["code"] == "profile_in_use"
    assert "Keys that use it: 1234. Members that use it: 7." in document["detail"]


def test_reached_limit_is_429_with_its_headers() -> None:
    problem = problem_for(LimitReachedError("usage_exceeded", "Used up.", {"retry-after": "7", "ratelimit": "x"}))

    response = problem.to_lambda("r")
    assert (response["statusCode"], json.loads(response["body"])["title"]) == (429, "Too many requests")
    assert json.loads(response["body"])["code"] == "usage_exceeded"
    assert {"retry-after": "7", "ratelimit": "x", "content-type": CONTENT_TYPE}.items() <= response["headers"].items()


@pytest.mark.parametrize("position", [0, 999])
def test_dependency_error_within_an_item_is_503_without_pointers(position: int) -> None:
    """The caller's input is not the cause, so the response has no pointers."""
    outage, mistake = DependencyUnavailableError("get_item: gone"), KeyError("s3cret")

    assert problem_for(BadItemError(position, outage)) == problem_for(outage)
    assert problem_for(BadItemError(position, mistake)) == INTERNAL


def test_reused_idempotency_key_has_its_own_code() -> None:
    assert _document(IdempotencyKeyReusedError())["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("error", [error for error, _ in STATUSES.values()], ids=lambda error: type(error).__name__)
def test_every_problem_is_machine_readable(error: Exception) -> None:
    """The code is stable and in lower case, and the document is strict JSON."""
    document = _document(error)

    assert document["code"].replace("_", "").isalpha()
    assert document["code"] == document["code"].lower()
    assert json.dumps(document, allow_nan=False)
