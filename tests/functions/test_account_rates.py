"""Calls that change objects or occupy an environment count towards the account's rate limits."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError

from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.request_checks import account_rates
from latchhook.rates import RateLimit
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call, endpoint
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.described import described

SLOW = {"send_test_delivery", "check_webhook_filter", "import_api_keys", "revoke_api_keys"}
WITHOUT_RATE = {
    "revoke_api_key": "a leaked key must stop, however many changes were made",
    "revoke_current_api_key": "the same",
    "revoke_integration_key": "the same",
    "verify_api_key": "the platform's backend, bounded by the rate of the route",
    "verify_api_keys": "the same",
    "publish_event": "the same",
    "publish_events": "the same",
    "put_event_type": "the operator alone",
    "delete_event_type": "the operator alone",
    "put_scope": "the operator alone",
    "delete_scope": "the operator alone",
    "put_billing_period": "the operator alone",
    "create_portal_session": "the operator alone",
    "delete_portal_session": "the operator alone",
    "describe_consent": "it changes nothing",
}
KINDS = described()


def test_every_change_has_a_rate_limit_or_a_reason_for_none() -> None:
    without = {name for name, each in KINDS.items() if each.method != "GET" and endpoint(name).description.rate is None}
    assert without == set(WITHOUT_RATE)


def test_calls_that_occupy_an_environment_are_slow_calls() -> None:
    assert {name for name in KINDS if endpoint(name).description.rate == "slow"} == SLOW


def test_rate_limited_endpoints_document_429() -> None:
    limited = {name for name in KINDS if endpoint(name).description.rate is not None}
    assert {name for name in limited if 429 not in KINDS[name].statuses} == set()


@pytest.fixture
def one_a_minute(cloud: Cloud) -> Iterator[None]:
    """Limit each account to one change and one slow call per minute."""
    limit = RateLimit(1, 60, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_rates(), "limits", {"write": limit, "slow": limit})
        yield


@pytest.mark.usefixtures("one_a_minute")
def test_change_over_the_rate_limit_is_429_and_changes_nothing(cloud: Cloud) -> None:
    assert call("create_api_key", admin(), body={"name": "First"}).status == 201
    before = cloud.contents()

    response = call("create_webhook", admin(), body={"url": "https://hooks.example.com/"})

    assert (response.status, response.code) == (429, "account_rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert cloud.contents() == before
    assert call("create_api_key", admin(OTHER_ACCOUNT), body={"name": "Theirs"}).status == 201


@pytest.mark.usefixtures("one_a_minute")
def test_slow_calls_have_their_own_rate_limit() -> None:
    body = {"filter": {"event": ["a.b"]}, "event": {"event": "a.b"}}
    assert call("create_api_key", admin(), body={"name": "First"}).status == 201
    assert call("check_webhook_filter", admin(), body=body).status == 200
    assert call("check_webhook_filter", admin(), body=body).code == "account_rate_limited"


@pytest.mark.usefixtures("one_a_minute")
def test_revocation_is_not_rate_limited() -> None:
    key = call("create_api_key", admin(), body={"name": "First"}).body
    assert call("create_api_key", admin(), body={"name": "Second"}).status == 429
    assert call("revoke_api_key", admin(), object_id=key["id"]).status == 204


def test_rate_limit_outage_is_503(cloud: Cloud, fail_operation: Fail) -> None:
    manager = admin()
    made_key()
    outage = EndpointConnectionError(endpoint_url="https://dynamodb.example")
    with fail_operation("dynamodb", "UpdateItem", outage):
        assert call("create_api_key", manager, body={"name": "No"}).status == 503


def test_key_over_the_accounts_limit_is_409(cloud: Cloud) -> None:
    writer = holder(made_key("api-keys:write")["key"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api_keys_table(), "most_keys", 1)
        for function, body in (
            ("create_api_key", {"name": "One more"}),
            ("import_api_keys", {"keys": [{"name": "One more", "hash": "ab" * 32}]}),
        ):
            response = call(function, writer, body=body)
            assert (response.status, response.code) == (409, "too_many_keys")
        assert call("generate_integration_key", admin(), body={}).code == "too_many_keys"
