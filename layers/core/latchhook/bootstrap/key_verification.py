"""Verification of API keys."""

from functools import cache
from typing import TYPE_CHECKING

from latchhook import aws
from latchhook.api_keys.hot_keys import HotKeyUses
from latchhook.api_keys.verification import KeyUses, KeyVerifier
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.edge.use_records import LoggedUseRecords
from latchhook.transport.queues import UseQueue

if TYPE_CHECKING:
    from latchhook.storage.profiles_table import ProfilesTable


@cache
def key_verifier() -> KeyVerifier:
    """Verifies the keys of this API's callers."""
    return _key_verifier(key_uses_table())


@cache
def hot_key_verifier() -> KeyVerifier:
    """Verifies keys for the product, including keys that are used faster than DynamoDB can write their item."""
    return _key_verifier(HotKeyUses(key_uses_table(), UseQueue(aws.sqs, url=settings().use_queue_url)))


def _key_verifier(uses: KeyUses) -> KeyVerifier:
    return KeyVerifier(settings().api_key_prefix, uses, LoggedUseRecords(key_uses_table()), _profiles)


def _profiles() -> "ProfilesTable":
    """Import the table of profiles at the first key with a profile. A cold start would be slower with it."""
    from latchhook.bootstrap.permissions import profiles_table

    return profiles_table()
