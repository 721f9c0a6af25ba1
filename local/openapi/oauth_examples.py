"""The examples of the operations about OAuth. All secrets in this file are invented, with wrong checksums."""

from collections.abc import Mapping
from typing import Any

from local.openapi.example import Example, answered

CLIENT_ID = "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"
USER_ID = "auth0|64f0c2a1"
CLIENT_SECRET = "lhcs_ExampleOnlyNotAClientSecretWhoseChecksumHoldsAtAll000000"  # noqa: S105 - invented
ACCESS_TOKEN = "lhat_ExampleOnlyNotAnAccessTokenWhoseChecksumHoldsAtAll000000"  # noqa: S105 - invented
REFRESH_TOKEN = "lhrt_ExampleOnlyNotARefreshTokenWhoseChecksumHoldsAtAll000000"  # noqa: S105 - invented
CODE = "lhac_ExampleOnlyNotACodeWhoseChecksumHoldsAtAll00000000000000"
REDIRECT_URI = "https://app.example.com/callback"
ISSUER = "https://api.example.com"
QUERY = (
    f"response_type=code&client_id={CLIENT_ID}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&scope=orders%3Aread"
    "&state=af0ifjsldkj&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
)

CLIENT: Mapping[str, Any] = {
    "id": CLIENT_ID,
    "accountId": "acme",
    "name": "Warehouse app",
    "type": "confidential",
    "redirectUris": [REDIRECT_URI],
    "grantTypes": ["authorization_code", "refresh_token"],
    "scopes": ["orders:read", "inventory:read"],
    "logoUri": None,
    "clientUri": "https://app.example.com",
    "policyUri": None,
    "accessTokenSeconds": 3600,
    "refreshTokenSeconds": 2_592_000,
    "jwks": None,
    "status": "active",
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
    "secretRotatedAt": None,
}
ROTATED: Mapping[str, Any] = {
    **CLIENT,
    "updatedAt": "2026-05-26T09:00:00Z",
    "secretRotatedAt": "2026-05-26T09:00:00Z",
    "secret": CLIENT_SECRET,
    "previousSecretExpiresAt": "2026-05-26T09:05:00Z",
}
GRANT: Mapping[str, Any] = {
    "id": "c2a1e6d4-7b3f-4e58-8d90-1f6a2b5c7e34",
    "userId": USER_ID,
    "clientId": CLIENT_ID,
    "clientName": "Warehouse app",
    "scopes": ["orders:read"],
    "resource": None,
    "redirectHost": "app.example.com",
    "createdAt": "2026-05-01T10:00:00Z",
    "expiresAt": "2026-05-31T10:00:00Z",
    "lastUsedAt": "2026-05-26T08:44:00Z",
}
TOKENS: Mapping[str, Any] = {
    "access_token": ACCESS_TOKEN,
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "orders:read",
    "refresh_token": REFRESH_TOKEN,
}
_METHODS = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]

OAUTH_EXAMPLES: Mapping[str, Example] = {
    "CreateOauthClient": answered(
        {**CLIENT, "secret": CLIENT_SECRET},
        request={
            "name": "Warehouse app",
            "redirectUris": [REDIRECT_URI],
            "scopes": ["orders:read", "inventory:read"],
            "clientUri": "https://app.example.com",
        },
    ),
    "ListOauthClients": answered({"data": [CLIENT], "nextCursor": None}),
    "GetOauthClient": answered(CLIENT),
    "UpdateOauthClient": answered(
        {**CLIENT, "status": "disabled", "updatedAt": "2026-05-26T09:00:00Z"}, request={"status": "disabled"}
    ),
    "DeleteOauthClient": Example(),
    "RotateOauthClientSecret": answered(ROTATED, request={"gracePeriodSeconds": 300}),
    "GetAuthorizationServerMetadata": answered(
        {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/oauth/authorize",
            "token_endpoint": f"{ISSUER}/oauth/token",
            "revocation_endpoint": f"{ISSUER}/oauth/revoke",
            "introspection_endpoint": f"{ISSUER}/oauth/introspect",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": _METHODS,
            "revocation_endpoint_auth_methods_supported": _METHODS,
            "introspection_endpoint_auth_methods_supported": _METHODS,
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "EdDSA", "PS256", "RS256"],
            "authorization_response_iss_parameter_supported": True,
        }
    ),
    "GetProtectedResourceMetadata": answered(
        {"resource": ISSUER, "authorization_servers": [ISSUER], "bearer_methods_supported": ["header"]}
    ),
    "Authorize": Example(),
    "CreateToken": answered(
        TOKENS,
        request={
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code": CODE,
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "redirect_uri": REDIRECT_URI,
        },
    ),
    "RevokeToken": Example({"token": REFRESH_TOKEN, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
    "IntrospectToken": answered(
        {
            "active": True,
            "scope": "orders:read",
            "client_id": CLIENT_ID,
            "token_type": "Bearer",
            "exp": 1_779_789_600,
            "iat": 1_777_629_600,
            "sub": USER_ID,
            "iss": ISSUER,
        },
        request={"token": ACCESS_TOKEN, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    ),
    "DescribeConsent": answered(
        {
            "client": {
                "id": CLIENT_ID,
                "name": "Warehouse app",
                "clientUri": "https://app.example.com",
                "policyUri": None,
                "isOperators": False,
                "redirectHost": "app.example.com",
            },
            "scopes": ["orders:read"],
            "endsAt": "2026-05-31T10:00:00Z",
            "isRemembered": False,
            "redirectTo": None,
        },
        request={"query": QUERY},
    ),
    "DecideConsent": answered(
        {"redirectTo": f"{REDIRECT_URI}?code={CODE}&state=af0ifjsldkj&iss=https%3A%2F%2Fapi.example.com"},
        request={"query": QUERY, "decision": "allow"},
    ),
    "ListOauthGrants": answered({"data": [GRANT], "nextCursor": None}),
    "RevokeOauthGrant": Example(),
}
