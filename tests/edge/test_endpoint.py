"""An HTTP endpoint as Lambda calls it: checks have a fixed order, and secrets are neither returned nor logged."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError, ApiKeyRevokedError, ScopesBeyondCreatorError
from latchhook.api_keys.verification import Code, KeyQuery, KeyVerifier, Refusal
from latchhook.audit import Origin
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.authentication import Authenticator
from latchhook.edge.endpoint import NO_CONTENT, Description, Endpoint, Response, ok
from latchhook.edge.request import MAX_BODY_BYTES, Request
from latchhook.edge.schemas.api_keys import CreateKeyBody
from latchhook.idempotency_records import AlreadyCompletedError, CompletedRequest, IdempotencyKey
from latchhook.identity.identity import Identity
from latchhook.permissions.grants import Grants
from latchhook.rates import RateLimit, to_micros
from tests.edge.requests import http_event
from tests.features.identity.tokens import tokens_of
from tests.samples import ACCOUNT, NOW, PREFIX, SECOND, MovableClock, api_key, key_text

SECRET = "a jwt s3cret of more than thirty-two bytes"
ISSUER = "https://project.supabase.example/auth/v1"
KEY = api_key(scopes=("api-keys:write",))
KEY_TEXT = key_text(KEY)
LOCKED = api_key(3, scopes=("api-keys:write", "webhooks:write"), ip_allow_list=("198.51.100.0/24",))
LOCKED_TEXT = key_text(LOCKED)
OPERATOR = "acct_operator"


class OneSecret:
    """A shared secret without rotation."""

    def known(self) -> list[str]:
        return [SECRET]

    def newer(self) -> list[str]:
        return []


class Keys:
    """A store of keys that returns the result of the test, or raises its error."""

    def __init__(self, found: ApiKey | Refusal | Exception | None = KEY) -> None:
        self.found = found
        self.questions: list[KeyQuery] = []
        self.refused: list[Code] = []

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        self.questions.append(query)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def look_up(self, query: KeyQuery) -> Refusal | None:
        found = self.record_use(query)
        return Refusal(found, "current", None) if isinstance(found, ApiKey) else found

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        self.refused.append(code)

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        raise AssertionError("no key here has credits")


class Claims:
    """Accounts without stored memberships."""

    def applied(self, identity: Identity, _: str | None) -> Identity:
        return identity


def _no_profiles() -> Any:
    raise AssertionError("no key here has a profile")


class CallCounts:
    """Rate limits of accounts that allow every call, return a waiting time or raise."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.wait_seconds: int | None = None
        self.raises: Exception | None = None

    def take(self, account_id: str, kind: str, *, now: datetime) -> int | None:
        assert now == NOW
        if self.raises is not None:
            raise self.raises
        self.taken.append((account_id, kind))
        return self.wait_seconds


class Refused:
    """A store of refused requests that records them or raises."""

    def __init__(self) -> None:
        self.recorded: list[tuple[Origin, str, str]] = []
        self.raises: Exception | None = None

    def record(self, origin: Origin, *, route: str, code: str) -> None:
        if self.raises is not None:
            raise self.raises
        self.recorded.append((origin, route, code))


class Completed:
    """Records of completed requests."""

    def __init__(self) -> None:
        self.record: CompletedRequest | None = None
        self.lookups = 0
        self.completed_after_lookup: CompletedRequest | None = None

    def find(self, account_id: str, request: IdempotencyKey, *, now: datetime) -> CompletedRequest | None:
        assert (account_id, now) == (ACCOUNT, NOW)
        self.lookups += 1
        found, self.record = self.record, self.completed_after_lookup or self.record
        return found


