"""The tokens of a grant: the exchange of a code, the refresh, and the end. All functions are pure.

A refresh token is valid once. The new tokens are computed from it and from stored random bytes. A repeated request
whose response was lost therefore gets the same tokens, although only hashes are stored, and a thief who knows an old
refresh token cannot compute the next one without the stored bytes.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from latchhook.api_keys import key_format
from latchhook.api_keys.key_format import ACCESS_TOKEN_PREFIX
from latchhook.oauth.client import OAuthClient
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.grant import MAX_CLIENT_TOKENS, MAX_USER_TOKENS, REFRESH_PREFIX, REFRESH_REPEATS, Grant, Refresh
from latchhook.oauth.protocol import VERIFIER

MAX_USED = 20
"""Hashes of older refresh tokens that a grant keeps to recognise their reuse."""

INVALID_CODE = OAuthError("invalid_grant", "The code is unknown, was used, or is older than 60 seconds.")
INVALID_REFRESH = OAuthError("invalid_grant", "The refresh token is not valid.")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens for a client. `scopes` are the rights that the user gave to the client."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in_seconds: int
    scopes: tuple[str, ...]


class ReuseError(Exception):
    """A code or a refresh token was used again. The grant must end (RFC 9700, 2.1.1 and 4.14.2)."""

    def __init__(self, error: OAuthError) -> None:
        super().__init__(error.code)
        self.error = error


def exchange(
    grant: Grant, client: OAuthClient, code: str, *, verifier: str, redirect_uri: str | None, now: datetime, rng: Random
) -> tuple[Grant, Tokens]:
    """Exchange the code of a grant. Return the grant after it, and its first tokens.

    Raises `OAuthError`, and `ReuseError` for a used code.
    """
    presented = key_format.hash_key_text(code)
    if grant.client_id != client.id:
        raise INVALID_CODE
    if grant.used_code_hash is not None and hmac.compare_digest(grant.used_code_hash, presented):
        raise ReuseError(INVALID_CODE)
    if grant.code_hash is None or not hmac.compare_digest(grant.code_hash, presented) or not grant.is_live(now):
        raise INVALID_CODE
    if redirect_uri is not None and redirect_uri != grant.redirect_uri:
        raise OAuthError("invalid_grant", "redirect_uri differs from the authorization request.")
    if not proves(verifier, grant.code_challenge):
        raise OAuthError("invalid_grant", "code_verifier does not match code_challenge.")
    access = key_format.issue_key_text(ACCESS_TOKEN_PREFIX, grant.id, rng)
    refresh = key_format.issue_key_text(REFRESH_PREFIX, grant.id, rng) if client.allows("refresh_token") else None
    after = replace(
        grant,
        code_hash=None,
        used_code_hash=presented,
        expires_at=grant.lasts_until,
        refresh=None if refresh is None else Refresh(key_format.hash_key_text(refresh)),
        version=grant.version + 1,
    )
    return _with_token(after, client, access, refresh, now)


def refreshed(grant: Grant, client: OAuthClient, text: str, *, now: datetime, rng: Random) -> tuple[Grant, Tokens]:
    """Use a refresh token. Return the grant after it, unchanged for a repeated request, and the tokens.

    Raises `OAuthError`, and `ReuseError` for a refresh token that was used more than 30 seconds ago.
    """
    presented, state = key_format.hash_key_text(text), grant.refresh
    if state is None or grant.client_id != client.id or not client.allows("refresh_token") or not grant.is_live(now):
        raise INVALID_REFRESH
    if hmac.compare_digest(state.current, presented):
        nonce = rng.randbytes(16)
        access, refresh = _successors(grant, text, nonce)
        used = (() if state.previous is None else (state.previous[:16],)) + state.used
        rotated = Refresh(key_format.hash_key_text(refresh), presented, used[:MAX_USED], nonce, now)
        after = replace(grant, refresh=rotated, version=grant.version + 1)
        return _with_token(after, client, access, refresh, now)
    if state.previous is not None and hmac.compare_digest(state.previous, presented):
        if state.rotated_at is None or now - state.rotated_at > REFRESH_REPEATS:
            raise ReuseError(INVALID_REFRESH)
        access, refresh = _successors(grant, text, state.nonce)
        ends_at = grant.tokens.get(key_format.token_name(key_format.hash_key_text(access)))
        if ends_at is None or ends_at <= now:
            raise INVALID_REFRESH
        return grant, Tokens(access, refresh, _seconds(ends_at - now), grant.scopes)
    if presented[:16] in state.used:
        raise ReuseError(INVALID_REFRESH)
    raise INVALID_REFRESH


def for_client(grant: Grant, client: OAuthClient, *, now: datetime, rng: Random) -> tuple[Grant, Tokens]:
    """Create an access token of the client's own grant. Raises `OAuthError` if it has too many."""
    if not client.allows("client_credentials") or not grant.is_live(now):
        raise OAuthError("unauthorized_client", "The client does not have the grant type client_credentials.")
    if len(live_tokens(grant, now)) >= MAX_CLIENT_TOKENS:
        raise OAuthError("slow_down", f"The client has {MAX_CLIENT_TOKENS} valid tokens. Use a token until it expires.")
    access = key_format.issue_key_text(ACCESS_TOKEN_PREFIX, grant.id, rng)
    return _with_token(grant, client, access, None, now)


def proves(verifier: str, challenge: str) -> bool:
    """Return whether a PKCE verifier matches an S256 challenge (RFC 7636, 4.6)."""
    if not VERIFIER.fullmatch(verifier):
        return False
    computed = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(computed, challenge)


def live_tokens(grant: Grant, now: datetime) -> Mapping[str, datetime]:
    """Return the access tokens that have not expired, by name."""
    return {name: ends_at for name, ends_at in grant.tokens.items() if ends_at > now}


def _with_token(
    grant: Grant, client: OAuthClient, access: str, refresh: str | None, now: datetime
) -> tuple[Grant, Tokens]:
    """Add an access token. The token with the earliest end makes room if a user's grant has too many."""
    ends_at = now + timedelta(seconds=client.settings.access_token_seconds)
    if grant.expires_at is not None:
        ends_at = min(ends_at, grant.expires_at)
    tokens = dict(live_tokens(grant, now))
    if grant.user_id is not None and len(tokens) >= MAX_USER_TOKENS:
        tokens.pop(min(tokens, key=lambda name: tokens[name]))
    tokens[key_format.token_name(key_format.hash_key_text(access))] = ends_at
    return replace(grant, tokens=tokens), Tokens(access, refresh, _seconds(ends_at - now), grant.scopes)


def _successors(grant: Grant, text: str, nonce: bytes) -> tuple[str, str]:
    """Compute the access token and the refresh token that follow a refresh token."""
    access, refresh = (
        key_format.derive_key_text(prefix, grant.id, hmac.digest(text.encode(), nonce + prefix.encode(), "sha256"))
        for prefix in (ACCESS_TOKEN_PREFIX, REFRESH_PREFIX)
    )
    return access, refresh


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
