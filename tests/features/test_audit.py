"""Creating audit entries."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry, new_entry, refused_entry
from latchhook.identity import caller
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, origin

THING = UUID(int=7)


def test_entry_belongs_to_the_account_the_caller_acts_for() -> None:
    entry = new_entry(origin(), "thing.changed", THING, rng=Random(1))

    assert (entry.account_id, entry.action, entry.target_id, entry.details) == (
        ACCOUNT,
        "thing.changed",
        str(THING),
        {},
    )
    assert entry.id.version == 4
    assert entry != new_entry(origin(), "thing.changed", THING, rng=Random(2))


def test_entry_accepts_target_ids_that_are_no_uuids_and_details() -> None:
    entry = new_entry(origin(), "thing.changed", "order.created", rng=Random(1), details={"a": [1]})

    assert (entry.target_id, entry.details) == ("order.created", {"a": [1]})


def test_entry_of_a_scheduled_job_names_the_job() -> None:
    by = caller.system("acct_9", "expiry-sweep")
    entry = new_entry(origin(by=by), "api_key.expired", THING, rng=Random(1))

    assert entry.account_id == "acct_9"
    assert (entry.origin.caller.kind, entry.origin.caller.actor_id) == ("system", "expiry-sweep")
    assert not by.may("api-keys:read")
    assert not by.is_operator


def _refused(**changes: object) -> AuditEntry:
    settings = {"route": "POST /things", "code": "insufficient_scope", "account_id": ACCOUNT, "at": NOW} | changes
    return refused_entry(
        origin(str(settings["account_id"]), at=settings["at"]),  # type: ignore[arg-type]
        route=str(settings["route"]),
        code=str(settings["code"]),
    )


def test_refused_request_is_recorded_with_its_route_and_reason() -> None:
    entry = _refused()

    assert (entry.account_id, entry.action, entry.target_id) == (ACCOUNT, "request.refused", ACCOUNT)
    assert entry.details == {"route": "POST /things", "code": "insufficient_scope"}
    assert entry.origin == origin()


@pytest.mark.parametrize("later", [MILLISECOND, SECOND, timedelta(seconds=59, milliseconds=999)])
def test_refused_requests_of_one_minute_share_one_entry(later: timedelta) -> None:
    entry = _refused(at=NOW + later)

    assert (entry.id, entry.origin.at) == (_refused().id, NOW)


@pytest.mark.parametrize(
    "other",
    [{"at": NOW + timedelta(minutes=1)}, {"route": "GET /things"}, {"code": "role_not_allowed"}, {"account_id": "c1"}],
    ids=str,
)
def test_another_minute_route_reason_or_account_is_another_entry(other: dict[str, object]) -> None:
    assert _refused(**other).id != _refused().id


def test_another_caller_is_another_entry() -> None:
    acting = replace(origin().caller, acting_user_id="user_2")
    for by in (caller.system(ACCOUNT, "user_1"), acting):
        assert refused_entry(origin(by=by), route="POST /things", code="insufficient_scope").id != _refused().id
