"""Verification of API keys for the product."""

from functools import cache

from latchhook import aws
from latchhook.api_keys.hot_keys import HotKeyUses
from latchhook.api_keys.verification import KeyVerifier
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.bootstrap.key_verification import verifier_of
from latchhook.transport.queues import UseQueue


@cache
def hot_key_verifier() -> KeyVerifier:
    """Verifies keys for the product, including keys that are used faster than DynamoDB can write their item."""
    return verifier_of(HotKeyUses(key_uses_table(), UseQueue(aws.sqs, url=settings().use_queue_url)))
