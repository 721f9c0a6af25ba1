"""Add, change and remove members, with permission checks and audit entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.identity.caller import Caller
from latchhook.members.errors import (
    ClientsBeyondCallerError,
    RoleBeyondCallerError,
    UnknownMemberProfileError,
)
from latchhook.members.member import Member, MemberSettings
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.permissions.grants import NO_GRANTS
from latchhook.permissions.profiles import Profile
from latchhook.permissions.roles import rights_of
from latchhook.permissions.scopes import MANAGE_ACCOUNTS

_CHOSEN = {"role": "role", "profileId": "profile_id", "name": "name", "email": "email"}
"""The attributes of the chosen fields, by their names in the API."""


class MemberStore(Protocol):
    """Stores members. Each change, its counts and its audit entry are one transaction."""

    def get(self, account_id: str, user_id: str) -> Member:
        """Read one member, strongly consistent. Raises `MemberNotFoundError`."""

    def find(self, account_id: str, user_id: str) -> Member | None:
        """Read one member, strongly consistent. None if it does not exist."""

    def client_accounts(self, member: Member) -> frozenset[str]:
        """Read the ids of an advisor's client accounts, strongly consistent."""

    def add(self, member: Member, clients: frozenset[str], entry: AuditEntry) -> None:
        """Store a new member.

        Raises `TooManyMembersError`, `UnknownMemberProfileError`, and `MemberChangedError` if the member exists.
        """

    def replace(
        self, before: Member, after: Member, clients: frozenset[str] | None, entry: AuditEntry, *, keeps_an_admin: bool
    ) -> None:
        """Replace `before` with `after`. `clients` are the new client accounts, or None if they stay.

        Raises `MemberChangedError` if the stored member differs from `before`, `UnknownMemberProfileError`, and with
        `keeps_an_admin` `LastAdminError`.
        """

    def remove(self, member: Member, entry: AuditEntry, *, keeps_an_admin: bool) -> None:
        """Remove a member. Raises `MemberChangedError`, and with `keeps_an_admin` `LastAdminError`."""


class MemberProfiles(Protocol):
    """Permission profiles of accounts."""

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        """Read one profile of the account, strongly consistent. None if it does not exist."""


@dataclass(frozen=True, slots=True)
class PutMember:
    """A stored member with its client accounts."""

    member: Member
    client_account_ids: frozenset[str]
    is_new: bool


@dataclass(frozen=True, slots=True)
class MemberEditor:
    """Changes the members of the caller's account. The caller can give only its own rights."""

    store: MemberStore
    profiles: Callable[[], MemberProfiles]
    operator_account_id: str
    rng: Random

    def put(self, user_id: str, chosen: MemberSettings, origin: Origin) -> PutMember:
        """Add or replace a member. Without a change nothing is written.

        Raises `RoleBeyondCallerError`, `ClientsBeyondCallerError`, `UnknownMemberProfileError`, `LastAdminError` and
        `TooManyMembersError`.
        """
        wanted = frozenset(chosen.client_account_ids)

        def change() -> PutMember:
            before = self.store.find(origin.caller.account_id, user_id)
            known = self.store.client_accounts(before) if before else frozenset[str]()
            self._check(chosen, before, known, origin.caller)
            after = _member(user_id, chosen, before, len(wanted), origin)
            if before is None:
                self.store.add(after, wanted, self._entry(origin, "member.created", after))
                return PutMember(after, wanted, is_new=True)
            changed = [name for name, each in _CHOSEN.items() if getattr(before, each) != getattr(after, each)]
            if known != wanted:
                changed.append("clientAccountIds")
            if not changed:
                return PutMember(before, known, is_new=False)
            entry = self._entry(origin, "member.updated", after, changed)
            clients = None if known == wanted else wanted
            self.store.replace(before, after, clients, entry, keeps_an_admin=not _manages_accounts(origin.caller))
            return PutMember(after, wanted, is_new=False)

        return retry_on_conflict(change, rng=self.rng)

    def remove(self, user_id: str, origin: Origin) -> None:
        """Remove a member. The next request of the user has the rights of the session's claims, or none.

        Raises `MemberNotFoundError`, `RoleBeyondCallerError` and `LastAdminError`.
        """

        def change() -> None:
            member = self.store.get(origin.caller.account_id, user_id)
            # Without a membership the claims of the user's session count, and they can give every right.
            self._require_rights("admin", None, origin.caller)
            entry = self._entry(origin, "member.removed", member)
            self.store.remove(member, entry, keeps_an_admin=not _manages_accounts(origin.caller))

        retry_on_conflict(change, rng=self.rng)

    def _check(
        self, chosen: MemberSettings, before: Member | None, known_clients: frozenset[str], caller: Caller
    ) -> None:
        """Check that the caller has the rights that the member loses and gets."""
        is_same = before is not None and (before.role, before.profile_id) == (chosen.role, chosen.profile_id)
        if before is None:
            # The membership replaces the claims of the user's session, and they can give every right.
            self._require_rights("admin", None, caller)
        elif not is_same:
            self._require_rights(before.role, before.profile_id, caller)
        if not is_same:
            self._require_rights(chosen.role, chosen.profile_id, caller)
        # Only the operator gives rights in client accounts, because an account's admin has no rights in them.
        kept = known_clients if is_same else frozenset[str]()
        beyond = tuple(at for at, client in enumerate(chosen.client_account_ids) if client not in kept)
        if beyond and not _manages_accounts(caller):
            raise ClientsBeyondCallerError(beyond)

    def _require_rights(self, role: str, profile_id: UUID | None, caller: Caller) -> None:
        profile = None if profile_id is None else self.profiles().find(caller.account_id, profile_id)
        if profile_id is not None and profile is None:
            raise UnknownMemberProfileError
        of_profile = NO_GRANTS if profile is None else profile.grants_for(())
        is_operators = caller.account_id == self.operator_account_id
        if not caller.grants.covers(rights_of(role, of_profile, in_operator_account=is_operators)):
            raise RoleBeyondCallerError

    def _entry(self, origin: Origin, action: str, member: Member, changed: Sequence[str] = ()) -> AuditEntry:
        profile_id = None if member.profile_id is None else str(member.profile_id)
        known = {"role": member.role, "profileId": profile_id, "changed": list(changed) or None}
        details = {name: value for name, value in known.items() if value is not None}
        return new_entry(origin, action, member.user_id, rng=self.rng, details=details)


def _member(user_id: str, chosen: MemberSettings, before: Member | None, clients: int, origin: Origin) -> Member:
    return Member(
        account_id=origin.caller.account_id,
        user_id=user_id,
        role=chosen.role,
        profile_id=chosen.profile_id,
        name=chosen.name,
        email=chosen.email,
        client_account_count=clients,
        created_at=before.created_at if before else origin.at,
        updated_at=origin.at,
        version=before.version + 1 if before else 0,
    )


def _manages_accounts(caller: Caller) -> bool:
    return caller.is_acting or caller.may(MANAGE_ACCOUNTS)
