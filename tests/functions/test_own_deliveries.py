"""A webhook that calls this API. Every route refuses its deliveries, and its endpoint URL is refused."""

import json

import pytest

from local.receiver import Receiver
from tests.functions.bad_urls import OWN_URL
from tests.functions.callers import ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call, http_event, invoke, modules, own_event
from tests.functions.cloud import Cloud

ROUTES = sorted(name for name in modules() if "requestContext" in own_event(name) and "routeKey" in own_event(name))
BEHIND_OTHER_APIS = {"authorize_api_key"}
FAMILIES = ({"webhook-id": "del_1", "webhook-signature": "v1,x"}, {"x-latchhook-webhook-id": "any"})


@pytest.mark.parametrize("function", sorted(set(ROUTES) - BEHIND_OTHER_APIS))
def test_every_route_refuses_deliveries(function: str, cloud: Cloud) -> None:
    key = made_key("*")["key"]
    before = cloud.contents()
    for headers in FAMILIES:
        response = call(function, holder(key), headers=headers)
        assert (response.status, response.code) == (403, "webhook_delivery")
    assert cloud.contents() == before


def test_retry_by_a_delivery_does_not_loop(cloud: Cloud, receiver: Receiver) -> None:
    """The webhook calls its own retry route with a secret `X-API-Key` header, so each retry would plan the next."""
    key = made_key("webhooks:write")["key"]
    webhook = made_webhook(receiver.url("/"), headers={"X-API-Key": key})
    delivery_id = call("send_test_delivery", admin(), object_id=webhook["id"]).body["deliveryId"]
    (sent,) = receiver.requests()
    headers = {name.lower(): value for name, value in sent.headers.items() if name.lower() != "content-length"}

    response = call(
        "retry_webhook_delivery", headers=headers, object_id=webhook["id"], path={"deliveryId": delivery_id}
    )

    assert headers["x-api-key"] == key
    assert (response.status, response.code) == (403, "webhook_delivery")


def test_url_of_this_api_is_422_on_saving(cloud: Cloud) -> None:
    webhook = made_webhook()
    before = cloud.contents()
    for response, pointer in (
        (call("create_webhook", admin(), body={"url": OWN_URL}), "/url"),
        (call("update_webhook", admin(), object_id=webhook["id"], body={"url": OWN_URL}), "/url"),
        (call("put_webhook_settings", admin(), body={"webhookUrl": OWN_URL}), "/webhookUrl"),
    ):
        assert (response.status, response.pointers) == (422, [pointer])
        assert "must not lead to this API" in response.text
    assert cloud.contents() == before


@pytest.mark.parametrize("function", ["create_webhook", "put_webhook_settings"])
def test_url_on_the_custom_domain_of_the_request_is_422(function: str, cloud: Cloud) -> None:
    name = "webhookUrl" if function == "put_webhook_settings" else "url"
    event = http_event(function, admin(), body={name: "https://api.example.com/api/v1/api-keys"})
    event["requestContext"]["domainName"] = "api.example.com"
    assert invoke(function, event)["statusCode"] == 422


def test_url_of_this_api_fails_on_delivery(cloud: Cloud) -> None:
    webhook = made_webhook()
    cloud.change_webhook(ACCOUNT, webhook["id"], url=OWN_URL)

    response = call("send_test_delivery", admin(), object_id=webhook["id"])

    assert response.body["status"] == "failed"
    assert response.body["errorMessage"] == "The URL must not lead to this API"
    assert json.loads(response.text)["response"] is None
