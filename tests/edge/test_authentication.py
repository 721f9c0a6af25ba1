"""Authentication: the credentials that endpoints accept, and the responses when a key's limits are reached."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.limits import Credits, Refill
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.authentication import Authenticated, Authenticator, Credentials
from latchhook.edge.errors import AmbiguousCredentialsError
from latchhook.edge.problems import Problem, problem_for
from latchhook.edge.request import RawRequest
from latchhook.identity.errors import ForbiddenError, UnauthenticatedError
from latchhook.identity.identity import Identity, service_identity
from latchhook.permissions.grants import NO_GRANTS
from latchhook.rates import RateLimit, to_micros
from tests.edge.requests import http_event
from tests.features.api_keys.memory import KeysInMemory
from tests.features.permissions.test_profiles import allow, deny
from tests.samples import ACCOUNT, NOW, SECOND, api_key, key_text, profile

KEY = api_key(scopes=("orders:read",))
TEXT = key_text(KEY)
OPERATOR = "acct_operator"
ADMIN = Identity("user_1", ACCOUNT, "admin")


class OneToken:
    """A verifier of session tokens that accepts a single token."""

    def read(self, token: str) -> Identity:
        if token == "service":
            return service_identity(0)
        if token != "token":
            raise UnauthenticatedError(
                "invalid_token", "The session token is invalid. Get a new token from the identity provider."
            )
        return ADMIN


class Claims:
    """Accounts without stored memberships."""

    def applied(self, identity: Identity, wanted_account_id: str | None) -> Identity:
        assert wanted_account_id is None or wanted_account_id
        return identity


def _unused() -> NoReturn:
    raise AssertionError("this credential is not looked at")


def _store(key: ApiKey = KEY) -> KeysInMemory:
    store = KeysInMemory()
    store.put(key, hash_key_text(key_text(key)))
    return store


def _authenticated(
    headers: dict[str, str],
    *,
    accept: Credentials = "any",
    store: KeysInMemory | None = None,
    tokens: Any = OneToken,
    **endpoint: Any,
) -> Authenticated:
    known = store or _store()
    authenticator = Authenticator(
        tokens=tokens, access=Claims, keys=known.verifier, portal=_unused, operator_account_id=OPERATOR
    )
    return authenticator.authenticate(RawRequest(http_event(headers=headers)), accept=accept, now=NOW, **endpoint)


def _problem(headers: dict[str, str], **arguments: Any) -> Problem:
    with pytest.raises(Exception) as refused:  # noqa: PT011  # whichever: what it becomes is asked
        _authenticated(headers, **arguments)
    assert isinstance(refused.value, Exception)
    return problem_for(refused.value)


def _by_key(**changes: Any) -> Problem:
    key = replace(KEY, **changes)
    return _problem({"x-api-key": TEXT}, store=_store(key))


# ---- Accepted credentials ----

SESSION, OWN_KEY = {"authorization": "Bearer token"}, {"x-api-key": TEXT}


@pytest.mark.parametrize(
    ("accept", "headers", "kind"),
    [
        ("any", SESSION, "user"),
        ("any", OWN_KEY, "api_key"),
        ("session", SESSION, "user"),
        ("key", OWN_KEY, "api_key"),
        ("secret", OWN_KEY, "api_key"),
    ],
)
def test_accepted_credential_identifies_the_caller(accept: Credentials, headers: dict[str, str], kind: str) -> None:
    known = _authenticated(headers, accept=accept)

    assert (known.caller.kind, known.caller.account_id) == (kind, ACCOUNT)
    assert (known.key is None) == (kind == "user")


@pytest.mark.parametrize(
    ("accept", "headers", "code"),
    [
        ("session", OWN_KEY, "session_required"),
        ("key", SESSION, "api_key_required"),
        ("secret", SESSION, "api_key_required"),
        ("any", {}, "missing_credentials"),
        ("session", {}, "missing_credentials"),
        ("key", {}, "missing_credentials"),
        ("secret", {}, "missing_credentials"),
    ],
)
def test_credential_not_accepted_is_not_checked(accept: Credentials, headers: dict[str, str], code: str) -> None:
    store = _store()

    problem = _problem(headers, accept=accept, store=store, tokens=_unused)

    assert (problem.status, problem.code) == (401, code)
    assert not store.calls


@pytest.mark.parametrize("accept", ["any", "session", "key", "secret"])
def test_two_credentials_are_refused_before_either_is_checked(accept: Credentials) -> None:
    store = _store()

    with pytest.raises(AmbiguousCredentialsError):
        _authenticated(SESSION | OWN_KEY, accept=accept, store=store, tokens=_unused)
    assert not store.calls


def test_session_needs_no_key_verifier_and_key_needs_no_session_verifier() -> None:
    """A verifier is built for the first credential of its kind, because its imports slow down the cold start."""
    assert _authenticated(OWN_KEY, tokens=_unused).caller.kind == "api_key"
    authenticator = Authenticator(
        tokens=OneToken, access=Claims, keys=_unused, portal=_unused, operator_account_id=OPERATOR
    )
    known = authenticator.authenticate(RawRequest(http_event(headers=SESSION)), accept="any", now=NOW)
    assert known.caller.kind == "user"


# ---- Identity of a key ----


def test_key_acts_with_its_scopes_and_its_use_is_counted() -> None:
    known = _authenticated(OWN_KEY)

    assert known.caller.actor_id == str(KEY.id)
    assert known.caller.may("orders:read")
    assert not known.caller.may("orders:write")
    assert known.key is not None
    assert known.key.request_count_at(NOW) == 1


def test_profile_of_the_key_is_applied() -> None:
    limits = profile(1)
    key = replace(KEY, scopes=("orders:write", "products:read"), profile_id=limits.id)
    store = _store(key)
    store.put_profile(limits)

    caller = _authenticated(OWN_KEY, store=store).caller

    assert [scope for scope in ("orders:read", "orders:write", "products:read") if caller.may(scope)] == [
        "orders:read",
        "products:read",
    ]


@pytest.mark.parametrize(("account", "operator"), [(ACCOUNT, False), (OPERATOR, True)])
def test_key_of_the_operators_account_is_the_operator(account: str, operator: bool) -> None:
    key = replace(KEY, account_id=account, scopes=("api-keys:verify",))

    caller = _authenticated(OWN_KEY, store=_store(key)).caller

    assert caller.is_operator == operator
    assert caller.may("api-keys:verify") == operator


def test_no_key_is_the_operator_without_a_configured_operator_account() -> None:
    store = _store(replace(KEY, account_id=""))
    authenticator = Authenticator(
        tokens=_unused, access=_unused, keys=store.verifier, portal=_unused, operator_account_id=""
    )

    known = authenticator.authenticate(RawRequest(http_event(headers=OWN_KEY)), accept="any", now=NOW)
    assert not known.caller.is_operator


@pytest.mark.parametrize("accept", ["any", "secret"])
def test_key_acts_only_for_its_own_account(accept: Credentials) -> None:
    assert _authenticated({**OWN_KEY, "x-account-id": ACCOUNT}, accept=accept).caller.account_id == ACCOUNT
    with pytest.raises(ForbiddenError):
        _authenticated({**OWN_KEY, "x-account-id": "acct_2"}, accept=accept)


# ---- The operator acts for an account ----

SERVICE = {"authorization": "Bearer service"}
FOR_ACCOUNT = {"x-account-id": ACCOUNT}


def _operators(*scopes: str, **changes: Any) -> KeysInMemory:
    """Return a store whose only key belongs to the operator's account."""
    return _store(replace(KEY, account_id=OPERATOR, scopes=scopes, **changes))


