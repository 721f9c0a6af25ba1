"""Billing periods."""

from functools import cache
from typing import TYPE_CHECKING

from latchhook.api_keys.billing import CALENDAR_MONTHS, BillingDay, BillingDays
from latchhook.bootstrap.environment import rng, settings

if TYPE_CHECKING:
    from latchhook.api_keys.billing_day_editing import BillingDayEditor
    from latchhook.storage.billing_days_table import BillingDaysTable


def billing_days() -> BillingDays:
    """The billing days of accounts."""
    return billing_days_table() or CALENDAR_MONTHS


def billing_day_of(account_id: str) -> BillingDay:
    """Read the account's billing day. In a deployment with calendar months, this reads nothing."""
    return billing_days().of(account_id)


def billing_day_editor() -> "BillingDayEditor":
    """Changes billing days."""
    from latchhook.api_keys.billing_day_editing import BillingDayEditor

    return BillingDayEditor(billing_days_table(), rng())


@cache
def billing_days_table() -> "BillingDaysTable | None":
    """The table of billing days; None in a deployment with calendar months, whose functions do not import it."""
    if settings().billing_period == "calendar-month":
        return None
    from latchhook.bootstrap.audit_items import audit_items
    from latchhook.bootstrap.database import database
    from latchhook.storage.billing_days_table import BillingDaysTable

    return BillingDaysTable(database(), audit=audit_items())
