"""The verdict on a key's text: what the store is asked and how often, and how its no is read."""

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
from latchhook.permissions.requirements import Joined, Requirement, Scope, all_of
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
    """A key that may do what it lists and what the profile allows, less orders:write, in its store."""
    limits = profile(1)
    settings: dict[str, Any] = {"scopes": ("orders:write", "products:read"), "profile_id": limits.id}
    key = api_key(**settings | changes)
    return key, _store(key, limits)


class ScriptedUses(KeysInMemory):
    """A store whose write gives one answer to every question, and keeps the questions."""

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


# ---- How often the store is called ----


@pytest.mark.parametrize("text", MALFORMED)
def test_what_cannot_be_a_key_costs_no_call(text: str) -> None:
    store = _store()

    assert store.verifier().verify(text, UseRequest(), now=NOW) == Verdict("NOT_FOUND")
    assert store.calls == Counter()


def test_a_good_key_without_a_profile_costs_one_call() -> None:
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


def test_profiles_of_keys_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MAX_REMEMBERED_PROFILES", 2)
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
def test_a_text_that_could_be_a_key_and_is_none_costs_one_call(text: str) -> None:
    store = _store()

    assert store.verifier().verify(text, UseRequest(), now=NOW) == Verdict("NOT_FOUND")
    assert store.calls == Counter(record_use=1)


def test_a_refusal_is_counted_once() -> None:
    store = _store(replace(KEY, stored_status="revoked"))

    assert store.verifier().verify(TEXT, UseRequest(), now=NOW).code == "REVOKED"
    assert store.calls == Counter(record_use=1, count_refusal=1)
    assert store.refusals == [(KEY.id, "REVOKED")]


def test_what_nobody_holds_a_secret_of_is_not_counted_as_refused() -> None:
    """Otherwise whoever reads an id in a list could fill the key's usage with refusals."""
    store = _store()
    for text in (*MALFORMED, key_text(KEY, 2), key_text(api_key(2))):
        store.verifier().verify(text, UseRequest(), now=NOW)

    assert store.refusals == []


def test_an_address_that_is_none_is_an_error_before_any_call() -> None:
    store = _store()

    with pytest.raises(ValueError, match="address"):
        store.verifier().verify(TEXT, UseRequest(ip_address="anywhere"), now=NOW)
    assert store.calls == Counter()


# ---- What the store is asked ----


def test_the_store_is_asked_for_id_hash_scopes_cost_and_address_at_once() -> None:
    uses = _scripted(KEY)

    uses.verifier().verify(TEXT, UseRequest(READ, 5, "203.0.113.9"), now=NOW)

    assert uses.query == KeyQuery(KEY.id, hash_key_text(TEXT), NOW, READ, 5, address_bytes("203.0.113.9"))


def test_a_text_from_elsewhere_is_asked_for_by_the_id_that_its_hash_gives() -> None:
    text, uses = "sk_live_from_another_system", _scripted(None)

    uses.verifier().verify(text, UseRequest(), now=NOW)

    assert uses.query == KeyQuery(imported_key_id(hash_key_text(text)), hash_key_text(text), NOW)


def test_a_question_does_not_show_the_hash() -> None:
    assert repr(hash_key_text(TEXT)) not in repr(KeyQuery(KEY.id, hash_key_text(TEXT), NOW))


# ---- How the answer is read ----


def test_a_key_that_the_store_accepts_is_valid_with_what_it_may_do() -> None:
    verdict = _verdict(KEY)

    assert verdict == Verdict("VALID", KEY, Grants.of(["orders:read"]))
    assert verdict.valid


def test_a_key_that_is_not_there_is_not_found() -> None:
    assert _verdict(None) == Verdict("NOT_FOUND")


@pytest.mark.parametrize("status", ["active", "revoked", "disabled", "expired"])
def test_whoever_does_not_know_the_secret_hears_nothing_of_the_key(status: Status) -> None:
    key = api_key(stored_status=status, expires_at=NOW - SECOND)

    assert _verdict(Refusal(key, "unknown", NOW - SECOND)) == Verdict("NOT_FOUND")


