"""Rate limits and credits, compared with slow exact reference implementations."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.limits import Credits, Interval, Refill
from latchhook.rates import MAX_PER_SECOND, MAX_WINDOW_SECONDS, RateLimit, RateStanding, carried_over, to_micros
from tests.samples import MILLISECOND, NOW, SECOND

MICROSECOND = timedelta(microseconds=1)


@st.composite
def rate_limits(draw: st.DrawFn, *, most: int = MAX_PER_SECOND * MAX_WINDOW_SECONDS) -> RateLimit:
    """Generate any limit that the request schema accepts."""
    window = draw(st.integers(1, MAX_WINDOW_SECONDS) | st.sampled_from([1, 7, 60, 3600, MAX_WINDOW_SECONDS]))
    limit = draw(st.integers(1, min(most, MAX_PER_SECOND * window)))
    return RateLimit(limit, window, draw(st.integers(1, limit)))


WAITS = st.lists(
    st.integers(0, 3) | st.integers(0, 2_000_000) | st.sampled_from([0, 0, 999_999, 1_000_000, 60_000_000]), max_size=80
)


def _used(limit: RateLimit, waits: list[int]) -> tuple[RateStanding, list[int]]:
    """Use the limit after each wait (microseconds). Return the final state and the times of the accepted uses."""
    standing, now, accepted = RateStanding(limit, 0), to_micros(NOW), []
    for wait in waits:
        now += wait
        if standing.remaining(_moment(now)):
            accepted.append(now)
            standing = RateStanding(limit, max(standing.full_at_micros, now) + limit.step_micros)
    return standing, accepted


def _moment(micros: int) -> datetime:
    return NOW + (micros - to_micros(NOW)) * MICROSECOND


# ---- Rate limits ----


@given(rate_limits())
def test_step_is_the_window_divided_by_the_limit_rounded_up(limit: RateLimit) -> None:
    exact = Fraction(limit.window_seconds * 1_000_000, limit.limit)

    assert exact <= limit.step_micros < exact + 1


@given(rate_limits(most=20), WAITS)
def test_no_window_exceeds_the_limit_plus_the_burst(limit: RateLimit, waits: list[int]) -> None:
    _, accepted = _used(limit, waits)
    window = limit.window_seconds * 1_000_000

    for start in accepted:
        assert sum(start <= at < start + window for at in accepted) <= limit.limit + limit.burst


@given(rate_limits(most=20), WAITS)
def test_uses_are_accepted_as_in_a_leaky_bucket(limit: RateLimit, waits: list[int]) -> None:
    """GCRA is equivalent to a bucket that has room for the burst and leaks one use per step."""
    now, level, room = 0, Fraction(0), []
    for wait in waits:
        now += wait
        level = max(Fraction(0), level - Fraction(wait, limit.step_micros))
        if level <= limit.burst - 1:
            level += 1
            room.append(to_micros(NOW) + now)

    assert _used(limit, waits)[1] == room


@given(rate_limits(most=50), st.integers(0, 60))
def test_uses_at_the_even_rate_are_never_refused(limit: RateLimit, uses: int) -> None:
    assert len(_used(limit, [limit.step_micros] * uses)[1]) == uses


@given(rate_limits(most=60), WAITS, st.integers(0, 90_000_000))
def test_remaining_uses_can_all_be_used_at_once(limit: RateLimit, waits: list[int], later: int) -> None:
    standing, accepted = _used(limit, waits)
    now = (accepted[-1] if accepted else to_micros(NOW)) + later
    remaining = standing.remaining(_moment(now))

    used = 0
    while standing.remaining(_moment(now)):
        standing = RateStanding(limit, max(standing.full_at_micros, now) + limit.step_micros)
        used += 1
    assert used == remaining <= limit.burst


@given(rate_limits(most=20), WAITS)
def test_key_works_again_after_retry_after_seconds_and_not_earlier(limit: RateLimit, waits: list[int]) -> None:
    standing, accepted = _used(limit, waits)
    now = _moment(accepted[-1] if accepted else to_micros(NOW))
    seconds = standing.retry_after_seconds(now)

    assert standing.remaining(now + seconds * SECOND) >= 1
    assert seconds == 0 or standing.remaining(now + (seconds - 1) * SECOND) == 0
    assert (seconds == 0) == (standing.remaining(now) > 0)


@given(rate_limits(most=20), WAITS)
def test_full_burst_is_available_after_reset_seconds(limit: RateLimit, waits: list[int]) -> None:
    standing, accepted = _used(limit, waits)
    now = _moment(accepted[-1] if accepted else to_micros(NOW))
    seconds = standing.reset_seconds(now)

    assert standing.remaining(now + seconds * SECOND) == limit.burst
    assert seconds <= limit.burst * limit.step_micros // 1_000_000 + 1


def test_unused_limit_has_its_full_burst() -> None:
    standing = RateStanding(RateLimit(100, 60, 25), 0)

    assert (standing.remaining(NOW), standing.retry_after_seconds(NOW), standing.reset_seconds(NOW)) == (25, 0, 0)


def test_burst_is_used_at_once_and_then_one_use_per_step() -> None:
    limit = RateLimit(60, 60, 3)

    standing, accepted = _used(limit, [0, 0, 0, 0, 999_999, 1, 0])

    assert [at - to_micros(NOW) for at in accepted] == [0, 0, 0, 1_000_000]
    assert standing.remaining(NOW + SECOND) == 0


# ---- Credits ----

INTERVALS = st.sampled_from(["daily", "monthly"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, INTERVALS)
def test_refill_is_at_the_next_start_of_a_day_or_month_in_utc(moment: datetime, interval: Interval) -> None:
    at = Refill(5, interval).next_after(moment)
    starts = [moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days) for days in range(33)]

    assert at == next(start for start in starts if start > moment and (interval == "daily" or start.day == 1))


@pytest.mark.parametrize(
    ("moment", "at"),
    [
        (datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)),
        (datetime(2027, 12, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)),
    ],
)
def test_monthly_refill_handles_months_of_every_length(moment: datetime, at: datetime) -> None:
    assert Refill(5, "monthly").next_after(moment) == at


@given(MOMENTS, INTERVALS, st.integers(0, 9), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4)), max_size=30))
def test_credits_match_a_day_by_day_ledger(
    begin: datetime, interval: Interval, stored: int, uses: list[tuple[int, int]]
) -> None:
    """Each use has a cost and comes some days after the previous use. The ledger processes every day, `Credits` only
    the uses.
    """
    refill = Refill(7, interval)
    credits_ = Credits(stored, refill, refill.next_after(begin))
    now, balance = begin, stored
    for days, cost in uses:
        for _ in range(days):
            now += timedelta(days=1)
            balance = 7 if interval == "daily" or now.day == 1 else balance
        assert credits_.remaining(now) == balance
        if balance >= cost:
            balance -= cost
            credits_ = Credits(credits_.remaining(now) - cost, refill, credits_.next_refill(now))


def test_refill_takes_effect_at_its_exact_time() -> None:
    spent = Credits(0, Refill(5, "daily"), NOW)

    assert (spent.remaining(NOW - MILLISECOND), spent.remaining(NOW)) == (0, 5)
    assert spent.next_refill(NOW - MILLISECOND) == NOW
    assert spent.next_refill(NOW) == NOW.replace(hour=0) + timedelta(days=1)


def test_credits_without_a_refill_stay_spent() -> None:
    spent = Credits(0)

    assert spent.remaining(NOW + timedelta(days=9999)) == 0
    assert (spent.next_refill(NOW), spent.retry_after_seconds(NOW)) == (None, None)


@pytest.mark.parametrize(
    ("refill_in", "seconds"),
    [(SECOND, 1), (SECOND + MILLISECOND, 2), (MILLISECOND, 1), (timedelta(hours=12), 43_200), (timedelta(), 43_200)],
)
def test_spent_credits_report_the_seconds_until_the_refill(refill_in: timedelta, seconds: int) -> None:
    assert Credits(0, Refill(5, "daily"), NOW + refill_in).retry_after_seconds(NOW) == seconds


# ---- Changing a rate limit ----


def _carried(full_at: int, old: RateLimit, new: RateLimit, now: datetime = NOW) -> int:
    return carried_over(full_at, old_step_micros=old.step_micros, new_step_micros=new.step_micros, now=now)


@given(rate_limits(most=1000), st.lists(rate_limits(most=1000), min_size=1, max_size=5), st.integers(0, 1000))
def test_used_rate_survives_every_change_of_the_limit(first: RateLimit, changes: list[RateLimit], uses: int) -> None:
    uses = min(uses, first.burst)
    limit, full_at = first, to_micros(NOW) + uses * first.step_micros
    for new in changes:
        limit, full_at = new, _carried(full_at, limit, new)

    assert full_at == to_micros(NOW) + uses * limit.step_micros
    assert RateStanding(limit, full_at).remaining(NOW) == max(0, limit.burst - uses)


@given(rate_limits(), st.lists(rate_limits(), min_size=1, max_size=5), st.integers(0, 10**12))
def test_no_change_of_the_limit_gives_back_a_part_of_a_use(
    first: RateLimit, changes: list[RateLimit], ahead: int
) -> None:
    limit, full_at = first, to_micros(NOW) + ahead
    used = Fraction(ahead, first.step_micros)
    for new in changes:
        limit, full_at = new, _carried(full_at, limit, new)
        assert Fraction(full_at - to_micros(NOW), limit.step_micros) >= used


def test_idle_rate_limit_stays_idle() -> None:
    assert _carried(to_micros(NOW) - 5, RateLimit(1, 60, 1), RateLimit(9, 1, 9)) == to_micros(NOW) - 5
