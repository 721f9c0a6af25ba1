"""DELETE /scopes/{name}."""

import pytest

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import admin, described_scope, holder, made_key, operator, operator_key
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud


def _delete(name: str) -> Answered:
    return call("delete_scope", operator(), path={"name": name})


def _listed(name: str) -> list[str | None]:
    return [each["description"] for each in call("list_scopes", admin()).body["data"] if each["name"] == name]


def test_example_event_deletes_the_scope(cloud: Cloud) -> None:
    described_scope("reports:read")
    response = call("delete_scope", holder(operator_key("scopes:write")["key"]))
    assert (response.status, response.text) == (204, "")
    assert _listed("reports:read") == []
    assert cloud.audit(OPERATOR_ACCOUNT_ID)[-1:] == ["scope.deleted"]


def test_key_keeps_a_deleted_scope() -> None:
    described_scope("reports:read")
    key = made_key("reports:read")
    _delete("reports:read")
    verdict = call("verify_api_key", operator(), body={"key": key["key"], "requiredScopes": ["reports:read"]}).body
    assert verdict["valid"]
    renamed = call("update_api_key", admin(), object_id=key["id"], body={"name": "Renamed"}).body
    assert renamed["scopes"] == ["reports:read"]


def test_scope_of_the_parameter_gets_its_default_description_back() -> None:
    described_scope("orders:read", description="See every order")
    assert _listed("orders:read") == ["See every order"]
    assert _delete("orders:read").status == 204
    assert _listed("orders:read") == ["Read order data"]


@pytest.mark.parametrize("name", ["orders:read", "api-keys:read", "scopes:write"])
def test_built_in_scope_cannot_be_deleted(name: str, cloud: Cloud) -> None:
    before = cloud.contents()
    response = _delete(name)
    assert (response.status, response.code) == (409, "built_in_scope")
    assert cloud.contents() == before


def test_unknown_scope_is_404(cloud: Cloud) -> None:
    described_scope("reports:read")
    before = cloud.contents()
    for name in ("reports:write", "reports", "reports:*", "Reports:read", "a#b", "x" * 300):
        response = _delete(name)
        assert (response.status, response.code) == (404, "not_found")
    assert cloud.contents() == before


def test_customer_cannot_delete_scopes() -> None:
    described_scope("reports:read")
    assert call("delete_scope", admin()).status == 403
    assert _listed("reports:read") == ["Read sales reports"]
