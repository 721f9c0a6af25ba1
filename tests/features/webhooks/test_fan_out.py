"""Fan-out of an event: one delivery for each subscribed and matching webhook, also after a crash."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.attempts import MadeAttempt, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.errors import OutOfTimeError, UnreadableFilterError
from latchhook.webhooks.event import Event
from latchhook.webhooks.event_filters import EventFilters
from latchhook.webhooks.fan_out import RECORDED_TOGETHER, TOO_EXPENSIVE, FanOut, Tasks
from latchhook.webhooks.parking import Reason
from latchhook.webhooks.webhook import Status, Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.samples import MILLISECOND, MovableClock, event, task, webhook

EVENT = event(name="order.paid")


class Events:
    """Events by account and id, each with its first receipt, and the parked deliveries."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[Event, str]] = {}
        self.parked: list[DeliveryTask] = []
        self.recorded: dict[UUID, Attempt] = {}

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        kept, first_receipt = self.kept.setdefault((event.account_id, event.id), (event, receipt))
        return kept if first_receipt == receipt else None

    def put(self, tasks: Sequence[DeliveryTask], *, reason: Reason, now: datetime) -> None:
        assert (reason, now) == ("disabled", CLOCK())
        self.parked += tasks

    def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
        assert 0 < len(attempts) <= RECORDED_TOGETHER
        self.recorded |= {each.id: each for each in attempts if each.id not in self.recorded}
        return [made_attempt(each) for each in attempts]


class Webhooks:
    def __init__(self, *webhooks: Webhook) -> None:
        self.webhooks = webhooks

    def of_account(self, account_id: str) -> Sequence[Webhook]:
        return [webhook for webhook in self.webhooks if webhook.account_id == account_id]


class NoTypes:
    """A store without event types."""

    def find(self, name: str) -> None:
        return None


FILTERS = EventFilters(NoTypes())
CLOCK = MovableClock()


class Queue:
    def __init__(self) -> None:
        self.tasks: list[DeliveryTask] = []

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        self.tasks += tasks


def _fan_out_to(
    *webhooks: Webhook, events: Events | None = None, queue: Tasks | None = None, run: Run | None = None
) -> FanOut:
    run = run or Run()
    stored, found = run.watches(events or Events()), run.watches(Webhooks(*webhooks))
    return FanOut(stored, found, run.watches(FILTERS), run.watches(queue or Queue()), stored, CLOCK)


def _fan_out(
    *webhooks: Webhook, of: Event = EVENT, receipt: str = "r1", events: Events | None = None
) -> list[DeliveryTask]:
    queue = Queue()
    _fan_out_to(*webhooks, events=events, queue=queue).run(of, receipt=receipt)
    return queue.tasks


def test_each_subscribed_webhook_gets_one_first_attempt() -> None:
    star, prefix, exact = (
        webhook(1),
        webhook(2, events=("order.*",)),
        webhook(3, events=("lap.created", "order.paid")),
    )

    assert _fan_out(star, prefix, exact) == [task(EVENT, star), task(EVENT, prefix), task(EVENT, exact)]


@pytest.mark.parametrize(
    "not_meant",
    [
        webhook(events=("order.refunded", "lap.*")),
        webhook(url=None),
        webhook(status="disabled"),
        webhook(account_id="acct_2"),
    ],
    ids=["other events", "no url", "disabled", "another account"],
)
def test_webhook_that_is_not_subscribed_or_not_active_gets_nothing(not_meant: Webhook) -> None:
    assert _fan_out(not_meant) == []


def test_webhook_with_a_filter_gets_only_matching_events() -> None:
    cheap, dear = (
        webhook(number, filter={"entity": {"total": [{"numeric": [sign, 10]}]}})
        for number, sign in ((1, "<"), (2, ">"))
    )

    assert _fan_out(cheap, dear) == [task(EVENT, dear)]


def test_unreadable_filter_blocks_the_event_only_for_its_own_webhook() -> None:
    corrupt, good = webhook(1, filter={"entity": "corrupt"}), webhook(2)
    events, queue = Events(), Queue()

    with pytest.raises(UnreadableFilterError, match=str(corrupt.id)):
        _fan_out_to(corrupt, good, events=events, queue=queue).run(EVENT, receipt="r1")
    assert queue.tasks == [task(EVENT, good)]

    mended = webhook(1, filter={"event": ["order.paid"]})
    assert _fan_out(mended, good, events=events) == [task(EVENT, mended), task(EVENT, good)]


def test_unreadable_filter_of_an_unsubscribed_webhook_is_ignored() -> None:
    assert _fan_out(webhook(events=("lap.*",), filter={"entity": "corrupt"})) == []


ZEROS = event(body=json.dumps({"entity": {"a": [0] * 2030}}))
HUNDRED_PREFIXES = {"entity": {"a": [{"prefix": str(number)} for number in range(100)]}}


@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_delivery_with_a_too_expensive_filter_is_recorded_as_failed(status: Status) -> None:
    events = Events()
    costly, plain = webhook(1, status=status, filter=HUNDRED_PREFIXES), webhook(2)

    assert _fan_out(costly, plain, of=ZEROS, events=events) == [task(ZEROS, plain)]
    (failed,) = events.recorded.values()
    assert (failed.task, failed.status, failed.error_message) == (task(ZEROS, costly), "failed", TOO_EXPENSIVE)
    assert (failed.next_attempt_at, failed.attempted_at) == (None, CLOCK())
    assert events.parked == []


