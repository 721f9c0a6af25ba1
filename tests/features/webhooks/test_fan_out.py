"""From one event to one delivery for each webhook that picks it, from whatever point it is run again."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.attempts import MadeAttempt, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.errors import OutOfTimeError, UnreadableFilterError
from latchhook.webhooks.event import Event
from latchhook.webhooks.event_filters import EventFilters
from latchhook.webhooks.fan_out import RECORDED_TOGETHER, TOO_EXPENSIVE, fan_out
from latchhook.webhooks.webhook import Status, Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.samples import MILLISECOND, MovableClock, event, task, webhook

EVENT = event(name="order.paid")


class Events:
    """Events by account and id, each with the receipt that brought it first."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[Event, str]] = {}
        self.missed: list[DeliveryTask] = []
        self.recorded: dict[UUID, Attempt] = {}

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        kept, first_receipt = self.kept.setdefault((event.account_id, event.id), (event, receipt))
        return kept if first_receipt == receipt else None

    def miss(self, tasks: Sequence[DeliveryTask]) -> None:
        self.missed += tasks

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
    """No event type is registered."""

    def find(self, name: str) -> None:
        return None


FILTERS = EventFilters(NoTypes())
CLOCK = MovableClock()


class Queue:
    def __init__(self) -> None:
        self.tasks: list[DeliveryTask] = []

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        self.tasks += tasks


def _fan_out(
    *webhooks: Webhook, of: Event = EVENT, receipt: str = "r1", events: Events | None = None
) -> list[DeliveryTask]:
    queue = Queue()
    fan_out(
        of,
        receipt=receipt,
        events=events or Events(),
        webhooks=Webhooks(*webhooks),
        filters=FILTERS,
        queue=queue,
        clock=CLOCK,
    )
    return queue.tasks


def test_each_webhook_that_picks_the_event_gets_one_first_attempt() -> None:
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
def test_a_webhook_that_is_not_meant_gets_nothing(not_meant: Webhook) -> None:
    assert _fan_out(not_meant) == []


def test_a_webhook_with_a_filter_gets_the_event_only_if_its_body_matches() -> None:
    cheap, dear = (
        webhook(number, filter={"entity": {"total": [{"numeric": [sign, 10]}]}})
        for number, sign in ((1, "<"), (2, ">"))
    )

    assert _fan_out(cheap, dear) == [task(EVENT, dear)]


def test_a_filter_that_can_not_be_read_holds_the_event_for_its_webhook_and_for_no_other() -> None:
    corrupt, good = webhook(1, filter={"entity": "corrupt"}), webhook(2)
    events, queue = Events(), Queue()

    with pytest.raises(UnreadableFilterError, match=str(corrupt.id)):
        fan_out(
            EVENT,
            receipt="r1",
            events=events,
            webhooks=Webhooks(corrupt, good),
            filters=FILTERS,
            queue=queue,
            clock=CLOCK,
        )
    assert queue.tasks == [task(EVENT, good)]

    mended = webhook(1, filter={"event": ["order.paid"]})
    assert _fan_out(mended, good, events=events) == [task(EVENT, mended), task(EVENT, good)]


def test_a_filter_that_can_not_be_read_of_a_webhook_that_does_not_pick_the_event_is_not_looked_at() -> None:
    assert _fan_out(webhook(events=("lap.*",), filter={"entity": "corrupt"})) == []


ZEROS = event(body=json.dumps({"entity": {"a": [0] * 2030}}))
HUNDRED_PREFIXES = {"entity": {"a": [{"prefix": str(number)} for number in range(100)]}}


@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_delivery_behind_a_too_expensive_filter_is_recorded_as_failed(status: Status) -> None:
    events = Events()
    costly, plain = webhook(1, status=status, filter=HUNDRED_PREFIXES), webhook(2)

    assert _fan_out(costly, plain, of=ZEROS, events=events) == [task(ZEROS, plain)]
    (failed,) = events.recorded.values()
    assert (failed.task, failed.status, failed.error_message) == (task(ZEROS, costly), "failed", TOO_EXPENSIVE)
    assert (failed.next_attempt_at, failed.attempted_at) == (None, CLOCK())
    assert events.missed == []


def test_failures_of_fifty_expensive_filters_are_recorded_in_two_writes() -> None:
    events = Events()
    costly = [webhook(number, filter=HUNDRED_PREFIXES) for number in range(50)]

    assert _fan_out(*costly, of=ZEROS, events=events) == []
    assert len(events.recorded) == 50


def test_fifty_long_exclusion_lists_on_long_arrays_are_compared() -> None:
    listed = [webhook(number, filter={"entity": {"a": [{"anything-but": list(range(100))}]}}) for number in range(50)]

    assert _fan_out(*listed, webhook(51), of=ZEROS) == [task(ZEROS, webhook(51))]


def test_event_goes_back_to_the_queue_when_time_runs_out() -> None:
    left = iter([True, False])
    queue = Queue()
    filtered = [webhook(number, filter={"event": ["order.paid"]}) for number in range(2)]

    def run(may_go_on: Callable[[], bool], events: Events) -> None:
        fan_out(
            EVENT,
            receipt="r1",
            events=events,
            webhooks=Webhooks(*filtered),
            filters=FILTERS,
            queue=queue,
            clock=CLOCK,
            may_go_on=may_go_on,
        )

    events = Events()
    with pytest.raises(OutOfTimeError):
        run(lambda: next(left), events)
    assert queue.tasks == []
    run(lambda: True, events)
    assert queue.tasks == [task(EVENT, each) for each in filtered]


