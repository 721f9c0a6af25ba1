"""OAuth with clients that others wrote: authlib, requests-oauthlib, openid-client and oauth4webapi."""

import json
from pathlib import Path

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from requests_oauthlib import OAuth2Session as OauthlibSession

from local.npm_packages import TOOLS
from local.stack import RunningStack
from tests.journeys.oauth_apps import REDIRECT_URI, account_with_client, allowed
from tests.journeys.product import PATIENCE_SECONDS, verdict

SCRIPT = Path(__file__).with_name("oauth_client.mjs")
ALL_GRANTS = ["authorization_code", "refresh_token", "client_credentials"]


def status_with(stack: RunningStack, token: str) -> int:
    """Return the status of a request to our API with a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{stack.base_url}/api-keys", headers=headers, timeout=PATIENCE_SECONDS).status_code


def test_authlib_gets_refreshes_introspects_and_revokes_tokens(stack: RunningStack) -> None:
    user, client = account_with_client(stack, grantTypes=ALL_GRANTS)
    metadata = requests.get(f"{stack.base_url}/.well-known/oauth-authorization-server", timeout=60).json()
    app = AuthlibSession(
        client["id"],
        client["secret"],
        scope="orders:read api-keys:read",
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
    )
    verifier = "v" * 64
    url, _ = app.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    answer = allowed(user, url)
    tokens = app.fetch_token(metadata["token_endpoint"], authorization_response=answer, code_verifier=verifier)
    assert verdict(stack, tokens["access_token"], "orders:read") == "VALID"
    assert status_with(stack, tokens["access_token"]) == 200

    refreshed = app.refresh_token(metadata["token_endpoint"], tokens["refresh_token"])
    assert refreshed["access_token"] != tokens["access_token"]
    found = app.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"]).json()
    assert (found["active"], found["client_id"], found["iss"]) == (True, client["id"], metadata["issuer"])

    app.revoke_token(  # type: ignore[no-untyped-call]
        metadata["revocation_endpoint"], token=refreshed["refresh_token"]
    )
    assert verdict(stack, refreshed["access_token"]) == "REVOKED"
    assert status_with(stack, refreshed["access_token"]) == 401
    with pytest.raises(OAuthError) as refused:
        app.refresh_token(metadata["token_endpoint"], refreshed["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_authlib_gets_a_token_of_the_client_itself(stack: RunningStack) -> None:
    _, client = account_with_client(stack, grantTypes=["client_credentials"], redirectUris=[])
    app = AuthlibSession(client["id"], client["secret"], token_endpoint_auth_method="client_secret_post")
    tokens = app.fetch_token(f"{stack.base_url}/oauth/token", grant_type="client_credentials")
    assert status_with(stack, tokens["access_token"]) == 200


def test_authlib_authenticates_with_a_private_key(stack: RunningStack) -> None:
    key = ECKey.generate_key("P-256", parameters={"kid": "key-1"})
    jwks = {"keys": [key.as_dict(private=False)]}
    _, client = account_with_client(stack, grantTypes=["client_credentials"], redirectUris=[], jwks=jwks)
    app = AuthlibSession(client["id"], key, token_endpoint_auth_method=PrivateKeyJWT(alg="ES256"))
    for _ in range(2):
        tokens = app.fetch_token(f"{stack.base_url}/oauth/token", grant_type="client_credentials")
        assert status_with(stack, tokens["access_token"]) == 200


def test_requests_oauthlib_connects_a_public_client(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the local stack has no TLS
    user, client = account_with_client(stack, type="public", redirectUris=["http://127.0.0.1/callback"])
    app = OauthlibSession(
        client["id"], scope=["api-keys:read"], redirect_uri="http://127.0.0.1:51004/callback", pkce="S256"
    )
    url, _ = app.authorization_url(f"{stack.base_url}/oauth/authorize")
    answer = allowed(user, url)
    assert answer.startswith("http://127.0.0.1:51004/callback?code=")
    tokens = app.fetch_token(f"{stack.base_url}/oauth/token", authorization_response=answer, include_client_id=True)
    assert app.get(f"{stack.base_url}/api-keys").status_code == 200
    app.refresh_token(
        f"{stack.base_url}/oauth/token", tokens["refresh_token"], client_id=client["id"], timeout=PATIENCE_SECONDS
    )


def test_javascript_clients_connect_and_revoke(stack: RunningStack) -> None:
    user, client = account_with_client(stack, grantTypes=ALL_GRANTS)
    TOOLS.install()
    environment = {
        "BASE": stack.base_url,
        "CLIENT_ID": client["id"],
        "CLIENT_SECRET": client["secret"],
        "REDIRECT_URI": REDIRECT_URI,
        "SESSION": user.headers["Authorization"],
    }
    printed = json.loads(TOOLS.evaluate(SCRIPT.read_text(encoding="utf-8"), environment))
    assert printed["openidClient"] == {"active": True, "used": 200, "revoked": 401, "own": 200}
    found = printed["oauth4webapi"]
    assert (found["used"], found["revoked"], found["servers"]) == (200, 401, [stack.base_url])
    assert f'resource_metadata="{stack.base_url}/.well-known/oauth-protected-resource"' in found["challenge"]


def test_user_disconnects_an_app_and_its_tokens_stop(stack: RunningStack) -> None:
    user, client = account_with_client(stack)
    app = AuthlibSession(client["id"], client["secret"], redirect_uri=REDIRECT_URI, code_challenge_method="S256")
    url, _ = app.create_authorization_url(f"{stack.base_url}/oauth/authorize", code_verifier="v" * 64)
    answer = allowed(user, url)
    tokens = app.fetch_token(f"{stack.base_url}/oauth/token", authorization_response=answer, code_verifier="v" * 64)
    (grant,) = user.call("GET", "/oauth-grants")["data"]
    user.call("DELETE", f"/oauth-grants/{grant['id']}", status=204)
    assert status_with(stack, tokens["access_token"]) == 401