def test_failures_of_fifty_expensive_filters_are_recorded_in_two_writes() -> None:
    events = Events()
    costly = [webhook(number, filter=HUNDRED_PREFIXES) for number in range(50)]

    assert _fan_out(*costly, of=ZEROS, events=events) == []
    assert len(events.recorded) == 50


def test_fifty_filters_with_long_exclusion_lists_are_not_too_expensive() -> None:
    listed = [webhook(number, filter={"entity": {"a": [{"anything-but": list(range(100))}]}}) for number in range(50)]

    assert _fan_out(*listed, webhook(51), of=ZEROS) == [task(ZEROS, webhook(51))]


def test_event_goes_back_to_the_queue_when_time_runs_out() -> None:
    left = iter([True, False])
    queue = Queue()
    filtered = [webhook(number, filter={"event": ["order.paid"]}) for number in range(2)]

    fan_out = _fan_out_to(*filtered, queue=queue)
    with pytest.raises(OutOfTimeError):
        fan_out.run(EVENT, receipt="r1", may_go_on=lambda: next(left))
    assert queue.tasks == []
    fan_out.run(EVENT, receipt="r1")
    assert queue.tasks == [task(EVENT, each) for each in filtered]


def test_failure_that_cannot_be_recorded_raises_a_dependency_error() -> None:
    class Broken(Events):
        def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
            return [DependencyUnavailableError("batch_execute_statement: timeout") for _ in attempts]

    with pytest.raises(DependencyUnavailableError):
        _fan_out(webhook(filter=HUNDRED_PREFIXES), of=ZEROS, events=Broken())


def test_delivery_of_a_disabled_webhook_is_parked_for_a_recovery() -> None:
    events = Events()
    off = [webhook(1, status="disabled"), webhook(2, status="disabled", filter={"entity": {"total": [1]}})]
    others = [webhook(3, status="disabled", events=("lap.*",)), webhook(4, status="disabled", url=None), webhook(5)]

    assert _fan_out(*off, *others, events=events) == [task(EVENT, webhook(5))]
    assert events.parked == [task(EVENT, webhook(1))]


def test_paused_webhook_gets_its_task() -> None:
    assert _fan_out(webhook(status="paused")) == [task(EVENT, webhook())]


def test_event_without_webhooks_is_stored() -> None:
    events = Events()

    assert _fan_out(events=events) == []
    assert len(events.kept) == 1


def test_number_of_deliveries_is_returned() -> None:
    assert _fan_out_to(webhook(1), webhook(2), webhook(3, status="disabled")).run(EVENT, receipt="r") == 2


def test_same_event_id_with_another_receipt_is_a_repeated_event() -> None:
    events = Events()
    _fan_out(webhook(), events=events)

    again = _fan_out_to(webhook(), events=events).run(EVENT, receipt="r2")

    assert again is None
    assert _fan_out(webhook(), receipt="r2", events=events) == []


def test_repeated_message_creates_the_same_deliveries() -> None:
    events = Events()

    assert _fan_out(webhook(), events=events) == _fan_out(webhook(), events=events) != []


def test_same_event_id_of_another_account_is_another_event() -> None:
    events = Events()
    other = event(account_id="acct_2")
    _fan_out(webhook(), events=events)

    assert len(_fan_out(webhook(account_id="acct_2"), of=other, receipt="r2", events=events)) == 1


def test_first_stored_version_of_an_event_is_used() -> None:
    events = Events()
    _fan_out(webhook(), events=events)
    redelivered = replace(EVENT, accepted_at=EVENT.accepted_at + MILLISECOND)

    assert _fan_out(webhook(), of=redelivered, events=events) == [task(EVENT, webhook())]


def test_unavailable_queue_raises_a_dependency_error() -> None:
    class QueueThatIsOut:
        def send(self, tasks: Sequence[DeliveryTask]) -> None:
            raise DependencyUnavailableError("send_message_batch: timeout")

    with pytest.raises(DependencyUnavailableError):
        _fan_out_to(webhook(), queue=QueueThatIsOut()).run(EVENT, receipt="r")


WEBHOOKS = (webhook(1), webhook(2), webhook(3, events=("other",)), webhook(4, status="disabled"))
WHOLE_RUN = Run()
_fan_out_to(*WEBHOOKS, run=WHOLE_RUN).run(EVENT, receipt="r1")


@pytest.mark.parametrize("repeats_first", [False, True], ids=["repeated message", "repeated event first"])
@pytest.mark.parametrize("crash", every_crash(WHOLE_RUN), ids=str)
def test_crash_at_any_call_loses_no_delivery_and_adds_none(crash: Crash, repeats_first: bool) -> None:
    events, queue = Events(), Queue()
    with pytest.raises(CrashError):
        _fan_out_to(*WEBHOOKS, events=events, queue=queue, run=Run(crash)).run(EVENT, receipt="r1")

    again = _fan_out_to(*WEBHOOKS, events=events, queue=queue)
    for receipt in ("r2", "r1") if repeats_first else ("r1",):
        again.run(EVENT, receipt=receipt)

    assert set(queue.tasks) == {task(EVENT, webhook(1)), task(EVENT, webhook(2))}
    assert set(events.parked) == {task(EVENT, webhook(4))}
    assert len(events.kept) == 1