@dataclass
class World:
    keys: Keys = field(default_factory=Keys)
    refused: Refused = field(default_factory=Refused)
    rates: CallCounts = field(default_factory=CallCounts)
    completed: Completed = field(default_factory=Completed)
    requests: list[Request[Any]] = field(default_factory=list)
    raises: Exception | None = None
    response: Response = field(default_factory=lambda: ok({"done": True}))

    def endpoint(self, **description: Any) -> Endpoint[Any]:
        def operation(request: Request[Any]) -> Response:
            """Record the request and return the response of the test."""
            self.requests.append(request)
            if self.raises is not None:
                raise self.raises
            return self.response

        authenticator = Authenticator(
            tokens=lambda: tokens_of(secrets=OneSecret(), issuer=ISSUER),
            access=Claims,
            keys=lambda: KeyVerifier(PREFIX, self.keys, self.keys, _no_profiles, _no_profiles),
            portal=_no_profiles,
            operator_account_id=OPERATOR,
        )
        chosen: dict[str, Any] = {"scope": "api-keys:write", "body": CreateKeyBody, "response": dict} | description
        described = Description(summary="Do it", description="Does it.", **chosen)
        return Endpoint(
            operation,
            described,
            authenticator=authenticator,
            refusals=lambda: self.refused,
            clock=MovableClock(),
            header_prefix="X-Latchhook",
            rates=lambda: self.rates,
            completed_requests=lambda: self.completed,
        )

    def call(self, event: Mapping[str, Any], **description: Any) -> tuple[int, Any]:
        response = self.endpoint(**description)(event)
        return response["statusCode"], json.loads(response["body"]) if "body" in response else None


def _token(
    *, account: str = ACCOUNT, role: str = "business_admin", clients: tuple[str, ...] = (), **claims: Any
) -> str:
    content = {
        "iss": ISSUER,
        "aud": "authenticated",
        "exp": datetime.now(UTC) + timedelta(days=7),
        "sub": "user_1",
        "app_metadata": {"account_id": account, "role": role, "client_account_ids": list(clients)},
    }
    return jwt.encode(content | claims, SECRET, algorithm="HS256")


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


BODY = '{"name": "Shop"}'


def _service_token() -> str:
    content = {"iss": "supabase", "role": "service_role", "exp": datetime.now(UTC) + timedelta(days=7)}
    return jwt.encode(content, SECRET, algorithm="HS256")


# ---- Callers ----


def test_session_token_acts_for_its_account() -> None:
    world = World()

    status, _ = world.call(http_event(BODY, headers=_bearer(_token())))

    assert status == 200
    (request,) = world.requests
    assert (request.caller.kind, request.caller.account_id, request.caller.actor_id) == ("user", ACCOUNT, "user_1")
    assert (request.body.name, request.now) == ("Shop", NOW)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_authorization_scheme_is_case_insensitive(scheme: str) -> None:
    assert World().call(http_event(BODY, headers={"authorization": f"{scheme} {_token()}"}))[0] == 200


def test_api_key_acts_for_its_account_with_its_scopes() -> None:
    world = World()

    status, _ = world.call(http_event(BODY, headers={"x-api-key": KEY_TEXT}))

    assert status == 200
    (request,) = world.requests
    assert (request.caller.kind, request.caller.actor_id) == ("api_key", str(KEY.id))
    assert request.caller.grants == Grants.of({"api-keys:write"})
    assert request.key == KEY
    assert len(world.keys.questions) == 1


def test_advisor_acts_for_the_client_named_by_the_header() -> None:
    world = World()
    token = _token(role="advisor", clients=("c1",))

    assert world.call(http_event(BODY, headers={**_bearer(token), "x-account-id": "c1"}))[0] == 200
    assert world.requests[0].account_id == "c1"
    assert world.call(http_event(BODY, headers={**_bearer(token), "x-account-id": "c2"}))[0] == 403


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_credentials"),
        ({"authorization": ""}, "invalid_token"),
        ({"authorization": "Bearer"}, "invalid_token"),
        ({"authorization": "Bearer  "}, "invalid_token"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "invalid_token"),
        ({"authorization": "Bearer x.y.z"}, "invalid_token"),
        ({"x-api-key": ""}, "invalid_api_key"),
        ({"x-api-key": KEY_TEXT[:-1] + "!"}, "invalid_api_key"),
    ],
    ids=str,
)
def test_missing_or_invalid_credential_is_401_with_a_challenge(headers: dict[str, str], code: str) -> None:
    world = World()

    response = world.endpoint()(http_event(BODY, headers=headers))

    assert response["statusCode"] == 401
    assert "www-authenticate" in response["headers"]
    assert json.loads(response["body"])["code"] == code
    assert world.requests == []