@pytest.mark.parametrize("credential", [SERVICE, OWN_KEY], ids=["token", "key"])
def test_operator_acts_for_the_account_in_the_header(credential: dict[str, str]) -> None:
    store = _operators("accounts:manage")
    headers = {**credential, **FOR_ACCOUNT, "x-acting-user": "auth0|64f0c2a1"}

    known = _authenticated(headers, store=store, scope="webhooks:write")

    assert (known.caller.account_id, known.caller.user_id) == (ACCOUNT, "auth0|64f0c2a1")
    assert known.caller.is_operator
    assert known.caller.may("webhooks:write")
    assert store.calls.total() == (1 if credential == OWN_KEY else 0)


@pytest.mark.parametrize("credential", [SERVICE, OWN_KEY], ids=["token", "key"])
@pytest.mark.parametrize("user_id", ["", "a b", " a", "a\n", "é", "x" * 256])
def test_malformed_acting_user_is_422(credential: dict[str, str], user_id: str) -> None:
    headers = {**credential, **FOR_ACCOUNT, "x-acting-user": user_id}

    problem = _problem(headers, store=_operators("accounts:manage"))

    assert (problem.status, [error.pointer for error in problem.errors]) == (422, ["X-Acting-User"])


@pytest.mark.parametrize("user_id", ["a", "!~", "x" * 255])
def test_acting_user_has_up_to_255_printable_characters(user_id: str) -> None:
    assert _authenticated({**SERVICE, **FOR_ACCOUNT, "x-acting-user": user_id}).caller.user_id == user_id