@pytest.mark.parametrize(("status", "code"), [("revoked", "REVOKED"), ("disabled", "DISABLED"), ("expired", "EXPIRED")])
@pytest.mark.parametrize("secret", ["current", "previous"])
def test_a_keys_end_is_told_to_whoever_knows_a_secret_of_it(
    status: Status, code: Code, secret: Literal["current", "previous"]
) -> None:
    key = api_key(stored_status=status)

    assert _verdict(Refusal(key, secret, NOW + SECOND)) == Verdict(code, key)


def test_a_key_that_the_sweep_has_not_seen_yet_is_expired() -> None:
    assert _verdict(Refusal(api_key(expires_at=NOW), "current", None)).code == "EXPIRED"


def test_a_previous_secret_is_expired_from_the_moment_its_grace_ends() -> None:
    assert _verdict(Refusal(KEY, "previous", NOW)).code == "EXPIRED"


def test_a_previous_secret_in_its_grace_lacks_only_the_scope() -> None:
    assert _verdict(Refusal(KEY, "previous", NOW + MILLISECOND)).code == "INSUFFICIENT_SCOPE"


def test_who_lacks_a_scope_is_told_which_there_are() -> None:
    verdict = _verdict(Refusal(KEY, "current", None))

    assert verdict == Verdict("INSUFFICIENT_SCOPE", KEY, Grants.of(["orders:read"]))


def test_a_refusal_without_a_reason_is_not_found() -> None:
    """What the store refuses stays refused, whatever the reading of it finds."""
    assert _verdict(Refusal(KEY, "current", None), UseRequest(READ)) == Verdict("NOT_FOUND")


def test_only_valid_is_valid() -> None:
    codes: tuple[Code, ...] = (
        "NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE", "IP_NOT_ALLOWED", "RATE_LIMITED",
        "USAGE_EXCEEDED",
    )  # fmt: skip

    assert [code for code in codes if Verdict(code).valid] == []


# ---- Why, in which order ----

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
def test_of_several_reasons_the_one_that_lasts_longest_is_told(code: Code, changes: dict[str, Any]) -> None:
    assert _reason(api_key(**ALL_AT_ONCE | changes), ip="203.0.113.9") == code


def test_there_is_no_reason_to_refuse_what_is_in_every_limit() -> None:
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
def test_a_key_with_an_allow_list_is_used_from_there_only(ip: str | None, code: Code | None) -> None:
    """Whoever does not say where a use comes from is refused: the list would be worth nothing."""
    assert _reason(api_key(ip_allow_list=("203.0.113.0/24",)), all_of([]), ip=ip) == code


@pytest.mark.parametrize(("cost", "code"), [(0, None), (3, None), (4, "USAGE_EXCEEDED")])
def test_credits_are_spent_to_the_last(cost: int, code: Code | None) -> None:
    assert _reason(api_key(credits=Credits(3)), all_of([]), cost=cost) == code


def test_credits_that_are_due_for_a_refill_are_there() -> None:
    refill = Refill(5, "daily")

    assert _reason(api_key(credits=Credits(0, refill, NOW)), all_of([]), cost=5) is None
    assert _reason(api_key(credits=Credits(0, refill, NOW)), all_of([]), cost=6) == "USAGE_EXCEEDED"
    assert _reason(api_key(credits=Credits(0, refill, NOW + MILLISECOND)), all_of([])) == "USAGE_EXCEEDED"


def test_a_rate_limit_that_is_reached_is_over_at_the_very_moment_it_says() -> None:
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
    ids=["and", "or", "not what is lacking", "not what is held"],
)
def test_scopes_are_required_by_and_or_and_not(required: Requirement, code: Code | None) -> None:
    assert _reason(KEY, required) == code


# ---- Profiles ----


def test_a_profile_widens_what_its_keys_may_do() -> None:
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


def test_a_profiles_change_binds_on_the_next_verification() -> None:
    key, store = _with_profile()
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid

    store.put_profile(profile(1, rules=()))

    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == "INSUFFICIENT_SCOPE"


@pytest.mark.parametrize("to", [None, 2], ids=["no profile", "another profile"])
def test_change_of_the_keys_profile_binds_on_the_next_verification(to: int | None) -> None:
    key, store = _with_profile(scopes=())
    strict = store.put_profile(profile(2, rules=()))
    verifier = store.verifier()
    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).valid

    store.rows[key.id].key = replace(store.rows[key.id].key, profile_id=None if to is None else strict.id)

    assert verifier.verify(key_text(key), UseRequest(READ), now=NOW).code == "INSUFFICIENT_SCOPE"
    assert verifier.verify(key_text(key), UseRequest(), now=NOW).valid