def test_expired_token_has_its_own_code() -> None:
    token = _token(exp=datetime.now(UTC) - timedelta(hours=1))

    assert World().call(http_event(BODY, headers=_bearer(token)))[1]["code"] == "token_expired"


@pytest.mark.parametrize(
    "found",
    [
        None,
        Refusal(KEY, "unknown", None),
        Refusal(api_key(stored_status="revoked"), "current", None),
        Refusal(api_key(expires_at=NOW), "current", None),
    ],
    ids=["missing", "another secret", "revoked", "expired"],
)
def test_every_invalid_key_gets_the_same_response(found: Refusal | None) -> None:
    status, problem = World(Keys(found)).call(http_event(BODY, headers={"x-api-key": KEY_TEXT}))

    assert (status, problem["code"], problem["detail"]) == (401, "invalid_api_key", "Invalid API key.")


def test_two_credentials_are_refused_before_either_is_checked() -> None:
    world = World()

    status, problem = world.call(http_event(BODY, headers={**_bearer("x"), "x-api-key": KEY_TEXT}))

    assert (status, problem["code"]) == (400, "ambiguous_credentials")
    assert world.keys.questions == []


def test_key_is_not_checked_where_a_session_is_required() -> None:
    world = World()

    status, problem = world.call(http_event(BODY, headers={"x-api-key": KEY_TEXT}), credentials="session")

    assert (status, problem["code"]) == (401, "session_required")
    assert world.keys.questions == []


def test_caller_without_the_scope_is_403() -> None:
    status, problem = World().call(http_event(BODY, headers={"x-api-key": KEY_TEXT}), scope="webhooks:write")

    assert (status, problem["code"]) == (403, "insufficient_scope")
    assert "webhooks:write" in problem["detail"]


@pytest.mark.parametrize("role", ["", "member", "authenticated"])
def test_role_without_permission_is_403(role: str) -> None:
    assert World().call(http_event(BODY, headers=_bearer(_token(role=role))))[0] == 403


def test_service_token_has_no_account() -> None:
    headers = _bearer(_service_token())

    status, problem = World().call(http_event(BODY, headers=headers), scope="events:write")
    assert (status, problem["code"]) == (403, "no_account")
    assert World().call(http_event(BODY, headers=headers), scope="events:write", account_wide=False)[0] == 200


def test_customer_is_not_the_operator() -> None:
    headers = _bearer(_token())

    assert World().call(http_event(BODY, headers=headers), scope="events:write", account_wide=False)[0] == 403
    assert World().call(http_event(BODY, headers=_bearer(_token(account=OPERATOR))), scope="events:write")[0] == 200


# ---- Refused requests in the audit log ----


@pytest.mark.parametrize(
    ("headers", "code", "by"),
    [
        (_bearer(_token(role="member")), "role_not_allowed", ("user", ACCOUNT, "user_1")),
        ({**_bearer(_token()), "x-account-id": "c1"}, "account_not_allowed", ("user", ACCOUNT, "user_1")),
        (
            {**_bearer(_token(role="advisor", clients=("c1",))), "x-account-id": "c2"},
            "account_not_allowed",
            ("user", ACCOUNT, "user_1"),
        ),
        ({"x-api-key": KEY_TEXT, "x-account-id": "c1"}, "account_not_allowed", ("api_key", ACCOUNT, str(KEY.id))),
        ({"x-api-key": LOCKED_TEXT}, "ip_not_allowed", ("api_key", ACCOUNT, str(LOCKED.id))),
        ({"x-api-key": KEY_TEXT}, "insufficient_scope", ("api_key", ACCOUNT, str(KEY.id))),
    ],
    ids=["role", "another account", "no client", "another account than the key's", "address", "scope"],
)
def test_refused_request_is_recorded_in_the_callers_own_account(
    headers: dict[str, str], code: str, by: tuple[str, str, str]
) -> None:
    locked = headers.get("x-api-key") == LOCKED_TEXT
    world = World(Keys(Refusal(LOCKED, "current", None)) if locked else Keys())

    status, problem = world.call(http_event(BODY, headers=headers), scope="webhooks:write")

    assert (status, problem["code"]) == (403, code)
    ((origin, route, recorded_code),) = world.refused.recorded
    assert (origin.caller.kind, origin.caller.account_id, origin.caller.actor_id) == by
    assert (origin.source_ip, origin.request_id, origin.at) == ("203.0.113.9", "request-1", NOW)
    assert (route, recorded_code) == ("POST /things", code)