@pytest.mark.parametrize("account_id", ["a#b", "a b", "x" * 65, "é"])
def test_malformed_account_of_the_operator_is_422(account_id: str) -> None:
    problem = _problem({**SERVICE, "x-account-id": account_id})

    assert (problem.status, [error.pointer for error in problem.errors]) == (422, ["X-Account-Id"])


def test_acting_user_of_other_callers_is_ignored() -> None:
    for credential in (SESSION, OWN_KEY):
        known = _authenticated({**credential, **FOR_ACCOUNT, "x-acting-user": "user 7"})
        assert known.caller.user_id == "user_1"


@pytest.mark.parametrize("scopes", [("webhooks:write",), ("*",), ("accounts:*",)])
def test_operators_key_needs_accounts_manage_to_act(scopes: tuple[str, ...]) -> None:
    with pytest.raises(ForbiddenError, match="accounts:manage") as refused:
        _authenticated({**OWN_KEY, **FOR_ACCOUNT}, store=_operators(*scopes), scope="webhooks:write")

    by = refused.value.by
    assert by is not None
    assert (by.kind, by.account_id, by.actor_id) == ("api_key", OPERATOR, str(KEY.id))


def test_operators_key_without_right_to_act_spends_nothing() -> None:
    store = _operators("orders:read", credits=Credits(3))

    with pytest.raises(ForbiddenError):
        _authenticated({**OWN_KEY, **FOR_ACCOUNT}, store=store, scope="webhooks:write")
    assert store.rows[KEY.id].key.credits == Credits(3)


@pytest.mark.parametrize("header", [{}, {"x-account-id": ""}, {"x-account-id": OPERATOR}])
def test_operators_key_in_its_own_account_has_only_its_scopes(header: dict[str, str]) -> None:
    store = _operators("accounts:manage")

    assert not _authenticated({**OWN_KEY, **header}, store=store).caller.is_acting
    with pytest.raises(ForbiddenError, match=r"webhooks:write.* send X-Account-Id"):
        _authenticated({**OWN_KEY, **header}, store=store, scope="webhooks:write")


def test_profile_of_the_operators_key_can_allow_and_deny() -> None:
    rules = replace(profile(1), account_id=OPERATOR, rules=(allow("accounts:manage"), deny("webhooks:*")))
    store = _operators(profile_id=rules.id)
    store.put_profile(rules)

    caller = _authenticated({**OWN_KEY, **FOR_ACCOUNT}, store=store, scope="api-keys:read").caller

    assert (caller.account_id, caller.may("api-keys:read"), caller.may("webhooks:read")) == (ACCOUNT, True, False)


