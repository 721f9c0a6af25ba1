"""Verifiers of session tokens for tests."""

from typing import Any

from latchhook.identity.provider_config import supabase
from latchhook.identity.session_token import ProviderTokens, SessionTokens

ISSUER = "https://project.supabase.example/auth/v1"
AUDIENCE = "authenticated"


def tokens_of(
    *, secrets: Any = None, public_keys: Any = None, issuer: str = ISSUER, accepts_service: bool = True, **project: Any
) -> SessionTokens:
    """Return a verifier of one Supabase project's tokens."""
    settings: dict[str, Any] = {
        "audience": AUDIENCE, "jwks_url": "", "secret_arn": "", "allowed_clients": frozenset(), **project
    }  # fmt: skip
    return SessionTokens([ProviderTokens(supabase(issuer, **settings), secrets, public_keys, accepts_service)])