def test_operations_403_is_recorded_in_the_account_the_caller_acts_for() -> None:
    world = World(raises=ScopesBeyondCreatorError((0,)))
    token = _token(role="advisor", clients=("c1",))

    status, _ = world.call(http_event(BODY, headers={**_bearer(token), "x-account-id": "c1"}))

    assert status == 403
    ((origin, _, code),) = world.refused.recorded
    assert (origin.caller.account_id, code) == ("c1", "scope_beyond_creator")


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer x.y.z"}, {"x-api-key": KEY_TEXT[:-1] + "!"}, _bearer(_service_token())],
    ids=["no credential", "a bad token", "a bad key", "the operator's service token"],
)
def test_refusal_of_a_caller_without_account_is_not_recorded(headers: dict[str, str]) -> None:
    world = World()

    assert world.call(http_event(BODY, headers=headers))[0] in {401, 403}
    assert world.refused.recorded == []


@pytest.mark.parametrize("account", ["", "a#b", "x" * 65])
def test_session_with_an_invalid_account_is_refused_and_not_recorded(account: str) -> None:
    world = World()

    assert world.call(http_event(BODY, headers=_bearer(_token(account=account, role="member"))))[0] == 403
    assert world.refused.recorded == []


@pytest.mark.parametrize(
    ("raises", "body"),
    [(None, BODY), (None, "{"), (ApiKeyNotFoundError(), BODY), (DependencyUnavailableError("x"), BODY)],
    ids=["done", "malformed", "missing", "outage"],
)
def test_response_other_than_403_is_not_recorded(raises: Exception | None, body: str) -> None:
    world = World(raises=raises)

    assert world.call(http_event(body, headers=_bearer(_token())))[0] != 403
    assert world.refused.recorded == []


@pytest.mark.parametrize("failure", [DependencyUnavailableError("put_item: AccessDenied"), ValueError("s3cret")])
def test_refusal_that_cannot_be_recorded_is_returned_and_logged(failure: Exception, log: io.StringIO) -> None:
    world = World()
    world.refused.raises = failure

    status, problem = world.call(http_event(BODY, headers={"x-api-key": KEY_TEXT}), scope="webhooks:write")

    assert (status, problem["code"]) == (403, "insufficient_scope")
    assert [line["message"] for line in _lines(log)] == ["refusal not recorded", "request"]
    assert "s3cret" not in log.getvalue()


# ---- Order of refusals ----

BAD_BODIES: dict[str, Any] = {
    "malformed": ("{", 400),
    "not utf-8": (b"\xff", 400),
    "too large": ("x" * (MAX_BODY_BYTES + 1), 413),
    "invalid": ('{"name": 5}', 422),
    "missing": (None, 422),
}


@pytest.mark.parametrize(("body", "status"), list(BAD_BODIES.values()), ids=list(BAD_BODIES))
def test_invalid_body_has_its_own_status(body: Any, status: int) -> None:
    world = World()

    assert world.call(http_event(body, headers=_bearer(_token())))[0] == status
    assert world.requests == []


@pytest.mark.parametrize(("body", "_"), list(BAD_BODIES.values()), ids=list(BAD_BODIES))
def test_caller_is_refused_before_the_body_is_read(body: Any, _: int) -> None:
    assert World().call(http_event(body))[0] == 401
    assert World().call(http_event(body, headers=_bearer(_token(role="member"))))[0] == 403
    assert World().call(http_event(body, headers={"x-api-key": KEY_TEXT}), scope="webhooks:write")[0] == 403


