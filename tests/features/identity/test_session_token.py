"""Session tokens: accepted and refused tokens, and the claims of an accepted token."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity, service_identity
from latchhook.identity.session_token import LEEWAY_SECONDS, SessionTokens
from tests.features.identity.tokens import AUDIENCE, ISSUER, tokens_of

SECRET = "a secret of thirty-two characters"


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def _ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class KeySet:
    """A provider's key set with one EC key and one RSA key."""

    def find(self, key_id: str) -> Mapping[str, Any] | None:
        if key_id == "ec-1":
            return {**ECAlgorithm.to_jwk(_ec_key().public_key(), as_dict=True), "kid": "ec-1"}
        if key_id == "rsa-1":
            return {**RSAAlgorithm.to_jwk(_rsa_key().public_key(), as_dict=True), "kid": "rsa-1"}
        return {"kid": "strange", "kty": "strange"} if key_id == "strange" else None


class KeySetThatIsDown:
    def find(self, key_id: str) -> Mapping[str, Any] | None:
        raise DependencyUnavailableError("JWKS: timeout")


class Shared:
    """A shared secret. `known` is the cached list of secrets, `newer` the list after a new read."""

    def __init__(self, *known: str, newer: Sequence[str] = ()) -> None:
        self._known = known
        self._newer = newer
        self.rereads = 0

    def known(self) -> Sequence[str]:
        return self._known

    def newer(self) -> Sequence[str]:
        self.rereads += 1
        return self._newer


class SharedIsDown(Shared):
    def __init__(self, *known: str) -> None:
        super().__init__(*known)

    def known(self) -> Sequence[str]:
        if not self._known:
            raise DependencyUnavailableError("session secret: timeout")
        return self._known

    def newer(self) -> Sequence[str]:
        raise DependencyUnavailableError("session secret: timeout")


BOTH = tokens_of(secrets=Shared(SECRET), public_keys=KeySet())
SECRET_ONLY = tokens_of(secrets=Shared(SECRET))
KEYS_ONLY = tokens_of(public_keys=KeySet())


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _claims(**changes: Any) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": _in(7 * 86_400),
        "sub": "user_1",
        "role": "authenticated",
        "app_metadata": {"account_id": "acct_1", "role": "advisor", "client_account_ids": ["c1", "c2"]},
    } | changes
    return {name: value for name, value in claims.items() if value is not ...}


def _signed(claims: Mapping[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(dict(claims), key, algorithm=algorithm, headers=headers)


def _token(**changes: Any) -> str:
    return _signed(_claims(**changes))


def _refusal(tokens: SessionTokens, token: str) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        tokens.read(token)
    return refused.value.code


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_session_token_contains_user_account_and_role() -> None:
    assert BOTH.read(_token()) == Identity("user_1", "acct_1", "advisor", ("c1", "c2"))


@pytest.mark.parametrize(
    "token",
    [
        _signed(_claims()),
        _signed(_claims(), _ec_key(), "ES256", kid="ec-1"),
        _signed(_claims(), _rsa_key(), "RS256", kid="rsa-1"),
    ],
    ids=["HS256", "ES256", "RS256"],
)
def test_token_with_a_valid_signature_is_accepted(token: str) -> None:
    assert BOTH.read(token).user_id == "user_1"


@pytest.mark.parametrize("audience", [["authenticated"], ["other", "authenticated"]])
def test_one_matching_audience_is_enough(audience: list[str]) -> None:
    assert BOTH.read(_token(aud=audience)).user_id == "user_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example/auth/v1"}, {"iss": ...}, {"iss": ISSUER + "/"}, {"iss": "supabase"},
        {"aud": "other"}, {"aud": []}, {"aud": ...}, {"aud": ["other"]}, {"aud": "Authenticated"},
        {"sub": ...}, {"sub": ""}, {"exp": ...}, {"exp": 10**400}, {"nbf": 2**33}, {"iat": 2**33},
    ],
    ids=str,
)  # fmt: skip
def test_token_with_invalid_claims_is_refused(changes: dict[str, Any]) -> None:
    assert _refusal(BOTH, _token(**changes)) == "invalid_token"


def test_expired_token_is_refused_with_the_code_token_expired() -> None:
    assert _refusal(BOTH, _token(exp=_in(-LEEWAY_SECONDS - 2))) == "token_expired"


def test_clocks_may_differ_by_the_leeway() -> None:
    assert BOTH.read(_token(exp=_in(-LEEWAY_SECONDS + 2))).user_id == "user_1"