def test_customers_key_with_the_scope_accounts_manage_acts_for_no_account() -> None:
    store = _store(replace(KEY, scopes=("accounts:manage",)))

    for account_id in (ACCOUNT, "acct_2"):
        with pytest.raises(ForbiddenError):
            _authenticated({**OWN_KEY, "x-account-id": account_id}, store=store, scope="webhooks:write")
    assert not _authenticated({**OWN_KEY, **FOR_ACCOUNT}, store=store).caller.is_acting


def test_without_operator_account_no_key_acts() -> None:
    authenticator = Authenticator(
        tokens=_unused,
        access=_unused,
        keys=_operators("accounts:manage").verifier,
        portal=_unused,
        operator_account_id="",
    )

    with pytest.raises(ForbiddenError):
        authenticator.authenticate(RawRequest(http_event(headers={**OWN_KEY, **FOR_ACCOUNT})), accept="any", now=NOW)


@pytest.mark.parametrize("accept", ["key", "secret"])
def test_operators_key_asks_about_itself_in_no_other_account(accept: Credentials) -> None:
    with pytest.raises(ForbiddenError) as refused:
        _authenticated({**OWN_KEY, **FOR_ACCOUNT}, accept=accept, store=_operators("accounts:manage"))
    assert refused.value.code == "account_not_allowed"


@pytest.mark.parametrize("credential", [SERVICE, OWN_KEY, SESSION], ids=["service", "key", "session"])
def test_endpoint_without_account_ignores_the_account_header(credential: dict[str, str]) -> None:
    headers = {**credential, "x-account-id": "acct_2", "x-acting-user": "a b"}
    without = _authenticated(credential, account_wide=False).caller

    assert _authenticated(headers, account_wide=False).caller == without


# ---- Invalid keys ----


@pytest.mark.parametrize(
    "changes",
    [
        {"stored_status": "revoked"}, {"stored_status": "disabled"}, {"stored_status": "expired"}, {"expires_at": NOW},
        {"profile_id": UUID(int=5)},
    ],
    ids=str,
)  # fmt: skip
def test_invalid_key_gets_the_response_of_a_forged_key(changes: dict[str, Any]) -> None:
    made_up = _problem({"x-api-key": key_text(KEY, 2)})

    assert _by_key(**changes) == made_up
    assert (made_up.status, made_up.code) == (401, "invalid_api_key")
    assert "www-authenticate" in made_up.headers


def test_outage_is_503_instead_of_an_invalid_key() -> None:
    class Gone(KeysInMemory):
        def record_use(self, query: object) -> NoReturn:
            raise DependencyUnavailableError("update_item: gone")

        def look_up(self, query: object) -> NoReturn:
            raise DependencyUnavailableError("get_item: gone")

    assert _problem(OWN_KEY, store=Gone()).status == 503
    assert _problem(OWN_KEY, store=Gone(), accept="secret").status == 503


# ---- Limits ----


def test_rate_limited_key_is_429_with_retry_after() -> None:
    problem = _by_key(
        rate_limit=RateLimit(2, 60, 2), rate_full_at_micros=to_micros(NOW + 60 * SECOND - timedelta(milliseconds=1))
    )

    assert (problem.status, problem.code) == (429, "rate_limited")
    assert problem.headers == {
        "retry-after": "30",
        "ratelimit-policy": '"key";q=2;w=60',
        "ratelimit": '"key";r=0;t=60',
    }


@pytest.mark.parametrize(
    ("credits_", "headers"),
    [
        (Credits(0), {}),
        (Credits(0, Refill(9, "daily"), NOW + 90 * SECOND), {"retry-after": "90"}),
    ],
)
def test_key_without_credits_is_429_with_retry_after_only_for_a_refill(
    credits_: Credits, headers: dict[str, str]
) -> None:
    problem = _by_key(credits=credits_)

    assert (problem.status, problem.code, problem.headers) == (429, "usage_exceeded", headers)