def test_body_of_an_endpoint_without_body_is_ignored() -> None:
    assert World().call(http_event("{", headers=_bearer(_token())), body=None)[0] == 200


# ---- Responses ----


def test_response_is_json_that_is_not_cached() -> None:
    response = World(response=Response(201, {"name": "Zoë"}, {"location": "/things/1"})).endpoint()(
        http_event(BODY, headers=_bearer(_token()))
    )

    assert response["statusCode"] == 201
    assert response["headers"] == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "location": "/things/1",
    }
    assert json.loads(response["body"]) == {"name": "Zoë"}


def test_response_without_body_has_no_content() -> None:
    response = World(response=NO_CONTENT).endpoint()(http_event(BODY, headers=_bearer(_token())))

    assert response == {"statusCode": 204, "headers": {"cache-control": "no-store"}}


LIMITED = api_key(
    scopes=("api-keys:write",), rate_limit=RateLimit(60, 60, 5), rate_full_at_micros=to_micros(NOW + 2 * SECOND)
)


@pytest.mark.parametrize("response", [ok({"done": True}), NO_CONTENT, Response(201, {}, {"location": "/things/1"})])
def test_response_contains_the_callers_rate_limit(response: Response) -> None:
    world = World(Keys(LIMITED), response=response)

    headers = world.endpoint()(http_event(BODY, headers={"x-api-key": key_text(LIMITED)}))["headers"]

    assert headers == {
        **response.to_lambda()["headers"],
        "ratelimit-policy": '"key";q=60;w=60',
        "ratelimit": '"key";r=3;t=2',
    }


@pytest.mark.parametrize("headers", [_bearer(_token()), {"x-api-key": KEY_TEXT}], ids=["a session", "a key without"])
def test_caller_without_rate_limit_gets_no_rate_limit_headers(headers: dict[str, str]) -> None:
    response = World().endpoint()(http_event(BODY, headers=headers))

    assert not [name for name in response["headers"] if "ratelimit" in name]


@pytest.mark.parametrize("kind", ["write", "slow"])
@pytest.mark.parametrize("headers", [_bearer(_token()), {"x-api-key": KEY_TEXT}], ids=["a session", "a key"])
def test_call_with_a_rate_limit_counts_for_its_account(kind: str, headers: dict[str, str]) -> None:
    world = World()

    assert world.endpoint(rate=kind)(http_event(BODY, headers=headers))["statusCode"] == 200
    assert world.rates.taken == [(ACCOUNT, kind)]


def test_call_without_a_rate_limit_is_not_counted() -> None:
    world = World()

    assert world.endpoint()(http_event(BODY, headers=_bearer(_token())))["statusCode"] == 200
    assert world.rates.taken == []


@pytest.mark.parametrize("kind", ["write", "slow"])
def test_call_over_the_accounts_rate_limit_is_429_with_retry_after(kind: str) -> None:
    world = World()
    world.rates.wait_seconds = 7

    response = world.endpoint(rate=kind)(http_event(BODY, headers=_bearer(_token())))

    assert (response["statusCode"], response["headers"]["retry-after"]) == (429, "7")
    assert json.loads(response["body"])["code"] == "account_rate_limited"
    assert (world.requests, world.refused.recorded) == ([], [])


@pytest.mark.parametrize(
    ("body", "token", "status"),
    [(BODY, {"app_metadata": {"account_id": ACCOUNT, "role": "member"}}, 403), ('{"colour": "red"}', {}, 422)],
)
def test_refused_call_is_not_counted(body: str, token: dict[str, Any], status: int) -> None:
    world = World()

    response = world.endpoint(rate="write")(http_event(body, headers=_bearer(_token(**token))))

    assert (response["statusCode"], world.rates.taken) == (status, [])