def test_token_signed_with_another_secret_is_refused() -> None:
    assert _refusal(BOTH, _signed(_claims(), SECRET + "!")) == "invalid_token"


@pytest.mark.parametrize("claims", [_claims(), _claims(role="service_role", iss="supabase", aud=...)])
def test_unsigned_token_is_refused(claims: dict[str, Any]) -> None:
    assert _refusal(BOTH, _signed(claims, None, "none")) == "invalid_token"


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_no_spelling_of_none_is_accepted_as_algorithm(name: str) -> None:
    _, payload, _ = _token().split(".")
    header = _part(json.dumps({"alg": name, "typ": "JWT"}).encode())

    assert _refusal(BOTH, f"{header}.{payload}.") == "invalid_token"


def test_public_key_is_not_accepted_as_a_shared_secret() -> None:
    """RFC 8725, 2.1: an attacker signs a token by HMAC with the provider's public key as the secret."""
    public = _rsa_key().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header, payload, _ = _signed(_claims(), algorithm="HS256", kid="rsa-1").split(".")
    forged = jwt.api_jws.PyJWS().get_algorithm_by_name("HS256").sign(f"{header}.{payload}".encode(), pem)

    assert _refusal(BOTH, f"{header}.{payload}.{_part(forged)}") == "invalid_token"
    assert _refusal(KEYS_ONLY, f"{header}.{payload}.{_part(forged)}") == "invalid_token"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_algorithm_outside_the_allowed_list_is_refused(algorithm: str) -> None:
    secret = SECRET * 2

    assert _refusal(
        tokens_of(secrets=Shared(secret), public_keys=KeySet()),
        _signed(_claims(), secret, algorithm),
    ) == ("invalid_token")


@pytest.mark.parametrize(
    "token",
    [
        _signed(_claims(), _ec_key(), "ES256", kid="rsa-1"),
        _signed(_claims(), _rsa_key(), "RS256", kid="ec-1"),
        _signed(_claims(), _rsa_key(), "RS256", kid="strange"),
        _signed(_claims(), _rsa_key(), "RS256", kid="unknown"),
        _signed(_claims(), _rsa_key(), "RS256"),
        _signed(_claims(), _rsa_key(), "PS256", kid="rsa-1"),
        _signed(_claims(), ec.generate_private_key(ec.SECP256R1()), "ES256", kid="ec-1"),
    ],
    ids=["EC token, RSA key", "RSA token, EC key", "unknown type", "unknown id", "no id", "PS256", "another EC key"],
)
def test_token_whose_key_id_names_no_matching_key_is_refused(token: str) -> None:
    assert _refusal(BOTH, token) == "invalid_token"


def test_without_a_secret_no_hmac_token_is_accepted() -> None:
    header, payload, _ = _token().split(".")
    empty = jwt.api_jws.PyJWS().get_algorithm_by_name("HS256").sign(f"{header}.{payload}".encode(), b"")

    assert _refusal(KEYS_ONLY, f"{header}.{payload}.{_part(empty)}") == "invalid_token"
    assert _refusal(KEYS_ONLY, _token()) == "invalid_token"


def test_without_a_key_set_no_asymmetric_token_is_accepted() -> None:
    assert _refusal(SECRET_ONLY, _signed(_claims(), _ec_key(), "ES256", kid="ec-1")) == "invalid_token"


def test_unavailable_key_set_raises_a_dependency_error() -> None:
    tokens = tokens_of(public_keys=KeySetThatIsDown())

    with pytest.raises(DependencyUnavailableError):
        tokens.read(_signed(_claims(), _ec_key(), "ES256", kid="ec-1"))


def test_tokens_of_the_previous_secret_are_accepted_during_a_rotation() -> None:
    shared = Shared("the current secret of 32 characters", SECRET)
    tokens = tokens_of(secrets=shared)

    assert tokens.read(_token()).user_id == "user_1"
    assert shared.rereads == 0


def test_token_of_a_rotated_secret_is_accepted_after_a_reload() -> None:
    shared = Shared("the previous secret of 32 characters", newer=[SECRET])
    tokens = tokens_of(secrets=shared)

    assert tokens.read(_token()).user_id == "user_1"
    assert shared.rereads == 1


