"""Verification of a key text: the number of store calls, the stored conditions, and the code for each refusal."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest

from latchhook.api_keys import verification
from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.ip_ranges import address_bytes
from latchhook.api_keys.key_format import hash_key_text, imported_key_id
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.verification import Code, KeyQuery, Obstacle, Refusal, UseRequest, Verdict, reason
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.profiles import Profile
from latchhook.permissions.requirements import InAccount, Joined, Requirement, Scope, all_of
from latchhook.rates import RateLimit, to_micros
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import MILLISECOND, NOW, PREFIX, SECOND, api_key, key_text, profile

KEY = api_key(scopes=("orders:read",))
TEXT = key_text(KEY)
READ, WRITE = all_of(["orders:read"]), all_of(["orders:write"])
MALFORMED = [
    "",
    PREFIX,
    TEXT[:-1] + "!",
    TEXT[:-1] + "é",
    "short",
    "x" * 1025,
    "\ud800" * 20,
]
DAY = f"{NOW:%Y%m%d}"


def _store(key: ApiKey = KEY, *profiles: Profile) -> KeysInMemory:
    store = KeysInMemory()
    store.put(key, hash_key_text(key_text(key)))
    for one in profiles:
        store.put_profile(one)
    return store


def _with_profile(**changes: Any) -> tuple[ApiKey, KeysInMemory]:
    """Store a key whose profile allows more scopes and denies `orders:write`."""
    limits = profile(1)
    settings: dict[str, Any] = {"scopes": ("orders:write", "products:read"), "profile_id": limits.id}
    key = api_key(**settings | changes)
    return key, _store(key, limits)


class ScriptedUses(KeysInMemory):
    """A store whose write always returns `response`. It keeps the last query."""

    response: ApiKey | Refusal | None = None
    query: KeyQuery | None = None

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        self.calls["record_use"] += 1
        self.query = query
        return self.response


def _scripted(response: ApiKey | Refusal | None) -> ScriptedUses:
    uses = ScriptedUses()
    uses.response = response
    return uses


def _verdict(response: ApiKey | Refusal | None, use_request: UseRequest = UseRequest(WRITE)) -> Verdict:  # noqa: B008  # frozen
    return _scripted(response).verifier().verify(TEXT, use_request, now=NOW)


# ---- Number of store calls ----


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_key_text_costs_no_call(text: str) -> None:
    store = _store()

    assert store.verifier().verify(text, UseRequest(), now=NOW) == Verdict("NOT_FOUND")
    assert store.calls == Counter()


def test_valid_key_without_a_profile_costs_one_call() -> None:
    store = _store()

    assert store.verifier().verify(TEXT, UseRequest(READ), now=NOW).valid
    assert store.calls == Counter(record_use=1)


def test_key_with_a_profile_costs_two_calls_once_it_is_remembered() -> None:
    key, store = _with_profile()
    verifier = store.verifier()

    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid
    assert store.calls == Counter(record_use=2, find=1)
    store.calls.clear()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid
    assert store.calls == Counter(record_use=1, find=1)


def test_number_of_remembered_profiles_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MAX_REMEMBERED_KEYS", 2)
    store = _store(KEY, profile(1))
    verifier = store.verifier()
    for number in range(10, 15):
        key = store.put(api_key(number, profile_id=profile(1).id))
        store.put(key, hash_key_text(key_text(key)))
        assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid
        assert len(verifier.remembered) <= 2


def test_profile_of_a_key_is_not_read_for_a_wrong_secret() -> None:
    key, store = _with_profile()

    assert store.verifier().verify(key_text(key, 2), UseRequest(READ), now=NOW) == Verdict("NOT_FOUND")
    assert store.calls == Counter(record_use=1)


@pytest.mark.parametrize("text", [key_text(KEY, 2), key_text(api_key(2)), "sk_live_from_another_system"])
def test_well_formed_text_of_no_key_costs_one_call(text: str) -> None:
    store = _store()

    assert store.verifier().verify(text, UseRequest(), now=NOW) == Verdict("NOT_FOUND")
    assert store.calls == Counter(record_use=1)


def test_refusal_is_counted_once() -> None:
    store = _store(replace(KEY, stored_status="revoked"))

    assert store.verifier().verify(TEXT, UseRequest(), now=NOW).code == "REVOKED"
    assert store.calls == Counter(record_use=1, count_refusal=1)
    assert store.refusals == [(KEY.id, "REVOKED")]


def test_text_without_a_valid_secret_is_not_counted_as_a_refusal() -> None:
    """Otherwise a caller that knows only the key id could fill the key's usage with refusals."""
    store = _store()
    for text in (*MALFORMED, key_text(KEY, 2), key_text(api_key(2))):
        store.verifier().verify(text, UseRequest(), now=NOW)

    assert store.refusals == []


