"""Many callers at once, on Amazon's own DynamoDB: what holds for one holds for all."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import ApiKeyRevokedError
from latchhook.api_keys.issuing import KeyIssuer
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.verification import Code, verify
from latchhook.clock import utc_now
from latchhook.webhooks.attempts import MadeAttempt
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, api_key, attempt, entry, event, key_text, origin
from tests.storage.conftest import Store


def _code(store: Store, text: str) -> Code:
    return verify(text, prefix=PREFIX, required_scopes=(), now=utc_now(), checks=store.keys).code


def _add(store: Store, key: ApiKey) -> str:
    text = key_text(key)
    store.keys.add(key, hash_key_text(text), entry())
    return text


def test_after_a_revocation_has_returned_none_of_two_hundred_callers_is_accepted(amazon_store: Store) -> None:
    key = api_key()
    text = _add(amazon_store, key)
    verified = threading.Semaphore(0)
    finish = threading.Event()

    def keep_verifying() -> list[tuple[float, Code]]:
        """When each verification was begun, and what came of it."""
        seen = []
        while not finish.is_set():
            begun = time.monotonic()
            seen.append((begun, _code(amazon_store, text)))
            verified.release()
        return seen

    with ThreadPoolExecutor(200) as threads:
        callers = [threads.submit(keep_verifying) for _ in range(200)]
        for _ in range(600):
            verified.acquire(timeout=60)
        amazon_store.keys.revoke(ACCOUNT, key.id, now=utc_now(), entry=entry(seed=2))
        revoked = time.monotonic()
        for _ in range(800):
            verified.acquire(timeout=60)
        finish.set()
        seen = [each for caller in callers for each in caller.result()]

    before = [code for begun, code in seen if begun < revoked]
    after = [code for begun, code in seen if begun >= revoked]
    assert "VALID" in before
    assert len(after) >= 200
    assert set(after) == {"REVOKED"}


def test_ten_thousand_verifications_of_fifty_callers_count_ten_thousand(amazon_store: Store) -> None:
    key = api_key()
    text = _add(amazon_store, key)

    def verify_some(_: int) -> set[Code]:
        return {_code(amazon_store, text) for _ in range(200)}

    with ThreadPoolExecutor(50) as threads:
        codes = set().union(*threads.map(verify_some, range(50)))

    assert codes == {"VALID"}
    assert sum(amazon_store.keys.get(ACCOUNT, key.id).daily_requests.values()) == 10_000


def test_rotations_and_a_revocation_at_once_all_come_to_an_end_and_the_key_is_dead(amazon_store: Store) -> None:
    issuer = KeyIssuer(amazon_store.keys, PREFIX, CATALOGUE, 300, Random(1))
    key, first = issuer.create(KeySettings(), origin(at=utc_now()))
    start = threading.Barrier(6)

    def rotate(_: int) -> str | None:
        start.wait()
        try:
            return issuer.rotate(key.id, grace_seconds=None, origin=origin(at=utc_now()))[1]
        except ApiKeyRevokedError:
            return None

    def revoke() -> None:
        start.wait()
        issuer.revoke(key.id, origin(at=utc_now()))

    with ThreadPoolExecutor(6) as threads:
        revocation = threads.submit(revoke)
        texts = [first, *(text for text in threads.map(rotate, range(5)) if text)]
        revocation.result()

    assert {_code(amazon_store, text) for text in texts} <= {"REVOKED", "NOT_FOUND"}
    actions = [logged["action"] for logged in amazon_store.audit_log(ACCOUNT)]
    assert actions.count("api_key.rotated") == len(texts) - 1
    assert actions.count("api_key.revoked") == 1


def test_verifications_during_rotations_are_all_answered_and_counted(amazon_store: Store) -> None:
    key = api_key()
    text = _add(amazon_store, key)

    def rotate(number: int) -> None:
        amazon_store.keys.replace_secret(
            key,
            key_hash=hash_key_text(text),
            previous_until=utc_now() + timedelta(hours=1),
            now=utc_now(),
            entry=entry(seed=100 + number),
        )

    with ThreadPoolExecutor(20) as threads:
        rotations = [threads.submit(rotate, number) for number in range(5)]
        codes = list(threads.map(lambda _: _code(amazon_store, text), range(300)))
        for rotation in rotations:
            rotation.result()

    assert set(codes) == {"VALID"}
    assert sum(amazon_store.keys.get(ACCOUNT, key.id).daily_requests.values()) == 300


def test_of_many_records_of_one_attempt_all_are_told_the_same(amazon_store: Store) -> None:
    def record(number: int) -> MadeAttempt:
        return amazon_store.deliveries.record(attempt(next_attempt_at=NOW + number * SECOND))

    with ThreadPoolExecutor(16) as threads:
        made = set(threads.map(record, range(16)))

    assert len(made) == 1


def test_of_many_acceptances_of_one_event_one_counts(amazon_store: Store) -> None:
    def record(number: int) -> bool:
        return amazon_store.deliveries.record_once(event(), receipt=f"r{number}") is not None

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(record, range(16))) == 1


def test_late_counts_at_once_are_all_added(amazon_store: Store) -> None:
    key = api_key()
    _add(amazon_store, key)

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda _: amazon_store.keys.add_uses(key.id, day="20270315", uses=25), range(10)))

    assert amazon_store.keys.get(ACCOUNT, key.id).request_count_at(NOW) == 250
