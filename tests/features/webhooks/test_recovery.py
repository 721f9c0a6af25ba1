"""Starting, reading and cancelling recoveries."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.idempotency_records import IdempotencyKey
from latchhook.webhooks.errors import (
    RecoveryFinishedError,
    RecoveryNotFoundError,
    RecoveryRunningError,
    SinceInFutureError,
    WebhookNotActiveError,
)
from latchhook.webhooks.recovery import Kind, Recoverer, Recovery, Status, recovery_id
from latchhook.webhooks.webhook import Webhook
from tests.samples import MILLISECOND, NOW, origin, webhook

AGO = NOW - timedelta(days=2)


@dataclass
class World:
    """The recoveries and the audit entries."""

    kept: dict[UUID, Recovery] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)
    offers_taken: int = 0

    def is_running(self, webhook_id: UUID) -> bool:
        return any(each.webhook_id == webhook_id and each.status == "running" for each in self.kept.values())

    def start(
        self,
        recovery: Recovery,
        entry: AuditEntry,
        *,
        takes_offer: bool,
        idempotency_key: IdempotencyKey | None = None,
    ) -> None:
        assert idempotency_key is None
        if self.is_running(recovery.webhook_id):
            raise RecoveryRunningError
        self.kept[recovery.id] = recovery
        self.entries.append(entry)
        self.offers_taken += takes_offer

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        found = self.kept.get(recovery_id)
        return found if found and (found.account_id, found.webhook_id) == (account_id, webhook_id) else None

    def end(self, recovery: Recovery, status: Status, entry: AuditEntry) -> bool:
        if self.kept[recovery.id].status != "running":
            return False
        self.kept[recovery.id] = replace(self.kept[recovery.id], status=status, ended_at=entry.origin.at)
        self.entries.append(entry)
        return True


def _recoverer(world: World) -> Recoverer:
    return Recoverer(world, Random(len(world.kept)))


def _start(world: World, of: Webhook | None = None, *, only: Kind | None = None) -> Recovery:
    return _recoverer(world).start(of or webhook(), since=AGO, only=only, origin=origin())


def _actions(world: World) -> Sequence[str]:
    return [entry.action for entry in world.entries]


@pytest.mark.parametrize(("only", "first"), [(None, "failed"), ("failed", "failed"), ("missing", "missing")])
def test_new_recovery_covers_the_time_from_since_until_now(only: Kind | None, first: Kind) -> None:
    world = World()

    made = _start(world, only=only)

    assert world.kept == {made.id: made}
    assert (made.since, made.until, made.status, made.only, made.looks_for) == (AGO, NOW, "running", only, first)
    assert (made.after, made.examined, made.sent, made.skipped, made.ended_at) == (None, 0, 0, 0, None)
    assert _actions(world) == ["webhook.recovery_started"]
    assert world.entries[0].details == {"recoveryId": str(made.id), "only": only, "since": "2027-03-13T12:00:00Z"}


def test_since_can_be_now_but_not_in_the_future() -> None:
    world = World()
    with pytest.raises(SinceInFutureError):
        _recoverer(world).start(webhook(), since=NOW + MILLISECOND, only=None, origin=origin())
    assert (world.kept, world.entries) == ({}, [])

    assert _recoverer(world).start(webhook(), since=NOW, only=None, origin=origin()).since == NOW


@pytest.mark.parametrize("not_active", [webhook(status="paused"), webhook(status="disabled"), webhook(url=None)])
def test_inactive_webhook_cannot_be_recovered(not_active: Webhook) -> None:
    world = World()

    with pytest.raises(WebhookNotActiveError):
        _start(world, not_active)
    assert (world.kept, world.entries) == ({}, [])


def test_webhook_has_one_running_recovery_at_a_time() -> None:
    world = World()
    first = _start(world)

    with pytest.raises(RecoveryRunningError):
        _start(world)
    assert len(world.kept) == 1

    assert _start(world, webhook(2)).id != first.id
    _recoverer(world).cancel(webhook(), first.id, origin())
    _start(world)
    assert len(world.kept) == 3


@pytest.mark.parametrize(("offered", "taken"), [(None, 0), (AGO - MILLISECOND, 0), (AGO, 1), (NOW, 1)])
def test_recovery_takes_the_offer_only_if_it_covers_it(offered: object, taken: int) -> None:
    world = World()

    _start(world, webhook(recover_since=offered))

    assert world.offers_taken == taken


def test_cancelled_recovery_can_be_cancelled_again() -> None:
    world = World()
    made = _start(world)

    cancelled = _recoverer(world).cancel(webhook(), made.id, origin())
    again = _recoverer(world).cancel(webhook(), made.id, origin(at=NOW + MILLISECOND))

    assert cancelled == again == replace(made, status="cancelled", ended_at=NOW)
    assert _actions(world) == ["webhook.recovery_started", "webhook.recovery_cancelled"]


def test_finished_recovery_cannot_be_cancelled() -> None:
    world = World()
    made = _start(world)
    world.kept[made.id] = replace(made, status="finished")

    with pytest.raises(RecoveryFinishedError):
        _recoverer(world).cancel(webhook(), made.id, origin())


def test_recovery_that_finishes_during_its_cancellation_is_finished() -> None:
    class Ending(World):
        def end(self, recovery: Recovery, status: Status, entry: AuditEntry) -> bool:
            self.kept[recovery.id] = replace(recovery, status="finished")
            return super().end(recovery, status, entry)

    world = Ending()
    made = _start(world)

    with pytest.raises(RecoveryFinishedError):
        _recoverer(world).cancel(webhook(), made.id, origin())
    assert _actions(world) == ["webhook.recovery_started"]


@pytest.mark.parametrize("of", [webhook(2), webhook(account_id="acct_other")], ids=["webhook", "account"])
def test_recovery_of_another_webhook_or_account_is_not_found(of: Webhook) -> None:
    world = World()
    made = _start(world)

    for each in (made.id, uuid4()):
        with pytest.raises(RecoveryNotFoundError):
            _recoverer(world).cancel(of, each, origin())
    assert world.kept[made.id].status == "running"


def test_ids_are_version_7_uuids_and_sort_by_time() -> None:
    rng = Random(5)
    ids = [recovery_id(NOW + number * MILLISECOND, rng) for number in range(50)]

    assert ids == sorted(ids)
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert ids[0].int >> 80 == to_millis(NOW)
