"""Ids of deliveries and attempts: they are derived, so repeated work has the same ids, and they sort by time."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from latchhook.clock import from_millis
from latchhook.webhooks.delivery import attempt_id, delivery_id
from tests.samples import ACCOUNT, MILLISECOND, NOW, attempt, task

IN_THE_CALENDAR = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def _id(*, account: str = ACCOUNT, event: str = "evt_1", webhook: int = 1, at: datetime = NOW) -> UUID:
    return delivery_id(account_id=account, event_id=event, webhook_id=UUID(int=webhook), accepted_at=at)


def test_delivery_id_is_deterministic() -> None:
    assert _id() == UUID("01a4490f-3e00-8454-ad43-0a751215274b")


@given(st.text(), st.uuids(), IN_THE_CALENDAR)
def test_delivery_id_is_a_version_8_uuid(event_id: str, webhook_id: UUID, at: datetime) -> None:
    made = delivery_id(
        account_id=ACCOUNT, event_id=event_id.encode("utf-8", "replace").decode(), webhook_id=webhook_id, accepted_at=at
    )

    assert made.version == 8
    assert made.variant == RFC_4122


@given(IN_THE_CALENDAR)
def test_delivery_id_starts_with_the_milliseconds_of_acceptance(at: datetime) -> None:
    assert from_millis(_id(at=at).int >> 80) <= at < from_millis(_id(at=at).int >> 80) + MILLISECOND


@given(st.integers(min_value=1, max_value=10**12), st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_delivery_ids_sort_by_time(later_by: int, event: str, other: str) -> None:
    first, second = _id(event=event), _id(event=other, at=NOW + timedelta(milliseconds=later_by))

    assert str(first) < str(second)


def test_another_account_event_webhook_or_time_gives_another_id() -> None:
    ids = {_id(), _id(account="acct_2"), _id(event="evt_2"), _id(webhook=2), _id(at=NOW + MILLISECOND)}

    assert len(ids) == 5


def test_boundary_between_account_and_event_id_is_unambiguous() -> None:
    assert _id(account="a", event="b:c") != _id(account="a:b", event="c")


def test_each_attempt_has_its_own_deterministic_id() -> None:
    ids = [attempt_id(_id(), number) for number in range(1, 11)]

    assert len(set(ids)) == 10
    assert ids == [attempt_id(_id(), number) for number in range(1, 11)]


def test_record_has_the_id_of_its_attempt() -> None:
    made = attempt(task(attempt=3))

    assert made.id == attempt_id(made.task.delivery_id, 3)
