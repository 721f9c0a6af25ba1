"""The exact AWS calls of each operation, because every call costs time and money in every request."""

from collections.abc import Mapping
from functools import cache

import pytest

# Imported before bench: it sets the variables that functions read at import.
from tests.functions import environment  # noqa: F401

# isort: split
from bench.aws_calls import Counted, count_calls
from bench.operations import DELIVERY, FAN_OUT, OPERATIONS, PUBLISH

_RATE = "dynamodb:UpdateItem"
"""Counts the call in its account's rate limit."""

_SESSION = "dynamodb:BatchGetItem"
"""Reads the membership of a session's user."""

_DRAIN_STEP = ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:Query"]
"""Claims the step, and reads the webhook and its parked deliveries."""
_DRAIN_END = ["dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:GetItem"]
"""Records the end, and looks again for the webhook, its parked deliveries and a recovery."""

CALLS = {
    "verify a good key over HTTP": ["dynamodb:UpdateItem"],
    "verify a good key directly": ["dynamodb:UpdateItem"],
    "authorize a good key": ["dynamodb:UpdateItem"],
    "verify a text that is not a key": [],
    "verify an unknown key": ["dynamodb:UpdateItem"],
    "verify a key with all limits, used a moment ago": ["dynamodb:UpdateItem"],
    "verify a key with all limits, long idle": ["dynamodb:UpdateItem", "dynamodb:UpdateItem"],
    "verify a good key, first use of a month": ["dynamodb:UpdateItem"],
    "verify a key with a profile": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    "verify a key that follows its owner": ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    "verify a user's OAuth token": ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    "verify a client's own OAuth token": ["dynamodb:UpdateItem"],
    "exchange an OAuth code": ["dynamodb:BatchGetItem", "dynamodb:TransactWriteItems"],
    "refresh OAuth tokens": ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    "get a client's own OAuth token": ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    "verify an imported key": ["dynamodb:UpdateItem"],
    "verify a key text that was not imported": ["dynamodb:UpdateItem"],
    "refuse a key without the required scope": ["dynamodb:UpdateItem", "dynamodb:UpdateItem"],
    "verify ten keys in one request": ["dynamodb:UpdateItem"] * 10,
    "create a key": [_SESSION, _RATE, "dynamodb:TransactWriteItems"],
    "create a key, repeated request": [_SESSION, "dynamodb:GetItem", "dynamodb:GetItem"],
    "list three keys": [_SESSION, "dynamodb:Query", "dynamodb:BatchGetItem"],
    "list three keys in a portal session": [_SESSION, "dynamodb:Query", "dynamodb:BatchGetItem"],
    "list ten of thirty keys by name": [_SESSION, "dynamodb:Query", "dynamodb:BatchGetItem"],
    "get a key": [_SESSION, "dynamodb:GetItem"],
    "get a key's usage": [_SESSION, "dynamodb:Query"],
    "list three keys' usage": [_SESSION, "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:BatchGetItem"],
    "get the current key": ["dynamodb:UpdateItem"],
    "change a key": [_SESSION, _RATE, "dynamodb:GetItem", "dynamodb:TransactWriteItems"],
    "replace a key's settings": [_SESSION, _RATE, "dynamodb:GetItem", "dynamodb:TransactWriteItems"],
    "rotate a key": [_SESSION, _RATE, "dynamodb:GetItem", "dynamodb:TransactWriteItems"],
    "revoke a key": [_SESSION, "dynamodb:TransactWriteItems"],
    "revoke the current key": ["dynamodb:GetItem", "dynamodb:TransactWriteItems"],
    "revoke a hundred keys": [
        _SESSION,
        _RATE,
        "dynamodb:Query",
        "dynamodb:BatchGetItem",
        *["dynamodb:TransactWriteItems"] * 4,
    ],
    "import a hundred keys": [_SESSION, _RATE, *["dynamodb:TransactWriteItems"] * 4],
    "create a webhook": [_SESSION, _RATE, "kms:Encrypt", "dynamodb:TransactWriteItems"],
    "create a webhook, repeated request": [_SESSION, "dynamodb:GetItem", "dynamodb:GetItem"],
    "create a webhook with a key pair": [_SESSION, _RATE, "kms:Encrypt", "kms:Encrypt", "dynamodb:TransactWriteItems"],
    "change a webhook": [_SESSION, _RATE, "dynamodb:GetItem", "dynamodb:TransactWriteItems"],
    "change a webhook's secret header": [
        _SESSION,
        _RATE,
        "dynamodb:GetItem",
        "kms:Encrypt",
        "dynamodb:TransactWriteItems",
    ],
    "rotate a webhook's secret": [_SESSION, _RATE, "dynamodb:GetItem", "kms:Encrypt", "dynamodb:TransactWriteItems"],
    "rotate a webhook's secret and its key pair": [
        _SESSION,
        _RATE,
        "dynamodb:GetItem",
        "kms:Encrypt",
        "kms:Encrypt",
        "dynamodb:TransactWriteItems",
    ],
    "publish an event, operator's token": ["sqs:SendMessage"],
    "publish an event, operator's key": ["dynamodb:UpdateItem", "sqs:SendMessage"],
    "publish an event, event type not in memory": ["dynamodb:GetItem", "sqs:SendMessage"],
    "publish a batch of 100 events": ["sqs:SendMessageBatch"] * 10,
    "publish an event from the event bus": ["sqs:SendMessage"],
    "fan out an event to one webhook": ["dynamodb:PutItem", "dynamodb:Query", "sqs:SendMessageBatch"],
    "fan out an event to a webhook with a filter": ["dynamodb:PutItem", "dynamodb:Query", "sqs:SendMessageBatch"],
    "fan out an event to an ordinal filter, event type not in memory": [
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:GetItem",
        "sqs:SendMessageBatch",
    ],
    "deliver, secret not in memory": ["dynamodb:BatchGetItem", "kms:Decrypt", "dynamodb:BatchExecuteStatement"],
    "deliver, secret in memory": ["dynamodb:BatchGetItem", "dynamodb:BatchExecuteStatement"],
    "deliver, secret and key pair not in memory": [
        "dynamodb:BatchGetItem",
        "kms:Decrypt",
        "kms:Decrypt",
        "dynamodb:BatchExecuteStatement",
    ],
    "deliver, secret and key pair in memory": ["dynamodb:BatchGetItem", "dynamodb:BatchExecuteStatement"],
    "deliver to a webhook with a rate limit": [
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "dynamodb:BatchExecuteStatement",
    ],
    "move a slow webhook's task to the slow queue": [
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "sqs:SendMessageBatch",
    ],
    "deliver from the slow queue to a slow webhook": [
        "dynamodb:BatchGetItem",
        "kms:Decrypt",
        "dynamodb:BatchExecuteStatement",
    ],
    "deliver, failed: retry in seconds": [
        "dynamodb:BatchGetItem",
        "kms:Decrypt",
        "dynamodb:BatchExecuteStatement",
        "sqs:SendMessage",
        "dynamodb:UpdateItem",
    ],
    "retry, failed: retry in hours": [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchExecuteStatement",
        "scheduler:CreateSchedule",
        "dynamodb:UpdateItem",
    ],
    "send a test to a webhook": [
        _SESSION,
        _RATE,
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "kms:Decrypt",
        "dynamodb:BatchExecuteStatement",
    ],
    "send the example of an event type to a webhook": [
        _SESSION,
        _RATE,
        "dynamodb:GetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "kms:Decrypt",
        "dynamodb:BatchExecuteStatement",
    ],
    "get a delivery": [_SESSION, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:GetItem"],
    "retry a delivery by hand": [
        _SESSION,
        _RATE,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:GetItem",
        "sqs:SendMessage",
    ],
    "park a delivery of a paused webhook": ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:GetItem"],
    "count a hundred attempts of one webhook": ["dynamodb:UpdateItem"],
    "count a hundred attempts of ten webhooks": ["dynamodb:UpdateItem"] * 10,
    "get a webhook's stats": [_SESSION, "dynamodb:GetItem", "dynamodb:BatchGetItem"],
    "get the stats of all webhooks": [_SESSION, "dynamodb:Query", "dynamodb:Query"],
    "fan out an event to a disabled webhook": ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchWriteItem"],
    "start a recovery": [
        _SESSION,
        _RATE,
        "dynamodb:GetItem",
        "dynamodb:GetItem",
        "dynamodb:TransactWriteItems",
    ],
    "park ten deliveries over the rate limit": [
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:GetItem",
        "sqs:SendMessage",
        "dynamodb:UpdateItem",
    ],
    "release ten deliveries parked over the rate limit": [
        *_DRAIN_STEP,
        "dynamodb:UpdateItem",
        "sqs:SendMessageBatch",
        "dynamodb:BatchWriteItem",
        "dynamodb:GetItem",
        "sqs:SendMessage",
        "dynamodb:UpdateItem",
    ],
    "recover sixty failed deliveries": [
        *_DRAIN_STEP,
        "dynamodb:GetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Query",
        "dynamodb:Query",
        *["sqs:SendMessageBatch"] * 6,
        "dynamodb:PutItem",
        "dynamodb:TransactWriteItems",
        *_DRAIN_END,
    ],
    "recover ten missed deliveries": [
        *_DRAIN_STEP,
        "dynamodb:GetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "sqs:SendMessageBatch",
        "dynamodb:PutItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:TransactWriteItems",
        *_DRAIN_END,
    ],
    "start the drain of a resumed webhook": ["dynamodb:GetItem", "sqs:SendMessage", "dynamodb:UpdateItem"],
    "release ten parked deliveries of a resumed webhook": [
        *_DRAIN_STEP,
        "sqs:SendMessageBatch",
        "dynamodb:BatchWriteItem",
        "dynamodb:GetItem",
        "sqs:SendMessage",
        "dynamodb:UpdateItem",
    ],
}


@cache
def _counted() -> Mapping[str, Counted]:
    return {each.operation.name: each for each in count_calls()}


@pytest.fixture
def counted() -> Mapping[str, Counted]:
    return _counted()


def test_every_operation_has_expected_calls() -> None:
    assert set(CALLS) == {operation.name for operation in OPERATIONS}


@pytest.mark.parametrize("name", CALLS)
def test_operation_makes_the_expected_calls(name: str, counted: Mapping[str, Counted]) -> None:
    assert counted[name].log.calls == CALLS[name]


@pytest.mark.parametrize("name", CALLS)
def test_operation_stays_within_its_bars(name: str, counted: Mapping[str, Counted]) -> None:
    one = counted[name]
    operation = one.operation
    assert operation.most_calls is None or len(one.log.calls) <= operation.most_calls
    assert operation.most_item_writes is None or one.log.item_writes <= operation.most_item_writes


def test_event_for_one_webhook_needs_two_item_writes(
    counted: Mapping[str, Counted],
) -> None:
    written = [counted[operation.name].log.item_writes for operation in (PUBLISH, FAN_OUT, DELIVERY)]
    assert written == [0, 1, 1]
