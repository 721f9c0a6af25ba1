"""Policies for leaked keys, and what accounts have been told, as they are kept; on moto and on DynamoDB Local."""

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
    """What stands in the table beside the audit log."""
    return {item["sk"]: item for item in store.items(SETTINGS) if item["pk"] == f"ACCOUNT#{ACCOUNT}"}


def test_an_account_that_has_not_chosen_has_no_policy(policies: LeakedKeyPolicies) -> None:
    assert policies.chosen(ACCOUNT) is None
    assert policies.standing(ACCOUNT, EXPOSED.id) == (None, False)


def test_a_policy_is_the_one_that_was_chosen_last_and_the_accounts_own(
    store: Store, policies: LeakedKeyPolicies
) -> None:
    policies.choose(ACCOUNT, "revoke", entry(seed=1))
    policies.choose(ACCOUNT, "tell", entry(seed=2))

    assert policies.chosen(ACCOUNT) == "tell"
    assert policies.standing(ACCOUNT, EXPOSED.id) == ("tell", False)
    assert policies.chosen(OTHER) is None
    assert len(_things(store)) == 1
    assert len(store.audit_log(ACCOUNT)) == 2


def test_a_policy_and_who_chose_it_are_one_transaction(store: Store, policies: LeakedKeyPolicies) -> None:
    store.calls.clear()
    policies.choose(ACCOUNT, "revoke", entry(action="leaked_key_policy.updated"))

    assert store.calls == {"TransactWriteItems": 1}
    assert [each["action"] for each in store.audit_log(ACCOUNT)] == ["leaked_key_policy.updated"]


def test_an_account_is_told_of_an_exposure_once(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.tell(EXPOSED)
    policies.tell(replace(EXPOSED, origin=replace(EXPOSED.origin, at=NOW + SECOND)))

    assert policies.standing(ACCOUNT, EXPOSED.id) == (None, True)
    assert len(store.audit_log(ACCOUNT)) == 1


def test_what_one_account_was_told_another_was_not(policies: LeakedKeyPolicies) -> None:
    policies.tell(EXPOSED)

    assert policies.standing(OTHER, EXPOSED.id) == (None, False)
    assert policies.standing(ACCOUNT, UUID(int=7)) == (None, False)


def test_an_entry_that_stands_in_the_log_already_is_only_remembered(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.remember(EXPOSED)
    policies.remember(EXPOSED)

    assert policies.standing(ACCOUNT, EXPOSED.id) == (None, True)
    assert store.audit_log(ACCOUNT) == []


def test_what_an_account_was_told_is_remembered_as_long_as_its_audit_entry(
    store: Store, policies: LeakedKeyPolicies
) -> None:
    policies.tell(EXPOSED)

    (told,) = _things(store).values()
    assert told["ttl"] == store.audit_log(ACCOUNT)[0]["ttl"] == (NOW + timedelta(days=365)).timestamp()


def test_the_standing_of_an_exposure_is_one_read(store: Store, policies: LeakedKeyPolicies) -> None:
    policies.choose(ACCOUNT, "disable", entry())
    policies.tell(EXPOSED)
    store.calls.clear()

    assert policies.standing(ACCOUNT, EXPOSED.id) == ("disable", True)
    assert store.calls == {"BatchGetItem": 1}
