"""Rights that a caller needs to change members, with an in-memory store."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.identity.caller import Caller
from latchhook.members.editing import MemberEditor
from latchhook.members.errors import ClientsBeyondCallerError, MemberNotFoundError, RoleBeyondCallerError
from latchhook.members.member import Member, MemberSettings
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Profile, Rule
from latchhook.permissions.roles import ROLES
from latchhook.permissions.scopes import OPERATOR_SCOPES
from tests.samples import ACCOUNT, NOW, origin, profile

OPERATOR = "the-operator"
DENIES_WEBHOOKS = profile(2, rules=(Rule("deny", ("webhooks:write",)),))
DENIES_AUDIT = profile(3, rules=(Rule("deny", ("audit-events:read",)),))
PROFILES = (profile(), DENIES_WEBHOOKS, DENIES_AUDIT)
ACTING = Caller("service", ACCOUNT, "service_role", ROLES["admin"].grants, is_operator=True, is_acting=True)


class Members:
    """An in-memory store of the members of an account."""

    def __init__(self, account_id: str = ACCOUNT) -> None:
        self.account_id = account_id
        self.kept: dict[str, Member] = {}
        self.clients: dict[str, frozenset[str]] = {}

    def find(self, account_id: str, user_id: str) -> Member | None:
        assert account_id == self.account_id
        return self.kept.get(user_id)

    def get(self, account_id: str, user_id: str) -> Member:
        found = self.find(account_id, user_id)
        if found is None:
            raise MemberNotFoundError
        return found

    def client_accounts(self, member: Member) -> frozenset[str]:
        return self.clients.get(member.user_id, frozenset())

    def add(self, member: Member, clients: frozenset[str], entry: AuditEntry) -> None:
        assert entry.target_id == member.user_id
        self.kept[member.user_id], self.clients[member.user_id] = member, clients

    def replace(
        self, before: Member, after: Member, clients: frozenset[str] | None, entry: AuditEntry, *, keeps_an_admin: bool
    ) -> None:
        assert not keeps_an_admin or before.role != "admin"
        self.add(after, self.client_accounts(before) if clients is None else clients, entry)

    def remove(self, member: Member, entry: AuditEntry, *, keeps_an_admin: bool) -> None:
        assert entry.action == "member.removed"
        assert keeps_an_admin
        del self.kept[member.user_id]


class Profiles:
    """The profiles of the account."""

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        return next((each for each in PROFILES if each.id == profile_id), None)


def _editor(store: Members | None = None) -> MemberEditor:
    return MemberEditor(store or Members(), Profiles, OPERATOR, Random(1))


def _restricted() -> Caller:
    """Return an admin whose profile denies `webhooks:write`."""
    return Caller("user", ACCOUNT, "user_1", DENIES_WEBHOOKS.grants_for(ROLES["admin"].grants.allowed))


@pytest.mark.parametrize("role", ["admin", "advisor"])
def test_caller_cannot_give_a_role_with_more_rights(role: str) -> None:
    settings = MemberSettings(role)  # type: ignore[arg-type]
    with pytest.raises(RoleBeyondCallerError):
        _editor().put("zoe", settings, origin(by=_restricted()))
    assert _editor().put("zoe", settings, origin()).is_new


def test_caller_can_give_its_own_rights_to_a_member() -> None:
    store = Members()
    _editor(store).put("zoe", MemberSettings("member"), origin())
    settings = MemberSettings("admin", DENIES_WEBHOOKS.id)
    assert _editor(store).put("zoe", settings, origin(by=_restricted())).member.role == "admin"


@pytest.mark.parametrize("role", ["member", "none"])
def test_new_membership_needs_all_rights_of_an_admin(role: str) -> None:
    """It replaces the claims of the user's session, which can give every right."""
    with pytest.raises(RoleBeyondCallerError):
        _editor().put("zoe", MemberSettings(role), origin(by=_restricted()))  # type: ignore[arg-type]


def test_caller_cannot_exchange_its_denial_for_another() -> None:
    store = Members()
    _editor(store).put("zoe", MemberSettings("admin", DENIES_WEBHOOKS.id), origin())
    with pytest.raises(RoleBeyondCallerError):
        _editor(store).put("zoe", MemberSettings("admin", DENIES_AUDIT.id), origin(by=_restricted()))


