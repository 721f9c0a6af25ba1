"""Describes refusals: the schema of problem documents and one response for each status."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import ChosenCredits, KeySettings, new_key
from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    TooManyKeysError,
)
from latchhook.api_keys.limits import Refill
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.authentication import Authenticator
from latchhook.edge.errors import (
    AmbiguousCredentialsError,
    DeliveryAsRequestError,
    MalformedRequestError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from latchhook.edge.problems import CONTENT_TYPE, TITLES, TYPE_PREFIX, Problem, problem_for
from latchhook.edge.rate_limits import account_rate_limited, rate_limited, usage_exceeded
from latchhook.edge.request import RawRequest
from latchhook.edge.schemas.api_keys import CreateKeyBody
from latchhook.edge.schemas.validation import validate
from latchhook.idempotency_records import IdempotencyKeyReusedError
from latchhook.identity import caller
from latchhook.identity.caller import Caller
from latchhook.identity.provider import THIRD_PARTY
from latchhook.permissions.errors import ProfileInUseError, TooManyProfilesError
from latchhook.permissions.grants import Grants
from latchhook.rates import RateLimit, to_micros
from latchhook.webhooks.errors import TooManyWebhooksError
from local.openapi.problem_codes import all_codes

REQUEST_ID = "JKxQ14mZIAMEJ8w="

_HEADER_NAMES = {"www-authenticate": "WWW-Authenticate", "retry-after": "Retry-After"}

RATE_LIMIT_HEADERS = {
    "RateLimit-Policy": {
        "description": (
            "The rate limit of the request's API key, if it has one: `q` uses in a window of `w` seconds"
            " (draft-ietf-httpapi-ratelimit-headers)."
        ),
        "schema": {"type": "string"},
        "example": '"key";q=600;w=60',
    },
    "RateLimit": {
        "description": "The state of the limit: `r` uses are left now, and the full burst is available in `t` seconds.",
        "schema": {"type": "string"},
        "example": '"key";r=417;t=19',
    },
}
OF_NO_OPERATION = {405}
"""Statuses of requests that do not match an operation."""

_SHARED_HEADERS = {name.lower(): name for name in RATE_LIMIT_HEADERS}

CODE_SCHEMA = {
    "description": "The reason for programs. Codes never change; later versions may add some.",
    "type": "string",
    "enum": list(all_codes()),
}

SCHEMA = {
    "description": "The reason for a refused request (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": f"`{TYPE_PREFIX}` followed by the code."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "enum": sorted(TITLES), "description": "The HTTP status."},
        "detail": {"type": "string", "description": "The reason, for people."},
        "code": {"$ref": "#/components/schemas/ProblemCode"},
        "requestId": {
            "type": "string",
            "description": "The request's id, with which the operator finds the request in the log.",
        },
        "errors": {
            "type": "array",
            "description": "The reason for each invalid field.",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer into the body, or `?name` for a query parameter.",
                    },
                    "detail": {"type": "string", "description": "The explanation of the error in this field."},
                },
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "requestId"],
}


def response_name(status: int) -> str:
    """Return the name of the shared response of a status."""
    return "".join(word.capitalize() for word in TITLES[status].split())


def responses() -> dict[str, Any]:
    """Return the shared response of each status, with a real problem document for each code of `_refusals`."""
    by_status: dict[int, list[Problem]] = {status: [] for status in TITLES if status not in OF_NO_OPERATION}
    for refuse in _refusals():
        problem = _problem_of(refuse)
        by_status[problem.status].append(problem)
    return {response_name(status): _response(status, problems) for status, problems in by_status.items()}


def _response(status: int, problems: list[Problem]) -> dict[str, Any]:
    headers = {name: value for problem in problems for name, value in problem.headers.items()}
    response: dict[str, Any] = {"description": f"{TITLES[status]}."}
    if headers:
        response["headers"] = dict(_header(name, value) for name, value in headers.items())
    examples = {problem.code: {"value": json.loads(problem.to_lambda(REQUEST_ID)["body"])} for problem in problems}
    response["content"] = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
    return response


def _header(name: str, value: str) -> tuple[str, Any]:
    if name in _SHARED_HEADERS:
        return _SHARED_HEADERS[name], {"$ref": f"#/components/headers/{_SHARED_HEADERS[name]}"}
    return _HEADER_NAMES[name], {"schema": {"type": "string"}, "example": value}


def _problem_of(refuse: Callable[[], object]) -> Problem:
    try:
        refuse()
    except Exception as error:  # noqa: BLE001 - each error has a problem document
        return problem_for(error)
    raise AssertionError(f"{refuse} raises no error")


def _refusals() -> list[Callable[[], object]]:
    """Return a call for each kind of refusal. Its problem document is an example, which cannot become outdated."""

    def unused() -> Any:
        raise NotImplementedError

    authenticator = Authenticator(tokens=unused, access=unused, keys=unused, portal=unused, operator_account_id="")
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    reader = caller.key_holder(
        key_id="",
        user_id="user",
        account_id="acme",
        grants=Grants.of(["orders:read"]),
        wanted_account_id=None,
        operator_account_id="",
    )
    used_up = _used_up_key(reader, moment)
    return [
        _raising(MalformedRequestError()),
        _raising(AmbiguousCredentialsError()),
        lambda: authenticator.authenticate(RawRequest({"headers": {}}), accept="any", now=moment),
        lambda: authenticator.authenticate(
            RawRequest({"headers": {"authorization": "Basic"}}), accept="any", now=moment
        ),
        _raising(THIRD_PARTY),
        _raising(DeliveryAsRequestError()),
        lambda: reader.require("api-keys:write"),
        _raising(ScopesBeyondCreatorError((0,))),
        _raising(ProfileBeyondCreatorError()),
        _raising(ApiKeyNotFoundError()),
        _raising(ApiKeyRevokedError()),
        _raising(ProfileInUseError(3, 1)),
        _raising(TooManyProfilesError()),
        _raising(TooManyKeysError()),
        _raising(TooManyWebhooksError()),
        _raising(RequestTooLargeError()),
        _raising(UnsupportedMediaTypeError()),
        lambda: validate(CreateKeyBody, {"name": "", "colour": "red"}),
        _raising(IdempotencyKeyReusedError()),
        _raising(usage_exceeded(used_up, moment)),
        _raising(rate_limited(used_up, moment)),
        _raising(account_rate_limited("write", 7)),
        _raising(Exception()),
        _raising(DependencyUnavailableError()),
    ]


def _used_up_key(creator: Caller, now: datetime) -> ApiKey:
    """Return a key that has reached all limits."""
    spent = KeySettings(rate_limit=RateLimit(600, 60, 600), credits=ChosenCredits(0, Refill(50_000, "monthly")))
    key = new_key(spent, UUID(int=1), creator=creator, prefix="", now=now)
    return replace(key, rate_full_at_micros=to_micros(now + timedelta(seconds=60)))


def _raising(error: Exception) -> Callable[[], object]:
    def refuse() -> object:
        raise error

    return refuse
