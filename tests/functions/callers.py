"""Callers for tests of functions, and the objects that tests create first."""

import time
from typing import Any

import jwt

from local.tokens import AUDIENCE, ISSUER, OPERATOR_ACCOUNT_ID
from tests.functions.calls import Caller, call
from tests.functions.environment import TOKENS

ACCOUNT = "acme"
OTHER_ACCOUNT = "globex"


def bearer(token: str) -> Caller:
    """Return a caller with this session token."""
    return {"authorization": f"Bearer {token}"}


def admin(account_id: str = ACCOUNT, **claims: Any) -> Caller:
    """Return a business admin of the account."""
    return bearer(TOKENS.account_token(account_id, **claims))


def operator() -> Caller:
    """Return the operator's backend, which calls with a service token."""
    return bearer(TOKENS.operator_token())


def acting(caller: Caller, account_id: str = ACCOUNT, **headers: str) -> Caller:
    """Return the caller as it acts for the account."""
    return {**caller, "x-account-id": account_id, **headers}


def holder(key: str) -> Caller:
    """Return a caller with this API key."""
    return {"x-api-key": key}


def made_key(*scopes: str, account_id: str = ACCOUNT, **settings: Any) -> dict[str, Any]:
    """Create a key and return the response body."""
    response = call("create_api_key", admin(account_id), body={"name": "Test", "scopes": list(scopes), **settings})
    assert response.status == 201, response.text
    created: dict[str, Any] = response.body
    return created


def operator_key(*scopes: str) -> dict[str, Any]:
    """Create a key of the operator's account."""
    return made_key(*scopes, account_id=OPERATOR_ACCOUNT_ID)


def made_profile(account_id: str = ACCOUNT, **settings: Any) -> dict[str, Any]:
    """Create a permission profile and return the response body."""
    response = call("create_permission_profile", admin(account_id), body={"name": "Test", **settings})
    assert response.status == 201, response.text
    created: dict[str, Any] = response.body
    return created


def made_member(user_id: str = "auth0|64f0c2a1", account_id: str = ACCOUNT, **settings: Any) -> dict[str, Any]:
    """Add a member and return the response body."""
    response = call("put_member", admin(account_id), body={"role": "member", **settings}, path={"userId": user_id})
    assert response.status in {200, 201}, response.text
    member: dict[str, Any] = response.body
    return member


def made_portal_session(account_id: str = ACCOUNT, **chosen: Any) -> dict[str, Any]:
    """Create a portal session of an admin of the account and return the response body."""
    body = {"accountId": account_id, "userId": "auth0|64f0c2a1", "role": "admin", "expiresInSeconds": 3600, **chosen}
    response = call("create_portal_session", operator(), body=body)
    assert response.status == 201, response.text
    session: dict[str, Any] = response.body
    return session


def made_webhook(url: str = "https://hooks.example.com/", account_id: str = ACCOUNT, **settings: Any) -> dict[str, Any]:
    """Create a webhook and return the response body."""
    response = call("create_webhook", admin(account_id), body={"url": url, **settings})
    assert response.status == 201, response.text
    created: dict[str, Any] = response.body
    return created


def registered(name: str, **settings: Any) -> dict[str, Any]:
    """Register an event type and return the response body."""
    response = call("put_event_type", operator(), body=settings, path={"name": name})
    assert response.status in {200, 201}, response.text
    event_type: dict[str, Any] = response.body
    return event_type


def described_scope(name: str, **settings: Any) -> dict[str, Any]:
    """Store an entry of the scope catalogue and return the response body."""
    body = {"description": "Read sales reports", "group": "Reports", **settings}
    response = call("put_scope", operator(), body=body, path={"name": name})
    assert response.status in {200, 201}, response.text
    entry: dict[str, Any] = response.body
    return entry


def published(account_id: str = ACCOUNT, **event: Any) -> str:
    """Publish an event and return its id."""
    body = {"accountId": account_id, "event": "order.created", "entity": {"number": 1001}, **event}
    response = call("publish_event", operator(), body=body)
    assert response.status == 202, response.text
    return str(response.body["id"])


def refusal_code(flaw: str) -> str:
    """Return the code of the 401 response to a token of `bad_tokens`."""
    if flaw.startswith("third party"):
        return "third_party_token"
    return "token_expired" if flaw == "expired" else "invalid_token"


def bad_tokens() -> dict[str, str]:
    """Return invalid session tokens by flaw."""
    good = {
        "sub": "someone",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + 600,
        "app_metadata": {"account_id": ACCOUNT, "role": "business_admin"},
    }
    service = {"role": "service_role", "iss": ISSUER, "exp": int(time.time()) + 600}

    def signed(claims: dict[str, Any], secret: str = TOKENS.secret, algorithm: str = "HS256") -> str:
        return jwt.encode(claims, secret, algorithm=algorithm)

    no_expiry = {name: value for name, value in good.items() if name != "exp"}
    return {
        "alg none": jwt.encode(good, None, algorithm="none"),  # type: ignore[arg-type]  # PyJWT: no key for none
        "alg none, service": jwt.encode(service, None, algorithm="none"),  # type: ignore[arg-type]
        "alg HS512": signed(good, TOKENS.secret * 2, "HS512"),
        "expired": signed(good | {"exp": int(time.time()) - 60}),
        "never expires": signed(no_expiry),
        "other audience": signed(good | {"aud": "somebody-else"}),
        "other issuer": signed(good | {"iss": "https://elsewhere.example/auth/v1"}),
        "service of another issuer": signed(service | {"iss": "https://elsewhere.example/auth/v1"}),
        "third party": signed(good | {"client_id": "an app that an admin consented to"}),
        "third party, service": signed(service | {"client_id": "an app that an admin consented to"}),
        "other secret": signed(good, "another project's secret, just as long as ours"),
        "account is a number": signed(good | {"app_metadata": {"account_id": 7, "role": "business_admin"}}),
        "role is a list": signed(good | {"app_metadata": {"account_id": ACCOUNT, "role": ["business_admin"]}}),
        "cut": signed(good)[:-3],
        "no token": "placeholder",
    }
