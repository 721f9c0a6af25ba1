"""A client's signed assertions and its public keys."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from latchhook.oauth.assertions import (
    LEEWAY,
    LONGEST,
    MAX_JWKS_BYTES,
    MAX_KEYS,
    InvalidKeySetError,
    check_key_set,
    read_assertion,
)
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.grant import Assertion

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
CLIENT = str(UUID("5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"))
TOKEN_ENDPOINT = "https://api.example.com/oauth/token"

EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()
EC_PUBLIC = json.loads(ECAlgorithm.to_jwk(EC.public_key()))
RSA_PUBLIC = json.loads(RSAAlgorithm.to_jwk(RSA.public_key()))
ED_PUBLIC = json.loads(OKPAlgorithm.to_jwk(ED.public_key()))
SECOND = timedelta(seconds=1)


def read(
    public: dict[str, Any], key: Any, algorithm: str, headers: dict[str, Any] | None = None, **more: Any
) -> Assertion:
    claims = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": TOKEN_ENDPOINT,
        "jti": "1",
        "exp": (NOW + SECOND).timestamp(),
        **more,
    }
    text = jwt.encode(claims, key, algorithm=algorithm, headers=headers)
    key_set = json.dumps({"keys": [public]})
    return read_assertion(text, key_set, client_id=CLIENT, audiences=[TOKEN_ENDPOINT], now=NOW)


@pytest.mark.parametrize(
    ("public", "key", "algorithm"),
    [
        (EC_PUBLIC, EC, "ES256"),
        (ED_PUBLIC, ED, "EdDSA"),
        (RSA_PUBLIC, RSA, "PS256"),
        (RSA_PUBLIC, RSA, "RS256"),
    ],
)
def test_assertion_is_accepted_with_each_algorithm(public: dict[str, Any], key: Any, algorithm: str) -> None:
    assert read(public, key, algorithm).expires_at == NOW + SECOND


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS512"), (RSA, "RS384"), (RSA, "PS512")])
def test_assertion_with_another_algorithm_is_refused(key: Any, algorithm: str) -> None:
    with pytest.raises(OAuthError):
        read(RSA_PUBLIC, key, algorithm)


@pytest.mark.parametrize(
    ("claims", "accepted"),
    [
        ({"exp": NOW - LEEWAY + SECOND}, True),
        ({"exp": NOW - LEEWAY}, False),
        ({"exp": NOW + LONGEST + LEEWAY}, True),
        ({"exp": NOW + LONGEST + LEEWAY + SECOND}, False),
        ({"nbf": NOW + LEEWAY}, True),
        ({"nbf": NOW + LEEWAY + SECOND}, False),
    ],
)
def test_assertion_is_valid_between_its_times(claims: dict[str, datetime], accepted: bool) -> None:
    sent: dict[str, Any] = {name: value.timestamp() for name, value in claims.items()}
    if accepted:
        read(EC_PUBLIC, EC, "ES256", **sent)
    else:
        with pytest.raises(OAuthError):
            read(EC_PUBLIC, EC, "ES256", **sent)


def test_assertion_names_its_key_if_there_are_several() -> None:
    named = {**EC_PUBLIC, "kid": "a"}
    assert read(named, EC, "ES256", {"kid": "a"}).name == read(named, EC, "ES256").name
    with pytest.raises(OAuthError):
        read(named, EC, "ES256", {"kid": "b"})


def test_assertions_differ_by_client_and_jti() -> None:
    assert read(EC_PUBLIC, EC, "ES256").name == read(EC_PUBLIC, EC, "ES256").name
    assert read(EC_PUBLIC, EC, "ES256").name != read(EC_PUBLIC, EC, "ES256", jti="2").name


def test_key_set_is_accepted_up_to_its_limits() -> None:
    check_key_set({"keys": [RSA_PUBLIC, ED_PUBLIC, *[EC_PUBLIC] * (MAX_KEYS - 2)]})
    with pytest.raises(InvalidKeySetError, match=f"1 to {MAX_KEYS} keys"):
        check_key_set({"keys": [EC_PUBLIC] * (MAX_KEYS + 1)})
    empty = len(json.dumps({"keys": [{**EC_PUBLIC, "kid": ""}]}, separators=(",", ":")))
    check_key_set({"keys": [{**EC_PUBLIC, "kid": "k" * (MAX_JWKS_BYTES - empty)}]})
    with pytest.raises(InvalidKeySetError, match="4 KiB"):
        check_key_set({"keys": [{**EC_PUBLIC, "kid": "k" * (MAX_JWKS_BYTES - empty + 1)}]})


@pytest.mark.parametrize(
    ("key", "to_jwk", "message"),
    [
        (rsa.generate_private_key(65537, 2040), RSAAlgorithm.to_jwk, "2048 bits"),  # noqa: S505 - refused
        (ec.generate_private_key(ec.SECP384R1()), ECAlgorithm.to_jwk, "valid key for ES256"),
        (ed448.Ed448PrivateKey.generate(), OKPAlgorithm.to_jwk, "valid key for ES256"),
    ],
)
def test_key_set_with_weak_or_other_keys_is_refused(key: Any, to_jwk: Any, message: str) -> None:
    with pytest.raises(InvalidKeySetError, match=message):
        check_key_set({"keys": [json.loads(to_jwk(key.public_key()))]})
