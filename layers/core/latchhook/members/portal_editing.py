"""Create, open and end portal sessions."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.key_format import hash_key_text
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.members.errors import NotAMemberError, PortalCodeInvalidError, UnknownMemberProfileError
from latchhook.members.member import Member
from latchhook.members.portal_session import (
    CODE_LASTS,
    PortalRole,
    PortalSession,
    Tab,
    issue_code,
    issue_secret,
    session_id_of,
    token_of,
)
from latchhook.permissions.profiles import Profile


@dataclass(frozen=True, slots=True)
class ChosenPortal:
    """The settings that the operator chooses. The request schema checks lengths and formats."""

    account_id: str
    user_id: str
    role: PortalRole | None
    profile_id: UUID | None
    tabs: tuple[Tab, ...] | None
    return_url: str | None
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session with its code, or an exchanged session with its token."""

    session: PortalSession
    secret: str = field(repr=False)


class PortalSessionStore(Protocol):
    """Stores portal sessions. Each change by the operator and its audit entry are one transaction."""

    def add(self, session: PortalSession, code_hash: bytes, code_until: datetime, entry: AuditEntry) -> None:
        """Store a new session."""

    def get(self, session_id: UUID) -> PortalSession:
        """Read one session, strongly consistent. Raises `PortalSessionNotFoundError`."""

    def exchange(self, session_id: UUID, code_hash: bytes, token_hash: bytes, *, now: datetime) -> PortalSession:
        """Replace the code by a token, with one write. Raises `PortalCodeInvalidError`."""

    def delete(self, session: PortalSession, entry: AuditEntry) -> None:
        """Delete a session. Raises `PortalSessionNotFoundError`."""


class PortalMembers(Protocol):
    """Members of accounts."""

    def find(self, account_id: str, user_id: str) -> Member | None:
        """Read one member, strongly consistent. None if it does not exist."""


class PortalProfiles(Protocol):
    """Permission profiles of accounts."""

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        """Read one profile of the account, strongly consistent. None if it does not exist."""


@dataclass(frozen=True, slots=True)
class PortalOpener:
    """Creates, exchanges and deletes portal sessions for the operator."""

    store: PortalSessionStore
    members: PortalMembers
    profiles: PortalProfiles
    rng: Random

    def create(self, chosen: ChosenPortal, origin: Origin) -> Opened:
        """Create a session and its code. Raises `NotAMemberError` and `UnknownMemberProfileError`.

        A user without a stored membership needs a role or a profile.
        """
        member = self.members.find(chosen.account_id, chosen.user_id)
        is_member = member is not None and member.role != "none"
        if member is not None and not is_member:
            raise NotAMemberError
        if not is_member and chosen.role is None and chosen.profile_id is None:
            raise NotAMemberError
        if chosen.profile_id is not None and self.profiles.find(chosen.account_id, chosen.profile_id) is None:
            raise UnknownMemberProfileError
        session = PortalSession(
            UUID(int=self.rng.getrandbits(128), version=4),
            chosen.account_id,
            chosen.user_id,
            chosen.role,
            chosen.profile_id,
            is_member,
            chosen.tabs,
            chosen.return_url,
            origin.at,
            origin.at + chosen.lasts,
        )
        code = issue_code(session.id, self.rng)
        entry = self._entry(session, origin, "portal_session.created")
        self.store.add(session, hash_key_text(code), origin.at + CODE_LASTS, entry)
        return Opened(session, code)

    def exchange(self, code: str, *, now: datetime) -> Opened:
        """Exchange a code for a token. Raises `PortalCodeInvalidError`, for every reason the same."""
        session_id = session_id_of(code)
        if session_id is None:
            raise PortalCodeInvalidError
        secret = issue_secret(session_id, self.rng)
        session = self.store.exchange(session_id, hash_key_text(code), hash_key_text(secret), now=now)
        return Opened(session, token_of(session, secret))

    def delete(self, session_id: UUID, origin: Origin) -> None:
        """End a session. Its token is refused on the next request. Raises `PortalSessionNotFoundError`."""
        session = self.store.get(session_id)
        self.store.delete(session, self._entry(session, origin, "portal_session.deleted"))

    def _entry(self, session: PortalSession, origin: Origin, action: str) -> AuditEntry:
        entry = new_entry(origin, action, session.id, rng=self.rng, details={"userId": session.user_id})
        return replace(entry, account_id=session.account_id)
