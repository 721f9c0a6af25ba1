"""Policies for exposed keys and reported exposures in the table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from latchhook.storage.leaked_key_policies import LeakedKeyPolicies
from tests.samples import ACCOUNT, NOW, SECOND, entry
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS

OTHER = "acct_other"
EXPOSED = entry(action="api_key.exposed")


@pytest.fixture
def policies(store: Store) -> LeakedKeyPolicies:
    return LeakedKeyPolicies(store.database, audit=store.audit_items)


def _things(store: Store) -> Mapping[str, Any]:
    """Return the account's items except its audit log."""
    return {item["sk"]: item for item in store.items(SETTINGS) if item["pk"] == f"ACCOUNT#{ACCOUNT}"}


def test_account_without_a_choice_has_no_policy(policies: LeakedKeyPolicies) -> None:
    assert policies.chosen(ACCOUNT) is None
    assert policies.standing(ACCOUNT, EXPOSED.id) == (None, False)


def test_policy_is_the_accounts_last_choice(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.choose(ACCOUNT, "revoke", entry(seed=1))
    policies.choose(ACCOUNT, "tell", entry(seed=2))

    assert policies.chosen(ACCOUNT) == "tell"
    assert policies.standing(ACCOUNT, EXPOSED.id) == ("tell", False)
    assert policies.chosen(OTHER) is None
    assert len(_things(store)) == 1
    assert len(store.audit_log(ACCOUNT)) == 2


def test_policy_and_audit_entry_are_written_in_one_transaction(store: Store, policies: LeakedKeyPolicies) -> None:
    store.calls.clear()
    policies.choose(ACCOUNT, "revoke", entry(action="leaked_key_policy.updated"))

    assert store.calls == {"TransactWriteItems": 1}
    assert [each["action"] for each in store.audit_log(ACCOUNT)] == ["leaked_key_policy.updated"]


def test_exposure_is_recorded_once(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.tell(EXPOSED)
    policies.tell(replace(EXPOSED, origin=replace(EXPOSED.origin, at=NOW + SECOND)))

    assert policies.standing(ACCOUNT, EXPOSED.id) == (None, True)
    assert len(store.audit_log(ACCOUNT)) == 1


def test_exposure_is_recorded_per_account(policies: LeakedKeyPolicies) -> None:
    policies.tell(EXPOSED)

    assert policies.standing(OTHER, EXPOSED.id) == (None, False)
    assert policies.standing(ACCOUNT, UUID(int=7)) == (None, False)


def test_remembered_exposure_adds_no_audit_entry(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.remember(EXPOSED)
    policies.remember(EXPOSED)

    assert policies.standing(ACCOUNT, EXPOSED.id) == (None, True)
    assert store.audit_log(ACCOUNT) == []


def test_exposure_is_remembered_as_long_as_its_audit_entry(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.tell(EXPOSED)

    (told,) = _things(store).values()
    assert told["ttl"] == store.audit_log(ACCOUNT)[0]["ttl"] == (NOW + timedelta(days=365)).timestamp()


def test_policy_and_exposure_are_read_with_one_call(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.choose(ACCOUNT, "disable", entry())
    policies.tell(EXPOSED)
    store.calls.clear()

    assert policies.standing(ACCOUNT, EXPOSED.id) == ("disable", True)
    assert store.calls == {"BatchGetItem": 1}
