"""The stored membership of a caller, read with one call for most requests."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from latchhook.identity.caller import is_user_id
from latchhook.members.access import StoredMembership
from latchhook.members.member import Member
from latchhook.permissions.profiles import Profile
from latchhook.storage.attributes import Item
from latchhook.storage.database import Database
from latchhook.storage.members_table import clients_key, member_key, to_member
from latchhook.storage.profile_items import profile_key
from latchhook.storage.profiles_table import to_profile

if TYPE_CHECKING:
    from latchhook.oauth.client import OAuthClient

MOST_HINTS = 1_000
NOTHING_STORED = StoredMembership(None, None, is_client=False, profile=None)

_Items = Mapping[tuple[str, str], Mapping[str, Any]]


class MembershipsTable:
    """Reads memberships, strongly consistent.

    A member's item names the member's profile. The reader keeps this name as a hint, and reads the profile with the
    member in one call the next time. An outdated hint costs a second call and never gives an outdated right.
    """

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table
        self._hints: OrderedDict[tuple[str, str], UUID] = OrderedDict()

    def read(self, user_id: str, *, account_id: str, own_account_id: str) -> StoredMembership:
        """Read what is stored about a user for a request in the account."""
        accounts = [each for each in dict.fromkeys((account_id, own_account_id)) if each]
        if not is_user_id(user_id) or not accounts:
            return NOTHING_STORED
        keys = self._member_keys(user_id, accounts)
        if len(accounts) > 1:
            keys.append(clients_key(own_account_id, user_id))
        items = self._batch(keys)
        in_account = _member_in(items, account_id, user_id)
        in_own = _member_in(items, own_account_id, user_id) if own_account_id != account_id else None
        deciding = in_account or in_own
        return StoredMembership(
            in_account,
            in_own,
            is_client=in_account is None and _names(items, own_account_id, user_id, account_id),
            profile=None if deciding is None else self._profile_of(deciding, items),
        )

    def of_owner(
        self, account_id: str, user_id: str, *, profile_id: UUID | None, client_id: UUID | None
    ) -> tuple[StoredMembership, Profile | None, "OAuthClient | None"]:
        """Read a user's membership in the account, the account's profile with the id `profile_id`, and a client."""
        if client_id is None:
            stored, profile, _ = self.with_item(account_id, user_id, profile_id=profile_id)
            return stored, profile, None
        from latchhook.storage.oauth_client_items import client_key, to_client

        stored, profile, item = self.with_item(account_id, user_id, profile_id=profile_id, key=client_key(client_id))
        return stored, profile, None if item is None else to_client(item)

    def with_item(
        self, account_id: str, user_id: str, *, profile_id: UUID | None, key: Item | None = None
    ) -> tuple[StoredMembership, Profile | None, Mapping[str, Any] | None]:
        """Read what `of_owner` reads, and the item with this key."""
        position = None if profile_id is None else profile_key(account_id, profile_id)
        members = self._member_keys(user_id, [account_id]) if is_user_id(user_id) else []
        items = self._batch([*members, *(each for each in (position, key) if each is not None)])
        member = _member_in(items, account_id, user_id)
        stored = StoredMembership(
            member, None, is_client=False, profile=None if member is None else self._profile_of(member, items)
        )
        item = None if position is None else items.get(_position(position))
        other = None if key is None else items.get(_position(key))
        return stored, None if item is None else to_profile(item), other

    def _member_keys(self, user_id: str, accounts: Sequence[str]) -> list[Item]:
        """Return the keys of the user's memberships and, as far as they are known, of the members' profiles."""
        hints = [(each, self._hints.get((each, user_id))) for each in accounts]
        profiles = [profile_key(each, profile_id) for each, profile_id in hints if profile_id is not None]
        return [*(member_key(each, user_id) for each in accounts), *profiles]

    def _profile_of(self, member: Member, items: _Items) -> Profile | None:
        if member.profile_id is None:
            return None
        self._keep_hint(member, member.profile_id)
        key = profile_key(member.account_id, member.profile_id)
        item = items.get(_position(key)) or self._database.get(self._table, key)
        return None if item is None else to_profile(item)

    def _keep_hint(self, member: Member, profile_id: UUID) -> None:
        self._hints[member.account_id, member.user_id] = profile_id
        self._hints.move_to_end((member.account_id, member.user_id))
        if len(self._hints) > MOST_HINTS:
            self._hints.popitem(last=False)

    def _batch(self, keys: list[Item]) -> _Items:
        distinct = list({_position(key): key for key in keys}.values())  # DynamoDB refuses a key that appears twice
        if not distinct:
            return {}
        return {(item["pk"], item["sk"]): item for item in self._database.batch_get({self._table: distinct})}


def _position(key: Item) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]


def _member_in(items: _Items, account_id: str, user_id: str) -> Member | None:
    item = items.get(_position(member_key(account_id, user_id)))
    return None if item is None else to_member(item)


def _names(items: _Items, own_account_id: str, user_id: str, account_id: str) -> bool:
    """Return whether the user's client accounts include the account."""
    item = items.get(_position(clients_key(own_account_id, user_id)))
    return item is not None and f" {account_id} " in f" {item['ids']} "
