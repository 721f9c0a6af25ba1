"""The environment variables of the deployment under test. Import this module before any function.

Functions read their settings once, so all tests of a process share them.
"""

import os

from local.tokens import AUDIENCE, ISSUER, OPERATOR_ACCOUNT_ID, TokenIssuer
from tests.template_tables import API_KEYS, DELIVERIES, SETTINGS

REGION = "us-east-1"
AWS_ACCOUNT = "123456789012"
EVENT_QUEUE = "EventQueue"
DELIVERY_QUEUE = "DeliveryQueue"
RETRY_QUEUE = "RetryQueue"
DRAIN_QUEUE = "DrainQueue"
USE_QUEUE = "UseQueue"
BUS_QUEUE = "BusQueue"
BUS_DEAD_LETTER_QUEUE = "BusDeadLetterQueue"
SYSTEM_EVENT_DEAD_LETTER_QUEUE = "SystemEventDeadLetterQueue"
COUNT_DEAD_LETTER_QUEUE = "CountDeadLetterQueue"
DRAIN_START_DEAD_LETTER_QUEUE = "DrainStartDeadLetterQueue"
QUEUES = (
    EVENT_QUEUE,
    DELIVERY_QUEUE,
    RETRY_QUEUE,
    DRAIN_QUEUE,
    USE_QUEUE,
    BUS_QUEUE,
    BUS_DEAD_LETTER_QUEUE,
    SYSTEM_EVENT_DEAD_LETTER_QUEUE,
    COUNT_DEAD_LETTER_QUEUE,
    DRAIN_START_DEAD_LETTER_QUEUE,
)
SECRETS_KEY_ALIAS = "alias/WebhookSecretsKey"
KEY_PREFIX = "lh_live_"
TOKENS_SECRET = "session-tokens"
TOKENS = TokenIssuer("the test deployment's secret, long enough for HS256")

NO_WAIT, HOURS = 0, 4 * 3600
RETRY_WAITS = (NO_WAIT, NO_WAIT, HOURS)
"""Two retries that the queue sends without a delay, and one that needs a schedule."""


def queue_url(name: str) -> str:
    """Return the URL of a queue in moto."""
    return f"https://sqs.{REGION}.amazonaws.com/{AWS_ACCOUNT}/{name}"


def _queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{AWS_ACCOUNT}:{name}"


ENVIRONMENT = {
    "API_KEYS_TABLE": API_KEYS,
    "SETTINGS_TABLE": SETTINGS,
    "DELIVERIES_TABLE": DELIVERIES,
    "EVENT_QUEUE_URL": queue_url(EVENT_QUEUE),
    "DELIVERY_QUEUE_URL": queue_url(DELIVERY_QUEUE),
    "RETRY_QUEUE_URL": queue_url(RETRY_QUEUE),
    "DRAIN_QUEUE_URL": queue_url(DRAIN_QUEUE),
    "USE_QUEUE_URL": queue_url(USE_QUEUE),
    "BUS_DEAD_LETTER_QUEUE_URL": queue_url(BUS_DEAD_LETTER_QUEUE),
    "SYSTEM_EVENT_DEAD_LETTER_QUEUE_URL": queue_url(SYSTEM_EVENT_DEAD_LETTER_QUEUE),
    "COUNT_DEAD_LETTER_QUEUE_URL": queue_url(COUNT_DEAD_LETTER_QUEUE),
    "DRAIN_START_DEAD_LETTER_QUEUE_URL": queue_url(DRAIN_START_DEAD_LETTER_QUEUE),
    "RETRY_QUEUE_ARN": _queue_arn(RETRY_QUEUE),
    "RETRY_DEAD_LETTER_QUEUE_ARN": _queue_arn("RetryDeadLetterQueue"),
    "RETRY_SCHEDULE_ROLE_ARN": f"arn:aws:iam::{AWS_ACCOUNT}:role/RetryScheduleRole",
    "WEBHOOK_SECRETS_KEY_ID": SECRETS_KEY_ALIAS,
    "API_KEY_PREFIX": KEY_PREFIX,
    "OPERATOR_ACCOUNT_ID": OPERATOR_ACCOUNT_ID,
    "JWT_SECRET_ARN": TOKENS_SECRET,
    "JWT_ISSUER": ISSUER,
    "JWT_AUDIENCE": AUDIENCE,
    # One account makes many calls in a test.
    "WRITES_PER_MINUTE": "60000",
    "SLOW_CALLS_PER_MINUTE": "60000",
    # Test receivers listen on loopback. The fixture `public_internet_only` restores the production rule.
    "ALLOW_INSECURE_WEBHOOKS": "true",
    "RETRY_SCHEDULE_SECONDS": ",".join(map(str, RETRY_WAITS)),
    "DELIVERY_TIMEOUT_SECONDS": "5",
}

os.environ |= ENVIRONMENT

from latchhook.bootstrap.environment import settings  # noqa: E402

if settings().api_keys_table != API_KEYS:
    raise RuntimeError("A function was imported before tests/functions/environment.py set what it reads.")
