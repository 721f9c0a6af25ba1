"""The end of a rotated key's grace period."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.rotation import MAX_GRACE_SECONDS, grace_end
from tests.samples import NOW, SECOND, api_key


def test_grace_period_ends_after_its_seconds() -> None:
    assert grace_end(api_key(), grace_seconds=300, now=NOW) == NOW + 300 * SECOND


def test_grace_period_of_zero_ends_now() -> None:
    assert grace_end(api_key(), grace_seconds=0, now=NOW) == NOW


def test_longest_grace_period_is_seven_days() -> None:
    assert timedelta(seconds=MAX_GRACE_SECONDS) == timedelta(days=7)


@given(
    st.integers(min_value=0, max_value=MAX_GRACE_SECONDS), st.integers(min_value=-MAX_GRACE_SECONDS, max_value=10**9)
)
def test_grace_period_never_exceeds_the_keys_expiry(grace_seconds: int, expires_in: int) -> None:
    key = api_key(expires_at=NOW + timedelta(seconds=expires_in))

    end = grace_end(key, grace_seconds=grace_seconds, now=NOW)

    assert end == NOW + timedelta(seconds=min(grace_seconds, expires_in))