def test_invalid_ip_address_raises_an_error_before_any_call() -> None:
    store = _store()

    with pytest.raises(ValueError, match="address"):
        store.verifier().verify(TEXT, UseRequest(ip_address="anywhere"), now=NOW)
    assert store.calls == Counter()


# ---- The query to the store ----


def test_store_gets_id_hash_scopes_cost_and_address_in_one_query() -> None:
    uses = _scripted(KEY)

    uses.verifier().verify(TEXT, UseRequest(READ, 5, "203.0.113.9"), now=NOW)

    assert uses.query == KeyQuery(KEY.id, hash_key_text(TEXT), NOW, READ, 5, address_bytes("203.0.113.9"))


def test_imported_key_text_is_looked_up_by_the_id_derived_from_its_hash() -> None:
    text, uses = "sk_live_from_another_system", _scripted(None)

    uses.verifier().verify(text, UseRequest(), now=NOW)

    assert uses.query == KeyQuery(imported_key_id(hash_key_text(text)), hash_key_text(text), NOW)


def test_repr_of_a_query_does_not_show_the_hash() -> None:
    assert repr(hash_key_text(TEXT)) not in repr(KeyQuery(KEY.id, hash_key_text(TEXT), NOW))


# ---- The verdict from the store's response ----


def test_accepted_key_is_valid_and_has_its_grants() -> None:
    verdict = _verdict(KEY)

    assert verdict == Verdict("VALID", KEY, Grants.of(["orders:read"]))
    assert verdict.valid


def test_missing_key_is_not_found() -> None:
    assert _verdict(None) == Verdict("NOT_FOUND")


@pytest.mark.parametrize("status", ["active", "revoked", "disabled", "expired"])
def test_wrong_secret_is_not_found_whatever_the_keys_status(status: Status) -> None:
    key = api_key(stored_status=status, expires_at=NOW - SECOND)

    assert _verdict(Refusal(key, "unknown", NOW - SECOND)) == Verdict("NOT_FOUND")


@pytest.mark.parametrize(("status", "code"), [("revoked", "REVOKED"), ("disabled", "DISABLED"), ("expired", "EXPIRED")])
@pytest.mark.parametrize("secret", ["current", "previous"])
def test_holder_of_a_secret_gets_the_reason_for_the_end_of_the_key(
    status: Status, code: Code, secret: Literal["current", "previous"]
) -> None:
    key = api_key(stored_status=status)

    assert _verdict(Refusal(key, secret, NOW + SECOND)) == Verdict(code, key)


def test_key_past_its_expiry_is_expired_before_the_scheduled_job_runs() -> None:
    assert _verdict(Refusal(api_key(expires_at=NOW), "current", None)).code == "EXPIRED"


def test_previous_secret_is_expired_at_the_end_of_its_grace_period() -> None:
    assert _verdict(Refusal(KEY, "previous", NOW)).code == "EXPIRED"


def test_previous_secret_in_its_grace_period_lacks_only_the_scope() -> None:
    assert _verdict(Refusal(KEY, "previous", NOW + MILLISECOND)).code == "INSUFFICIENT_SCOPE"


def test_missing_scope_is_refused_with_the_granted_scopes() -> None:
    verdict = _verdict(Refusal(KEY, "current", None))

    assert verdict == Verdict("INSUFFICIENT_SCOPE", KEY, Grants.of(["orders:read"]))


def test_refusal_without_a_reason_is_not_found() -> None:
    """A use that the store refused stays refused, even if no reason can be found."""
    assert _verdict(Refusal(KEY, "current", None), UseRequest(READ)) == Verdict("NOT_FOUND")


