"""OAuth clients, users and tokens for tests."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.functions.callers import ACCOUNT, admin, bearer, made_member
from tests.functions.calls import NOBODY, Answered, Caller, call

USER = "auth0|64f0c2a1"
ISSUER = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
REDIRECT_URI = "https://app.example.com/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SCOPES = ["orders:read", "orders:write", "api-keys:read"]


def user(user_id: str = USER, account_id: str = ACCOUNT, *, role: str = "admin", **settings: Any) -> Caller:
    """Add a member and return its session."""
    made_member(user_id, account_id, role=role, **settings)
    return admin(account_id, user_id=user_id)


def made_client(account_id: str = ACCOUNT, **settings: Any) -> dict[str, Any]:
    """Create a client and return the response body."""
    body = {"name": "Warehouse app", "redirectUris": [REDIRECT_URI], "scopes": SCOPES, **settings}
    response = call("create_oauth_client", admin(account_id), body=body)
    assert response.status == 201, response.text
    created: dict[str, Any] = response.body
    return created


def request_of(client: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the parameters of an authorization request. None leaves a parameter out."""
    parameters = {
        "response_type": "code",
        "client_id": client["id"],
        "redirect_uri": REDIRECT_URI,
        "scope": "orders:read",
        "state": "af0ifjsldkj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def query_of(parameters: Mapping[str, Any]) -> str:
    """Return parameters as a query. A list repeats its parameter."""
    return urlencode(parameters, doseq=True)


def decide(caller: Caller, parameters: Mapping[str, Any], decision: str = "allow", **options: Any) -> Answered:
    """Answer an authorization request."""
    body = {"query": query_of(parameters), "decision": decision}
    return call("decide_consent", caller, body=body, **options)


def parameters_in(url: str) -> dict[str, str]:
    """Return the query of a redirect."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def code_of(client: Mapping[str, Any], caller: Caller, **changes: Any) -> str:
    """Let a user allow a request, and return the code."""
    decided = decide(caller, request_of(client, **changes))
    assert decided.status == 200, decided.text
    return parameters_in(decided.body["redirectTo"])["code"]


def form(function: str, fields: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answered:
    """Send a form."""
    sent = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
    return call(function, NOBODY, raw=urlencode(fields, doseq=True).encode(), headers=sent)


def credentials(client: Mapping[str, Any]) -> dict[str, str]:
    """Return the form fields with which a client authenticates itself."""
    secret = client["secret"]
    return {"client_id": client["id"], **({} if secret is None else {"client_secret": secret})}


class Signer:
    """A client's key pair, for `private_key_jwt`."""

    def __init__(self, key_id: str = "key-1") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        self.key_id = key_id
        self.jwks: dict[str, Any] = {"keys": [{**public, "kid": key_id}]}

    def assertion(self, client: Mapping[str, Any], **changes: Any) -> str:
        """Sign an assertion. None leaves a claim out."""
        claims = {
            "iss": client["id"],
            "sub": client["id"],
            "aud": f"{ISSUER}/oauth/token",
            "jti": secrets.token_hex(8),
            "exp": int(time.time()) + 60,
            **changes,
        }
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, self._key, algorithm="ES256", headers={"kid": self.key_id})

    def credentials(self, client: Mapping[str, Any], **changes: Any) -> dict[str, str]:
        """Return the form fields of `private_key_jwt`."""
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(client, **changes),
        }


def exchange(client: Mapping[str, Any], code_text: str, **changes: Any) -> Answered:
    """Exchange a code. None leaves a field out."""
    fields = {
        "grant_type": "authorization_code",
        "code": code_text,
        "code_verifier": VERIFIER,
        "redirect_uri": REDIRECT_URI,
        **credentials(client),
        **changes,
    }
    return form("create_token", {name: value for name, value in fields.items() if value is not None})


def refresh(client: Mapping[str, Any], token: str, **changes: Any) -> Answered:
    """Use a refresh token."""
    fields = {"grant_type": "refresh_token", "refresh_token": token, **credentials(client), **changes}
    return form("create_token", fields)


@dataclass(frozen=True)
class Connected:
    """A client with the tokens of a user."""

    client: Mapping[str, Any]
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    scope: str

    @property
    def caller(self) -> Caller:
        """The client as it calls with the access token."""
        return bearer(self.access)


def connected(client: Mapping[str, Any] | None = None, caller: Caller | None = None, **changes: Any) -> Connected:
    """Connect a client to a user, and return the tokens."""
    client = made_client() if client is None else client
    answered = exchange(client, code_of(client, user() if caller is None else caller, **changes))
    assert answered.status == 200, answered.text
    body = answered.body
    return Connected(client, body["access_token"], body.get("refresh_token", ""), body["scope"])


def made_grant(account_id: str = ACCOUNT) -> dict[str, Any]:
    """Connect a client to a user of the account, and return the grant."""
    caller = user(account_id=account_id)
    connected(made_client(account_id), caller)
    grant: dict[str, Any] = call("list_oauth_grants", caller).body["data"][0]
    return grant


def own_token(client: Mapping[str, Any]) -> str:
    """Get an access token of the client itself."""
    answered = form("create_token", {"grant_type": "client_credentials", **credentials(client)})
    assert answered.status == 200, answered.text
    return str(answered.body["access_token"])


def verified(token: str, *scopes: str, **more: Any) -> Mapping[str, Any]:
    """Verify a token as the operator's backend and return the result."""
    from tests.functions.callers import operator

    body = {"key": token, "requiredScopes": list(scopes), **more}
    result: Mapping[str, Any] = call("verify_api_key", operator(), body=body).body
    return result
