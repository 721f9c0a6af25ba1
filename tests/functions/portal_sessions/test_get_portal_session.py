"""GET /portal-sessions/{id}."""

from tests.functions.callers import (
    holder,
    operator,
    operator_key,
)
from tests.functions.calls import call
from tests.functions.portal_sessions.portal import code_in, create
from tests.functions.portal_sessions.test_create_portal_session import FIELDS


def test_session_is_shown_without_secrets() -> None:
    created = create()
    for caller in (operator(), holder(operator_key("accounts:manage")["key"])):
        shown = call("get_portal_session", caller, object_id=created.body["id"])
        assert (shown.status, list(shown.body)) == (200, FIELDS)
        assert code_in(created) not in shown.text
