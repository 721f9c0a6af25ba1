"""Clients and grants for tests."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.oauth.client import ClientSettings, OAuthClient
from latchhook.oauth.grant import CODE_LASTS, CODE_PREFIX, Grant

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
REDIRECT_URI = "https://app.example.com/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SETTINGS = ClientSettings(
    "Warehouse app", (REDIRECT_URI,), ("authorization_code", "refresh_token"), ("orders:read", "orders:write")
)
CLIENT = OAuthClient(UUID(int=1), "acme", "confidential", SETTINGS, NOW, NOW)
GRANT_ID = UUID(int=2)
CODE = key_format.issue_key_text(CODE_PREFIX, GRANT_ID, Random(1))


def client(**changes: Any) -> OAuthClient:
    """Return the client with changed settings."""
    return replace(CLIENT, settings=replace(SETTINGS, **changes))


def grant(**changes: Any) -> Grant:
    """Return a grant with a code that was not exchanged."""
    made = Grant(
        id=GRANT_ID,
        account_id="acme",
        client_id=CLIENT.id,
        client_name="Warehouse app",
        user_id="mira",
        scopes=("orders:read",),
        redirect_uri=REDIRECT_URI,
        resource=None,
        status="active",
        created_at=NOW,
        expires_at=NOW + CODE_LASTS,
        lasts_until=NOW + timedelta(days=30),
        code_hash=key_format.hash_key_text(CODE),
        code_challenge=CHALLENGE,
    )
    return replace(made, **changes)


def own_grant(**changes: Any) -> Grant:
    """Return the grant of a client with client_credentials."""
    return replace(
        grant(code_hash=None, expires_at=None, lasts_until=None, redirect_uri=""),
        id=CLIENT.id,
        user_id=None,
        **changes,
    )