def test_service_token_has_no_rate_limit() -> None:
    world = World()
    token = _token(role="service_role")

    world.endpoint(rate="write", scope="event-types:write", account_wide=False)(
        http_event(BODY, headers=_bearer(token))
    )

    assert world.rates.taken == []


def test_rate_limit_outage_is_503() -> None:
    world = World()
    world.rates.raises = DependencyUnavailableError("update_item: timeout")

    response = world.endpoint(rate="write")(http_event(BODY, headers=_bearer(_token())))

    assert (response["statusCode"], world.requests) == (503, [])


def test_rate_limited_key_is_429_before_the_operation() -> None:
    spent = replace(LIMITED, rate_full_at_micros=to_micros(NOW + 7 * SECOND))
    world = World(Keys(Refusal(spent, "current", None)))

    response = world.endpoint()(http_event("{", headers={"x-api-key": key_text(LIMITED)}))

    assert (response["statusCode"], json.loads(response["body"])["title"]) == (429, "Too many requests")
    assert (response["headers"]["retry-after"], response["headers"]["ratelimit"]) == ("3", '"key";r=0;t=7')
    assert (world.requests, world.refused.recorded, world.keys.refused) == ([], [], ["RATE_LIMITED"])


def test_operations_refusal_becomes_its_problem_document() -> None:
    status, problem = World(raises=ApiKeyNotFoundError()).call(http_event(BODY, headers=_bearer(_token())))

    assert (status, problem["code"], problem["requestId"]) == (404, "not_found", "request-1")


@pytest.mark.parametrize("error", [ValueError("s3cret"), KeyError("s3cret"), RecursionError(), MemoryError("s3cret")])
def test_unexpected_error_is_500_without_details(error: Exception) -> None:
    status, problem = World(raises=error).call(http_event(BODY, headers=_bearer(_token())))

    assert (status, problem["code"]) == (500, "internal_error")
    assert "s3cret" not in json.dumps(problem)


def test_outage_during_authentication_is_503_instead_of_401() -> None:
    outage = DependencyUnavailableError("update_item: AccessDeniedException")

    status, problem = World(Keys(outage)).call(http_event(BODY, headers={"x-api-key": KEY_TEXT}))

    assert (status, problem["code"]) == (503, "temporarily_unavailable")
    assert "AccessDenied" not in json.dumps(problem)


# ---- The log ----


def _lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_request_is_one_log_line(log: io.StringIO) -> None:
    World().call(http_event(BODY, headers=_bearer(_token())))
    World().call(http_event(BODY))

    assert [
        (line["message"], line["request_id"], line["route"], line["status"], line.get("account_id"))
        for line in _lines(log)
    ] == [("request", "request-1", "POST /things", 200, ACCOUNT), ("request", "request-1", "POST /things", 401, None)]


def test_dependency_error_is_logged_with_its_stack(log: io.StringIO) -> None:
    World(raises=DependencyUnavailableError("put_item: InternalServerError")).call(
        http_event(BODY, headers=_bearer(_token()))
    )

    failure, request = _lines(log)
    assert failure["level"] == "ERROR"
    assert failure["error"] == "DependencyUnavailableError: put_item: InternalServerError"
    assert "operation" in "".join(failure["stack"])
    assert request["status"] == 503


def test_callers_mistake_is_not_logged_as_an_error(log: io.StringIO) -> None:
    World().call(http_event("{", headers=_bearer(_token())))

    assert [line["level"] for line in _lines(log)] == ["INFO"]


