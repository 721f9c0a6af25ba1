"""The token endpoint: client authentication, codes, refresh tokens, and errors without side effects."""

import base64
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import jwt
import pytest

from latchhook.clock import utc_now
from latchhook.oauth.errors import GrantChangedError
from latchhook.oauth.grant import Grant
from latchhook.storage.oauth_grants_table import OAuthGrantsTable
from oauth import create_token
from tests.functions.callers import admin, made_member
from tests.functions.calls import NOBODY, Answered, call
from tests.functions.cloud import Cloud
from tests.functions.oauth.apps import (
    ISSUER,
    REDIRECT_URI,
    USER,
    VERIFIER,
    Signer,
    code_of,
    connected,
    credentials,
    exchange,
    form,
    made_client,
    own_token,
    refresh,
    user,
    verified,
)

HEADERS = {"cache-control": "no-store", "pragma": "no-cache", "content-type": "application/json"}


def basic(name: str, password: str) -> dict[str, str]:
    """Return HTTP Basic credentials."""
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def error_of(answered: Answered) -> tuple[int, str]:
    """Return status and error of a response, which has no other field but the description."""
    assert set(answered.body) == {"error", "error_description"}
    assert {name: answered.headers[name] for name in HEADERS} == HEADERS
    return answered.status, answered.body["error"]


def test_code_gives_tokens_that_verify_like_keys() -> None:
    client = made_client()
    answered = exchange(client, code_of(client, user()))
    assert answered.status == 200
    assert {name: answered.headers[name] for name in HEADERS} == HEADERS
    assert list(answered.body) == ["access_token", "token_type", "expires_in", "scope", "refresh_token"]
    assert (answered.body["token_type"], answered.body["expires_in"], answered.body["scope"]) == (
        "Bearer", 3600, "orders:read",
    )  # fmt: skip
    result = verified(answered.body["access_token"], "orders:read")
    assert (result["code"], result["kind"], result["userId"], result["clientId"], result["keyId"]) == (
        "VALID", "oauth_token", USER, client["id"], None,
    )  # fmt: skip


def test_tables_contain_no_code_and_no_token(cloud: Cloud) -> None:
    client = made_client()
    code = code_of(client, user())
    tokens = exchange(client, code).body
    stored = str(cloud.items("SettingsTable")) + str(cloud.items("ApiKeysTable"))
    for secret in (code, tokens["access_token"], tokens["refresh_token"], client["secret"]):
        assert secret not in stored


# ---- Client authentication ----


def test_client_authenticates_by_basic_or_by_form() -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    grant = {"grant_type": "client_credentials"}
    assert form("create_token", {**grant, **credentials(machine)}).status == 200
    assert form("create_token", grant, basic(machine["id"], machine["secret"])).status == 200
    encoded = basic(quote_plus(machine["id"]), quote_plus(machine["secret"]))
    assert form("create_token", {**grant, "client_id": machine["id"]}, encoded).status == 200


@pytest.mark.parametrize("password", ["", "wrong", "w+r%o:n g", "%ff", "%", "p\u00e4ss"])
def test_wrong_basic_credentials_get_a_challenge(password: str) -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    answered = form("create_token", {"grant_type": "client_credentials"}, basic(machine["id"], password))
    assert error_of(answered) == (401, "invalid_client")
    assert answered.headers["www-authenticate"] == 'Basic realm="latchhook"'


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic bm9jb2xvbg==", "Basic " + base64.b64encode(b"\xff:x").decode()]
)
def test_malformed_basic_credentials_are_invalid(header: str) -> None:
    answered = form("create_token", {"grant_type": "client_credentials"}, {"authorization": header})
    assert error_of(answered) == (401, "invalid_client")


