"""Verification of API keys."""

from functools import cache
from typing import TYPE_CHECKING

from latchhook.api_keys.verification import KeyUses, KeyVerifier
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.key_owners import key_owners
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.edge.use_records import LoggedUseRecords

if TYPE_CHECKING:
    from latchhook.storage.profiles_table import ProfilesTable


@cache
def key_verifier() -> KeyVerifier:
    """Verifies the keys of this API's callers."""
    return verifier_of(key_uses_table())


def verifier_of(uses: KeyUses) -> KeyVerifier:
    """Return a verifier that records uses in `uses`."""
    return KeyVerifier(settings().api_key_prefix, uses, LoggedUseRecords(key_uses_table()), _profiles, key_owners)


def _profiles() -> "ProfilesTable":
    """Import the table of profiles at the first key with a profile. A cold start would be slower with it."""
    from latchhook.bootstrap.permissions import profiles_table

    return profiles_table()
