"""Slow receivers and receivers with a rate limit, on the deployed product."""

import json
import time

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.journeys.product import PATIENCE_SECONDS, admin, eventually, new_account, operator, publish

HOLD_SECONDS = 10
EVENTS = 20


def test_slow_receiver_delays_no_others_and_gets_everything(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/slow", Behaviour(delay_seconds=HOLD_SECONDS))
    account_id = new_account()
    account = admin(stack, account_id)
    slow = account.call("POST", "/webhooks", {"url": receiver.url("/slow")}, status=201)
    account.call("POST", "/webhooks", {"url": receiver.url("/fast")}, status=201)
    publish(stack, account_id, "order.created")
    receiver.wait_for(1, PATIENCE_SECONDS, "/fast")
    path = f"/webhooks/{slow['id']}"
    eventually(lambda: account.call("GET", path)["slowSeconds"], bool)

    events = [{"accountId": account_id, "event": "order.created", "entity": {"number": at}} for at in range(EVENTS)]
    operator(stack).call("POST", "/events/batch", {"events": events}, status=202)
    receiver.wait_for(1 + EVENTS, PATIENCE_SECONDS, "/fast")
    assert len(receiver.requests("/slow")) < 1 + EVENTS

    arrived = receiver.wait_for(1 + EVENTS, PATIENCE_SECONDS, "/slow")
    assert len({json.loads(request.body)["id"] for request in arrived}) == 1 + EVENTS


def test_receiver_with_a_rate_limit_gets_everything_at_that_rate(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    limit = {"limit": 2, "windowSeconds": 1}
    made = account.call("POST", "/webhooks", {"url": receiver.url("/"), "rateLimit": limit}, status=201)
    assert made["rateLimit"] == limit
    events = [{"accountId": account_id, "event": "order.created", "entity": {"number": at}} for at in range(10)]
    operator(stack).call("POST", "/events/batch", {"events": events}, status=202)
    arrived = receiver.wait_for(len(events), PATIENCE_SECONDS)
    # The tenth reservation is 4.5 seconds after the first.
    assert arrived[-1].received_at - arrived[0].received_at > 4
    time.sleep(2)
    assert len({request.headers["webhook-id"] for request in receiver.requests()}) == len(receiver.requests()) == 10
