"""Client authentication by a signed JWT, `private_key_jwt` (RFC 7523, 2.2 and 3; OpenID Connect Core 1.0, 9)."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt

from latchhook.oauth.client import ASSERTION_ALGORITHMS as ALGORITHMS
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.grant import Assertion

MAX_KEYS = 5
MAX_JWKS_BYTES = 4_096
MIN_RSA_BITS = 2_048
"""RFC 7518, 3.3 and 3.5."""
MAX_ASSERTION_LENGTH = 8_192
LONGEST = timedelta(hours=1)
"""The most time between the request and the expiry of an assertion."""
LEEWAY = timedelta(seconds=10)
"""The accepted difference between the clocks of client and server."""

_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_INVALID = OAuthError("invalid_client", "The client assertion is not valid.")


class InvalidKeySetError(ValueError):
    """The document is no set of public keys. The message explains the rule."""


def check_key_set(document: Mapping[str, Any]) -> None:
    """Check a JSON Web Key Set (RFC 7517, 5). Raises `InvalidKeySetError`."""
    keys = document.get("keys")
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_KEYS:
        raise InvalidKeySetError(f"Must have a list `keys` with 1 to {MAX_KEYS} keys.")
    if any(not isinstance(key, dict) or _PRIVATE & key.keys() for key in keys):
        raise InvalidKeySetError("Must contain public keys only.")
    try:
        public = [jwt.PyJWK.from_dict(key, algorithm=_algorithm_of(key)).key for key in keys]
        text = json.dumps({"keys": keys}, separators=(",", ":"), allow_nan=False)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError):
        raise InvalidKeySetError(f"Each key must be a valid key for {', '.join(ALGORITHMS)}.") from None
    if any(key["kty"] == "RSA" and found.key_size < MIN_RSA_BITS for key, found in zip(keys, public, strict=True)):
        raise InvalidKeySetError(f"RSA keys must have at least {MIN_RSA_BITS} bits.")
    if len(text) > MAX_JWKS_BYTES:
        raise InvalidKeySetError("Must have at most 4 KiB.")


def client_id_in(text: str) -> str:
    """Return the client that an assertion names, before its signature is checked. Raises `OAuthError`."""
    if len(text) > MAX_ASSERTION_LENGTH:
        raise _INVALID
    try:
        subject = jwt.decode(text, options={"verify_signature": False}).get("sub")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _INVALID from None
    if not isinstance(subject, str):
        raise _INVALID
    return subject


def read_assertion(text: str, key_set: str, *, client_id: str, audiences: Collection[str], now: datetime) -> Assertion:
    """Validate an assertion of a client, and return its unique name. Raises `OAuthError`.

    `audiences` are the issuer and the token endpoint. The caller must refuse a second use until `expires_at`.
    """
    try:
        header = jwt.get_unverified_header(text)
        key = _key(json.loads(key_set)["keys"], header.get("kid"), header.get("alg"))
        claims = jwt.decode(
            text,
            key,
            algorithms=ALGORITHMS,
            audience=list(audiences),
            issuer=client_id,
            subject=client_id,
            options={
                "require": ["exp", "iss", "sub", "aud", "jti"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        expires_at = datetime.fromtimestamp(float(claims["exp"]), now.tzinfo)
        starts_at = datetime.fromtimestamp(float(claims.get("nbf", 0)), now.tzinfo)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, OSError):
        raise _INVALID from None
    if not now - LEEWAY < expires_at <= now + LONGEST + LEEWAY or starts_at > now + LEEWAY:
        raise _INVALID
    return Assertion(sha256(f"{client_id}\n{claims['jti']}".encode()).hexdigest(), expires_at)


def _key(keys: list[dict[str, Any]], key_id: Any, algorithm: Any) -> Any:
    """Return the key with the id, or the only key if the assertion names none."""
    found = [key for key in keys if key.get("kid") == key_id] if key_id is not None else keys
    if len(found) != 1 or algorithm not in ALGORITHMS:
        raise _INVALID
    return jwt.PyJWK.from_dict(found[0], algorithm=algorithm).key


def _algorithm_of(key: Mapping[str, Any]) -> str:
    """Return an algorithm with which the key can sign. Raises `KeyError` for another type or curve."""
    return {("RSA", None): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}[key["kty"], key.get("crv")]
