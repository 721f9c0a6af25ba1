"""Tokens of each preset in the provider's documented shape, and tokens that are meant for another purpose.

Sources: Auth0, "Access token profiles" and "Work with tokens and organizations"; Amazon Cognito, "Understanding the
identity (ID) token" and "Understanding the access token"; Clerk, "Session tokens"; OpenID Connect Core 1.0, 2.
"""

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity
from latchhook.identity.provider_config import read_providers
from latchhook.identity.session_token import ProviderTokens, SessionTokens

SUPABASE = {"preset": "supabase", "issuer": "https://project.supabase.co/auth/v1"}
AUTH0 = {
    "preset": "auth0",
    "issuer": "https://tenant.eu.auth0.com/",
    "audience": "https://api.example.com",
    "allowedClients": ["Xq2fJ5pWbNsd8RtA"],
    "roleClaim": "https://example.com/role",
    "clientsClaim": "https://example.com/clients[]",
    "nameClaim": "https://example.com/name",
}
COGNITO = {
    "preset": "cognito",
    "issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
    "audience": "1example23456789",
}
CLERK = {
    "preset": "clerk",
    "issuer": "https://clerk.example.com",
    "allowedClients": ["https://app.example.com"],
    "roles": {"org:admin": "admin", "member": "member", "org:consultant": "advisor"},
}
OIDC = {
    "preset": "oidc",
    "issuer": "https://login.example.com/realms/main",
    "audience": ["portal", "api"],
    "jwksUrl": "https://login.example.com/realms/main/protocol/openid-connect/certs",
    "accountClaim": "tenant.id",
    "roleClaim": "realm_access.roles[]",
    "clientsClaim": "tenant.clients[]",
    "roles": {"owner": "admin", "consultant": "advisor"},
}

SUPABASE_TOKEN = {
    "iss": SUPABASE["issuer"], "sub": "5be8b1c4-8a4b-4b62-9d4d-6d6b6d1f2f10", "aud": "authenticated",
    "role": "authenticated", "aal": "aal1", "session_id": "f0c1", "is_anonymous": False,
    "app_metadata": {"provider": "email", "account_id": "acme", "role": "business_admin"},
    "user_metadata": {"account_id": "other", "role": "advisor"},
}  # fmt: skip
AUTH0_TOKEN = {
    "iss": AUTH0["issuer"], "sub": "auth0|64f0c2a1", "azp": "Xq2fJ5pWbNsd8RtA", "scope": "openid profile",
    "aud": ["https://api.example.com", "https://tenant.eu.auth0.com/userinfo"], "org_id": "org_9ybsU1dN2dKfDkBi",
    "https://example.com/role": "advisor", "https://example.com/clients": ["c1", "c2"],
    "https://example.com/name": "Zoë",
}  # fmt: skip
COGNITO_ID_TOKEN = {
    "iss": COGNITO["issuer"], "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "aud": "1example23456789",
    "token_use": "id", "cognito:username": "janedoe", "cognito:groups": ["advisor", "beta-testers"],
    "custom:account_id": "acme", "custom:client_account_ids": "c1, c2", "name": "Jane Doe", "email_verified": True,
}  # fmt: skip
COGNITO_ACCESS_TOKEN = {
    "iss": COGNITO["issuer"], "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "client_id": "1example23456789",
    "token_use": "access", "scope": "aws.cognito.signin.user.admin", "username": "janedoe", "version": 2,
    "cognito:groups": ["admin"], "custom:account_id": "acme",
}  # fmt: skip
CLERK_TOKEN_1 = {
    "iss": CLERK["issuer"], "sub": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "azp": "https://app.example.com",
    "sid": "sess_2NNEr", "org_id": "org_2NNEqL2nr", "org_role": "org:admin", "org_slug": "acme", "org_permissions": [],
}  # fmt: skip
CLERK_TOKEN_2 = {
    "iss": CLERK["issuer"], "sub": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "azp": "https://app.example.com", "v": 2,
    "sid": "sess_2NNEr", "sts": "active", "fva": [0, -1], "pla": "o:free",
    "o": {"id": "org_2NNEqL2nr", "rol": "admin", "slg": "acme", "per": "manage", "fpm": "3"},
}  # fmt: skip
OIDC_TOKEN = {
    "iss": OIDC["issuer"], "sub": "0f8fad5b", "aud": ["account", "portal"], "azp": "portal", "typ": "Bearer",
    "tenant": {"id": "acme", "clients": ["c1"]}, "realm_access": {"roles": ["offline_access", "consultant", "owner"]},
    "name": "Ana",
}  # fmt: skip

