"""A process that ends at any call to AWS or any POST, or loses an answer: no event is lost, no attempt unrecorded.

Which calls there are the tests count by themselves (tests/functions/faults.py).
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
from tests.functions.environment import DELIVERY_QUEUE, EVENT_QUEUE
from tests.functions.faults import POST, World, ends_and_middles
from tests.template_tables import SETTINGS

EVENT = "order-1001"


def publish(world: World, event_id: str = EVENT, **event: Any) -> None:
    """Publishes as a backend does that has no answer yet: the same id again."""
    world.use_request(lambda: published(id=event_id, **event))


def statuses(world: World, path: str) -> list[list[str]]:
    """How the attempts of each of a receiver's deliveries ended, oldest first."""
    return [[str(each["status"]) for each in records] for records in world.attempts(path).values()]


def set_status(webhook: Mapping[str, Any], status: str) -> str:
    response = call("update_webhook", admin(), object_id=webhook["id"], body={"status": status})
    assert response.status == 200, response.text
    return str(response.body["status"])


def test_event_is_delivered(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        made_webhook(world.receiver.url("/"))
        with world.watched():
            publish(world)
            world.settle()
        assert statuses(world, "/") == [["success"]]

    calls = check_every_fault(scenario)
    assert {"sqs.SendMessage", "dynamodb.PutItem", "sqs.SendMessageBatch", "kms.Decrypt", POST} <= set(calls)


def test_failed_attempt_is_repeated_by_queue_and_by_schedule_until_it_succeeds(
    check_every_fault: CheckFaults,
) -> None:
    """The third wait is hours: longer than the queue's. A secret header goes with each."""

    def scenario(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500, 503, 404, 200]))
        made_webhook(world.receiver.url("/"), headers={"Authorization": "Bearer s3cret"})
        with world.watched():
            publish(world)
            world.settle()
        ((*failed, last),) = statuses(world, "/")
        assert (set(failed), last) == ({"failed"}, "success")
        assert {each.headers["authorization"] for each in world.receiver.requests()} == {"Bearer s3cret"}
        assert "s3cret" not in repr(world.cloud.contents())

    calls = check_every_fault(scenario)
    assert (calls.count(POST), calls.count("scheduler.CreateSchedule")) == (4, 1)


def test_delivery_that_fails_to_the_end_has_all_its_attempts(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500]))
        made_webhook(world.receiver.url("/"))
        with world.watched():
            publish(world)
            world.settle()
        assert statuses(world, "/") == [["failed"] * 4]
        (attempts,) = world.attempts("/").values()
        assert [each.get("nextAttemptAt") is None for each in attempts] == [False, False, False, True]

    check_every_fault(scenario, choose=ends_and_middles)


def test_receiver_that_is_gone_disables_its_webhook_and_another_hears_of_it(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        world.receiver.response("/gone", Behaviour(statuses=[410]))
        made_webhook(world.receiver.url("/gone"), events=["order.*"])
        made_webhook(world.receiver.url("/told"), events=["webhook.disabled"])
        with world.watched():
            publish(world)
            world.settle()
        assert statuses(world, "/gone") == [["failed"]]
        assert statuses(world, "/told") == [["success"]]
        assert world.cloud.audit(ACCOUNT).count("webhook.disabled") == 1

    check_every_fault(scenario)


def test_what_comes_in_a_pause_is_held_and_delivered_after_it(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        webhook = made_webhook(world.receiver.url("/"))
        set_status(webhook, "paused")
        with world.watched():
            publish(world)
            world.settle()
            assert world.posts() == {}
            world.use_request(lambda: set_status(webhook, "active"))
            world.settle()
        assert statuses(world, "/") == [["success"]]

    check_every_fault(scenario)


def test_retry_by_hand_and_the_scheduled_one_are_one_attempt(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500, 200]))
        webhook = made_webhook(world.receiver.url("/"), retryScheduleSeconds=[3600])
        publish(world)
        world.settle(schedules=False)
        assert len(world.cloud.schedules()) == 1
        ((delivery, _),) = world.attempts("/").items()
        path = {"deliveryId": delivery}

        with world.watched():
            asked = world.use_request(
                lambda: call("retry_webhook_delivery", admin(), object_id=webhook["id"], path=path)
            )
            assert asked.status == 202
            world.settle()
        assert statuses(world, "/") == [["failed", "success"]]

    check_every_fault(scenario)


