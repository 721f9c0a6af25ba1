"""Portal sessions for tests."""

from datetime import timedelta
from typing import Any

import pytest

from api_keys import list_api_keys
from latchhook.clock import utc_now
from portal_sessions import exchange_portal_code
from tests.functions.callers import ACCOUNT, bearer, operator
from tests.functions.calls import Answered, Caller, call

USER = "auth0|64f0c2a1"


def create(**chosen: Any) -> Answered:
    """Create a session of an admin, or with the chosen fields. None leaves a field out."""
    fields = {"accountId": ACCOUNT, "userId": USER, "role": "admin", "expiresInSeconds": 3600, **chosen}
    body = {name: value for name, value in fields.items() if value is not None}
    return call("create_portal_session", operator(), body=body)


def code_in(created: Answered) -> str:
    """Return the code in the URL of a new session."""
    code: str = created.body["url"].partition("#portal_code=")[2]
    return code


def exchange(code: Any) -> Answered:
    """Exchange a code."""
    return call("exchange_portal_code", {}, body={"code": code})


def opened(**chosen: Any) -> tuple[str, Caller]:
    """Create and open a session. Return its id and its caller."""
    created = create(**chosen)
    assert created.status == 201, created.text
    exchanged = exchange(code_in(created))
    assert exchanged.status == 200, exchanged.text
    return created.body["id"], bearer(exchanged.body["token"])


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Move the clock of two endpoints."""
    moved = utc_now() + timedelta(seconds=seconds)
    for module in (exchange_portal_code, list_api_keys):
        monkeypatch.setattr(module.handler, "_clock", lambda: moved)
