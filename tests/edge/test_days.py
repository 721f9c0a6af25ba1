"""The `days` parameter: its maximum equals the retention of keys' uses and webhooks' attempts."""

from latchhook.api_keys import usage
from latchhook.edge import days
from latchhook.webhooks import stats


def test_maximum_days_equal_the_retention() -> None:
    assert days.MAX_DAYS == usage.MAX_DAYS == stats.MAX_DAYS
    assert days.DAYS.schema == {"type": "integer", "minimum": 1, "maximum": 90, "default": 30}
