"""A process that ends at any call to AWS or any POST, or loses a response: no event is lost and every attempt is
recorded.

The tests discover the calls themselves (tests/functions/faults.py).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from latchhook.clock import to_millis, utc_now
from latchhook.webhooks.health import DISABLED_AFTER, MIN_FAILURES
from local.receiver import Behaviour
from tests.functions.callers import ACCOUNT, admin, made_webhook, operator, published
from tests.functions.calls import call
from tests.functions.conftest import CheckFaults
from tests.functions.ending_process import POST
from tests.functions.environment import DELIVERY_QUEUE, EVENT_QUEUE
from tests.functions.fault_choice import ends_and_middles
from tests.functions.world import World
from tests.template_tables import SETTINGS

EVENT = "order-1001"

Webhook = Mapping[str, Any]


def publish(world: World, event_id: str = EVENT, **event: Any) -> None:
    """Publish an event with the same id until there is a response, as a backend does."""
    world.send_request(lambda: published(id=event_id, **event))


def statuses(world: World, path: str) -> list[list[str]]:
    """Return the statuses of the attempts of each delivery to a receiver, oldest first."""
    return [[str(each["status"]) for each in records] for records in world.attempts(path).values()]


def set_status(webhook: Webhook, status: str) -> str:
    response = call("update_webhook", admin(), object_id=webhook["id"], body={"status": status})
    assert response.status == 200, response.text
    return str(response.body["status"])


def test_event_is_delivered(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> None:
        made_webhook(world.receiver.url("/"))

    def scenario(world: World, _: None) -> None:
        with world.watched():
            publish(world)
            world.settle()
        assert statuses(world, "/") == [["success"]]

    calls = check_every_fault(scenario, prepare=prepare)
    assert {"sqs.SendMessage", "dynamodb.PutItem", "sqs.SendMessageBatch", "kms.Decrypt", POST} <= set(calls)


def test_failed_attempt_is_retried_by_queue_and_schedule_until_success(
    check_every_fault: CheckFaults,
) -> None:
    """The third wait is hours, longer than the queue can delay. Each attempt sends a secret header."""

    def prepare(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500, 503, 404, 200]))
        made_webhook(world.receiver.url("/"), headers={"Authorization": "Bearer s3cret"})

    def scenario(world: World, _: None) -> None:
        with world.watched():
            publish(world)
            world.settle()
        ((*failed, last),) = statuses(world, "/")
        assert (set(failed), last) == ({"failed"}, "success")
        assert {each.headers["authorization"] for each in world.receiver.requests()} == {"Bearer s3cret"}
        assert "s3cret" not in repr(world.cloud.contents())

    calls = check_every_fault(scenario, prepare=prepare)
    assert (calls.count(POST), calls.count("scheduler.CreateSchedule")) == (4, 1)


def test_delivery_that_always_fails_has_all_its_attempts(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500]))
        made_webhook(world.receiver.url("/"))

    def scenario(world: World, _: None) -> None:
        with world.watched():
            publish(world)
            world.settle()
        assert statuses(world, "/") == [["failed"] * 4]
        (attempts,) = world.attempts("/").values()
        assert [each.get("nextAttemptAt") is None for each in attempts] == [False, False, False, True]

    check_every_fault(scenario, prepare=prepare)


def test_410_disables_the_webhook_and_notifies_another_webhook(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> None:
        world.receiver.response("/gone", Behaviour(statuses=[410]))
        made_webhook(world.receiver.url("/gone"), events=["order.*"])
        made_webhook(world.receiver.url("/told"), events=["webhook.disabled"])

    def scenario(world: World, _: None) -> None:
        with world.watched():
            publish(world)
            world.settle()
        assert statuses(world, "/gone") == [["failed"]]
        assert statuses(world, "/told") == [["success"]]
        assert world.cloud.audit(ACCOUNT).count("webhook.disabled") == 1

    check_every_fault(scenario, prepare=prepare)


def test_event_during_a_pause_is_parked_and_delivered_after_it(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> Webhook:
        webhook = made_webhook(world.receiver.url("/"))
        set_status(webhook, "paused")
        return webhook

    def scenario(world: World, webhook: Webhook) -> None:
        with world.watched():
            publish(world)
            world.settle()
            assert world.posts() == {}
            world.send_request(lambda: set_status(webhook, "active"))
            world.settle()
        assert statuses(world, "/") == [["success"]]

    check_every_fault(scenario, prepare=prepare)


def test_manual_and_scheduled_retry_make_one_attempt(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> tuple[str, str]:
        world.receiver.response("/", Behaviour(statuses=[500, 200]))
        webhook = made_webhook(world.receiver.url("/"), retryScheduleSeconds=[3600])
        publish(world)
        world.settle(schedules=False)
        assert len(world.cloud.schedules()) == 1
        ((delivery, _),) = world.attempts("/").items()
        return webhook["id"], delivery

    def scenario(world: World, prepared: tuple[str, str]) -> None:
        webhook_id, delivery = prepared
        path = {"deliveryId": delivery}
        with world.watched():
            asked = world.send_request(lambda: call("retry_webhook_delivery", admin(), object_id=webhook_id, path=path))
            assert asked.status == 202
            world.settle()
        assert statuses(world, "/") == [["failed", "success"]]

    check_every_fault(scenario, prepare=prepare)


def test_test_delivery_is_recorded_without_retries(check_every_fault: CheckFaults) -> None:
    """A caller without a response sends another test delivery."""

    def prepare(world: World) -> Webhook:
        world.receiver.response("/", Behaviour(statuses=[500]))
        return made_webhook(world.receiver.url("/"))

    def scenario(world: World, webhook: Webhook) -> None:
        with world.watched():
            world.send_request(lambda: call("send_test_delivery", admin(), object_id=webhook["id"], body={}))
            world.settle()
        assert statuses(world, "/")[-1] == ["failed"]

    check_every_fault(scenario, prepare=prepare)


def test_filters_match_the_same_events_on_every_repetition(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> None:
        for path, least in (("/large", 100), ("/small", 1)):
            made_webhook(world.receiver.url(path), filter={"entity": {"total": [{"numeric": [">=", least]}]}})

    def scenario(world: World, _: None) -> None:
        with world.watched():
            publish(world, entity={"total": 50})
            world.settle()
        assert (statuses(world, "/large"), statuses(world, "/small")) == ([], [["success"]])

    check_every_fault(scenario, prepare=prepare)


def test_batch_of_events_is_delivered_completely(check_every_fault: CheckFaults) -> None:
    """Eleven events need two calls to the event queue, and the workers' threads handle a batch of ten and a single
    event.
    """
    events = [
        {"id": f"order-{at}", "accountId": ACCOUNT, "event": "order.created", "entity": {"number": at}}
        for at in range(11)
    ]

    def prepare(world: World) -> None:
        made_webhook(world.receiver.url("/"))

    def scenario(world: World, _: None) -> None:
        with world.watched():
            accepted = world.send_request(lambda: call("publish_events", operator(), body={"events": events}))
            assert accepted.status == 202, accepted.text
            world.settle()
        assert statuses(world, "/") == [["success"]] * 11

    check_every_fault(scenario, prepare=prepare, choose=ends_and_middles)


def test_bus_event_is_delivered(check_every_fault: CheckFaults) -> None:
    detail = {"id": EVENT, "accountId": ACCOUNT, "event": "order.created", "entity": {"number": 1001}}

    def prepare(world: World) -> None:
        made_webhook(world.receiver.url("/"))
        world.cloud.put_on_bus(detail)

    def scenario(world: World, _: None) -> None:
        with world.watched():
            world.settle()
        assert statuses(world, "/") == [["success"]]

    check_every_fault(scenario, prepare=prepare)


def test_webhook_that_fails_for_days_is_disabled_and_the_account_notified(check_every_fault: CheckFaults) -> None:
    """A process that ends before it counts a failure may leave it uncounted. The next failure then disables the
    webhook.
    """

    def prepare(world: World) -> None:
        world.receiver.response("/failing", Behaviour(statuses=[500]))
        webhook = made_webhook(world.receiver.url("/failing"), events=["order.*"], retryScheduleSeconds=[])
        made_webhook(world.receiver.url("/told"), events=["webhook.disabled"])
        since = to_millis(utc_now() - DISABLED_AFTER)
        failing = {"failingSince": since, "failures": MIN_FAILURES - 1}
        world.cloud.put(SETTINGS, {**world.cloud.webhook(ACCOUNT, webhook["id"]), **failing})

    def scenario(world: World, _: None) -> None:
        for number, ago in enumerate((DISABLED_AFTER / 4, timedelta(0), timedelta(0))):
            world.ago = ago
            publish(world, f"order-{number}")
            world.work(EVENT_QUEUE)
            with world.watched():
                world.work(DELIVERY_QUEUE)
            world.settle()
        audit = world.cloud.audit(ACCOUNT)
        assert (audit.count("webhook.disabled"), audit.count("webhook.failing") <= 1) == (1, True)
        assert statuses(world, "/told") == [["success"]]
        assert len(statuses(world, "/failing")) in {2, 3}

    calls = check_every_fault(scenario, prepare=prepare)
    assert calls.count("dynamodb.TransactWriteItems") == 2


def test_success_clears_earlier_failures(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> Webhook:
        world.receiver.response("/", Behaviour(statuses=[500, 200]))
        webhook = made_webhook(world.receiver.url("/"))
        publish(world)
        assert world.work(EVENT_QUEUE)
        assert world.work(DELIVERY_QUEUE)
        return webhook

    def scenario(world: World, webhook: Webhook) -> None:
        with world.watched():
            world.settle()
        assert statuses(world, "/") == [["failed", "success"]]
        assert not {"failingSince", "failures"} & world.cloud.webhook(ACCOUNT, webhook["id"]).keys()

    check_every_fault(scenario, prepare=prepare)