def test_only_the_code_valid_is_valid() -> None:
    codes: tuple[Code, ...] = (
        "NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE", "IP_NOT_ALLOWED", "RATE_LIMITED",
        "USAGE_EXCEEDED",
    )  # fmt: skip

    assert [code for code in codes if Verdict(code).valid] == []


# ---- Order of the reasons ----

ALL_AT_ONCE: dict[str, Any] = {
    "scopes": (),
    "ip_allow_list": ("198.51.100.0/24",),
    "rate_limit": RateLimit(1, 60, 1),
    "rate_full_at_micros": to_micros(NOW + 60 * SECOND),
    "credits": Credits(0),
}
IN_ORDER: list[tuple[Code, dict[str, Any]]] = [
    ("REVOKED", {"stored_status": "revoked", "expires_at": NOW}),
    ("DISABLED", {"stored_status": "disabled", "expires_at": NOW}),
    ("EXPIRED", {"expires_at": NOW}),
    ("INSUFFICIENT_SCOPE", {}),
    ("IP_NOT_ALLOWED", {"scopes": ("orders:write",)}),
    ("RATE_LIMITED", {"scopes": ("orders:write",), "ip_allow_list": ()}),
    ("USAGE_EXCEEDED", {"scopes": ("orders:write",), "ip_allow_list": (), "rate_limit": None}),
]


def _reason(key: ApiKey, required: Requirement = WRITE, *, cost: int = 1, ip: str | None = None) -> Obstacle | None:
    address = None if ip is None else address_bytes(ip)
    return reason(Refusal(key, "current", None), KeyQuery(key.id, hash_key_text(TEXT), NOW, required, cost, address))


@pytest.mark.parametrize(("code", "changes"), IN_ORDER)
def test_longest_lasting_reason_is_reported(code: Code, changes: dict[str, Any]) -> None:
    assert _reason(api_key(**ALL_AT_ONCE | changes), ip="203.0.113.9") == code


def test_use_within_all_limits_has_no_reason_for_refusal() -> None:
    key = api_key(
        scopes=("orders:*",),
        expires_at=NOW + MILLISECOND,
        ip_allow_list=("203.0.113.9",),
        rate_limit=RateLimit(1, 60, 1),
        rate_full_at_micros=to_micros(NOW),
        credits=Credits(3),
    )

    assert _reason(key, cost=3, ip="203.0.113.9") is None


@pytest.mark.parametrize(
    ("ip", "code"),
    [
        ("203.0.113.255", None),
        ("203.0.114.0", "IP_NOT_ALLOWED"),
        ("::ffff:203.0.113.0", None),
        (None, "IP_NOT_ALLOWED"),
    ],
)
def test_key_with_an_allow_list_works_only_from_its_addresses(ip: str | None, code: Code | None) -> None:
    """A use without an address is refused. Otherwise a caller could bypass the list."""
    assert _reason(api_key(ip_allow_list=("203.0.113.0/24",)), all_of([]), ip=ip) == code


@pytest.mark.parametrize(("cost", "code"), [(0, None), (3, None), (4, "USAGE_EXCEEDED")])
def test_all_credits_can_be_spent(cost: int, code: Code | None) -> None:
    assert _reason(api_key(credits=Credits(3)), all_of([]), cost=cost) == code


def test_due_refill_counts_as_available_credits() -> None:
    refill = Refill(5, "daily")

    assert _reason(api_key(credits=Credits(0, refill, NOW)), all_of([]), cost=5) is None
    assert _reason(api_key(credits=Credits(0, refill, NOW)), all_of([]), cost=6) == "USAGE_EXCEEDED"
    assert _reason(api_key(credits=Credits(0, refill, NOW + MILLISECOND)), all_of([])) == "USAGE_EXCEEDED"


def test_rate_limit_ends_at_the_reported_time() -> None:
    limited = api_key(rate_limit=RateLimit(1, 60, 1), rate_full_at_micros=to_micros(NOW) + 1)

    assert _reason(limited, all_of([])) == "RATE_LIMITED"
    assert _reason(replace(limited, rate_full_at_micros=to_micros(NOW)), all_of([])) is None