def test_key_without_credits_gets_rate_limit_headers() -> None:
    problem = _by_key(credits=Credits(0), rate_limit=RateLimit(2, 60, 2))

    assert problem.headers == {"ratelimit-policy": '"key";q=2;w=60', "ratelimit": '"key";r=2;t=0'}


# ---- Addresses ----

SPOOFED = {
    "x-forwarded-for": "198.51.100.1",
    "forwarded": "for=198.51.100.1",
    "x-real-ip": "198.51.100.1",
    "cf-connecting-ip": "198.51.100.1",
    "true-client-ip": "198.51.100.1",
}


def test_address_in_the_allow_list_is_accepted() -> None:
    assert _authenticated(OWN_KEY, store=_store(replace(KEY, ip_allow_list=("203.0.113.0/24",)))).key is not None


def test_address_outside_the_allow_list_is_403_despite_spoofed_headers() -> None:
    store = _store(replace(KEY, ip_allow_list=("198.51.100.0/24",)))

    with pytest.raises(ForbiddenError) as refused:
        _authenticated(OWN_KEY | SPOOFED, store=store)

    problem = problem_for(refused.value)
    assert (problem.status, problem.code) == (403, "ip_not_allowed")
    by = refused.value.by
    assert by is not None
    assert (by.kind, by.account_id, by.actor_id, by.grants) == ("api_key", ACCOUNT, str(KEY.id), NO_GRANTS)
    assert store.rows[KEY.id].key.request_count_at(NOW) == 0


def test_headers_do_not_replace_the_gateways_source_address() -> None:
    store = _store(replace(KEY, ip_allow_list=("203.0.113.9/32",)))

    assert _authenticated(OWN_KEY | SPOOFED, store=store).key is not None


# ---- Secret-only authentication ----


@pytest.mark.parametrize(
    "changes",
    [
        {"stored_status": "disabled"}, {"expires_at": NOW}, {"credits": Credits(0)},
        {"ip_allow_list": ("198.51.100.0/24",)}, {"profile_id": UUID(int=5)},
        {"rate_limit": RateLimit(1, 60, 1), "rate_full_at_micros": to_micros(NOW + 60 * SECOND)},
    ],
    ids=str,
)  # fmt: skip
def test_secret_only_authentication_ignores_limits_and_grants_nothing(changes: dict[str, Any]) -> None:
    store = _store(replace(KEY, **changes))

    known = _authenticated(OWN_KEY, accept="secret", store=store)

    assert known.key is not None
    assert known.caller.grants == NO_GRANTS
    assert store.rows[KEY.id].key.request_count_at(NOW) == 0


@pytest.mark.parametrize("text", [key_text(KEY, 2), key_text(api_key(2)), "", TEXT[:-1]])
def test_wrong_key_text_is_no_secret(text: str) -> None:
    problem = _problem({"x-api-key": text}, accept="secret")

    assert (problem.status, problem.code) == (401, "invalid_api_key")


def test_secret_of_a_revoked_key_is_invalid() -> None:
    store = _store(replace(KEY, stored_status="revoked"))

    assert _problem(OWN_KEY, accept="secret", store=store).code == "invalid_api_key"


def test_key_without_the_scope_is_refused_and_spends_nothing() -> None:
    key = api_key(scopes=("orders:read",), credits=Credits(3))
    store = _store(key)
    authenticator = Authenticator(
        tokens=_unused, access=_unused, keys=store.verifier, portal=_unused, operator_account_id=OPERATOR
    )
    request = RawRequest(http_event(headers={"x-api-key": key_text(key)}))

    with pytest.raises(ForbiddenError) as refused:
        authenticator.authenticate(request, accept="any", now=NOW, scope="orders:write")

    assert refused.value.code == "insufficient_scope"
    assert store.rows[key.id].key == key
    assert authenticator.authenticate(request, accept="any", now=NOW, scope="orders:read").key is not None
