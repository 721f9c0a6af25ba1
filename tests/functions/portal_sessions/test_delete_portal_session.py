"""DELETE /portal-sessions/{id}, and the other ends of a session."""

import pytest

from tests.functions.callers import (
    admin,
    made_member,
    operator,
)
from tests.functions.calls import call
from tests.functions.portal_sessions.portal import USER, later, opened


def test_deleted_session_is_refused_on_the_next_request() -> None:
    session_id, portal = opened()
    assert call("list_api_keys", portal).status == 200
    assert call("delete_portal_session", operator(), object_id=session_id).status == 204
    assert (call("list_api_keys", portal).status, call("get_me", portal).body["code"]) == (401, "invalid_token")
    assert call("delete_portal_session", operator(), object_id=session_id).status == 404


@pytest.mark.parametrize("end", ["removed", "refused"])
def test_session_ends_with_the_membership(end: str) -> None:
    made_member(USER, role="advisor")
    _, portal = opened()
    assert call("list_api_keys", portal).status == 200
    if end == "removed":
        assert call("delete_member", admin(), path={"userId": USER}).status == 204
    else:
        made_member(USER, role="none")
    assert call("list_api_keys", portal).status == 401


@pytest.mark.parametrize(("seconds", "status"), [(58, 200), (61, 401)])
def test_session_ends_at_its_time(seconds: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _, portal = opened(expiresInSeconds=60)
    later(monkeypatch, seconds)
    assert call("list_api_keys", portal).status == status