OIDC_REFRESH_TOKEN = {**OIDC_TOKEN, "typ": "Refresh"}


@cache
def key_of(issuer: str) -> rsa.RSAPrivateKey:
    """Return the key of an issuer. All issuers use the key id `1`."""
    return rsa.generate_private_key(65537, 2048)


class KeySet:
    """The key set of an issuer."""

    def __init__(self, issuer: str, *, is_down: bool = False) -> None:
        self._issuer = issuer
        self._is_down = is_down

    def find(self, key_id: str) -> Mapping[str, Any] | None:
        if self._is_down:
            raise DependencyUnavailableError("public keys: timeout")
        key = RSAAlgorithm.to_jwk(key_of(self._issuer).public_key(), as_dict=True)
        return {**key, "kid": "1"} if key_id == "1" else None


def tokens_of(*entries: Mapping[str, Any], down: tuple[str, ...] = ()) -> SessionTokens:
    """Return a verifier of the tokens of these providers."""
    providers = read_providers(json.dumps(entries))
    return SessionTokens(
        [ProviderTokens(each, None, KeySet(each.issuer, is_down=each.issuer in down)) for each in providers]
    )


def signed(claims: Mapping[str, Any], *, by: Any = None, typ: Any = "JWT", **changes: Any) -> str:
    """Return a token with these claims, signed with the key of its issuer or of the issuer `by`."""
    content = {"iat": int(time.time()), "exp": int(time.time()) + 60, **claims, **changes}
    content = {name: value for name, value in content.items() if value is not ...}
    headers = {"kid": "1", "typ": typ}
    payload = json.dumps(content).encode()  # PyJWT's own encoder refuses some of the invalid claims
    return jwt.api_jws.encode(payload, key_of(by or str(claims["iss"])), algorithm="RS256", headers=headers)


def refusal(tokens: SessionTokens, token: str) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        tokens.read(token)
    return refused.value.code


ALL = tokens_of(SUPABASE, AUTH0, COGNITO, CLERK, OIDC)
OF_EACH: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [
    (SUPABASE, SUPABASE_TOKEN), (AUTH0, AUTH0_TOKEN), (COGNITO, COGNITO_ID_TOKEN), (COGNITO, COGNITO_ACCESS_TOKEN),
    (CLERK, CLERK_TOKEN_1), (CLERK, CLERK_TOKEN_2), (OIDC, OIDC_TOKEN),
]  # fmt: skip
each_token = pytest.mark.parametrize(
    ("provider", "claims"),
    OF_EACH,
    ids=["supabase", "auth0", "cognito id", "cognito access", "clerk 1", "clerk 2", "oidc"],
)


# ---- Claims of each provider ----