def test_failure_that_is_not_recorded_is_an_outage() -> None:
    class Broken(Events):
        def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
            return [DependencyUnavailableError("batch_execute_statement: timeout") for _ in attempts]

    with pytest.raises(DependencyUnavailableError):
        _fan_out(webhook(filter=HUNDRED_PREFIXES), of=ZEROS, events=Broken())


def test_what_a_disabled_webhook_would_get_is_kept_as_missed() -> None:
    events = Events()
    off = [webhook(1, status="disabled"), webhook(2, status="disabled", filter={"entity": {"total": [1]}})]
    others = [webhook(3, status="disabled", events=("lap.*",)), webhook(4, status="disabled", url=None), webhook(5)]

    assert _fan_out(*off, *others, events=events) == [task(EVENT, webhook(5))]
    assert events.missed == [task(EVENT, webhook(1))]


def test_a_paused_webhook_gets_its_task_which_is_held_for_it() -> None:
    assert _fan_out(webhook(status="paused")) == [task(EVENT, webhook())]


def test_no_webhook_at_all_is_no_failure_and_the_event_is_kept() -> None:
    events = Events()

    assert _fan_out(events=events) == []
    assert len(events.kept) == 1


def test_it_tells_how_many_deliveries_there_are() -> None:
    count = fan_out(
        EVENT,
        receipt="r",
        events=Events(),
        webhooks=Webhooks(webhook(1), webhook(2)),
        filters=FILTERS,
        queue=Queue(),
        clock=CLOCK,
    )

    assert count == 2


def test_the_same_id_under_another_receipt_is_a_repeated_event() -> None:
    events = Events()
    _fan_out(webhook(), events=events)

    again = fan_out(
        EVENT, receipt="r2", events=events, webhooks=Webhooks(webhook()), filters=FILTERS, queue=Queue(), clock=CLOCK
    )

    assert again is None
    assert _fan_out(webhook(), receipt="r2", events=events) == []


def test_a_repeated_message_makes_the_same_deliveries() -> None:
    events = Events()

    assert _fan_out(webhook(), events=events) == _fan_out(webhook(), events=events) != []


def test_the_same_id_of_another_account_is_another_event() -> None:
    events = Events()
    other = event(account_id="acct_2")
    _fan_out(webhook(), events=events)

    assert len(_fan_out(webhook(account_id="acct_2"), of=other, receipt="r2", events=events)) == 1


def test_what_counts_is_the_event_as_it_was_kept_first() -> None:
    events = Events()
    _fan_out(webhook(), events=events)
    redelivered = replace(EVENT, accepted_at=EVENT.accepted_at + MILLISECOND)

    assert _fan_out(webhook(), of=redelivered, events=events) == [task(EVENT, webhook())]


def test_a_queue_that_is_out_is_an_outage() -> None:
    class QueueThatIsOut:
        def send(self, tasks: Sequence[DeliveryTask]) -> None:
            raise DependencyUnavailableError("send_message_batch: timeout")

    with pytest.raises(DependencyUnavailableError):
        fan_out(
            EVENT,
            receipt="r",
            events=Events(),
            webhooks=Webhooks(webhook()),
            filters=FILTERS,
            queue=QueueThatIsOut(),
            clock=CLOCK,
        )


WEBHOOKS = Webhooks(webhook(1), webhook(2), webhook(3, events=("other",)))


def _run(run: Run, events: Events, queue: Queue) -> None:
    fan_out(
        EVENT,
        receipt="r1",
        events=run.watches(events),
        webhooks=run.watches(WEBHOOKS),
        filters=run.watches(FILTERS),
        queue=run.watches(queue),
        clock=CLOCK,
    )


WHOLE_RUN = Run()
_run(WHOLE_RUN, Events(), Queue())


@pytest.mark.parametrize("crash", every_crash(WHOLE_RUN), ids=str)
def test_a_run_that_crashed_anywhere_and_is_run_again_loses_no_delivery_and_makes_no_other(crash: Crash) -> None:
    events, queue = Events(), Queue()
    with pytest.raises(CrashError):
        _run(Run(crash), events, queue)

    _run(Run(), events, queue)

    assert set(queue.tasks) == {task(EVENT, webhook(1)), task(EVENT, webhook(2))}
    assert list(events.kept.values()) == [(EVENT, "r1")]


@pytest.mark.parametrize("crash", every_crash(WHOLE_RUN), ids=str)
def test_a_second_acceptance_of_an_event_whose_first_run_crashed_does_not_take_its_place(crash: Crash) -> None:
    events, queue = Events(), Queue()
    with pytest.raises(CrashError):
        _run(Run(crash), events, queue)

    fan_out(EVENT, receipt="r2", events=events, webhooks=WEBHOOKS, filters=FILTERS, queue=queue, clock=CLOCK)
    _run(Run(), events, queue)

    assert set(queue.tasks) == {task(EVENT, webhook(1)), task(EVENT, webhook(2))}
