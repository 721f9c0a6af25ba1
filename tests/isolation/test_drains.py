"""The cost of a backlog and its waiting times, in virtual time."""

from functools import cache
from itertools import count, pairwise

from latchhook.rates import RateLimit
from latchhook.webhooks.rate_limiter import REACH
from latchhook.webhooks.webhook import Webhook
from tests.isolation.receivers import most_in_any
from tests.isolation.stack import Stack
from tests.samples import webhook

LIMITED = webhook(1, rate_limit=RateLimit(1, 1, burst=1))
ONE_A_DAY = webhook(1, rate_limit=RateLimit(1, 86_400, burst=1))
UNEVEN = webhook(2)
HOUR = 3600


@cache
def _burst(events: int) -> Stack:
    """Publish this many events at once for a webhook with a limit of one attempt per second."""
    stack = Stack([LIMITED], lambda _: 0.1)
    stack.publish(LIMITED, every_seconds=0, times=events)
    stack.run()
    return stack


def test_cost_of_a_burst_is_linear_in_its_size() -> None:
    """A worker receives each task twice: on arrival, and at its reservation."""
    for events in (1_000, 4_000):
        stack = _burst(events)
        assert len(stack.made) == stack.recorded == events
        assert stack.handed_out <= 2 * events
        assert sum(stack.aws.calls.values()) <= 0.65 * events


def test_burst_is_delivered_in_order_at_the_rate_limit() -> None:
    stack = _burst(4_000)
    began = stack.calls[LIMITED.id].began
    assert most_in_any(1, began) == 1
    assert began[-1] <= 1.25 * 4_000 + 10  # a reservation takes a second and the tolerance
    waits = stack.calls[LIMITED.id].waited
    assert max(earlier - later for earlier, later in pairwise(waits)) <= 2


def test_new_events_do_not_overtake_a_backlog_or_leave_its_rate_unused() -> None:
    """Publish a thousand events at once, and one every two seconds for an hour.

    At the end of the backlog, its deliveries mix with new ones while its last step may still be early.
    """
    stack = Stack([LIMITED], lambda _: 0.1)
    stack.publish(LIMITED, every_seconds=0, times=1_000)
    stack.publish(LIMITED, every_seconds=2, times=HOUR // 2, after=1)
    stack.run()
    calls = stack.calls[LIMITED.id]
    assert len(calls.began) == 1_000 + HOUR // 2
    came = [began - waited for began, waited in zip(calls.began, calls.waited, strict=True)]
    overtaken = max(max(came[:number], default=0) - at for number, at in enumerate(came))
    assert overtaken <= 0.2 * REACH.total_seconds()
    assert max(later - earlier for earlier, later in pairwise(calls.began[:2_000])) <= 3


def _cost_of(hours: int) -> tuple[int, int, int]:
    """Return the tasks received, AWS calls and waiting tasks for an event every four seconds and one reservation a
    day.
    """
    stack = Stack([ONE_A_DAY], lambda _: 0.1)
    stack.publish(ONE_A_DAY, every_seconds=4, times=100 * HOUR)
    stack.run_until(hours * HOUR)
    return stack.handed_out, sum(stack.aws.calls.values()), stack.parked.count


def test_task_in_a_backlog_is_received_once_however_long_it_waits() -> None:
    (handed_out, calls, waiting), (handed_out_later, calls_later, waiting_later) = _cost_of(1), _cost_of(3)
    assert (handed_out, handed_out_later) == (waiting + 1, waiting_later + 1) == (900, 2_700)
    # Waiting tasks add no cost either: the second and third hour together cost at most twice the first.
    assert calls_later - calls <= 2 * calls


def test_occasionally_slow_webhook_delays_its_deliveries_by_seconds() -> None:
    calls = count(1)
    stack = Stack([UNEVEN], lambda _: 2.1 if next(calls) % 500 == 0 else 0.1)
    stack.publish(UNEVEN, every_seconds=0.02, times=3000)
    stack.run()
    waited = sorted(stack.calls[UNEVEN.id].waited)
    assert len(waited) == 3000
    assert waited[int(0.8 * 3000)] < 1
    assert waited[int(0.9 * 3000)] < 2
    assert waited[int(0.99 * 3000)] < 8
    assert waited[-1] < 15


def _dead(of: Webhook) -> float:
    return 30 if of.id == UNEVEN.id else 0.1


def test_backlog_of_a_fast_again_webhook_is_delivered_within_seconds() -> None:
    ends = 300
    stack = Stack([UNEVEN], lambda each: _dead(each) if stack.time.seconds < ends else 0.1)
    stack.publish(UNEVEN, every_seconds=0.25, times=1_600)
    stack.run()
    calls = stack.calls[UNEVEN.id]
    assert len(calls.began) == 1_600
    assert stack.webhooks[UNEVEN.id].slow_seconds is None
    came_before = [at for at, wait in zip(calls.began, calls.waited, strict=True) if at - wait < ends]
    assert max(came_before) < ends + 45
