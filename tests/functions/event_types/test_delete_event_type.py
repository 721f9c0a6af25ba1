"""DELETE /event-types/{name}."""

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import admin, holder, operator, operator_key, published, registered
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_example_event_deletes_the_type(cloud: Cloud) -> None:
    registered("issue.resolved", schema={"required": ["number"]})
    response = call("delete_event_type", holder(operator_key("event-types:write")["key"]))
    assert (response.status, response.text) == (204, "")
    assert call("list_event_types", admin()).body["data"] == []
    assert cloud.audit(OPERATOR_ACCOUNT_ID)[-1:] == ["event_type.deleted"]


def test_events_of_a_deleted_type_are_not_validated() -> None:
    registered("issue.resolved", schema={"required": ["number"]})
    call("delete_event_type", operator())
    assert published(event="issue.resolved", entity={})


def test_unknown_type_is_404(cloud: Cloud) -> None:
    registered("issue.resolved")
    before = cloud.contents()
    for name in ("issue", "issue.resolved.twice", "Issue", "a#b", "x" * 200):
        response = call("delete_event_type", operator(), path={"name": name})
        assert (response.status, response.code) == (404, "not_found")
    assert cloud.contents() == before


def test_deleted_type_can_be_registered_again() -> None:
    registered("issue.resolved")
    call("delete_event_type", operator())
    assert call("delete_event_type", operator()).status == 404
    assert call("put_event_type", operator()).status == 201


def test_customer_cannot_delete_types() -> None:
    registered("issue.resolved")
    assert call("delete_event_type", admin()).status == 403
    assert len(call("list_event_types", admin()).body["data"]) == 1
