"""The rights of a session by stored memberships, with an in-memory store."""

from dataclasses import dataclass, field, replace

import pytest

from latchhook.identity import caller
from latchhook.identity.caller import Caller
from latchhook.identity.errors import ForbiddenError
from latchhook.identity.identity import Identity
from latchhook.members.access import MemberAccess, StoredMembership
from latchhook.members.member import Member, MemberRole
from latchhook.permissions.profiles import Profile, Rule
from tests.samples import ACCOUNT, NOW, profile

OTHER = "globex"
OPERATOR = "the-operator"
READER = profile(rules=(Rule("allow", ("orders:read",)), Rule("deny", ("webhooks:write",))))
ADMIN = Identity("zoe", ACCOUNT, "admin")


@dataclass
class Stored:
    """Memberships in memory. `clients` are the stored client accounts of the user's own account."""

    members: dict[str, Member] = field(default_factory=dict)
    clients: tuple[str, ...] = ()
    profile: Profile | None = READER

    def read(self, user_id: str, *, account_id: str, own_account_id: str) -> StoredMembership:
        assert user_id == "zoe"
        own = self.members.get(own_account_id) if own_account_id != account_id else None
        found = StoredMembership(self.members.get(account_id), own, account_id in self.clients, None)
        has_profile = found.deciding is not None and found.deciding.profile_id is not None
        return replace(found, profile=self.profile if has_profile else None)


def _member(role: MemberRole, account_id: str = ACCOUNT, *, has_profile: bool = False) -> Member:
    return Member(account_id, "zoe", role, READER.id if has_profile else None, None, None, 0, NOW, NOW)


def _caller(stored: Stored, identity: Identity = ADMIN, wanted: str | None = None, *, required: bool = False) -> Caller:
    access = MemberAccess(stored, is_membership_required=required)
    return caller.user(access.applied(identity, wanted), wanted_account_id=wanted, operator_account_id=OPERATOR)


def _refusal(stored: Stored, identity: Identity = ADMIN, wanted: str | None = None, *, required: bool = False) -> str:
    with pytest.raises(ForbiddenError) as caught:
        _caller(stored, identity, wanted, required=required)
    return caught.value.code


def test_claims_count_without_a_membership() -> None:
    assert _caller(Stored()).may("webhooks:write")
    assert _caller(Stored(), replace(ADMIN, role="advisor", client_account_ids=(OTHER,)), OTHER).account_id == OTHER


def test_membership_can_be_required() -> None:
    assert _refusal(Stored(), required=True) == "role_not_allowed"
    advisor = replace(ADMIN, role="advisor", client_account_ids=(OTHER,))
    assert _refusal(Stored(), advisor, OTHER, required=True) == "role_not_allowed"
    assert _caller(Stored({ACCOUNT: _member("admin")}), replace(ADMIN, role="none"), required=True).may("*")


@pytest.mark.parametrize("role", ["none", "member"])
def test_stored_role_without_rights_refuses_an_admin_by_claims(role: MemberRole) -> None:
    assert _refusal(Stored({ACCOUNT: _member(role)})) == "role_not_allowed"


def test_member_has_the_actions_of_its_profile_only() -> None:
    person = _caller(Stored({ACCOUNT: _member("member", has_profile=True)}))
    assert person.may("orders:read")
    assert not any(person.may(scope) for scope in ("orders:write", "webhooks:write", "*"))


def test_profile_of_an_admin_takes_denied_actions_away() -> None:
    person = _caller(Stored({ACCOUNT: _member("admin", has_profile=True)}))
    assert person.may("api-keys:write")
    assert not person.may("webhooks:write")


def test_member_whose_profile_is_missing_is_refused() -> None:
    stored = Stored({ACCOUNT: _member("admin", has_profile=True)}, profile=None)
    assert _refusal(stored) == "role_not_allowed"


def test_stored_client_accounts_replace_those_of_the_claims() -> None:
    stored = Stored({ACCOUNT: _member("advisor")}, clients=(OTHER,))
    person = replace(ADMIN, client_account_ids=("initech",))
    assert _caller(stored, person, OTHER).account_id == OTHER
    assert _refusal(stored, person, "initech") == "account_not_allowed"


@pytest.mark.parametrize("role", ["admin", "member"])
def test_only_an_advisor_has_stored_client_accounts(role: MemberRole) -> None:
    stored = Stored({ACCOUNT: _member(role, has_profile=True)}, clients=(OTHER,))
    assert _refusal(stored, ADMIN, OTHER) == "account_not_allowed"


def test_membership_in_the_account_of_the_request_decides() -> None:
    stored = Stored({ACCOUNT: _member("advisor"), OTHER: _member("none", OTHER)}, clients=(OTHER,))
    assert _refusal(stored, ADMIN, OTHER) == "role_not_allowed"
    assert _caller(Stored({OTHER: _member("admin", OTHER)}), replace(ADMIN, role="none"), OTHER).account_id == OTHER
    assert _caller(Stored({OTHER: _member("admin", OTHER)}), Identity("zoe", "", "none"), OTHER).may("*")


def test_member_of_the_operator_account_has_only_the_rights_of_its_profile() -> None:
    person = replace(ADMIN, account_id=OPERATOR)
    member = _caller(Stored({OPERATOR: _member("member", OPERATOR, has_profile=True)}), person)
    assert member.may("orders:read")
    assert not any(member.may(scope) for scope in ("events:write", "api-keys:verify", "*"))
    assert _caller(Stored({OPERATOR: _member("admin", OPERATOR)}), person).may("events:write")


@pytest.mark.parametrize("account_id", ["a#b", "a b", "x" * 65])
def test_invalid_account_of_the_request_is_refused_without_a_read(account_id: str) -> None:
    class Untouched(Stored):
        def read(self, user_id: str, *, account_id: str, own_account_id: str) -> StoredMembership:
            raise AssertionError(account_id)

    assert _refusal(Untouched(), ADMIN, account_id) == "account_not_allowed"