def test_test_is_recorded_and_nothing_follows_it(check_every_fault: CheckFaults) -> None:
    """Whoever sent one that was not answered sends another."""

    def scenario(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500]))
        webhook = made_webhook(world.receiver.url("/"))
        with world.watched():
            world.use_request(lambda: call("send_test_delivery", admin(), object_id=webhook["id"], body={}))
            world.settle()
        assert statuses(world, "/")[-1] == ["failed"]

    check_every_fault(scenario)


def test_filters_choose_the_same_whenever_they_are_asked(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        for path, least in (("/large", 100), ("/small", 1)):
            made_webhook(world.receiver.url(path), filter={"entity": {"total": [{"numeric": [">=", least]}]}})
        with world.watched():
            publish(world, entity={"total": 50})
            world.settle()
        assert (statuses(world, "/large"), statuses(world, "/small")) == ([], [["success"]])

    check_every_fault(scenario)


def test_batch_of_events_is_delivered_whole(check_every_fault: CheckFaults) -> None:
    """Twenty-five events are three calls to the event queue, and batches of ten at the workers' threads."""
    events = [
        {"id": f"order-{at}", "accountId": ACCOUNT, "event": "order.created", "entity": {"number": at}}
        for at in range(25)
    ]

    def scenario(world: World) -> None:
        made_webhook(world.receiver.url("/"))
        with world.watched():
            accepted = world.use_request(lambda: call("publish_events", operator(), body={"events": events}))
            assert accepted.status == 202, accepted.text
            world.settle()
        assert statuses(world, "/") == [["success"]] * 25

    check_every_fault(scenario, choose=ends_and_middles)


def test_event_of_the_bus_is_delivered(check_every_fault: CheckFaults) -> None:
    detail = {"id": EVENT, "accountId": ACCOUNT, "event": "order.created", "entity": {"number": 1001}}

    def scenario(world: World) -> None:
        made_webhook(world.receiver.url("/"))
        world.cloud.put_on_bus(detail)
        with world.watched():
            world.settle()
        assert statuses(world, "/") == [["success"]]

    check_every_fault(scenario)


def test_webhook_that_has_failed_for_days_is_disabled_and_its_account_is_told(check_every_fault: CheckFaults) -> None:
    """A process that ends before it has counted a failure may leave it uncounted; then the next decides."""

    def scenario(world: World) -> None:
        world.receiver.response("/failing", Behaviour(statuses=[500]))
        webhook = made_webhook(world.receiver.url("/failing"), events=["order.*"], retryScheduleSeconds=[])
        made_webhook(world.receiver.url("/told"), events=["webhook.disabled"])
        since = to_millis(utc_now() - DISABLED_AFTER)
        failing = {"failingSince": since, "failures": MIN_FAILURES - 1}
        world.cloud.put(SETTINGS, {**world.cloud.webhook(ACCOUNT, webhook["id"]), **failing})
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

    calls = check_every_fault(scenario)
    assert calls.count("dynamodb.TransactWriteItems") == 2


def test_success_clears_the_failures_before_it(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        world.receiver.response("/", Behaviour(statuses=[500, 200]))
        webhook = made_webhook(world.receiver.url("/"))
        publish(world)
        assert world.work(EVENT_QUEUE)
        assert world.work(DELIVERY_QUEUE)
        with world.watched():
            world.settle()
        assert statuses(world, "/") == [["failed", "success"]]
        assert not {"failingSince", "failures"} & world.cloud.webhook(ACCOUNT, webhook["id"]).keys()

    check_every_fault(scenario)
