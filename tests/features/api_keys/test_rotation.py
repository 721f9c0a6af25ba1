"""How long a rotated key's old secret still holds."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.rotation import MAX_GRACE_SECONDS, grace_end
from tests.samples import NOW, SECOND, api_key


def test_the_grace_ends_after_its_seconds() -> None:
    assert grace_end(api_key(), grace_seconds=300, now=NOW) == NOW + 300 * SECOND


def test_no_grace_ends_now() -> None:
    assert grace_end(api_key(), grace_seconds=0, now=NOW) == NOW


def test_the_longest_grace_is_seven_days() -> None:
    assert timedelta(seconds=MAX_GRACE_SECONDS) == timedelta(days=7)


@given(
    st.integers(min_value=0, max_value=MAX_GRACE_SECONDS), st.integers(min_value=-MAX_GRACE_SECONDS, max_value=10**9)
)
def test_the_grace_never_goes_past_the_keys_own_expiry(grace_seconds: int, expires_in: int) -> None:
    key = api_key(expires_at=NOW + timedelta(seconds=expires_in))

    end = grace_end(key, grace_seconds=grace_seconds, now=NOW)

    assert end == NOW + timedelta(seconds=min(grace_seconds, expires_in))