@pytest.mark.parametrize("changes", [{"exp": _in(-60)}, {"iss": "https://other.example"}, {"exp": ...}])
def test_only_a_wrong_signature_reloads_the_secret(changes: dict[str, Any]) -> None:
    shared = Shared(SECRET)
    tokens = tokens_of(secrets=shared)

    with pytest.raises(UnauthenticatedError):
        tokens.read(_token(**changes))
    assert shared.rereads == 0


@pytest.mark.parametrize("known", [[], ["another secret of thirty-two characters"]])
def test_failed_read_of_the_secret_raises_a_dependency_error(known: list[str]) -> None:
    tokens = tokens_of(secrets=SharedIsDown(*known))

    with pytest.raises(DependencyUnavailableError):
        tokens.read(_token())


def test_disabled_service_tokens_are_refused() -> None:
    tokens = tokens_of(secrets=Shared(SECRET), accepts_service=False)

    assert _refusal(tokens, _token(role="service_role", iss="supabase", aud=...)) == "service_token_refused"
    assert tokens.read(_token()).user_id == "user_1"


@pytest.mark.parametrize(
    ("claimed", "role"),
    [
        ("business_admin", "admin"), ("advisor", "advisor"), ("member", "member"), ("admin", "none"), ("none", "none"),
        ("viewer", "none"), ("BUSINESS_ADMIN", "none"), ("service_role", "none"), ("", "none"), (None, "none"),
    ],
)  # fmt: skip
def test_role_of_supabase_is_mapped_and_unknown_roles_are_none(claimed: object, role: str) -> None:
    assert BOTH.read(_token(app_metadata={"account_id": "acct_1", "role": claimed})).role == role


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "supabase", "aud": ..., "sub": ..., "app_metadata": ...},
        {"iss": ISSUER, "aud": ...},
        {"iss": ISSUER},
    ],
    ids=["as Supabase issues it", "of the project", "with an audience"],
)
def test_service_token_is_the_operators(changes: dict[str, Any]) -> None:
    assert BOTH.read(_token(role="service_role", **changes)) == service_identity(0)


@pytest.mark.parametrize(
    "changes", [{"iss": "other"}, {"iss": ...}, {"aud": "other"}, {"aud": None}, {"aud": []}], ids=str
)
def test_service_token_of_another_provider_is_refused(changes: dict[str, Any]) -> None:
    assert _refusal(BOTH, _token(role="service_role", **changes)) == "invalid_token"


def test_expired_service_token_is_refused() -> None:
    assert _refusal(BOTH, _token(role="service_role", exp=_in(-60))) == "token_expired"


@pytest.mark.parametrize("place", ["app_metadata", "user_metadata"])
def test_metadata_does_not_turn_a_user_token_into_a_service_token(place: str) -> None:
    assert not BOTH.read(_token(**{place: {"role": "service_role"}})).is_service


def test_user_editable_metadata_is_ignored() -> None:
    edited = {"account_id": "acct_2", "role": "business_admin", "client_account_ids": ["c9"]}

    claims = BOTH.read(_token(app_metadata=..., user_metadata=edited))

    assert (claims.account_id, claims.role, claims.client_account_ids) == ("", "none", ())


@pytest.mark.parametrize(
    "metadata", [None, {}, {"account_id": None, "role": None, "client_account_ids": None}], ids=str
)
def test_missing_metadata_gives_no_account_and_no_role(metadata: object) -> None:
    claims = BOTH.read(_token(app_metadata=metadata))

    assert (claims.account_id, claims.role, claims.client_account_ids) == ("", "none", ())


@pytest.mark.parametrize(
    "metadata",
    [[], "text", 5, {"account_id": 5}, {"account_id": {}}, {"role": ["business_admin"]}, {"client_account_ids": "c1"},
     {"client_account_ids": [5]}, {"client_account_ids": {"c1": True}}],
    ids=str,
)  # fmt: skip
def test_metadata_of_another_type_is_refused(metadata: object) -> None:
    assert _refusal(BOTH, _token(app_metadata=metadata)) == "invalid_token"


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "a.b", "a.b.c.d", "null", "é.é.é", "\x00", "Bearer x.y.z", _token() + "x", _token() + ".",
     _token()[:-2], _token().replace(".", " "), _part(b"[]") + ".e30.e30", _part(b'{"alg":["HS256"]}') + ".e30.",
     _part(b'{"alg":"RS256","kid":[1]}') + ".e30.", _part(b'{"alg":' * 2000) + ".e30.",
     _part(b"[" * 100_000) + ".e30.", _part(b'{"alg":"HS256","crit":["b64"],"b64":false}') + ".e30."],
    ids=lambda token: token[:20],
)  # fmt: skip
def test_malformed_token_is_refused(token: str) -> None:
    assert _refusal(BOTH, token) == "invalid_token"