@pytest.mark.parametrize(
    ("required", "code"),
    [
        (Joined("and", (Scope("orders:read"), Scope("orders:write"))), "INSUFFICIENT_SCOPE"),
        (Joined("or", (Scope("orders:read"), Scope("orders:write"))), None),
        (Scope("orders:write", held=False), None),
        (Scope("orders:read", held=False), "INSUFFICIENT_SCOPE"),
    ],
    ids=["and", "or", "not a missing scope", "not a granted scope"],
)
def test_required_scopes_combine_with_and_or_and_not(required: Requirement, code: Code | None) -> None:
    assert _reason(KEY, required) == code


# ---- Profiles ----


def test_profile_adds_scopes_to_its_keys() -> None:
    key, store = _with_profile(scopes=())

    verdict = store.verifier().verify(key_text(key), UseRequest(READ), now=NOW)

    assert verdict.valid
    assert verdict.grants.may("orders:read")
    assert not verdict.grants.may("orders:write")


def test_denial_wins_over_the_own_scopes_and_consumes_nothing() -> None:
    key, store = _with_profile(rate_limit=RateLimit(10, 60, 10), credits=Credits(7))

    verdict = store.verifier().verify(key_text(key), UseRequest(WRITE, cost=3), now=NOW)

    assert verdict.code == "INSUFFICIENT_SCOPE"
    assert verdict.key is not None
    assert verdict.grants == profile(1).grants_for(key.scopes)
    assert store.calls == Counter(record_use=2, find=1, count_refusal=1)
    assert store.refusals == [(key.id, "INSUFFICIENT_SCOPE")]
    assert store.rows[key.id].key == key


def test_change_of_a_profile_applies_to_the_next_verification() -> None:
    key, store = _with_profile()
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid

    store.put_profile(profile(1, rules=()))

    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == "INSUFFICIENT_SCOPE"


@pytest.mark.parametrize("to", [None, 2], ids=["no profile", "another profile"])
def test_change_of_the_keys_profile_applies_to_the_next_verification(to: int | None) -> None:
    key, store = _with_profile(scopes=())
    strict = store.put_profile(profile(2, rules=()))
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid

    store.rows[key.id].key = replace(store.rows[key.id].key, profile_id=None if to is None else strict.id)

    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == "INSUFFICIENT_SCOPE"
    assert verifier.verify(key_text(key), UseRequest(), now=NOW).valid


def test_profile_that_changes_between_all_writes_is_a_dependency_error() -> None:
    key, store = _with_profile()

    class Restless(KeysInMemory):
        def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
            other = UUID(int=1) if query.sources.profile_id is None else None
            return (
                Refusal(replace(key, profile_id=other or key.profile_id), "current", None)
                if other
                else Refusal(replace(key, profile_id=None), "current", None)
            )

    restless = Restless(known_profiles=store.known_profiles)
    with pytest.raises(DependencyUnavailableError):
        restless.verifier().verify(key_text(key), UseRequest(READ), now=NOW)


@pytest.mark.parametrize("required", [all_of([]), WRITE, Scope("orders:write", held=False)])
def test_key_with_a_missing_profile_has_no_rights(required: Requirement) -> None:
    """Not even the key's own scopes count, because the profile could have denied them."""
    key = api_key(scopes=("orders:write",), profile_id=UUID(int=5))
    store = _store(key)

    verdict = store.verifier().verify(key_text(key), UseRequest(required), now=NOW)

    assert (verdict.code, verdict.grants) == ("INSUFFICIENT_SCOPE", NO_GRANTS)
    assert store.rows[key.id].key.request_count_at(NOW) == 0


def test_profile_of_another_account_counts_as_missing() -> None:
    others = profile(1, account_id="acct_2")
    key = api_key(profile_id=others.id)
    store = _store(key, others)

    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).code == "INSUFFICIENT_SCOPE"


def test_inactive_key_is_refused_before_its_profile_is_read() -> None:
    key, store = _with_profile(stored_status="disabled")

    assert store.verifier().verify(key_text(key), UseRequest(WRITE), now=NOW).code == "DISABLED"
    assert store.calls == Counter(record_use=1, count_refusal=1)


