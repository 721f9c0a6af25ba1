"""How many days can be asked for: as many as are kept, of keys' uses and of webhooks' attempts."""

from latchhook.api_keys import usage
from latchhook.edge import days
from latchhook.webhooks import stats


def test_as_many_days_are_shown_as_are_kept() -> None:
    assert days.MAX_DAYS == usage.MAX_DAYS == stats.MAX_DAYS
    assert days.DAYS.schema == {"type": "integer", "minimum": 1, "maximum": 90, "default": 30}
