"""The health of a webhook: failures that disable it, the success that clears them, and few writes."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from latchhook.audit import AuditEntry
from latchhook.webhooks.health import DISABLED_AFTER, MIN_FAILURES, Health
from latchhook.webhooks.webhook import Webhook
from tests.samples import NOW, SECOND, webhook


@dataclass
class Records:
    """One stored webhook, and the names of the writes to it."""

    kept: Webhook = field(default_factory=webhook)
    writes: list[str] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        self.writes.append("failure")
        since = self.kept.failing_since or now
        self.kept = replace(self.kept, failing_since=since, failures=self.kept.failures + 1)
        return self.kept

    def note_success(self, webhook: Webhook) -> None:
        self.writes.append("success")
        self.kept = replace(self.kept, failing_since=None, failures=0, failing_notified=False)

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        self.writes.append("failing")
        self.entries.append(entry)
        self.kept = replace(self.kept, failing_notified=True)

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        self.writes.append(f"disable, {reason}")
        self.entries.append(entry)
        self.kept = replace(self.kept, status="disabled", disabled_reason=reason)

    @property
    def health(self) -> Health:
        return Health(self, Random(1))

    def fail(self, *, at: datetime, times: int = 1) -> None:
        for _ in range(times):
            self.health.failed(self.kept, now=at)

    @property
    def actions(self) -> list[str]:
        return [entry.action for entry in self.entries]


def test_success_after_a_success_writes_nothing() -> None:
    records = Records()

    records.health.succeeded(records.kept)

    assert records.writes == []


def test_one_success_clears_earlier_failures() -> None:
    records = Records()
    records.fail(at=NOW, times=3)

    records.health.succeeded(records.kept)

    assert (records.kept.failing_since, records.kept.failures) == (None, 0)


def test_failing_since_is_the_time_of_the_first_failure() -> None:
    records = Records()

    records.fail(at=NOW)
    records.fail(at=NOW + SECOND)

    assert (records.kept.failing_since, records.kept.failures) == (NOW, 2)


def test_failures_are_counted_only_up_to_the_threshold() -> None:
    records = Records()

    records.fail(at=NOW, times=MIN_FAILURES + 90)

    assert records.writes == ["failure"] * MIN_FAILURES


def test_account_is_notified_once_after_half_of_the_time() -> None:
    records = Records()
    records.fail(at=NOW, times=MIN_FAILURES)

    records.fail(at=NOW + DISABLED_AFTER / 2 - SECOND)
    assert records.actions == []
    records.fail(at=NOW + DISABLED_AFTER / 2, times=3)

    assert records.actions == ["webhook.failing"]
    assert records.entries[0].details == {"failingSince": "2027-03-15T12:00:00Z"}
    assert records.kept.status == "active"


def test_webhook_that_fails_for_five_days_is_disabled() -> None:
    records = Records()
    records.fail(at=NOW, times=MIN_FAILURES)

    records.fail(at=NOW + DISABLED_AFTER - SECOND)
    assert records.kept.status == "active"
    records.fail(at=NOW + DISABLED_AFTER)

    assert (records.kept.status, records.kept.disabled_reason) == ("disabled", "failing")
    assert records.actions == ["webhook.failing", "webhook.disabled"]
    assert records.entries[-1].details == {"reason": "failing"}
    assert records.entries[-1].origin.caller.kind == "system"


def test_webhook_is_disabled_after_five_days_and_ten_failures() -> None:
    assert (timedelta(days=5), 10) == (DISABLED_AFTER, MIN_FAILURES)


@pytest.mark.parametrize(("failures", "disabled"), [(9, False), (10, True)])
def test_fewer_than_ten_failures_do_not_disable_a_webhook(failures: int, disabled: bool) -> None:
    records = Records()
    records.fail(at=NOW, times=failures - 1)

    records.fail(at=NOW + DISABLED_AFTER + timedelta(days=30))

    assert (records.kept.status == "disabled") == disabled


def test_success_restarts_the_five_days() -> None:
    records = Records()
    records.fail(at=NOW, times=MIN_FAILURES)
    records.health.succeeded(records.kept)

    records.fail(at=NOW + DISABLED_AFTER, times=MIN_FAILURES)

    assert records.kept.status == "active"
    assert records.kept.failing_since == NOW + DISABLED_AFTER


def test_status_410_disables_a_webhook_at_once() -> None:
    records = Records()

    records.health.gone(records.kept, now=NOW + SECOND, as_of=NOW)

    assert (records.writes, records.actions) == (["disable, gone"], ["webhook.disabled"])


def test_inactive_webhook_is_not_changed() -> None:
    class Ended(Records):
        def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
            return None

    records = Ended()

    records.fail(at=NOW, times=2)

    assert records.writes == []
