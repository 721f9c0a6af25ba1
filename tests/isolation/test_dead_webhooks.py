"""Webhooks whose receivers never respond, and the slow queue that they share with other webhooks' retries."""

from functools import cache

from tests.isolation.receivers import DEADLINE_SECONDS, most_in_any
from tests.isolation.stack import Stack
from tests.samples import webhook

DEAD = [webhook(100 + number) for number in range(20)]
DEAD_IDS = {each.id for each in DEAD}
HEALTHY = [webhook(number) for number in range(5)]
ENVIRONMENTS = 40
SECONDS = 180
LEARNT = 60
"""The time at which the slow queue knows all dead webhooks, and earlier attempts have ended."""


@cache
def _run(*, keeps_health: bool) -> Stack:
    """Run twenty dead webhooks with an event per second each, and the retries of five healthy webhooks."""
    stack = Stack(
        [*DEAD, *HEALTHY],
        lambda each: 30 if each.id in DEAD_IDS else 0.1,
        keeps_health=keeps_health,
        maximum_concurrency=ENVIRONMENTS,
    )
    for number, each in enumerate(DEAD):
        stack.publish(each, every_seconds=1, times=SECONDS, after=number / len(DEAD))
    for number, each in enumerate(HEALTHY):
        stack.retry(each, every_seconds=1, times=SECONDS, after=number / len(HEALTHY))
    stack.run_until(SECONDS)
    return stack


def _waits(stack: Stack) -> list[float]:
    """Return the waiting times of the healthy webhooks' retries after the dead ones are known."""
    calls = [stack.calls[each.id] for each in HEALTHY]
    return sorted(
        wait for each in calls for at, wait in zip(each.began, each.waited, strict=True) if LEARNT < at < SECONDS
    )


def test_dead_webhooks_do_not_delay_retries_of_others() -> None:
    """Ten concurrent attempts for each webhook would need five times the available environments.

    Fair queues do not help: each of the twenty takes less than a tenth, so all of them are quiet.
    """
    waits, before = _waits(_run(keeps_health=True)), _waits(_run(keeps_health=False))
    half, most = (int(share * len(waits)) for share in (0.5, 0.99))
    assert waits[half] < 0.1 < before[half]
    assert waits[most] < 1 < before[most] / 2
    assert waits[-1] < 2


def test_dead_webhook_has_one_attempt_at_a_time() -> None:
    stack = _run(keeps_health=True)
    for each in DEAD:
        known = [at for at in stack.calls[each.id].began if at > LEARNT]
        assert 0 < most_in_any(DEADLINE_SECONDS, known) <= 2  # a queue delays by whole seconds


def test_revived_webhook_gets_its_backlog_within_a_minute() -> None:
    ends = 120
    (dead,) = DEAD[:1]
    stack = Stack([dead], lambda _: 30 if stack.time.seconds < ends else 0.1, keeps_health=True)
    stack.publish(dead, every_seconds=0.5, times=400)
    stack.run()
    calls = stack.calls[dead.id]
    assert len(calls.began) == len(stack.made) == 400
    came_before = [at for at, wait in zip(calls.began, calls.waited, strict=True) if at - wait < ends]
    assert max(came_before) < ends + 60
    assert stack.webhooks[dead.id].slow_seconds is None