def test_failed_read_of_the_profile_raises_a_dependency_error() -> None:
    class Gone(KeysInMemory):
        def find(self, account_id: str, profile_id: UUID) -> Profile | None:
            raise DependencyUnavailableError("get_item: gone")

    key = api_key(scopes=("orders:read",), profile_id=UUID(int=5))
    store = Gone()
    store.put(key, hash_key_text(key_text(key)))

    with pytest.raises(DependencyUnavailableError):
        store.verifier().verify(key_text(key), UseRequest(READ), now=NOW)
    assert store.get(key.account_id, key.id) == key


# ---- Remaining uses in the verdict ----


def test_verdict_shows_the_remaining_limits_after_the_use() -> None:
    key = api_key(rate_limit=RateLimit(60, 60, 2), credits=Credits(10))
    verdict = _store(key).verifier().verify(key_text(key), UseRequest(cost=4), now=NOW)

    assert verdict.key is not None
    assert verdict.key.rate is not None
    assert (verdict.key.credits, verdict.key.rate.remaining(NOW)) == (Credits(6), 1)
    assert verdict.key.daily_requests == {DAY: 1}


# ---- The last credit ----


def test_use_that_spends_the_last_credit_reports_the_limit_once() -> None:
    key = api_key(credits=Credits(5))
    store = _store(key)
    verifier = store.verifier()

    assert verifier.verify(key_text(key), UseRequest(cost=6), now=NOW).code == "USAGE_EXCEEDED"
    assert verifier.verify(key_text(key), UseRequest(cost=4), now=NOW).valid
    assert verifier.verify(key_text(key), UseRequest(cost=2), now=NOW).code == "USAGE_EXCEEDED"
    assert store.calls["limit_reached"] == 0
    assert verifier.verify(key_text(key), UseRequest(cost=1), now=NOW).valid
    assert store.calls["limit_reached"] == 1
    assert verifier.verify(key_text(key), UseRequest(cost=1), now=NOW).code == "USAGE_EXCEEDED"
    assert verifier.verify(key_text(key), UseRequest(cost=0), now=NOW).valid
    assert store.calls["limit_reached"] == 1


def test_refusal_reports_a_limit_whose_report_was_lost() -> None:
    key = api_key(credits=Credits(0))
    store = _store(key)

    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).code == "USAGE_EXCEEDED"
    assert store.calls["limit_reached"] == 1


# ---- Proof of possession of a secret ----


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"stored_status": "disabled"}, {"stored_status": "expired"}, {"expires_at": NOW}, {"credits": Credits(0)},
        {"ip_allow_list": ("198.51.100.1/32",)}, {"profile_id": UUID(int=5)},
    ],
    ids=str,
)  # fmt: skip
def test_possession_does_not_depend_on_the_keys_limits_or_status(changes: dict[str, Any]) -> None:
    store = _store(replace(KEY, **changes))

    assert store.verifier().holds_secret(TEXT, now=NOW) == replace(KEY, **changes)
    assert store.calls == Counter(look_up=1)


def test_secret_of_a_revoked_key_proves_nothing() -> None:
    assert _store(replace(KEY, stored_status="revoked")).verifier().holds_secret(TEXT, now=NOW) is None


@pytest.mark.parametrize("text", [*MALFORMED, key_text(KEY, 2), key_text(api_key(2)), "sk_live_from_another_system"])
def test_another_text_proves_nothing(text: str) -> None:
    assert _store().verifier().holds_secret(text, now=NOW) is None


def test_previous_secret_proves_possession_until_its_grace_period_ends() -> None:
    store = _store()
    store.rows[KEY.id].previous = hash_key_text(key_text(KEY, 2))
    store.rows[KEY.id].previous_until = NOW + timedelta(seconds=5)
    verifier = store.verifier()

    assert verifier.holds_secret(key_text(KEY, 2), now=NOW + 5 * SECOND - MILLISECOND) == KEY
    assert verifier.holds_secret(key_text(KEY, 2), now=NOW + 5 * SECOND) is None


# ---- Keys that follow their owner ----