def test_secrets_are_not_logged(log: io.StringIO) -> None:
    token, other_key = _token(), key_text(api_key(2), 9)
    secret_body = json.dumps({"name": "s3cret-name", "metadata": {"password": "s3cret-value"}, "s3cret-field": 1})
    errors: list[Exception | None] = [
        None,
        ValueError(f"{KEY_TEXT} {token} s3cret-value"),
        UnicodeDecodeError("utf-8", b"s3cret-value", 0, 1, "s3cret-value"),
        DependencyUnavailableError("update_item: ValidationException"),
    ]
    for error in errors:
        for headers in (_bearer(token), {"x-api-key": KEY_TEXT}, {"x-api-key": other_key}, {}):
            for body in (secret_body, secret_body[:-1], b"\xff s3cret-value"):
                world = World(raises=error, response=ok({"key": KEY_TEXT, "secret": "s3cret-value"}))
                world.call(http_event(body, headers=headers))
                world.call(http_event(json.dumps({"name": "s3cret-name"}), headers=headers))
                World(Keys(KeyError(KEY_TEXT))).call(http_event(body, headers=headers))

    written = log.getvalue()
    assert len(written.splitlines()) > 100
    for secret in (token, token.split(".")[2], KEY_TEXT, KEY_TEXT[-38:], other_key, "s3cret", SECRET):
        assert secret not in written


# ---- Idempotency-Key ----


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    assert request.body is None
    return Response(201, {"id": str(done.target_id)}, {"location": "there"})


def _once(world: World, sent: Any, **description: Any) -> tuple[int, Any, Any]:
    headers = {**_bearer(_token()), "idempotency-key": "one"}
    response = world.endpoint(**{"replay": _replay} | description)(http_event(json.dumps(sent), headers=headers))
    return response["statusCode"], json.loads(response["body"]), response["headers"].get("idempotency-replayed")


def _record(world: World, body: Any) -> CompletedRequest:
    """The record that a completed request with this body leaves."""
    _once(world, body)
    key = world.requests.pop().idempotency_key
    assert key is not None
    return CompletedRequest(key.fingerprint, UUID(int=1))


def test_repeat_is_replayed_before_its_body_is_validated_and_counted() -> None:
    world = World()
    record = _record(World(), {"name": "k", "metadata": {"a": 1, "b": [2]}})
    world.completed.record = record

    replayed = _once(world, {"metadata": {"b": [2], "a": 1}, "name": "k"}, body=_refuse)

    assert replayed == (201, {"id": str(UUID(int=1))}, "true")
    assert (world.requests, world.rates.taken, world.completed.lookups) == ([], [], 1)


def _refuse(document: Any) -> Any:
    raise AssertionError("the body of a repeat is not validated")


def test_request_without_the_header_is_not_looked_up() -> None:
    world = World()
    event = http_event(json.dumps({"name": "k"}), headers=_bearer(_token()))
    assert world.call(event, replay=_replay)[0] == 200
    assert (world.completed.lookups, world.requests[0].idempotency_key) == (0, None)


def test_endpoint_without_replay_ignores_the_header() -> None:
    world = World()
    assert _once(world, {"name": "k"}, replay=None)[0] == 200
    assert (world.completed.lookups, world.requests[0].idempotency_key) == (0, None)


def test_caller_without_the_right_gets_403_and_no_replay() -> None:
    world = World()
    world.completed.record = _record(World(), {"name": "k"})
    assert _once(world, {"name": "k"}, scope="events:write")[0] == 403
    assert world.completed.lookups == 0


def test_repeat_with_another_body_is_422() -> None:
    world = World()
    world.completed.record = _record(World(), {"name": "k"})
    status, problem, _ = _once(world, {"name": "another"})
    assert (status, problem["code"], world.requests) == (422, "idempotency_key_reused", [])


def test_request_that_loses_the_race_is_replayed() -> None:
    record = _record(World(), {"name": "k"})
    lost = World(raises=AlreadyCompletedError(record))
    assert _once(lost, {"name": "k"})[::2] == (201, "true")
    conflict = World(raises=ApiKeyRevokedError())
    conflict.completed.completed_after_lookup = record
    assert _once(conflict, {"name": "k"})[::2] == (201, "true")


@pytest.mark.parametrize(
    ("error", "status", "lookups"),
    [(ApiKeyRevokedError(), 409, 2), (ApiKeyNotFoundError(), 404, 1), (DependencyUnavailableError("x"), 503, 1)],
)
def test_failed_request_without_a_record_returns_its_error(error: Exception, status: int, lookups: int) -> None:
    world = World(raises=error)
    assert _once(world, {"name": "k"})[0] == status
    assert world.completed.lookups == lookups