def test_restricted_admin_of_the_operator_cannot_give_operator_scopes() -> None:
    """An admin of the operator's account has the operator scopes."""
    denial = profile(4, account_id=OPERATOR, rules=(Rule("deny", ("accounts:manage",)),))
    grants = denial.grants_for(ROLES["admin"].grants.allowed | OPERATOR_SCOPES)
    restricted = Caller("user", OPERATOR, "mallory", grants, is_operator=True)
    store = Members(OPERATOR)
    for chosen in (MemberSettings("admin", DENIES_AUDIT.id), MemberSettings("advisor"), MemberSettings("admin")):
        with pytest.raises(RoleBeyondCallerError):
            _editor(store).put("zoe", chosen, origin(by=restricted))
    advisor = MemberSettings("advisor", client_account_ids=("acme",))
    full = Caller("user", OPERATOR, "user_1", Grants(grants.allowed), is_operator=True)
    _editor(store).put("zoe", MemberSettings("advisor"), origin(by=full))
    with pytest.raises(ClientsBeyondCallerError):
        _editor(store).put("zoe", advisor, origin(by=restricted))
    assert _editor(store).put("zoe", advisor, origin(by=full)).client_account_ids == {"acme"}


def test_account_admin_cannot_change_the_rights_of_an_advisor_with_clients() -> None:
    store = Members()
    restricted = MemberSettings("advisor", DENIES_WEBHOOKS.id, client_account_ids=("globex",))
    _editor(store).put("zoe", restricted, origin(by=ACTING))
    with pytest.raises(ClientsBeyondCallerError):
        _editor(store).put("zoe", replace(restricted, profile_id=None), origin())
    named = replace(restricted, name="Zoë")
    assert _editor(store).put("zoe", named, origin()).client_account_ids == {"globex"}
    assert _editor(store).put("zoe", MemberSettings("advisor"), origin()).client_account_ids == frozenset()


def test_caller_cannot_take_rights_that_it_lacks() -> None:
    store = Members()
    _editor(store).put("zoe", MemberSettings("admin"), origin())
    with pytest.raises(RoleBeyondCallerError):
        _editor(store).put("zoe", MemberSettings("none"), origin(by=_restricted()))
    with pytest.raises(RoleBeyondCallerError):
        _editor(store).remove("zoe", origin(by=_restricted()))
    assert store.kept["zoe"].role == "admin"


def test_removal_of_a_refusal_needs_all_rights_of_an_admin() -> None:
    """Without the role `none`, the claims of the user's session count again. They can give every right."""
    store = Members()
    _editor(store).put("zoe", MemberSettings("none"), origin())
    with pytest.raises(RoleBeyondCallerError):
        _editor(store).remove("zoe", origin(by=_restricted()))
    _editor(store).remove("zoe", origin())
    assert store.kept == {}


def test_only_unknown_client_accounts_are_refused() -> None:
    store = Members()
    _editor(store).put("zoe", MemberSettings("advisor", client_account_ids=("a", "b")), origin(by=ACTING))
    with pytest.raises(ClientsBeyondCallerError) as caught:
        _editor(store).put("zoe", MemberSettings("advisor", client_account_ids=("a", "c", "b", "d")), origin())
    assert caught.value.positions == (1, 3)


def test_audit_entry_names_role_and_changed_fields() -> None:
    entries: list[AuditEntry] = []

    class Recording(Members):
        def add(self, member: Member, clients: frozenset[str], entry: AuditEntry) -> None:
            entries.append(entry)
            super().add(member, clients, entry)

    editor = _editor(Recording())
    editor.put("zoe", MemberSettings("member", name="Zoë"), origin())
    settings = MemberSettings("advisor", profile().id, name="Zoë", client_account_ids=("globex",))
    changed = editor.put("zoe", settings, origin(by=ACTING))
    assert (changed.member.created_at, changed.member.version) == (NOW, 1)
    assert [(each.action, each.details) for each in entries] == [
        ("member.created", {"role": "member"}),
        (
            "member.updated",
            {
                "role": "advisor",
                "profileId": str(profile().id),
                "changed": ["role", "profileId", "clientAccountIds"],
            },
        ),
    ]