def test_credentials_sent_in_two_ways_are_refused() -> None:
    client = made_client()
    twice = form("create_token", {"grant_type": "x", **credentials(client)}, basic(client["id"], client["secret"]))
    assert error_of(twice) == (400, "invalid_request")
    bearer = form("create_token", {"grant_type": "x", **credentials(client)}, {"authorization": "Bearer x"})
    assert error_of(bearer) == (400, "invalid_request")
    other = form("create_token", {"grant_type": "x", "client_id": "y"}, basic(client["id"], client["secret"]))
    assert error_of(other) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes", [{"client_secret": None}, {"client_secret": "x"}, {"client_id": "x"}, {"client_id": None}]
)
def test_code_of_an_unauthenticated_client_is_kept(changes: dict[str, Any]) -> None:
    client = made_client()
    code = code_of(client, user())
    assert error_of(exchange(client, code, **changes)) == (401, "invalid_client")
    assert exchange(client, code).status == 200


def test_public_client_authenticates_by_its_verifier_only() -> None:
    public = made_client(type="public")
    caller = user()
    assert error_of(exchange(public, code_of(public, caller), client_secret="x")) == (401, "invalid_client")
    code = code_of(public, caller)
    assert error_of(exchange(public, code, code_verifier="a" * 43)) == (400, "invalid_grant")
    tokens = exchange(public, code).body
    assert refresh(public, tokens["refresh_token"]).status == 200


# ---- Client authentication by a signed assertion ----


@pytest.fixture
def signer() -> Signer:
    """The key pair of a client."""
    return Signer()


def robot_of(signer: Signer) -> dict[str, Any]:
    """Create a client with tokens of its own and a public key."""
    return made_client(grantTypes=["client_credentials"], redirectUris=[], jwks=signer.jwks)


def by_assertion(fields: dict[str, Any]) -> Answered:
    """Request a token of the client itself."""
    return form("create_token", {"grant_type": "client_credentials", **fields})


def test_client_authenticates_by_an_assertion_that_works_once(signer: Signer) -> None:
    robot = robot_of(signer)
    fields = signer.credentials(robot)
    assert verified(by_assertion({**fields, "client_id": robot["id"]}).body["access_token"])["code"] == "VALID"
    assert error_of(by_assertion(fields)) == (401, "invalid_client")
    for audience in (ISSUER, [ISSUER, "https://other.example.com"]):
        assert by_assertion(signer.credentials(robot, aud=audience)).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.com"},
        {"aud": None},
        {"iss": "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"},
        {"iss": None},
        {"jti": None},
        {"exp": None},
        {"exp": int(time.time()) - 11},
        {"exp": int(time.time()) + 86_400},
        {"exp": 10**400},
        {"nbf": int(time.time()) + 86_400},
        {"sub": "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"},
        {"sub": None},
        {"sub": 7},
    ],
)
def test_assertion_with_wrong_claims_is_refused(claims: dict[str, Any], signer: Signer) -> None:
    robot = robot_of(signer)
    assert error_of(by_assertion(signer.credentials(robot, **claims))) == (401, "invalid_client")


def test_assertion_must_be_signed_with_a_key_of_the_client(signer: Signer) -> None:
    robot = robot_of(signer)
    for stranger in (Signer(), Signer("key-2")):
        assert error_of(by_assertion(stranger.credentials(robot))) == (401, "invalid_client")
    fields = signer.credentials(robot)
    claims = {"iss": robot["id"], "sub": robot["id"], "aud": ISSUER, "jti": "a", "exp": int(time.time()) + 60}
    for forged in (
        jwt.encode(claims, None, algorithm="none"),  # type: ignore[arg-type]  # PyJWT: no key for none
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": "key-1"}),
        "x.y.z",
        "x" * 10_000,
    ):
        assert error_of(by_assertion({**fields, "client_assertion": forged})) == (401, "invalid_client")
    without_keys = made_client(grantTypes=["client_credentials"], redirectUris=[])
    assert error_of(by_assertion(signer.credentials(without_keys))) == (401, "invalid_client")


def test_reuse_revokes_the_grant_of_a_client_with_assertions(signer: Signer) -> None:
    app = made_client(jwks=signer.jwks)

    def presented() -> dict[str, Any]:
        return {"client_secret": None, **signer.credentials(app)}

    code = code_of(app, user())
    tokens = exchange(app, code, **presented()).body
    assert error_of(exchange(app, code, **presented())) == (400, "invalid_grant")
    assert verified(tokens["access_token"])["code"] == "REVOKED"


