"""Portal sessions in DynamoDB: one call for a request, the code, and concurrent requests while a session ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.identity.errors import UnauthenticatedError
from latchhook.members.errors import PortalCodeInvalidError
from latchhook.members.member import Member
from latchhook.members.portal_access import PortalAccess
from latchhook.members.portal_editing import ChosenPortal, Opened, PortalOpener
from latchhook.storage.memberships import MembershipsTable
from latchhook.storage.portal_sessions_table import PortalSessionReader, PortalSessionsTable
from tests.samples import ACCOUNT, NOW, entry, origin, profile
from tests.storage.conftest import Store
from tests.storage.races import CALLERS, assert_refused_from_the_next_request
from tests.template_tables import SETTINGS

MEMBER = Member(ACCOUNT, "zoe", "admin", None, None, None, 0, NOW, NOW)


@pytest.fixture
def opener(store: Store) -> PortalOpener:
    """The opener of the operator."""
    table = PortalSessionsTable(store.database, audit=store.audit_items)
    return PortalOpener(table, store.members, store.profiles, Random(3))


@pytest.fixture
def access(store: Store) -> PortalAccess:
    """The authentication of portal sessions."""
    return PortalAccess(PortalSessionReader(MembershipsTable(store.database, table=SETTINGS)))


def chosen(profile_id: UUID | None = None) -> ChosenPortal:
    role = None if profile_id else "admin"
    return ChosenPortal(ACCOUNT, "zoe", role, profile_id, None, None, timedelta(hours=1))  # type: ignore[arg-type]


def opened(opener: PortalOpener, profile_id: UUID | None = None) -> Opened:
    return opener.exchange(opener.create(chosen(profile_id), origin()).secret, now=NOW)


def of_member(action: str, seed: int) -> AuditEntry:
    return replace(entry(action=action, seed=seed), target_id="zoe")


def add_member(store: Store) -> None:
    store.members.add(MEMBER, frozenset(), of_member("member.created", 70))


@pytest.mark.parametrize("has_profile", [False, True])
@pytest.mark.parametrize("is_member", [False, True])
def test_request_costs_one_call(
    store: Store, opener: PortalOpener, access: PortalAccess, has_profile: bool, is_member: bool
) -> None:
    made = profile(1)
    store.profiles.add(made, entry(seed=71))
    if is_member:
        add_member(store)
    token = opened(opener, made.id if has_profile else None).secret
    store.calls.clear()
    caller = access.caller(token, wanted_account_id=None, now=NOW)
    assert (caller.account_id, caller.user_id, store.calls) == (ACCOUNT, "zoe", {"BatchGetItem": 1})


def test_code_is_exchanged_by_one_of_64_concurrent_callers(store: Store, opener: PortalOpener) -> None:
    code = opener.create(chosen(), origin()).secret
    openers = [replace(opener, rng=Random(seed)) for seed in range(CALLERS)]

    def exchange(one: PortalOpener) -> bool:
        try:
            one.exchange(code, now=NOW)
        except PortalCodeInvalidError:
            return False
        return True

    store.calls.clear()
    with ThreadPoolExecutor(CALLERS) as threads:
        assert list(threads.map(exchange, openers)).count(True) == 1
    assert store.calls == {"UpdateItem": CALLERS}


def _delete(store: Store, opener: PortalOpener, session_id: UUID) -> None:
    opener.delete(session_id, origin())


def _remove_member(store: Store, opener: PortalOpener, session_id: UUID) -> None:
    store.members.remove(MEMBER, of_member("member.removed", 72), keeps_an_admin=False)


@pytest.mark.parametrize("end", [_delete, _remove_member])
def test_request_started_after_the_end_is_never_accepted(
    store: Store, opener: PortalOpener, access: PortalAccess, end: Callable[[Store, PortalOpener, UUID], None]
) -> None:
    add_member(store)
    session = opened(opener)

    def is_accepted() -> bool:
        try:
            access.caller(session.secret, wanted_account_id=None, now=NOW)
        except UnauthenticatedError:
            return False
        return True

    assert_refused_from_the_next_request(is_accepted, lambda: end(store, opener, session.session.id))
