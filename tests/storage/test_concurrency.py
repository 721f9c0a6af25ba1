"""Concurrent callers on Amazon's DynamoDB Local."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.bulk_revocation import BulkRevoker, Filter
from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import ApiKeyRevokedError, KeyChangedError
from latchhook.api_keys.importing import MAX_KEYS, ImportedKey, KeyImporter
from latchhook.api_keys.issuing import KeyIssuer
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.verification import Code
from latchhook.audit import AuditEntry, new_entry
from latchhook.clock import utc_now
from latchhook.idempotency_records import AlreadyCompletedError, IdempotencyKey
from latchhook.members.member import Member
from latchhook.permissions.profiles import Profile, Rule
from latchhook.rates import RateLimit, to_micros
from latchhook.webhooks.attempts import MadeAttempt
from tests.samples import (
    ACCOUNT,
    CATALOGUE,
    MILLISECOND,
    NOW,
    PREFIX,
    SECOND,
    api_key,
    attempt,
    entry,
    event,
    origin,
    profile,
)
from tests.storage.conftest import Store
from tests.storage.keys import actions, add, add_many, change, query, revoke, rotate, verify
from tests.template_tables import API_KEYS

RNG = Random(7)


def _code(store: Store, text: str, *scopes: str) -> Code:
    return verify(store, text, *scopes, now=utc_now()).code


def _issuer(store: Store) -> KeyIssuer:
    return KeyIssuer(store.keys, lambda: store.profiles, lambda: store.owners, PREFIX, CATALOGUE, 300, RNG)


def _profile(store: Store, number: int = 1) -> Profile:
    made = profile(number, rules=(Rule("allow", ("orders:*",)),))
    store.profiles.add(made, entry(action="permission_profile.created", seed=500 + number))
    return made


def _key_count(store: Store, of: Profile) -> int:
    return store.profiles.get(ACCOUNT, of.id).key_count


# ---- A key that is revoked or restricted while it is used ----


def _revoke(store: Store, key: ApiKey) -> None:
    revoke(store, key, now=utc_now())


def _disable(store: Store, key: ApiKey) -> None:
    change(store, key, at=utc_now(), stored_status="disabled")


def _rotate(store: Store, key: ApiKey) -> None:
    rotate(store, key, secret=2, grace=timedelta(), now=utc_now())


def _revoke_all(store: Store, _: ApiKey) -> None:
    results, after = BulkRevoker(store.keys, RNG).run(Filter(), dry_run=False, after=None, origin=origin(at=utc_now()))
    assert (len(results), after) == (41, None)


def _deny(store: Store, key: ApiKey) -> None:
    assert key.profile_id is not None
    before = store.profiles.get(ACCOUNT, key.profile_id)
    after = replace(before, rules=(*before.rules, Rule("deny", ("orders:read",))), version=before.version + 1)
    store.profiles.replace(before, after, entry(action="permission_profile.updated", seed=77))


OWNER = Member(ACCOUNT, "zoe", "admin", None, None, None, 0, NOW, NOW)


def _owners_entry(action: str, seed: int = 78) -> AuditEntry:
    return replace(entry(action=action, seed=seed), target_id=OWNER.user_id)


def _remove_owner(store: Store, _: ApiKey) -> None:
    store.members.remove(OWNER, _owners_entry("member.removed"), keeps_an_admin=False)


def _demote_owner(store: Store, _: ApiKey) -> None:
    after = replace(OWNER, role="member", version=1)
    store.members.replace(OWNER, after, None, _owners_entry("member.updated"), keeps_an_admin=False)


@pytest.mark.parametrize(
    ("take_away", "code"),
    [
        (_remove_owner, "OWNER_INACTIVE"),
        (_demote_owner, "INSUFFICIENT_SCOPE"),
        (_revoke, "REVOKED"),
        (_disable, "DISABLED"),
        (_rotate, "EXPIRED"),
        (_revoke_all, "REVOKED"),
        (_deny, "INSUFFICIENT_SCOPE"),
    ],
    ids=[
        "owner removed",
        "owner demoted",
        "revoked",
        "disabled",
        "rotated",
        "revoked with all others",
        "denied by its profile",
    ],
)
def test_verification_started_after_a_revocation_is_never_accepted(
    store: Store, take_away: Callable[[Store, ApiKey], None], code: Code
) -> None:
    add_many(store, [api_key(1000 + number) for number in range(40)])
    made = _profile(store)
    store.members.add(OWNER, frozenset(), _owners_entry("member.created", seed=79))
    key = api_key(
        profile_id=made.id if take_away is _deny else None,
        scopes=("orders:read",),
        other_owner_id=OWNER.user_id,
        follows_owner=take_away in (_remove_owner, _demote_owner),
    )
    text = add(store, key)
    verified = threading.Semaphore(0)
    finish = threading.Event()

    def keep_verifying() -> list[tuple[float, Code]]:
        """Verify continuously. Return the start time and the code of each verification."""
        seen = []
        while not finish.is_set():
            begun = time.monotonic()
            seen.append((begun, _code(store, text, "orders:read")))
            verified.release()
        return seen

    with ThreadPoolExecutor(64) as threads:
        callers = [threads.submit(keep_verifying) for _ in range(64)]
        try:
            for _ in range(200):
                assert verified.acquire(timeout=60)
            take_away(store, key)
            taken = time.monotonic()
            while verified.acquire(blocking=False):
                pass
            # Each caller can still be in a verification that started earlier.
            for _ in range(64 + 200):
                assert verified.acquire(timeout=60)
        finally:
            finish.set()
        seen = [each for caller in callers for each in caller.result()]

    before = [was for begun, was in seen if begun < taken]
    after = [was for begun, was in seen if begun >= taken]
    assert "VALID" in before
    assert len(after) >= 200
    assert set(after) == {code}
    # Refused verifications were not counted.
    assert sum(store.keys.get(ACCOUNT, key.id).daily_requests.values()) == before.count("VALID")


# ---- Exact counts ----


def test_verifications_by_fifty_concurrent_callers_are_all_counted(store: Store) -> None:
    key = api_key()
    text = add(store, key)

    def verify_some(_: int) -> set[Code]:
        return {_code(store, text) for _ in range(40)}

    with ThreadPoolExecutor(50) as threads:
        codes = set().union(*threads.map(verify_some, range(50)))

    assert codes == {"VALID"}
    assert sum(store.keys.get(ACCOUNT, key.id).daily_requests.values()) == 2_000


def test_thousand_credits_are_spent_exactly_by_concurrent_callers(store: Store) -> None:
    key = api_key(credits=Credits(1_000))
    text = add(store, key)

    def spend(_: int) -> Counter[Code]:
        codes: Counter[Code] = Counter()
        while not codes["USAGE_EXCEEDED"]:
            codes[verify(store, text).code] += 1
        return codes

    with ThreadPoolExecutor(64) as threads:
        codes = sum(threads.map(spend, range(64)), Counter[Code]())

    assert codes == {"VALID": 1_000, "USAGE_EXCEEDED": 64}
    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.credits is not None
    assert (kept.credits.stored, kept.request_count_at(NOW)) == (0, 1_000)
    assert store.uses.usage(ACCOUNT, key.id).refused == {"20270315": {"USAGE_EXCEEDED": 64}}
    assert actions(store).count("api_key.limit_reached") == 1


@pytest.mark.parametrize("left", [0, 300], ids=["none left", "some left"])
def test_refill_during_concurrent_uses_is_added_once(store: Store, left: int) -> None:
    midnight = (NOW + timedelta(days=1)).replace(hour=0)
    key = api_key(credits=Credits(left, Refill(500, "daily"), midnight), rate_limit=RateLimit(1_000, 1, 1_000))
    text = add(store, key)

    def spend(number: int) -> Code:
        # The callers' clocks differ by some milliseconds.
        return verify(store, text, now=midnight + (number % 7) * MILLISECOND, cost=2).code

    with ThreadPoolExecutor(64) as threads:
        first = Counter(threads.map(spend, range(150)))
        assert first == {"VALID": 150}
        rest = Counter(threads.map(spend, range(160)))

    assert rest == {"VALID": 100, "USAGE_EXCEEDED": 60}


def test_last_credit_of_concurrent_uses_is_recorded_once(store: Store) -> None:
    key = api_key(credits=Credits(3))
    text = add(store, key)
    start = threading.Barrier(16)

    def use(_: int) -> Code:
        start.wait()
        return verify(store, text).code

    with ThreadPoolExecutor(16) as threads:
        codes = Counter(threads.map(use, range(16)))

    assert codes == {"VALID": 3, "USAGE_EXCEEDED": 13}
    assert actions(store).count("api_key.limit_reached") == 1
    assert store.uses.usage(ACCOUNT, key.id).refused == {"20270315": {"USAGE_EXCEEDED": 13}}


def test_uses_denied_by_the_profile_leave_counts_and_credits_exact(store: Store) -> None:
    made = _profile(store)
    limits = RateLimit(1_000, 1, 1_000)
    key = api_key(profile_id=made.id, credits=Credits(1_000), rate_limit=limits)
    text = add(store, key)

    def send_request(number: int) -> Code:
        return verify(store, text, "orders:read" if number % 2 else "products:read", cost=3).code

    with ThreadPoolExecutor(32) as threads:
        codes = Counter(threads.map(send_request, range(300)))

    assert codes == {"VALID": 150, "INSUFFICIENT_SCOPE": 150}
    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.credits is not None
    assert (kept.credits.stored, kept.request_count_at(NOW)) == (1_000 - 3 * 150, 150)
    assert kept.rate_full_at_micros == to_micros(NOW) + 150 * limits.step_micros


def test_denied_uses_never_consume_the_limits_of_permitted_uses(store: Store) -> None:
    """Permitted uses succeed up to the limit while eight callers try a denied scope."""
    made = _profile(store)
    text = add(store, api_key(profile_id=made.id, credits=Credits(3), rate_limit=RateLimit(3, 3600, 3)))
    finish = threading.Event()

    def keep_denied() -> Counter[Code]:
        seen: Counter[Code] = Counter()
        while not finish.is_set():
            seen[verify(store, text, "products:read").code] += 1
        return seen

    with ThreadPoolExecutor(8) as threads:
        denied = [threads.submit(keep_denied) for _ in range(8)]
        try:
            permitted = [verify(store, text, "orders:read").code for _ in range(3)]
        finally:
            finish.set()
        assert {code for each in denied for code in each.result()} <= {"INSUFFICIENT_SCOPE"}

    assert permitted == ["VALID"] * 3
    assert verify(store, text, "orders:read").code == "RATE_LIMITED"
    assert actions(store).count("api_key.limit_reached") == 1


def test_concurrent_late_counts_are_all_added(store: Store) -> None:
    key = api_key()
    add(store, key)

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda _: store.uses.add_uses(key.id, day="20270315", uses=25), range(10)))

    assert store.keys.get(ACCOUNT, key.id).request_count_at(NOW) == 250


# ---- Rate limits for calls that arrive out of order ----


def test_no_second_of_concurrent_uses_exceeds_limit_plus_burst(store: Store) -> None:
    limit = RateLimit(50, 1, 50)
    key = api_key(rate_limit=limit)
    add(store, key)
    # Two seconds with 250 calls each.
    clock = iter([NOW + timedelta(milliseconds=4 * number) for number in range(500)])

    def hammer(_: int) -> list[tuple[int, bool]]:
        """Return the time of each verification in microseconds, and whether it was accepted."""
        seen = []
        while now := next(clock, None):
            seen.append((to_micros(now), isinstance(store.uses.record_use(query(key, now=now)), ApiKey)))
        return seen

    with ThreadPoolExecutor(64) as threads:
        seen = sorted(each for some in threads.map(hammer, range(64)) for each in some)

    accepted = [at for at, good in seen if good]
    start = 0
    for end, at in enumerate(accepted):
        while at - accepted[start] > 1_000_000:
            start += 1
        assert end - start + 1 <= limit.limit + limit.burst
    assert len(accepted) < len(seen)
    # Up to the last refusal, the callers used at least 80 % of the limit.
    last = max(at for at, good in seen if not good)
    assert len(accepted) >= 0.8 * limit.limit * (last - accepted[0]) / 1_000_000


# ---- Changes while a key is used ----


def test_changes_during_concurrent_uses_leave_credits_exact(store: Store) -> None:
    key = api_key(credits=Credits(1_000), rate_limit=RateLimit(1_000, 1, 1_000))
    text = add(store, key)

    def rename(number: int) -> None:
        for _ in range(50):
            try:
                change(store, store.keys.get(ACCOUNT, key.id), name=f"name {number}")
            except KeyChangedError:
                continue
            return
        raise AssertionError("never changed")

    with ThreadPoolExecutor(16) as threads:
        changes = [threads.submit(rename, number) for number in range(8)]
        codes = Counter(threads.map(lambda _: verify(store, text, cost=2).code, range(300)))
        for changed in changes:
            changed.result()

    assert codes == {"VALID": 300}
    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.credits is not None
    assert (kept.credits.stored, kept.request_count_at(NOW), kept.version) == (400, 300, 8)


def test_only_one_of_concurrent_changes_to_the_same_version_succeeds(store: Store) -> None:
    key = api_key()
    add(store, key)
    start = threading.Barrier(8)

    def rename(number: int) -> bool:
        start.wait()
        try:
            change(store, key, name=f"name {number}")
        except KeyChangedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(rename, range(8))) == 1

    assert actions(store).count("api_key.updated") == 1


def test_concurrent_rotations_and_a_revocation_end_with_a_revoked_key(store: Store) -> None:
    issuer = _issuer(store)
    first = issuer.create(KeySettings(), origin(at=utc_now()))
    start = threading.Barrier(6)

    def rotate_it(_: int) -> str | None:
        start.wait()
        try:
            return issuer.rotate(first.key.id, grace_seconds=None, origin=origin(at=utc_now())).text
        except ApiKeyRevokedError:
            return None

    def revoke_it() -> None:
        start.wait()
        issuer.revoke(first.key.id, origin(at=utc_now()))

    with ThreadPoolExecutor(6) as threads:
        revocation = threads.submit(revoke_it)
        texts = [text for text in [first.text, *threads.map(rotate_it, range(5))] if text]
        revocation.result()

    assert {_code(store, text) for text in texts} <= {"REVOKED", "NOT_FOUND"}
    logged = Counter(actions(store))
    assert logged["api_key.rotated"] == len(texts) - 1
    assert logged["api_key.revoked"] == 1


def test_verifications_during_rotations_are_all_valid_and_counted(store: Store) -> None:
    issuer = _issuer(store)
    made = issuer.create(KeySettings(), origin(at=utc_now()))
    assert made.text is not None
    text = made.text

    def rotate_it() -> None:
        issuer.rotate(made.key.id, grace_seconds=3600, origin=origin(at=utc_now()))

    with ThreadPoolExecutor(20) as threads:
        rotation = threads.submit(rotate_it)
        codes = list(threads.map(lambda _: _code(store, text), range(300)))
        rotation.result()

    assert set(codes) == {"VALID"}
    assert sum(store.keys.get(ACCOUNT, made.key.id).daily_requests.values()) == 300


# ---- The keys of a profile ----


def test_keys_of_a_profile_are_counted_exactly_under_concurrent_changes(store: Store) -> None:
    one, another = _profile(store, 1), _profile(store, 2)
    keys = [api_key(number, profile_id=one.id) for number in range(1, 41)]
    new = [(key, hash_key_text(f"text {key.id}"), entry(seed=at)) for at, key in enumerate(keys)]

    def move(key: ApiKey, to: UUID | None) -> None:
        before = store.keys.get(ACCOUNT, key.id)
        try:
            if before.stored_status != "revoked":
                change(store, before, profile_id=to)
        except KeyChangedError:
            return

    def revoke_some(some: list[ApiKey]) -> None:
        entries = [(key, new_entry(origin(), "api_key.revoked", key.id, rng=RNG)) for key in some]
        store.keys.revoke_all(ACCOUNT, entries)

    with ThreadPoolExecutor(16) as threads:
        assert all(store.keys.add_all(ACCOUNT, new))
        work = [threads.submit(move, key, another.id) for key in keys[:20]]
        work += [threads.submit(revoke_some, keys[10:30])]
        work += [threads.submit(revoke, store, key) for key in keys[15:35]]
        work += [threads.submit(move, key, None) for key in keys[:40:3]]
        for each in work:
            each.result()

    live = [item for item in store.items(API_KEYS) if item["status"] == "active"]
    assert len(live) == 15
    for made in (one, another):
        assert _key_count(store, made) == sum(item.get("profileId") == str(made.id) for item in live)
    assert actions(store).count("api_key.revoked") == 25


# ---- Repeated requests ----


def test_concurrent_creations_with_one_idempotency_key_create_one_key(store: Store) -> None:
    issuer = _issuer(store)
    request = IdempotencyKey("name", "fingerprint")
    start = threading.Barrier(8)

    def create(_: int) -> UUID:
        start.wait()
        try:
            return issuer.create(KeySettings(name="once"), origin(), request).key.id
        except AlreadyCompletedError as already:
            return already.done.target_id

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(create, range(8)))

    assert len(set(made)) == 1
    assert len(store.items(API_KEYS)) == 1
    assert actions(store) == ["api_key.created"]


# ---- Imports ----


def test_thousand_keys_are_imported_once_by_two_concurrent_requests(store: Store) -> None:
    made = _profile(store)
    texts = [f"sk_elsewhere_{number:032d}" for number in range(MAX_KEYS)]
    settings = KeySettings(scopes=("orders:read",), profile_id=made.id)
    imported = [ImportedKey(settings, hash_key_text(text), "sk_elsewhere") for text in texts]
    importer = KeyImporter(
        store.keys, lambda: store.profiles, lambda: store.owners, PREFIX, CATALOGUE, RNG, lambda: store.requests
    )

    with ThreadPoolExecutor(2) as threads:
        both = [each.result() for each in [threads.submit(importer.run, imported, origin()) for _ in range(2)]]

    outcomes = [Counter(outcome for _, outcome in results) for results in both]
    assert sum(outcomes, Counter()) == {"created": MAX_KEYS, "exists": MAX_KEYS}
    for (key, first), (same, second) in zip(*both, strict=True):
        assert (key.id, {first, second}) == (same.id, {"created", "exists"})
    assert _key_count(store, made) == MAX_KEYS
    assert {verify(store, text, "orders:read").code for text in texts[::100]} == {"VALID"}


# ---- Deliveries ----


def test_concurrent_records_of_one_attempt_all_return_the_same(store: Store) -> None:
    def record(number: int) -> MadeAttempt:
        (made,) = store.deliveries.record([attempt(next_attempt_at=NOW + number * SECOND)])
        assert isinstance(made, MadeAttempt)
        return made

    with ThreadPoolExecutor(16) as threads:
        made = set(threads.map(record, range(16)))

    assert len(made) == 1


def test_only_one_of_concurrent_acceptances_of_an_event_counts(store: Store) -> None:
    def record(number: int) -> bool:
        return store.deliveries.record_once(event(), receipt=f"r{number}") is not None

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(record, range(16))) == 1
