"""A request that is sent again with its `Idempotency-Key` is done once; on moto and on DynamoDB Local."""

from datetime import timedelta
from random import Random

import pytest

from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import ApiKeyRevokedError, IdempotencyKeyReusedError
from latchhook.api_keys.issuing import Issued, KeyIssuer
from latchhook.api_keys.repeats import KEPT, Repeatable
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, origin
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, actions, verify
from tests.template_tables import API_KEYS, SETTINGS, declared_tables

REQUEST = Repeatable("name", "fingerprint")


def _issuer(store: Store) -> KeyIssuer:
    return KeyIssuer(store.keys, lambda: store.profiles, PREFIX, CATALOGUE, 300, Random(5))


def _create(issuer: KeyIssuer, after: timedelta = timedelta(), request: Repeatable = REQUEST) -> Issued:
    return issuer.create(KeySettings(name="once"), origin(at=NOW + after), request)


def test_a_creation_that_is_sent_again_is_done_once_and_shows_no_secret(store: Store) -> None:
    issuer = _issuer(store)
    first = _create(issuer)

    again = _create(issuer, SECOND)

    assert first.text is not None
    assert (again.key, again.text) == (first.key, None)
    assert len(store.items(API_KEYS)) == 1
    assert actions(store) == ["api_key.created"]
    assert verify(store, first.text).code == "VALID"


def test_a_rotation_that_is_sent_again_is_done_once_and_tells_the_same_grace(store: Store) -> None:
    issuer = _issuer(store)
    made = _create(issuer)
    request = Repeatable("rotation", "fingerprint")
    first = issuer.rotate(made.key.id, grace_seconds=300, origin=origin(), repeatable=request)

    later = origin(at=NOW + 60 * SECOND)
    again = issuer.rotate(made.key.id, grace_seconds=300, origin=later, repeatable=request)

    assert first.text is not None
    assert (again.key.id, again.text) == (made.key.id, None)
    assert again.previous_until == first.previous_until == NOW + 300 * SECOND
    assert sorted(actions(store)) == ["api_key.created", "api_key.rotated"]
    assert verify(store, first.text).code == "VALID"


def test_another_request_under_the_same_name_is_refused_and_nothing_is_done(store: Store) -> None:
    issuer = _issuer(store)
    _create(issuer)

    with pytest.raises(IdempotencyKeyReusedError):
        _create(issuer, SECOND, Repeatable(REQUEST.name, "another"))

    assert len(store.items(API_KEYS)) == 1


def test_other_names_and_other_accounts_are_other_requests(store: Store) -> None:
    issuer = _issuer(store)
    made = [
        _create(issuer),
        _create(issuer, request=Repeatable("another", REQUEST.fingerprint)),
        issuer.create(KeySettings(), origin(OTHER), REQUEST),
        issuer.create(KeySettings(), origin()),
        issuer.create(KeySettings(), origin()),
    ]

    assert len({issued.key.id for issued in made}) == 5
    assert all(issued.text for issued in made)


@pytest.mark.parametrize(("after", "keys"), [(KEPT - SECOND, 1), (KEPT, 2), (KEPT + timedelta(days=3), 2)], ids=str)
def test_after_a_day_the_same_name_is_a_new_request_whether_the_item_is_gone_or_not(
    store: Store, after: timedelta, keys: int
) -> None:
    issuer = _issuer(store)
    first = _create(issuer)

    again = _create(issuer, after)

    assert len(store.items(API_KEYS)) == keys
    assert (again.key.id == first.key.id) is (keys == 1)
    # And from then on it is that one which is remembered.
    assert _create(issuer, after + SECOND / 2).key.id == again.key.id


def test_a_request_is_remembered_until_the_table_deletes_it_and_holds_no_secret(store: Store) -> None:
    made = _create(_issuer(store))

    (kept,) = [item for item in store.items(SETTINGS) if item["thing"].startswith("REQUEST#")]

    assert made.text is not None
    assert kept["owner"] == f"ACCOUNT#{ACCOUNT}"
    assert kept["ttl"] == int((NOW + KEPT).timestamp())
    assert made.text[-38:-6] not in repr(kept)
    assert declared_tables()[SETTINGS]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_a_request_that_could_not_be_done_is_not_remembered(store: Store) -> None:
    issuer = _issuer(store)
    made = _create(issuer)
    issuer.revoke(made.key.id, origin())
    before = store.items(SETTINGS)

    with pytest.raises(ApiKeyRevokedError):
        issuer.rotate(made.key.id, grace_seconds=1, origin=origin(), repeatable=Repeatable("rotation", "f"))

    assert store.items(SETTINGS) == before