def test_request_after_a_conflict_needs_no_second_assertion(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    robot = robot_of(signer)
    stored, attempts = OAuthGrantsTable.add_token, []

    def changed_once(table: OAuthGrantsTable, before: Grant, after: Grant) -> None:
        attempts.append(after)
        if len(attempts) == 1:
            raise GrantChangedError
        stored(table, before, after)

    monkeypatch.setattr(OAuthGrantsTable, "add_token", changed_once)
    answered = by_assertion(signer.credentials(robot))
    assert (answered.status, len(attempts)) == (200, 2)


def test_assertion_is_the_only_credential_of_its_request(signer: Signer) -> None:
    robot = robot_of(signer)
    for more in ({"client_secret": robot["secret"]}, {"client_assertion_type": "x"}):
        assert error_of(by_assertion({**signer.credentials(robot), **more})) == (400, "invalid_request")
    assert error_of(by_assertion({**signer.credentials(robot), "client_id": "x"})) == (401, "invalid_client")
    without = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    assert error_of(by_assertion(without)) == (400, "invalid_request")
    headers = basic(robot["id"], robot["secret"])
    twice = form("create_token", {"grant_type": "client_credentials", **signer.credentials(robot)}, headers)
    assert error_of(twice) == (400, "invalid_request")


# ---- Codes ----


def test_second_use_of_a_code_revokes_the_tokens_of_the_first() -> None:
    client = made_client()
    code = code_of(client, user())
    tokens = exchange(client, code).body
    assert error_of(exchange(client, code)) == (400, "invalid_grant")
    assert verified(tokens["access_token"])["code"] == "REVOKED"
    assert error_of(refresh(client, tokens["refresh_token"])) == (400, "invalid_grant")


def test_code_of_another_client_is_refused_and_kept() -> None:
    client, other = made_client(), made_client(name="Other")
    code = code_of(client, user())
    assert error_of(exchange(other, code)) == (400, "invalid_grant")
    tokens = exchange(client, code).body
    assert error_of(exchange(other, code)) == (400, "invalid_grant")
    assert verified(tokens["access_token"])["code"] == "VALID"


def test_code_works_for_sixty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    client = made_client()
    code = code_of(client, user())
    moved = utc_now() + timedelta(seconds=61)
    monkeypatch.setattr(create_token.handler, "clock", lambda: moved)
    assert error_of(exchange(client, code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ["authorization_code", "authorization_code"]}, "invalid_request"),
        ({"code": None}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"code": "x" * 100_000}, "invalid_grant"),
        ({"code": "lhac_\u00e4"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": VERIFIER[:42]}, "invalid_grant"),
        ({"code_verifier": "a" * 129}, "invalid_grant"),
        ({"redirect_uri": REDIRECT_URI + "/"}, "invalid_grant"),
        ({"redirect_uri": [REDIRECT_URI, REDIRECT_URI]}, "invalid_request"),
        ({"resource": "https://api.example.com"}, "invalid_target"),
        ({"resource": ["https://a.example.com", "https://b.example.com"]}, "invalid_target"),
    ],
)
def test_bad_exchange_has_the_error_of_the_rfc_and_keeps_the_code(changes: dict[str, Any], error: str) -> None:
    client = made_client()
    code = code_of(client, user())
    answered = exchange(client, code, **changes)
    assert error_of(answered) == (400, error)
    assert code not in answered.text
    assert exchange(client, code).status == 200


def test_body_must_be_a_form() -> None:
    body = {"grant_type": "client_credentials"}
    answered = call("create_token", NOBODY, body=body, headers={"content-type": "application/json"})
    assert error_of(answered) == (400, "invalid_request")
    for raw in (b"a=%ff", b"&".join(b"a%d=1" % at for at in range(51))):
        answered = call("create_token", NOBODY, raw=raw, headers={"content-type": "application/x-www-form-urlencoded"})
        assert error_of(answered) == (400, "invalid_request")


# ---- Refresh tokens ----


def test_refresh_replaces_the_tokens_and_a_prompt_repeat_gets_the_same() -> None:
    made = connected()
    first = refresh(made.client, made.refresh).body
    again = refresh(made.client, made.refresh).body
    assert (again["access_token"], again["refresh_token"]) == (first["access_token"], first["refresh_token"])
    assert verified(made.access)["code"] == verified(first["access_token"])["code"] == "VALID"
    assert refresh(made.client, first["refresh_token"]).status == 200


