"""A slow webhook delays only itself, in virtual time, with queues as AWS documents them."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from latchhook.rates import RateLimit
from latchhook.webhooks.webhook import Webhook
from tests.isolation.receivers import DEADLINE_SECONDS, most_in_any
from tests.isolation.stack import CONCURRENCY, Stack
from tests.samples import webhook

QUIET = [webhook(number) for number in range(20)]
SLOW = webhook(100)
BURST = 400


def _seconds(of: Webhook) -> float:
    return 30 if of.id == SLOW.id else 0.1


@cache
def _run(*, has_slow_queue: bool = True, is_fair: bool = True) -> Stack:
    """Run twenty webhooks with an event per second each, and after five seconds a burst for a slow webhook."""
    stack = Stack([*QUIET, SLOW], _seconds, has_slow_queue=has_slow_queue, is_fair=is_fair)
    for number, each in enumerate(QUIET):
        stack.publish(each, every_seconds=1, times=60, after=number / len(QUIET))
    stack.publish(SLOW, every_seconds=0, times=BURST, after=5)
    stack.run()
    return stack


def _longest_wait(stack: Stack, of: Sequence[Webhook]) -> float:
    return max(wait for each in of for wait in stack.calls[each.id].waited)


def test_webhook_that_times_out_delays_no_other() -> None:
    stack = _run()
    assert _longest_wait(stack, QUIET) < 1
    assert all(len(stack.calls[each.id].began) == 60 for each in QUIET)
    # The slow webhook loses no deliveries either.
    assert len(stack.made) == len(QUIET) * 60 + BURST == stack.recorded


def test_known_slow_webhook_has_a_bounded_number_of_concurrent_attempts() -> None:
    calls = _run().calls[SLOW.id]
    assert len(calls.began) == BURST
    known = calls.began[0] + DEADLINE_SECONDS + 1
    assert (
        0 < most_in_any(DEADLINE_SECONDS, [at for at in calls.began if at > known]) <= CONCURRENCY + 1
    )  # a queue delays by whole seconds


def test_slow_webhook_delays_others_on_a_single_fair_queue() -> None:
    assert _longest_wait(_run(has_slow_queue=False), QUIET) > 5


def test_two_queues_limit_the_delay_even_without_message_groups() -> None:
    assert _longest_wait(_run(is_fair=False), QUIET) < 5
    assert _longest_wait(_run(is_fair=False, has_slow_queue=False), QUIET) > 10


def test_slow_webhook_that_is_fast_again_returns_to_the_fast_queue() -> None:
    ends = 60
    stack = Stack([SLOW], lambda _: 30 if stack.time.seconds < ends else 0.1)
    stack.publish(SLOW, every_seconds=1, times=300)
    stack.run()
    assert stack.webhooks[SLOW.id].slow_seconds is None
    waits = dict(zip(stack.calls[SLOW.id].began, stack.calls[SLOW.id].waited, strict=True))
    assert max(wait for at, wait in waits.items() if ends < at < 200) > 10
    assert [wait for at, wait in waits.items() if at - wait > 250 and wait > 1] == []


def test_rate_limit_delays_excess_deliveries_and_drops_none() -> None:
    limited = webhook(1, rate_limit=RateLimit(30, 10, burst=1))
    stack = Stack([limited], lambda _: 0.1)
    stack.publish(limited, every_seconds=0, times=300)
    stack.publish(limited, every_seconds=2, times=100, after=1)
    stack.run()
    began = stack.calls[limited.id].began
    assert len(began) == len(stack.made) == 400
    assert most_in_any(10, began) <= 30
    assert max(began) > 400 / 3 - 10


def test_delivery_without_a_reservation_waits_in_the_backlog() -> None:
    limited = webhook(1, rate_limit=RateLimit(1, 120, burst=1))
    stack = Stack([limited], lambda _: 0.1)
    stack.publish(limited, every_seconds=0, times=40)
    stack.run()
    began = sorted(stack.calls[limited.id].began)
    assert len(began) == len(stack.made) == 40
    assert min(later - earlier for earlier, later in pairwise(began)) > 118
    assert stack.handed_out <= 2 * 40
    assert stack.parked.count == 0