def _following(owner: Grants | None = None, **settings: Any) -> tuple[ApiKey, KeysInMemory]:
    """Return a key that follows its owner "zoe", and its store. Without `owner`, zoe is not a member."""
    key = api_key(**{"scopes": ("orders:*",), "other_owner_id": "zoe", "follows_owner": True, **settings})
    store = _store(key, profile(1))
    if owner is not None:
        store.known_owners[key.account_id, "zoe"] = owner
    return key, store


def test_key_that_follows_its_owner_grants_the_common_rights() -> None:
    key, store = _following(Grants.of(["*"], ["orders:write"]))
    verifier = store.verifier()

    verdict = verifier.verify(key_text(key), UseRequest(READ), now=NOW)
    assert (verdict.code, verdict.grants) == ("VALID", Grants.of(["orders:*"], ["orders:write"]))
    assert verifier.verify(key_text(key), UseRequest(WRITE), now=NOW).code == "INSUFFICIENT_SCOPE"
    assert verifier.verify(key_text(key), UseRequest(all_of(["laps:read"])), now=NOW).code == "INSUFFICIENT_SCOPE"
    assert verifier.verify(key_text(key), UseRequest(Scope("orders:write", held=False)), now=NOW).valid


def test_owner_without_the_scope_is_not_replaced_by_the_keys_profile() -> None:
    key, store = _following(Grants.of(["orders:write"]), profile_id=profile(1).id)

    assert store.verifier().verify(key_text(key), UseRequest(READ), now=NOW).code == "INSUFFICIENT_SCOPE"


def test_key_of_an_inactive_owner_is_refused_and_spends_nothing() -> None:
    key, store = _following(credits=Credits(5), profile_id=profile(1).id)

    verdict = store.verifier().verify(key_text(key), UseRequest(), now=NOW)

    assert (verdict.code, verdict.grants) == ("OWNER_INACTIVE", NO_GRANTS)
    assert store.rows[key.id].key == key
    assert store.refusals == [(key.id, "OWNER_INACTIVE")]


@pytest.mark.parametrize("status", ["revoked", "disabled"])
def test_inactive_key_is_reported_before_its_inactive_owner(status: Any) -> None:
    key, store = _following(stored_status=status)
    verifier = store.verifier()

    codes = [verifier.verify(key_text(key), UseRequest(), now=NOW).code for _ in range(2)]
    assert codes == [status.upper()] * 2


@pytest.mark.parametrize("profile_id", [None, profile(1).id], ids=["no profile", "profile"])
def test_key_that_follows_its_owner_costs_two_calls_when_remembered(profile_id: UUID | None) -> None:
    key, store = _following(Grants.of(["*"]), profile_id=profile_id)
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(), now=NOW).valid
    store.calls.clear()

    assert verifier.verify(key_text(key), UseRequest(), now=NOW).valid
    assert store.calls == Counter(record_use=1, rights=1)


def test_change_of_the_owners_rights_applies_to_the_next_verification() -> None:
    key, store = _following(Grants.of(["*"]))
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid

    store.known_owners[key.account_id, "zoe"] = Grants.of(["laps:*"])
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == "INSUFFICIENT_SCOPE"
    del store.known_owners[key.account_id, "zoe"]
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == "OWNER_INACTIVE"


@pytest.mark.parametrize("change", [{"other_owner_id": "yan"}, {"follows_owner": True}])
def test_change_of_the_followed_owner_applies_to_the_next_verification(change: Any) -> None:
    key, store = _following(Grants.of(["*"]), follows_owner="follows_owner" not in change)
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid

    store.known_owners = {(key.account_id, "yan"): Grants.of(["laps:*"])}
    store.rows[key.id].key = replace(store.rows[key.id].key, **change)

    refused = "INSUFFICIENT_SCOPE" if "other_owner_id" in change else "OWNER_INACTIVE"
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == refused


# ---- The account that a use needs ----


def test_use_in_another_account_is_refused_and_spends_nothing() -> None:
    key = api_key(credits=Credits(5))
    store = _store(key)

    verdict = store.verifier().verify(key_text(key), UseRequest(InAccount("acct_2")), now=NOW)

    assert verdict.code == "INSUFFICIENT_SCOPE"
    assert store.rows[key.id].key == key
    assert store.verifier().verify(key_text(key), UseRequest(InAccount(key.account_id)), now=NOW).valid
