"""Putting and deleting event types: validation, audit entries and concurrent changes."""

from random import Random

import pytest

from latchhook.audit import AuditEntry
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.identity.caller import service
from latchhook.webhooks.errors import (
    EventTypeChangedError,
    EventTypeNotFoundError,
    InvalidSchemaError,
    UnfitExampleError,
)
from latchhook.webhooks.event_type_editing import EventTypeEditor, EventTypeSettings
from latchhook.webhooks.event_types import EventType
from tests.samples import NOW, SECOND, event_type, origin

NUMBERED = {"properties": {"number": {"type": "integer"}}, "required": ["number"]}


class Kept:
    """An in-memory store. `others` is the number of concurrent changes still to come."""

    def __init__(self, *, others: int = 0) -> None:
        self.types: dict[str, EventType] = {}
        self.log: list[AuditEntry] = []
        self.others = others

    def find(self, name: str) -> EventType | None:
        return self.types.get(name)

    def add(self, event_type: EventType, entry: AuditEntry) -> None:
        self._store(None, event_type, entry)

    def replace(self, before: EventType, after: EventType, entry: AuditEntry) -> None:
        self._store(before, after, entry)

    def delete(self, name: str, entry: AuditEntry) -> None:
        if self.types.pop(name, None) is None:
            raise EventTypeNotFoundError
        self.log.append(entry)

    def _store(self, before: EventType | None, after: EventType, entry: AuditEntry) -> None:
        if self.others:
            self.others -= 1
            self.types[after.name] = event_type(after.name, version=self.others + 100)
        if self.types.get(after.name) != before:
            raise EventTypeChangedError
        self.types[after.name] = after
        self.log.append(entry)


def _editor(kept: Kept, *, audit_account_id: str = "platform") -> EventTypeEditor:
    return EventTypeEditor(kept, audit_account_id, Random(1))


def test_first_put_creates_a_type_and_the_next_replaces_it() -> None:
    kept = Kept()
    chosen = EventTypeSettings("Paid.", NUMBERED, {"number": 1}, {"entity.state": ("a", "b")})

    first, was_new = _editor(kept).put("order.paid", chosen, origin())
    assert was_new
    assert first == event_type(
        description="Paid.", schema=NUMBERED, example={"number": 1}, orders={"entity.state": ("a", "b")}
    )

    second, is_new = _editor(kept).put("order.paid", EventTypeSettings(), origin(at=NOW + SECOND))
    assert not is_new
    assert second == event_type(updated_at=NOW + SECOND, version=1)
    assert kept.types == {"order.paid": second}


@pytest.mark.parametrize("audit_account_id", ["platform", ""])
def test_changes_are_audited_in_the_operators_account(audit_account_id: str) -> None:
    kept = Kept()
    editor = _editor(kept, audit_account_id=audit_account_id)
    editor.put("order.paid", EventTypeSettings(), origin(by=service()))
    editor.put("order.paid", EventTypeSettings(description="Paid in full."), origin("acct_operator"))
    editor.delete("order.paid", origin())

    assert [(each.account_id, each.action, each.target_id) for each in kept.log] == [
        (audit_account_id, f"event_type.{verb}", "order.paid") for verb in ("created", "updated", "deleted")
    ]
    assert kept.log[0].origin.caller == service()


def test_invalid_schema_is_not_stored() -> None:
    kept = Kept()
    with pytest.raises(InvalidSchemaError):
        _editor(kept).put("order.paid", EventTypeSettings(schema={"type": "strin"}), origin())
    assert kept.types == {}


def test_example_that_does_not_match_the_schema_is_not_stored() -> None:
    kept = Kept()
    with pytest.raises(UnfitExampleError) as refused:
        _editor(kept).put("order.paid", EventTypeSettings(schema=NUMBERED, example={"number": "1"}), origin())
    assert [finding.pointer for finding in refused.value.findings] == ["/number"]
    assert kept.types == {}


def test_example_without_a_schema_can_have_any_form() -> None:
    _editor(Kept()).put("order.paid", EventTypeSettings(example={"number": "1"}), origin())


def test_put_is_retried_after_concurrent_changes() -> None:
    kept = Kept(others=3)

    put, is_new = _editor(kept).put("order.paid", EventTypeSettings(description="Mine"), origin())

    assert not is_new
    assert kept.types["order.paid"] == put
    assert len(kept.log) == 1


def test_constant_concurrent_changes_raise_a_dependency_error() -> None:
    with pytest.raises(DependencyUnavailableError):
        _editor(Kept(others=100)).put("order.paid", EventTypeSettings(description="Mine"), origin())


def test_missing_event_type_cannot_be_deleted() -> None:
    with pytest.raises(EventTypeNotFoundError):
        _editor(Kept()).delete("order.paid", origin())
