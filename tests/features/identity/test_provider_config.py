"""The parameter `IdentityProviders`: its members, defaults and errors."""

import json
import re
from typing import Any

import pytest

from latchhook.identity.claims import ClaimPath
from latchhook.identity.provider_config import InvalidProvidersError, read_providers

AUTH0 = {"preset": "auth0", "issuer": "https://t.auth0.com/", "audience": "https://api.example.com"}
OIDC = {
    "preset": "oidc",
    "issuer": "https://login.example.com",
    "audience": "portal",
    "accountClaim": "tenant",
    "jwksUrl": "https://login.example.com/keys",
}
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:login-AbCdEf"


def read(entry: dict[str, Any]) -> Any:
    (provider,) = read_providers(json.dumps([entry]))
    return provider


def reason(text: str) -> str:
    with pytest.raises(InvalidProvidersError) as refused:
        read_providers(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("org_id", ("org_id",)),
        ("app_metadata.role", ("app_metadata", "role")),
        ("https://example.com/role", ("https://example.com/role",)),
        ("custom:account_id", ("custom:account_id",)),
        ("cognito:groups[]", ("cognito:groups",)),
        ("https://example.com/roles[]", ("https://example.com/roles",)),
        ("a.b.c[]", ("a", "b", "c")),
    ],
)
def test_claim_path_has_dots_or_is_a_url(text: str, names: tuple[str, ...]) -> None:
    path = ClaimPath.of(text)

    assert (path.names, path.is_list) == (names, text.endswith("[]"))


@pytest.mark.parametrize(
    ("preset", "issuer", "url"),
    [
        ("supabase", "https://p.supabase.co/auth/v1", "https://p.supabase.co/auth/v1/.well-known/jwks.json"),
        ("auth0", "https://t.auth0.com/", "https://t.auth0.com/.well-known/jwks.json"),
        (
            "cognito",
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ex",
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ex/.well-known/jwks.json",
        ),
        ("clerk", "https://clerk.example.com", "https://clerk.example.com/.well-known/jwks.json"),
    ],
)
def test_url_of_the_keys_follows_from_the_issuer(preset: str, issuer: str, url: str) -> None:
    assert read({"preset": preset, "issuer": issuer, "audience": "app"}).jwks_url == url


def test_provider_with_a_secret_has_no_key_set_by_default() -> None:
    provider = read(_without(OIDC, "jwksUrl", secretArn=ARN))

    assert (provider.secret_arn, provider.jwks_url) == (ARN, "")
    assert read({**OIDC, "secretArn": ARN}).jwks_url == OIDC["jwksUrl"]


def _without(entry: dict[str, Any], name: str, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**entry, **changes}.items() if key != name}


def test_own_settings_replace_the_presets() -> None:
    provider = read({**AUTH0, "audience": ["a", "b"], "accountClaim": "tenant.id", "roles": {"owner": "admin"}})

    assert provider.audiences == {"a", "b"}
    assert [path.names for path in provider.account] == [("tenant", "id")]
    assert provider.roles == {"owner": "admin"}


def test_supabase_has_the_audience_authenticated() -> None:
    assert read({"preset": "supabase", "issuer": "https://p.supabase.co/auth/v1"}).audiences == {"authenticated"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"), ("{", "is not JSON"), ("{}", "1 to 5 providers"), ("[]", "1 to 5 providers"),
        (json.dumps([AUTH0] * 6), "1 to 5 providers"), (json.dumps([AUTH0, AUTH0]), "same issuer"),
        ("[5]", "provider 1 needs a preset"), (json.dumps([AUTH0, {}]), "provider 2 needs a preset"),
        ('[{"preset": ["auth0"]}]', "needs a preset"),
        ('[{"preset": "okta"}]', "supabase, auth0, cognito, clerk, oidc"),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_invalid_list_of_providers_is_refused(text: str, why: str) -> None:
    assert why in reason(text)
    assert reason(text).startswith("The parameter IdentityProviders is invalid: ")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"issuer": ""}, "issuer"), ({"issuer": 5}, "issuer"), ({"audience": []}, "needs an audience"),
        ({"audience": 5}, "audience"), ({"audience": [""]}, "audience"), ({"audiance": "x"}, "unknown member audiance"),
        ({"accountClaim": ""}, "accountClaim"), ({"accountClaim": "a..b"}, "invalid accountClaim"),
        ({"accountClaim": ".a"}, "invalid accountClaim"), ({"accountClaim": "[]"}, "invalid accountClaim"),
        ({"accountClaim": "orgs[]"}, "single text"), ({"userClaim": ["sub"]}, "userClaim"),
        ({"jwksUrl": "http://login.example.com/keys"}, "https URL"), ({"jwksUrl": "keys"}, "https URL"),
        ({"roles": ["admin"]}, "roles"), ({"roles": {"owner": "boss"}}, "admin, advisor, member, none"),
        ({"roles": {"owner": ["admin"]}}, "roles"), ({"allowedClients": {"a": 1}}, "allowedClients"),
    ],
    ids=str,
)  # fmt: skip
def test_invalid_provider_is_refused_with_the_reason(changes: dict[str, Any], why: str) -> None:
    assert re.search(rf"provider 1 .*{re.escape(why)}", reason(json.dumps([{**OIDC, **changes}])))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (_without(AUTH0, "issuer"), "needs an issuer"), (_without(AUTH0, "audience"), "needs an audience"),
        (_without(OIDC, "accountClaim"), "needs an accountClaim"),
        (_without(OIDC, "jwksUrl"), "jwksUrl or a secretArn"),
        ({"preset": "cognito", "issuer": "https://c.example.com"}, "needs an audience"),
        ({**AUTH0, "issuer": "tenant"}, "https URL"),
    ],
    ids=["issuer", "audience", "account", "keys", "app client", "key url"],
)  # fmt: skip
def test_missing_member_is_named(entry: dict[str, Any], why: str) -> None:
    assert why in reason(json.dumps([entry]))


def test_five_providers_with_all_members_fit_the_parameter() -> None:
    entry = {
        **AUTH0, "allowedClients": ["Xq2fJ5pWbNsd8RtAXq2fJ5pWbNsd8RtA"], "roleClaim": "https://example.com/role",
    }  # fmt: skip
    text = json.dumps([{**entry, "issuer": f"https://tenant-{number}.eu.auth0.com/"} for number in range(5)])

    assert len(text.replace(", ", ",").replace(": ", ":")) <= 1280
    assert len(read_providers(text)) == 5
