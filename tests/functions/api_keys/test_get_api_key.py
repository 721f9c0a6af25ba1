"""GET /api-keys/{id}."""

import pytest

from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call


def test_key_is_shown_without_its_secret() -> None:
    created = made_key("orders:read")
    response = call("get_api_key", admin(), object_id=created["id"])
    assert response.status == 200
    assert list(response.body) == OBJECT
    assert response.body == {name: created[name] for name in OBJECT}


def test_key_reads_itself_and_this_use_is_counted() -> None:
    created = made_key("api-keys:read")
    shown = call("get_api_key", holder(created["key"]), object_id=created["id"]).body
    assert shown["requestCount"] == 1
    assert shown["lastUsedAt"] is not None


def test_other_accounts_key_gets_the_404_of_a_missing_key() -> None:
    theirs = made_key(account_id=OTHER_ACCOUNT)
    refused = call("get_api_key", admin(), object_id=theirs["id"])
    missing = call("get_api_key", admin())
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == missing.without_request_id


@pytest.mark.parametrize("no_id", ["nope", "", "../x", "0", "é" * 36])
def test_malformed_id_gets_the_404_of_a_missing_key(no_id: str) -> None:
    response = call("get_api_key", admin(), object_id=no_id)
    assert response.without_request_id == call("get_api_key", admin()).without_request_id
