"""1,000 events for three webhooks, one of which returns 500 half of the time: no event is lost."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from local.receiver import Behaviour, ReceivedRequest, Receiver
from local.stack import RunningStack
from tests.journeys.product import Caller, admin, check_signatures, eventually, new_account, operator

EVENTS = 1_000
PATHS = ("/steady", "/second", "/flaky")
PUBLISHERS = 8
WAIT_SECONDS = 420


def by_event(requests: Sequence[ReceivedRequest]) -> Mapping[str, Sequence[ReceivedRequest]]:
    """Return the requests by event id."""
    found: dict[str, list[ReceivedRequest]] = defaultdict(list)
    for request in requests:
        found[json.loads(request.body)["id"]].append(request)
    return found


def _settled(requests: Sequence[ReceivedRequest], most_attempts: int) -> int:
    attempts = Counter(request.headers["webhook-id"] for request in requests)
    succeeded = {request.headers["webhook-id"] for request in requests if request.status == 200}
    return sum(delivery in succeeded or count >= most_attempts for delivery, count in attempts.items())


def publish_all(backend: Caller, account_id: str) -> list[str]:
    """Publish all events concurrently and return their ids."""

    def publish(number: int) -> str:
        body = {"accountId": account_id, "event": "order.created", "entity": {"number": number}}
        response = backend.call("POST", "/events", {**body, "id": f"order-{number}"}, status=202)
        return str(response["id"])

    with ThreadPoolExecutor(PUBLISHERS) as threads:
        return list(threads.map(publish, range(EVENTS)))


def test_every_event_reaches_every_receiver_with_valid_signatures(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/flaky", Behaviour(failure_probability=0.5, rng=random.Random(7)))
    account_id = new_account()
    account = admin(stack, account_id)
    secrets = {
        path: account.call("POST", "/webhooks", {"url": receiver.url(path)}, status=201)["secret"] for path in PATHS
    }
    published = set(publish_all(operator(stack), account_id))
    assert len(published) == EVENTS

    most_attempts = 1 + len(stack.parameters["RetryScheduleSeconds"].split(","))

    def settled() -> int:
        """Count the deliveries that have succeeded or used up their attempts."""
        return sum(_settled(receiver.requests(path), most_attempts) for path in PATHS)

    eventually(settled, lambda count: count == EVENTS * len(PATHS), WAIT_SECONDS, every_seconds=1)
    for path in PATHS:
        arrived = by_event(receiver.requests(path))
        assert set(arrived) == published
        for requests in arrived.values():
            assert len({request.headers["webhook-id"] for request in requests}) == 1
        ids = {requests[0].headers["webhook-id"] for requests in arrived.values()}
        assert len(ids) == EVENTS
        for request in receiver.requests(path):
            check_signatures(stack, request, secrets[path])
    failed = [request for request in receiver.requests("/flaky") if request.status == 500]
    assert len(failed) > EVENTS / 2