@pytest.mark.parametrize(
    ("claims", "identity"),
    [
        (SUPABASE_TOKEN, Identity("5be8b1c4-8a4b-4b62-9d4d-6d6b6d1f2f10", "acme", "admin")),
        (AUTH0_TOKEN, Identity("auth0|64f0c2a1", "org_9ybsU1dN2dKfDkBi", "advisor", ("c1", "c2"), "Zoë")),
        (
            COGNITO_ID_TOKEN,
            Identity("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "acme", "advisor", ("c1", "c2"), "Jane Doe"),
        ),
        (COGNITO_ACCESS_TOKEN, Identity("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "acme", "admin")),
        (CLERK_TOKEN_1, Identity("user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "org_2NNEqL2nr", "admin")),
        (CLERK_TOKEN_2, Identity("user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "org_2NNEqL2nr", "admin")),
        (OIDC_TOKEN, Identity("0f8fad5b", "acme", "admin", ("c1",), "Ana")),
    ],
    ids=["supabase", "auth0", "cognito id", "cognito access", "clerk 1", "clerk 2", "oidc"],
)
def test_identity_is_read_from_the_documented_claims(claims: Mapping[str, Any], identity: Identity) -> None:
    assert ALL.read(signed(claims)) == identity


@each_token
def test_single_provider_reads_the_same_identity(provider: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    token = signed(claims)

    assert tokens_of(provider).read(token) == ALL.read(token)


@pytest.mark.parametrize(
    ("roles", "role"),
    [("org:consultant", "advisor"), ("consultant", "advisor"), ("org:member", "member"), ("org:billing", "none")],
)
def test_clerks_roles_have_a_prefix_in_version_1_only(roles: str, role: str) -> None:
    assert ALL.read(signed(CLERK_TOKEN_1, org_role=roles)).role == role
    assert ALL.read(signed(CLERK_TOKEN_2, o={"id": "org_1", "rol": roles})).role == role


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["advisor", "admin"], "admin"),
        (["member", "advisor"], "advisor"),
        (["Admin"], "none"),
        ([], "none"),
        (None, "none"),
    ],
)
def test_of_several_groups_the_highest_role_counts(groups: object, role: str) -> None:
    assert ALL.read(signed(COGNITO_ID_TOKEN, **{"cognito:groups": groups})).role == role


def test_user_without_organization_has_no_account() -> None:
    assert ALL.read(signed(AUTH0_TOKEN, org_id=...)).account_id == ""
    assert ALL.read(signed(CLERK_TOKEN_2, o=...)).account_id == ""


def test_role_service_role_of_other_providers_gives_no_operator_rights() -> None:
    for claims in (AUTH0_TOKEN, COGNITO_ID_TOKEN, CLERK_TOKEN_1, OIDC_TOKEN):
        assert not ALL.read(signed(claims, role="service_role")).is_service
    assert ALL.read(signed(SUPABASE_TOKEN, role="service_role")).is_service
    assert ALL.read(signed(SUPABASE_TOKEN, iss="supabase", role="service_role", aud=...)).is_service


# ---- Issuers and their keys ----


@pytest.mark.parametrize(
    "issuer", ["https://elsewhere.example.com", "", None, ..., ["https://clerk.example.com"], 5, {}]
)
def test_token_of_an_unknown_issuer_is_refused(issuer: object) -> None:
    claims = {**CLERK_TOKEN_1, "iss": issuer}

    assert refusal(ALL, signed(claims, by=str(CLERK["issuer"]))) == "invalid_token"
    assert refusal(tokens_of(CLERK), signed(claims, by=str(CLERK["issuer"]))) == "invalid_token"


@each_token
def test_keys_of_an_issuer_verify_only_its_own_tokens(provider: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """All issuers have a key with the same `kid`."""
    for other in (SUPABASE, AUTH0, COGNITO, CLERK, OIDC):
        if other["issuer"] != provider["issuer"]:
            assert refusal(ALL, signed(claims, by=str(other["issuer"]))) == "invalid_token"


def test_service_token_of_another_issuers_key_is_refused() -> None:
    claims = {"iss": "supabase", "role": "service_role"}

    assert refusal(ALL, signed(claims, by=str(OIDC["issuer"]))) == "invalid_token"


def test_service_tokens_of_two_supabase_projects_are_accepted() -> None:
    second = {"preset": "supabase", "issuer": "https://second.supabase.co/auth/v1"}
    tokens = tokens_of(SUPABASE, second)

    for project in (SUPABASE, second):
        token = signed({"iss": "supabase", "role": "service_role"}, by=str(project["issuer"]))
        assert tokens.read(token).is_service


@each_token
def test_unavailable_key_set_raises_a_dependency_error(provider: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    tokens = tokens_of(SUPABASE, AUTH0, COGNITO, CLERK, OIDC, down=(str(provider["issuer"]),))

    with pytest.raises(DependencyUnavailableError):
        tokens.read(signed(claims))
    for other, others in OF_EACH:
        if other is not provider:
            assert tokens.read(signed(others)).user_id


# ---- Tokens that are meant for another purpose ----


@each_token
@pytest.mark.parametrize("name", ["client_id", "azp"])
@pytest.mark.parametrize("client", ["some-app", "", None, ["portal"], 5])
def test_token_of_another_client_is_refused(
    provider: Mapping[str, Any], claims: Mapping[str, Any], name: str, client: object
) -> None:
    assert refusal(ALL, signed(claims, **{name: client})) == "third_party_token"


@each_token
@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt", "secevent+jwt", "refresh"])
def test_token_of_another_type_is_refused(provider: Mapping[str, Any], claims: Mapping[str, Any], typ: str) -> None:
    assert refusal(ALL, signed(claims, typ=typ)) == "invalid_token"


@each_token
def test_logout_token_is_refused(provider: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    events: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert refusal(ALL, signed(claims, events=events)) == "invalid_token"


@each_token
@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_session_and_access_tokens_are_accepted(
    provider: Mapping[str, Any], claims: Mapping[str, Any], typ: str | None
) -> None:
    assert ALL.read(signed(claims, typ=typ)).user_id == claims["sub"]


@each_token
@pytest.mark.parametrize("audience", ["another-api", ["another-api"], "", 5, [5], {}])
def test_token_for_another_audience_is_refused(
    provider: Mapping[str, Any], claims: Mapping[str, Any], audience: object
) -> None:
    if claims is not COGNITO_ACCESS_TOKEN:
        assert refusal(ALL, signed(claims, aud=audience)) == "invalid_token"


@pytest.mark.parametrize(
    ("claims", "changes"),
    [
        (COGNITO_ID_TOKEN, {"token_use": ...}), (COGNITO_ID_TOKEN, {"token_use": "refresh"}),
        (COGNITO_ID_TOKEN, {"token_use": "access"}), (COGNITO_ACCESS_TOKEN, {"token_use": "id"}),
        (COGNITO_ACCESS_TOKEN, {"client_id": ...}), (COGNITO_ID_TOKEN, {"aud": ...}),
        (CLERK_TOKEN_2, {"sts": "pending"}), (OIDC_REFRESH_TOKEN, {}), ({**OIDC_TOKEN, "typ": "Logout"}, {}),
        (OIDC_TOKEN, {"aud": ...}), (AUTH0_TOKEN, {"aud": "https://tenant.eu.auth0.com/userinfo"}),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_token_of_another_purpose_is_refused(claims: Mapping[str, Any], changes: dict[str, Any]) -> None:
    assert refusal(ALL, signed(claims, **changes)) == "invalid_token"


# ---- Claims of another type ----


@pytest.mark.parametrize(
    ("claims", "changes"),
    [
        (AUTH0_TOKEN, {"org_id": 5}), (AUTH0_TOKEN, {"org_id": {"id": "acme"}}), (AUTH0_TOKEN, {"org_id": ["acme"]}),
        (AUTH0_TOKEN, {"https://example.com/role": ["admin"]}), (AUTH0_TOKEN, {"https://example.com/role": 1}),
        (AUTH0_TOKEN, {"https://example.com/clients": "c1"}), (AUTH0_TOKEN, {"https://example.com/clients": [1]}),
        (COGNITO_ID_TOKEN, {"cognito:groups": "admin"}), (COGNITO_ID_TOKEN, {"custom:account_id": True}),
        (CLERK_TOKEN_2, {"o": "org_1"}), (CLERK_TOKEN_2, {"o": {"id": 5}}), (CLERK_TOKEN_2, {"o": [1]}),
        (OIDC_TOKEN, {"tenant": 5}), (OIDC_TOKEN, {"realm_access": {"roles": {"owner": True}}}),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_claim_of_another_type_is_refused(claims: Mapping[str, Any], changes: dict[str, Any]) -> None:
    assert refusal(ALL, signed(claims, **changes)) == "invalid_token"


def test_refusal_names_the_claim_without_its_value() -> None:
    with pytest.raises(UnauthenticatedError, match=r"The claim org_id .* must be a text") as refused:
        ALL.read(signed(AUTH0_TOKEN, org_id=424242))
    assert "424242" not in str(refused.value)


@pytest.mark.parametrize("user", [..., "", None, 5, {"id": "u"}, ["u"]], ids=str)
def test_token_without_a_user_is_refused(user: object) -> None:
    entry = {**AUTH0, "userClaim": "https://example.com/user"}

    assert refusal(tokens_of(entry), signed(AUTH0_TOKEN, **{"https://example.com/user": user})) == "invalid_token"


@pytest.mark.parametrize("name", [5, {}, ["Ana"], None, ...], ids=str)
def test_name_of_another_type_is_left_out(name: object) -> None:
    assert ALL.read(signed(OIDC_TOKEN, name=name)).name is None