def test_refresh_token_used_after_thirty_seconds_revokes_the_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    made = connected()
    tokens = refresh(made.client, made.refresh).body
    moved = utc_now() + timedelta(seconds=31)
    monkeypatch.setattr(create_token.handler, "clock", lambda: moved)
    assert error_of(refresh(made.client, made.refresh)) == (400, "invalid_grant")
    assert verified(tokens["access_token"])["code"] == "REVOKED"
    assert error_of(refresh(made.client, tokens["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "orders:read orders:write"}, "invalid_scope"),
        ({"scope": "orders:*"}, "invalid_scope"),
        ({"resource": "https://api.example.com"}, "invalid_target"),
        ({"refresh_token": ""}, "invalid_request"),
        ({"refresh_token": "lhrt_x"}, "invalid_grant"),
    ],
)
def test_bad_refresh_keeps_the_refresh_token(changes: dict[str, Any], error: str) -> None:
    made = connected()
    assert error_of(refresh(made.client, made.refresh, **changes)) == (400, error)
    assert refresh(made.client, made.refresh).status == 200


def test_refresh_token_of_another_client_is_refused() -> None:
    made, other = connected(), made_client(name="Other")
    assert error_of(refresh(other, made.refresh)) == (400, "invalid_grant")
    assert refresh(made.client, made.refresh).status == 200


# ---- The rights of a token ----


def test_rights_follow_the_user_from_the_next_request_on() -> None:
    profile = call(
        "create_permission_profile",
        admin(),
        body={"name": "Readers", "rules": [{"effect": "allow", "actions": ["orders:read"]}]},
    ).body
    made = connected(scope="orders:read orders:write")
    assert verified(made.access, "orders:write")["code"] == "VALID"
    made_member("other", role="admin")
    made_member(USER, role="member", profileId=profile["id"])
    assert verified(made.access, "orders:write")["code"] == "INSUFFICIENT_SCOPE"
    assert verified(made.access, "orders:read")["scopes"] == ["orders:read"]
    call("delete_member", admin(user_id="other"), path={"userId": USER})
    assert verified(made.access, "orders:read")["code"] == "OWNER_INACTIVE"


def test_token_calls_our_routes_within_its_scopes() -> None:
    made = connected(scope="api-keys:read")
    assert call("list_api_keys", made.caller).status == 200
    refused = call("create_api_key", made.caller, body={"name": "k"})
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    integration = call("list_integration_keys", made.caller)
    assert (integration.status, integration.code) == (401, "session_required")
    as_key = call("list_api_keys", {"x-api-key": made.access})
    assert (as_key.status, as_key.code) == (401, "invalid_api_key")


def test_token_for_another_resource_is_refused() -> None:
    theirs = connected(scope="api-keys:read", resource="https://mcp.example.com/")
    assert call("list_api_keys", theirs.caller).status == 401
    assert verified(theirs.access, audience="https://mcp.example.com")["code"] == "VALID"
    assert verified(theirs.access, audience="https://other.example.com")["code"] == "NOT_FOUND"
    assert verified(theirs.access)["code"] == "VALID"
    ours = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    assert call("list_api_keys", connected(scope="api-keys:read", resource=ours).caller).status == 200


def test_own_token_of_a_client_has_the_rights_of_the_client() -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    result = verified(own_token(machine), "orders:read")
    assert (result["code"], result["userId"], result["clientId"], result["grantId"]) == (
        "VALID", None, machine["id"], machine["id"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"scope": "inventory:read"}, "invalid_scope"), ({"resource": "https://api.example.com"}, "invalid_target")],
)
def test_own_token_with_a_bad_request_is_refused(changes: dict[str, str], error: str) -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    answered = form("create_token", {"grant_type": "client_credentials", **credentials(machine), **changes})
    assert error_of(answered) == (400, error)


def test_client_without_the_grant_type_gets_no_token_of_its_own() -> None:
    answered = form("create_token", {"grant_type": "client_credentials", **credentials(made_client())})
    assert error_of(answered) == (400, "unauthorized_client")