@given(st.text())
def test_any_text_is_refused_without_another_error(token: str) -> None:
    assert _refusal(BOTH, token) == "invalid_token"


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_change_of_any_signed_character_is_refused(at: int, character: str) -> None:
    token = _token()
    at %= token.rindex(".")
    if character != token[at]:
        assert _refusal(BOTH, token[:at] + character + token[at + 1 :]) in ("invalid_token", "token_expired")


@given(
    st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5), max_size=6)
)
def test_any_signed_claims_are_refused_without_another_error(claims: dict[str, Any]) -> None:
    header = _part(b'{"alg":"HS256"}')
    payload = _part(json.dumps(claims).encode())
    signature = jwt.api_jws.PyJWS().get_algorithm_by_name("HS256").sign(f"{header}.{payload}".encode(), SECRET.encode())

    assert _refusal(BOTH, f"{header}.{payload}.{_part(signature)}") in ("invalid_token", "token_expired")


def test_refusal_contains_nothing_of_the_token() -> None:
    token = _token(iss="https://other.example/secret-path")

    with pytest.raises(UnauthenticatedError) as refused:
        BOTH.read(token)

    assert "secret-path" not in f"{refused.value} {refused.value.detail}"
    assert token not in f"{refused.value} {refused.value.detail}"


THIRD_PARTY = "6f1d2c1e-8a55-4b43-9f0c-7d8b6a5e4c3b"
KINDS: dict[str, tuple[dict[str, Any], Any, str, dict[str, Any]]] = {
    "HS256": ({}, SECRET, "HS256", {}),
    "ES256": ({}, _ec_key(), "ES256", {"kid": "ec-1"}),
    "RS256": ({}, _rsa_key(), "RS256", {"kid": "rsa-1"}),
    "service": ({"role": "service_role", "iss": "supabase", "aud": ...}, SECRET, "HS256", {}),
    "service of the project": ({"role": "service_role"}, _ec_key(), "ES256", {"kid": "ec-1"}),
}


def _of_kind(kind: str, **changes: Any) -> str:
    claims, key, algorithm, headers = KINDS[kind]
    return _signed(_claims(**claims, **changes), key, algorithm, **headers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("client", [THIRD_PARTY, "", None, 5, [THIRD_PARTY], {"id": THIRD_PARTY}, False], ids=str)
def test_token_of_an_oauth_client_is_refused(kind: str, client: object) -> None:
    assert BOTH.read(_of_kind(kind)) is not None
    assert _refusal(BOTH, _of_kind(kind, client_id=client)) == "third_party_token"


@pytest.mark.parametrize("kind", KINDS)
def test_token_of_an_allowed_client_is_accepted(kind: str) -> None:
    tokens = tokens_of(secrets=Shared(SECRET), public_keys=KeySet(), allowed_clients=frozenset({"other", THIRD_PARTY}))

    assert tokens.read(_of_kind(kind, client_id=THIRD_PARTY)) == BOTH.read(_of_kind(kind))


@pytest.mark.parametrize("client", ["", THIRD_PARTY.upper(), THIRD_PARTY + " ", [THIRD_PARTY], None], ids=str)
def test_allowed_clients_match_exactly(client: object) -> None:
    tokens = tokens_of(secrets=Shared(SECRET), public_keys=KeySet(), allowed_clients=frozenset({THIRD_PARTY}))

    assert _refusal(tokens, _token(client_id=client)) == "third_party_token"


def test_client_id_in_user_metadata_is_ignored() -> None:
    assert BOTH.read(_token(user_metadata={"client_id": THIRD_PARTY})).user_id == "user_1"


def test_invalid_token_of_an_oauth_client_is_reported_as_invalid() -> None:
    assert _refusal(BOTH, _signed(_claims(client_id=THIRD_PARTY), SECRET + "!")) == "invalid_token"


def test_claims_contain_the_expiry_plus_the_leeway() -> None:
    expiry = int(_in(600).timestamp())

    assert BOTH.read(_token(exp=expiry)).expires_at == expiry + LEEWAY_SECONDS
    assert BOTH.read(_token(exp=expiry, role="service_role")).expires_at == expiry + LEEWAY_SECONDS