def test_profile_that_changes_between_all_writes_is_an_outage() -> None:
    key, store = _with_profile()

    class Restless(KeysInMemory):
        def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
            other = UUID(int=1) if query.profile_id is None else None
            return (
                Refusal(replace(key, profile_id=other or key.profile_id), "current", None)
                if other
                else Refusal(replace(key, profile_id=None), "current", None)
            )

    restless = Restless(known_profiles=store.known_profiles)
    with pytest.raises(DependencyUnavailableError):
        restless.verifier().verify(key_text(key), UseRequest(READ), now=NOW)


@pytest.mark.parametrize("required", [all_of([]), WRITE, Scope("orders:write", held=False)])
def test_a_key_whose_profile_is_missing_may_do_nothing(required: Requirement) -> None:
    """Not even what its own scopes say: the profile could have denied it."""
    key = api_key(scopes=("orders:write",), profile_id=UUID(int=5))
    store = _store(key)

    verdict = store.verifier().verify(key_text(key), UseRequest(required), now=NOW)

    assert (verdict.code, verdict.grants) == ("INSUFFICIENT_SCOPE", NO_GRANTS)
    assert store.rows[key.id].key.request_count_at(NOW) == 0


def test_another_accounts_profile_is_missing() -> None:
    others = profile(1, account_id="acct_2")
    key = api_key(profile_id=others.id)
    store = _store(key, others)

    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).code == "INSUFFICIENT_SCOPE"


def test_key_that_is_not_active_is_refused_before_its_profile_is_read() -> None:
    key, store = _with_profile(stored_status="disabled")

    assert store.verifier().verify(key_text(key), UseRequest(WRITE), now=NOW).code == "DISABLED"
    assert store.calls == Counter(record_use=1, count_refusal=1)


def test_an_outage_of_the_profiles_is_an_outage_and_no_verdict() -> None:
    class Gone(KeysInMemory):
        def find(self, account_id: str, profile_id: UUID) -> Profile | None:
            raise DependencyUnavailableError("get_item: gone")

    key = api_key(scopes=("orders:read",), profile_id=UUID(int=5))
    store = Gone()
    store.put(key, hash_key_text(key_text(key)))

    with pytest.raises(DependencyUnavailableError):
        store.verifier().verify(key_text(key), UseRequest(READ), now=NOW)
    assert store.get(key.account_id, key.id) == key


# ---- Uses, as the verdict shows them ----


def test_a_verdict_shows_what_is_left_after_the_use() -> None:
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


# ---- Whose secret it is, and nothing else ----


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"stored_status": "disabled"}, {"stored_status": "expired"}, {"expires_at": NOW}, {"credits": Credits(0)},
        {"ip_allow_list": ("198.51.100.1/32",)}, {"profile_id": UUID(int=5)},
    ],
    ids=str,
)  # fmt: skip
def test_a_secret_is_held_whatever_its_key_may_be_used_for(changes: dict[str, Any]) -> None:
    store = _store(replace(KEY, **changes))

    assert store.verifier().holds_secret(TEXT, now=NOW) == replace(KEY, **changes)
    assert store.calls == Counter(look_up=1)


def test_nobody_holds_the_secret_of_a_revoked_key() -> None:
    assert _store(replace(KEY, stored_status="revoked")).verifier().holds_secret(TEXT, now=NOW) is None


@pytest.mark.parametrize("text", [*MALFORMED, key_text(KEY, 2), key_text(api_key(2)), "sk_live_from_another_system"])
def test_another_text_is_no_keys_secret(text: str) -> None:
    assert _store().verifier().holds_secret(text, now=NOW) is None


def test_a_previous_secret_is_held_until_its_grace_ends() -> None:
    store = _store()
    store.rows[KEY.id].previous = hash_key_text(key_text(KEY, 2))
    store.rows[KEY.id].previous_until = NOW + timedelta(seconds=5)
    verifier = store.verifier()

    assert verifier.holds_secret(key_text(KEY, 2), now=NOW + 5 * SECOND - MILLISECOND) == KEY
    assert verifier.holds_secret(key_text(KEY, 2), now=NOW + 5 * SECOND) is None
