"""Changes the billing days of accounts for the operator, with audit entries."""

from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from latchhook.api_keys.billing import BillingDay, BillingDays
from latchhook.api_keys.errors import BillingPeriodFixedError
from latchhook.audit import AuditEntry, Origin, new_entry


class BillingDayStore(BillingDays, Protocol):
    """Reads and changes billing days."""

    def change(self, account_id: str, chosen: BillingDay, entry: AuditEntry) -> None:
        """Store the day, in one transaction with the audit entry. Write nothing if the stored day is the same."""


@dataclass(frozen=True, slots=True)
class BillingDayEditor:
    """Changes billing days."""

    store: BillingDayStore | None
    """None if the deployment's periods are calendar months."""
    rng: Random

    def change(self, account_id: str, day: int, origin: Origin) -> BillingDay:
        """Set the account's billing day and return it. The same day keeps the current period and writes nothing.

        Raises `BillingPeriodFixedError` if the deployment's periods are calendar months.
        """
        if self.store is None:
            raise BillingPeriodFixedError
        before = self.store.of(account_id)
        if day == before.day:
            return before
        after = BillingDay(day, origin.at.replace(hour=0, minute=0, second=0, microsecond=0))
        by = replace(origin, caller=replace(origin.caller, account_id=account_id, is_acting=True))
        details = {"day": day, "previousDay": before.day}
        entry = new_entry(by, "billing_day.updated", account_id, rng=self.rng, details=details)
        self.store.change(account_id, after, entry)
        return after
